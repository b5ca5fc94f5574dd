"""Turning texts into slugs and paths into links, as hexo-util does: 4, and 1 to 3 where they differ."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Literal
from urllib.parse import quote, quote_plus, unquote_plus

from digests.articles.hexo.uncertain import UncertainError
from digests.articles.text import MAX_URL_LENGTH

_CONTROL = re.compile("[\x00-\x1f]")
# JavaScript's white space differs from Python's: it lacks U+0085 and includes U+FEFF.
_SPECIAL = re.compile(
    "[ \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff~`!@#$%^&*()\\-_+=\\[\\]{}|\\\\;:\"'<>,.?/]+"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_MANGLED = re.compile("[\x00-\x1f\x7f\\\\\ud800-\udfff]")
_DOTS = re.compile(r"(?:^|/)\.{1,2}(?:/|$)")
_SAFE = "-_.!~*'();/:@&=+$,"
_KEPT = {"encodeURI": _SAFE, "URL": _SAFE + "[]|", "none": _SAFE}
_FRAGMENT = re.compile('[ "<>`\x7f-\U0010ffff]')


@cache
def _ascii_letters() -> dict[int, str]:
    """Return the 822 letters that slugize turns into ASCII, with what it makes of them; NFKD is no substitute."""
    text = resources.files("digests.articles.hexo").joinpath("slugize.json").read_text(encoding="utf-8")
    return {ord(letter): ascii_ for letter, ascii_ in json.loads(text).items()}


def slugize(text: str, case: int = 0) -> str:
    """Return the slug that hexo-util's slugize makes; `case` 1 means lower case, 2 upper case."""
    slug = _SPECIAL.sub("-", _CONTROL.sub("", text.translate(_ascii_letters()))).strip("-")
    if case == 1:
        return slug.lower()
    return slug.upper() if case == 2 else slug


def full_link(
    site: str,
    path: str,
    *,
    trailing_index: bool = True,
    trailing_html: bool = True,
    encoding: Literal["encodeURI", "URL", "none"] = "encodeURI",
) -> str:
    """Return the public link of a path; `site` has no trailing slash, `encoding` is that of the path.

    Raises:
        UncertainError: Hexo mangles such a path, or no reader could follow the link.
    """
    if len(path) > MAX_URL_LENGTH:
        raise UncertainError("path", path[:80])
    if path.startswith("//") or _SCHEME.match(path) or _MANGLED.search(path) or "%" in path or path != path.strip():
        raise UncertainError("path", path[:80])
    whole = path = re.sub(r"/{2,}", "/", "/" + path)
    path, hash_mark, fragment = path.partition("#")
    path, question_mark, query = path.partition("?")
    if _DOTS.search(path) or (encoding != "encodeURI" and (question_mark or "^" in path)):
        raise UncertainError("path", whole[:80])
    link = site + quote(path, safe=_KEPT[encoding])
    if question_mark and (query_text := _query(query)):
        link += "?" + query_text
    if hash_mark:
        link += "#" + _FRAGMENT.sub(lambda match: quote(match[0], safe=""), fragment)
    if not trailing_index:
        link = link.removesuffix("index.html")
    if not trailing_html and not link.endswith("index.html"):
        link = link.removesuffix(".html")
    if len(link) > MAX_URL_LENGTH:
        raise UncertainError("path", whole[:80])
    return link


def _query(text: str) -> str:
    """Return the query after a round trip through URLSearchParams, which adds `=` where there is no value."""
    pairs = [part.partition("=") for part in text.split("&") if part]
    return "&".join(f"{_reencode(name)}={_reencode(value)}" for name, _, value in pairs)


def _reencode(text: str) -> str:
    return quote_plus(unquote_plus(text), safe="*").replace("~", "%7E")
