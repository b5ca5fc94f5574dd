"""Text to slug, and path to link, as hexo-util 4 does it (README sections 9 and 10)."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from urllib.parse import quote, quote_plus, unquote_plus

from digests.articles.hexo.js_yaml import UncertainError

_CONTROL = re.compile("[\x00-\x1f]")
# JavaScript's white space is not Python's: U+0085 is none, U+FEFF is.
_SPECIAL = re.compile(
    "[ \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff~`!@#$%^&*()\\-_+=\\[\\]{}|\\\\;:\"'<>,.?/]+"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ODD = re.compile("[\x00-\x1f\x7f\\\\\ud800-\udfff]")
_DOTS = re.compile(r"(?:^|/)\.{1,2}(?:/|$)")
_FRAGMENT = re.compile('[ "<>`\x7f-\U0010ffff]')


@cache
def _letters() -> dict[int, str]:
    """The 822 letters that slugize turns into ASCII; NFKD is no substitute."""
    text = resources.files("digests.articles.hexo").joinpath("slugize.json").read_text(encoding="utf-8")
    return {ord(letter): ascii_ for letter, ascii_ in json.loads(text).items()}


def slugize(text: str, case: int = 0) -> str:
    """hexo-util's slugize; `case` 1 is lower, 2 upper."""
    slug = _SPECIAL.sub("-", _CONTROL.sub("", text.translate(_letters()))).strip("-")
    if case == 1:
        return slug.lower()
    return slug.upper() if case == 2 else slug


def full_link(site: str, path: str, *, trailing_index: bool = True, trailing_html: bool = True) -> str:
    """The public link of a path. `site` has no slash at its end. Raises UncertainError for paths that Hexo mangles."""
    if path.startswith("//") or _SCHEME.match(path) or _ODD.search(path) or "%" in path or path != path.strip():
        raise UncertainError
    path = re.sub(r"/{2,}", "/", "/" + path)
    path, hash_, fragment = path.partition("#")
    path, mark, query = path.partition("?")
    if _DOTS.search(path):
        raise UncertainError
    link = site + quote(path, safe="-_.!~*'();/:@&=+$,")
    if mark and (words := _query(query)):
        link += "?" + words
    if hash_:
        link += "#" + _FRAGMENT.sub(lambda match: quote(match[0], safe=""), fragment)
    if not trailing_index:
        link = link.removesuffix("index.html")
    if not trailing_html and not link.endswith("index.html"):
        link = link.removesuffix(".html")
    return link


def _query(text: str) -> str:
    """URLSearchParams there and back: a `=` even where there is no value."""
    pairs = [part.partition("=") for part in text.split("&") if part]
    return "&".join(f"{_form(name)}={_form(value)}" for name, _, value in pairs)


def _form(text: str) -> str:
    return quote_plus(unquote_plus(text), safe="*").replace("~", "%7E")
