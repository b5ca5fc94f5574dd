"""Finding the address behind one that only leads to it, by rule and never by asking (`wrappers.toml`)."""

from __future__ import annotations

import base64
import binascii
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_to_bytes

from digests.articles.fields.links import web_address

_PARTS = re.compile(r"https?://([^/?#:]+)(?::[0-9]+)?([^?#]*)(?:\?([^#]*))?", re.IGNORECASE)
_ENCODED_SCHEME = re.compile(r"https?%(?:25){0,2}3a", re.IGNORECASE)
_ENCODED_REST = re.compile(r"%(?:3f|23|25[0-9a-f]{2})", re.IGNORECASE)
_MOST_LAYERS = 5
# What Google's protocol buffers hold before an address: a field of a text, and its length.
_READABLE = re.compile(rb"https?://[\x21-\x7e]+")
_LONGEST_CODE = 2_000


class _Wrapper(NamedTuple):
    """A rule of `wrappers.toml`."""

    paths: frozenset[str]
    beginnings: tuple[str, ...]
    parameters: tuple[str, ...]
    after: str
    has_query: bool
    is_readable: bool

    def matches(self, path: str) -> bool:
        if not self.paths and not self.beginnings:
            return True
        return (path or "/") in self.paths or path.startswith(self.beginnings)


def _by_host() -> Mapping[str, list[_Wrapper]]:
    found: dict[str, list[_Wrapper]] = defaultdict(list)
    rules: list[dict[str, Any]] = tomllib.loads(
        files(__package__).joinpath("wrappers.toml").read_text(encoding="utf-8")
    )["wrappers"]
    for rule in rules:
        paths = rule.get("paths", [])
        whole = [path for path in paths if not path.endswith("*")]
        wrapper = _Wrapper(
            # A slash at the end says nothing.
            frozenset(spelled for path in whole for spelled in (path, path.rstrip("/") + "/")),
            tuple(path[:-1] for path in paths if path.endswith("*")),
            tuple(rule.get("parameters", ())),
            rule.get("after", ""),
            rule.get("query", False),
            rule.get("readable", False),
        )
        for host in rule["hosts"]:
            found[host].append(wrapper)
    return found


_BY_HOST = _by_host()


def unwrap_link(url: str) -> str:
    """Return the address behind an absolute one that only leads to it, also through several; else the same again.

    The result is an address of the web. One that is wrapped more than five times is no honest one, and stays.
    """
    current = url
    for _ in range(_MOST_LAYERS):
        behind = _behind(current)
        if behind is None or behind == current:
            return current
        current = behind
    return current if _behind(current) is None else url


def _behind(url: str) -> str | None:
    match = _PARTS.match(url)
    if match is None:
        return None
    path, query = match[2], match[3] or ""
    for key in _keys_of(match[1].lower().rstrip(".")):
        for wrapper in _BY_HOST.get(key, ()):
            if wrapper.matches(path):
                for text in _held(wrapper, path, query):
                    if address := _address_in(text):
                        return address
    return None


def _keys_of(host: str) -> Iterator[str]:
    """Yield how rules may name a host: by itself, by what it is below, by its name without its country."""
    host = host.removeprefix("www.")
    yield host
    labels = host.split(".")
    for start in range(1, len(labels) - 1):
        yield "*." + ".".join(labels[start:])
    if 2 <= len(labels) <= 3 and all(2 <= len(label) <= 3 for label in labels[1:]):
        yield labels[0] + ".*"


def _held(wrapper: _Wrapper, path: str, query: str) -> Iterator[str]:
    """Yield what may be the address, as it is written there."""
    for name in wrapper.parameters:
        for part in query.split("&"):
            written, _, value = part.partition("=")
            if written.removeprefix("amp;").lower() == name:
                yield value
    if wrapper.has_query:
        yield query
    if wrapper.after:
        beginning = next((beginning for beginning in wrapper.beginnings if path.startswith(beginning)), "")
        rest = path[len(beginning) :]
        yield wrapper.after + rest + (f"?{query}" if query else "")
    if wrapper.is_readable:
        yield _decoded(path.rpartition("/")[2])


def _address_in(text: str) -> str | None:
    """Return the address of the web that a value is, decoded as often as it was encoded; else None."""
    if _is_web(text):
        # Google encodes only what follows the host.
        is_encoded = "?" not in text and _ENCODED_REST.search(text) is not None
        text = unquote(text) if is_encoded else text
        return web_address(text) if _is_web(text) else None
    for _ in range(3):
        if not _ENCODED_SCHEME.match(text):
            break
        try:
            text = unquote_to_bytes(text).decode()
        except UnicodeDecodeError:
            return None
    return web_address(text) if _is_web(text) else None


def _is_web(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://"))


def _decoded(code: str) -> str:
    """Return the address that can be read in base64 of Google's; "" where it is a number of theirs in disguise."""
    if not 8 <= len(code) <= _LONGEST_CODE:
        return ""
    try:
        data = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
    except (binascii.Error, ValueError):
        return ""
    for match in _READABLE.finditer(data):
        start = match.start()
        length = data[start - 1] if start else 0
        if start >= 2 and data[start - 2] & 0x80:
            # A length of two bytes, the lower seven bits first.
            length = (data[start - 2] & 0x7F) | (data[start - 1] << 7)
        if 0 < length <= len(match[0]):
            return match[0][:length].decode("ascii")
    return ""
