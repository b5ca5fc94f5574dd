"""Telegram's own reading of HTML, by TDLib: the oracle for all markup that the bot sends."""

from __future__ import annotations

import json
from typing import Any

import tdjson

tdjson.td_execute(b'{"@type":"setLogVerbosityLevel","new_verbosity_level":0}')


def read_html(html: str) -> dict[str, Any]:
    """Return TDLib's formattedText, or its error."""
    request = {"@type": "parseTextEntities", "text": html, "parse_mode": {"@type": "textParseModeHTML"}}
    answer: dict[str, Any] = json.loads(tdjson.td_execute(json.dumps(request).encode()) or b"")
    return answer


def check_html(html: str) -> dict[str, Any]:
    """Return the formattedText of markup, and assert that Telegram accepts and keeps all of it."""
    answer = read_html(html)
    assert answer["@type"] == "formattedText", (answer, html)
    assert 0 < len(answer["text"]) <= 4096, len(answer["text"])
    assert len(answer["entities"]) <= 100
    return answer


def found_entities(text: str) -> list[str]:
    """Return what Telegram makes of a text without markup, such as "Mention"; but not the times in videos."""
    request = {"@type": "getTextEntities", "text": text}
    answer = json.loads(tdjson.td_execute(json.dumps(request).encode()) or b"")
    assert answer["@type"] == "textEntities", answer
    kinds = [str(entity["type"]["@type"]).removeprefix("textEntityType") for entity in answer["entities"]]
    return [kind for kind in kinds if kind != "MediaTimestamp"]
