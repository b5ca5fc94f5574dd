"""Shortens text at places where a reader would (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SENTENCE_END = re.compile(r"[。！？!?…；;](?:[”’」』）)\"']*)|\.(?=\s|$)")
DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7a3]")
"""A character of a script that writes no spaces between words."""
_ELLIPSIS = "…"


def shorten(text: str, limit: int, reach: int = 0) -> str:
    """Return `text` in at most `limit` code points, on a single line, or up to `reach` more that complete a sentence.

    A text that is too long ends after the last sentence in the second half, or else after the one that ends within
    reach, or else with an ellipsis after the last word, which in dense scripts is a character. It never ends inside a
    joined emoji.
    """
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[:limit]
    ends = [end for end in _ends(head) if end >= limit // 2]
    # A full stop at the very edge may be the middle of a number or an address.
    if ends and (ends[-1] < limit or not text[limit : limit + 1].isalnum()):
        return head[: ends[-1]]
    # The character after the reach tells whether a full stop there ends a sentence.
    if end := next((end for end in _ends(text[: limit + reach + 1]) if limit < end <= limit + reach), 0):
        return text[:end]
    head = text[: limit - 1]
    space = head.rfind(" ")
    if space > limit // 2 and not DENSE.match(text[limit - 1]):
        head = head[:space]
    return _trim_broken_emoji(head).rstrip(" ,;:，；：、·-–—") + _ELLIPSIS


def _ends(text: str) -> Iterator[int]:
    return (match.end() for match in _SENTENCE_END.finditer(text))


def _trim_broken_emoji(head: str) -> str:
    """Remove a joiner, a modifier or half a flag from the end, with what it belongs to."""
    while head and (head[-1] == "\u200d" or "\U0001f3fb" <= head[-1] <= "\U0001f3ff"):
        head = head[:-1]
    flags = len(head) - len(head.rstrip("".join(map(chr, range(0x1F1E6, 0x1F200)))))
    return head[:-1] if flags % 2 else head
