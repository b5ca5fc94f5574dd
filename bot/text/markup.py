"""Telegram HTML: the only place where text is escaped (pure)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Self
from urllib.parse import urlsplit

from markupsafe import Markup

from digests.model.characters import BYTE_ORDER_MARK, CONTROLS, DIRECTION_MARKS, NO_TEXT

# Fewer characters than are removed from articles: people may write several lines, and break words where they like.
_INVISIBLE = re.compile(f"[{CONTROLS}{DIRECTION_MARKS}{BYTE_ORDER_MARK}{NO_TEXT}]")


class Html(Markup):
    """Markup for Telegram, trusted by its type.

    Whatever is added, joined or formatted into it is escaped, unless it is markup itself.

    Telegram reads four named entities and shows others, such as `&apos;`, as they are, so only those four are written.
    It reads numeric ones too, but markupsafe's `&#39;` would make every apostrophe five bytes long, and Telegram limits
    the bytes of a text with its markup.
    """

    __slots__ = ()

    @classmethod
    def escape(cls, text: object, /) -> Self:
        """Return markup that shows `text` as it is, without its invisible characters; markup is returned as it is."""
        if type(text) is not str:
            if hasattr(text, "__html__"):
                return text if type(text) is cls else cls(text)
            text = str(text)
        escaped = seen(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
        return str.__new__(cls, escaped)


def seen(text: str) -> str:
    """Return a text without its invisible characters, as `escape` shows it."""
    # Most texts have nothing to remove; asking costs less than half of searching.
    return text if text.isprintable() else _INVISIBLE.sub("", text)


escape = Html.escape
"""Return markup that shows a text as it is; see `Html.escape`."""
LINE_BREAK = Html("\n")


@lru_cache(maxsize=4096)
def safe_url(url: str | None) -> str | None:
    """Return `url` if a message may link to it: an absolute http(s) address with a host; else None."""
    if not url or len(url) > 2048 or _INVISIBLE.search(url) or url.split() != [url]:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host else None


def link(text: str, url: str | None) -> Html:
    """Return `text` as a link, or in bold if a message may not link to `url`."""
    return linked(text, url) if safe_url(url) else Html(f"<b>{escape(text)}</b>")


def linked(text: str, url: str | None) -> Html:
    """Return `text` as a link, or as plain text if a message may not link to `url`."""
    address = safe_url(url)
    return escape(text) if address is None else Html(f'<a href="{escape(address)}">{escape(text)}</a>')


def plain_text(html: str) -> str:
    """Return the text of our own markup, without tags; it is sent when Telegram refuses the markup."""
    bare = re.sub(r"</?[a-z][^>]*>", "", str(html))
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        bare = bare.replace(entity, character)
    return bare


def visible_length(html: str) -> int:
    """Return how many code points Telegram counts in our own markup."""
    return len(plain_text(html))


def entity_count(html: str) -> int:
    """Return how many entities our own markup makes at most, which is one per tag."""
    return len(re.findall(r"<[a-z]", html))
