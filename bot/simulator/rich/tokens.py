"""Rich HTML as tags and texts, with Telegram's entities resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.simulator.text.attributes import MarkupError

_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)"
    r"(?P<attributes>(?:\s+[A-Za-z_][\w-]*(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?)*)\s*(?P<closed>/?)>"
)
_ATTRIBUTE = re.compile(r"([A-Za-z_][\w-]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+)))?")
_REFERENCE = re.compile(r"&(?:#[xX]([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([A-Za-z]+));")
_NAMED = {
    "lt": "<",
    "gt": ">",
    "amp": "&",
    "quot": '"',
    "apos": "'",
    "nbsp": "\u00a0",
    "hellip": "…",
    "mdash": "—",
    "ndash": "–",
    "lsquo": "‘",
    "rsquo": "’",
    "ldquo": "“",
    "rdquo": "”",
}
_SURROGATES = range(0xD800, 0xE000)


class Token(NamedTuple):
    """A text (`tag` is ""), a start tag, or an end tag; `offset` is in bytes, as in TDLib's refusals."""

    offset: int
    tag: str
    text: str = ""
    attributes: dict[str, str] = {}  # noqa: RUF012  # never changed
    is_end: bool = False
    is_closed: bool = False
    """Whether a start tag ends with `/>`."""


def read_tokens(html: str) -> Iterator[Token]:
    """Yield the tags and texts; raise MarkupError for a "<" that begins no tag.

    An attribute without a value has the value "".
    """
    at = offset = 0
    while at < len(html):
        if html[at] != "<":
            end = html.find("<", at)
            end = len(html) if end < 0 else end
            yield Token(offset, "", resolve_references(html[at:end]))
        else:
            match = _TAG.match(html, at)
            if match is None:
                raise MarkupError(f"Unclosed or unsupported start tag at byte offset {offset}")
            end = match.end()
            name = match["name"].lower()
            yield Token(
                offset, name, "", _read_attributes(match["attributes"]), bool(match["end"]), bool(match["closed"])
            )
        offset += len(html[at:end].encode(errors="surrogatepass"))
        at = end


def resolve_references(text: str) -> str:
    """Return the text with Telegram's named and all numeric entities resolved; others stay as they are."""
    return _REFERENCE.sub(_resolve, text) if "&" in text else text


def _resolve(match: re.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if name is not None:
        return _NAMED.get(name, match[0])
    code = int(hexadecimal, 16) if hexadecimal is not None else int(decimal)
    return match[0] if code == 0 or code > 0x10FFFF or code in _SURROGATES else chr(code)


def _read_attributes(written: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(written):
        value = next((group for group in match.groups()[1:] if group is not None), "")
        found.setdefault(match[1].lower(), resolve_references(value))
    return found
