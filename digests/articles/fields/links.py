"""Web addresses that are safe to show, and the one that a post's front matter gives."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urljoin

from digests.articles.heads.front_matter import FrontMatter
from digests.articles.text import MAX_URL_LENGTH, unescape
from digests.model.characters import INVISIBLE, JOINERS

_URL = re.compile(r"(https?)://([^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"(?:[^\s/?#@:\[\]\\<>\"'`{}|^.]+\.)+[^\s/?#@:\[\]\\<>\"'`{}|^.]{2,}\.?(?::[0-9]{1,5})?")
_UNSAFE = re.compile(r"[\s\"<>\\^`{|}]")
_INVISIBLE = re.compile(f"[{INVISIBLE}{JOINERS}]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ANY_HOST = re.compile(r"(https?)://([^/?#@\s]+)", re.IGNORECASE)
_SOME_HOST = "host.example"

_FIELDS = ("link", "url", "original", "original_url", "original_link", "source_url", "source_link", "canonical")


def web_address(text: str, base: str | None = None) -> str | None:
    """Return `text` as an absolute http(s) address without spaces, invisible characters or credentials, else None.

    A relative address is resolved against `base`; without a base it gives None.
    """
    text = unescape(text.strip().replace("\\/", "/"))
    if not text or len(text) > 2 * MAX_URL_LENGTH or _INVISIBLE.search(text.strip()):
        return None
    text = text.strip()
    if text.startswith("//"):
        text = "https:" + text
    match = _URL.fullmatch(text)
    if match is None:
        if base is None or _SCHEME.match(text):
            return None
        try:
            match = _URL.fullmatch(urljoin(base, text))
        except ValueError:
            return None
    if match is None or not _HOST.fullmatch(match[2]):
        return None
    url = f"{match[1].lower()}://{match[2]}" + _UNSAFE.sub(_escaped, match[3])
    return url if len(url) <= MAX_URL_LENGTH else None


def address_on_host(address: str, hosts: Collection[str]) -> str | None:
    """Return an absolute address on a host such as `localhost:8080` or `10.0.0.5:80` if it is one of these, else None.

    `web_address` knows only hosts of the web.
    """
    match = _ANY_HOST.match(address)
    if match is None or match[2].lower() not in hosts:
        return None
    elsewhere = web_address(f"{match[1]}://{_SOME_HOST}{address[match.end() :]}")
    return elsewhere and elsewhere.replace(_SOME_HOST, match[2].lower(), 1)


def explicit_link(front: FrontMatter) -> str | None:
    """Return the link to the original that the front matter gives, or None."""
    for key in (*_FIELDS, "source"):
        if (text := front.text(key)) and (url := web_address(text)):
            return url
    return None


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())
