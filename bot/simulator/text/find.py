"""Addresses, mentions, hashtags and commands in plain texts: found by TDLib, or by simpler rules without tdjson."""

from __future__ import annotations

import re

from bot.simulator.text import tdlib
from bot.simulator.text.formatted import Entity, utf16_length

_PATTERNS = (
    ("url", re.compile(r"(?:https?://|(?<![\w@/.])(?:www\.|t\.me/))[^\s<>\"]*[^\s<>\".,:;!?)\]']", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("mention", re.compile(r"(?<![\w/@])@[A-Za-z]\w{2,31}(?!\w)")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z]\w{2,31})?(?![\w/<>])")),
    ("hashtag", re.compile(r"(?<!\w)#\w*[^\W\d]\w*")),
    ("cashtag", re.compile(r"(?<!\w)\$[A-Z]{1,8}(?!\w)")),
)
_MAY_HOLD_ENTITIES = re.compile(r"[/.@#$]|[0-9]{5}")


def find_entities(text: str) -> tuple[Entity, ...]:
    """Return the entities of a plain text in their order; no two overlap."""
    if not _MAY_HOLD_ENTITIES.search(text):
        return ()
    if tdlib.is_available():
        return tdlib.detect_entities(text)
    found: list[tuple[int, int, str]] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if not any(match.start() < end and start < match.end() for start, end, _ in found):
                found.append((match.start(), match.end(), kind))
    return tuple(
        Entity(kind, utf16_length(text[:start]), utf16_length(text[start:end])) for start, end, kind in sorted(found)
    )
