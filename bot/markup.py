"""Text to Telegram HTML: the one place where text is escaped (pure).

Telegram knows four named entities; it shows `&nbsp;` and `&apos;` as they stand, so no others are made here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NewType
from urllib.parse import urlsplit

from digests.model.characters import BYTE_ORDER_MARK, CONTROLS, DIRECTION_MARKS, NO_TEXT

Html = NewType("Html", str)
"""Telegram HTML: every piece of foreign text in it went through `escape`."""

# Less than is taken out of articles: people may write on several lines, and break words where they like.
_INVISIBLE = re.compile(f"[{CONTROLS}{DIRECTION_MARKS}{BYTE_ORDER_MARK}{NO_TEXT}]")


def escape(text: str) -> Html:
    """`text` as it is to be seen, whatever it holds."""
    plain = _INVISIBLE.sub("", text)
    return Html(plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"))


@lru_cache(maxsize=4096)
def safe_url(url: str | None) -> str | None:
    """`url` when a message may link to it: absolute, http(s), with a host; else None."""
    if not url or len(url) > 2048 or _INVISIBLE.search(url) or any(one.isspace() for one in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host else None


def link(text: str, url: str | None) -> Html:
    """`text` as a link, or in bold where there is no address that a message may link to."""
    return linked(text, url) if safe_url(url) else Html(f"<b>{escape(text)}</b>")


def linked(text: str, url: str | None) -> Html:
    """`text` as a link where there is an address that a message may link to."""
    address = safe_url(url)
    return escape(text) if address is None else Html(f'<a href="{escape(address)}">{escape(text)}</a>')


def plain_text(html: str) -> str:
    """Our own markup without its tags: what is sent when Telegram refuses the markup."""
    bare = re.sub(r"</?[a-z][^>]*>", "", html)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        bare = bare.replace(entity, character)
    return bare


def visible_length(html: str) -> int:
    """Code points that Telegram counts of our own markup."""
    return len(plain_text(html))


def entity_count(html: str) -> int:
    """Entities that our own markup makes at most: one a tag."""
    return len(re.findall(r"<[a-z]", html))
