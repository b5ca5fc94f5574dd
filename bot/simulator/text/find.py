"""Addresses, mentions, hashtags and commands in a plain text: TDLib's eyes, or plainer ones without tdjson."""

from __future__ import annotations

import re

from bot.simulator.text import oracle
from bot.simulator.text.formatted import Entity, utf16_length

_PATTERNS = (
    ("url", re.compile(r"(?:https?://|(?<![\w@/.])(?:www\.|t\.me/))[^\s<>\"]*[^\s<>\".,:;!?)\]']", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("mention", re.compile(r"(?<![\w/@])@[A-Za-z]\w{2,31}(?!\w)")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z]\w{2,31})?(?![\w/<>])")),
    ("hashtag", re.compile(r"(?<!\w)#\w*[^\W\d]\w*")),
    ("cashtag", re.compile(r"(?<!\w)\$[A-Z]{1,8}(?!\w)")),
)
_TELLTALE = re.compile(r"[/.@#$]|[0-9]{5}")


def find_entities(text: str) -> tuple[Entity, ...]:
    """In the order of the text, none overlapping another."""
    if not _TELLTALE.search(text):
        return ()
    if oracle.available():
        return oracle.find(text)
    found: list[tuple[int, int, str]] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if not any(match.start() < end and start < match.end() for start, end, _ in found):
                found.append((match.start(), match.end(), kind))
    return tuple(
        Entity(kind, utf16_length(text[:start]), utf16_length(text[start:end])) for start, end, kind in sorted(found)
    )
