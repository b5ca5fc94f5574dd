"""TDLib itself, where tdjson is installed: Telegram's own code for texts."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from typing import Any, cast

from bot.simulator.text.attributes import MarkupError
from bot.simulator.text.formatted import Entity, FormattedText

_ENTITY_KINDS = {
    "Mention": "mention",
    "Hashtag": "hashtag",
    "Cashtag": "cashtag",
    "BotCommand": "bot_command",
    "Url": "url",
    "EmailAddress": "email",
    "PhoneNumber": "phone_number",
    "Bold": "bold",
    "Italic": "italic",
    "Underline": "underline",
    "Strikethrough": "strikethrough",
    "Spoiler": "spoiler",
    "Code": "code",
    "Pre": "pre",
    "PreCode": "pre_code",
    "TextUrl": "text_link",
    "MentionName": "text_mention",
    "CustomEmoji": "custom_emoji",
    "BlockQuote": "blockquote",
    "ExpandableBlockQuote": "expandable_blockquote",
    "DateTime": "date_time",
}
"""TDLib's types that the Bot API shows; it shows neither bank card numbers nor media timestamps."""
_TD_KINDS = {kind: name for name, kind in _ENTITY_KINDS.items()}
_ARGUMENTS = {"PreCode": "language", "TextUrl": "url", "MentionName": "user_id", "CustomEmoji": "custom_emoji_id"}
_TD_PARSE_MODES: dict[str, dict[str, object]] = {
    "html": {"@type": "textParseModeHTML"},
    "markdown": {"@type": "textParseModeMarkdown", "version": 1},
    "markdownv2": {"@type": "textParseModeMarkdown", "version": 2},
}
_PREFIX = "Can't parse entities: "


def _load() -> Callable[[bytes], bytes] | None:
    try:
        library = importlib.import_module("tdjson")
    except ImportError:
        return None
    execute = cast("Callable[[bytes], bytes]", library.td_execute)
    # By default, TDLib logs the texts that it reads.
    execute(json.dumps({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0}).encode())
    return execute


_execute = _load()


def is_available() -> bool:
    """Return whether tdjson is installed."""
    return _execute is not None


def parse_markup(text: str, mode: str) -> FormattedText:
    """Parse a text whose mode is html, markdown or markdownv2; raise MarkupError in TDLib's words."""
    answer = _execute_request({"@type": "parseTextEntities", "text": text, "parse_mode": _TD_PARSE_MODES[mode]})
    if answer["@type"] == "error":
        raise MarkupError(str(answer["message"]).removeprefix(_PREFIX))
    return FormattedText(answer["text"], _entities_from_tdlib(answer["entities"]))


def detect_entities(text: str) -> tuple[Entity, ...]:
    """Return the addresses, mentions, hashtags and commands in a plain text."""
    return _entities_from_tdlib(_execute_request({"@type": "getTextEntities", "text": text})["entities"])


def fix_entities(formatted: FormattedText) -> FormattedText:
    """Return the text with its entities in TDLib's order, not trimmed; it must not contain Markdown."""
    entities = [_td_entity(entity) for entity in formatted.entities]
    text = {"@type": "formattedText", "text": formatted.text, "entities": entities}
    answer = _execute_request({"@type": "parseMarkdown", "text": text})
    if answer["@type"] == "error":
        raise MarkupError(str(answer["message"]))
    return FormattedText(answer["text"], _entities_from_tdlib(answer["entities"]))


def _entities_from_tdlib(found: list[dict[str, Any]]) -> tuple[Entity, ...]:
    return tuple(entity for entity in map(_entity_from_tdlib, found) if entity is not None)


def _entity_from_tdlib(found: dict[str, Any]) -> Entity | None:
    kind = found["type"]
    name = kind["@type"].removeprefix("textEntityType")
    if name not in _ENTITY_KINDS:
        return None
    argument = str(kind.get(_ARGUMENTS[name], "")) if name in _ARGUMENTS else ""
    if name == "DateTime":
        argument = f"{kind['unix_time']}:{_date_format(kind.get('formatting_type'))}"
    return Entity(_ENTITY_KINDS[name], found["offset"], found["length"], argument)


def _date_format(formatting: dict[str, Any] | None) -> str:
    if formatting is None:
        return ""
    if formatting["@type"] == "dateTimeFormattingTypeRelative":
        return "r"
    short, long = "dateTimePartPrecisionShort", "dateTimePartPrecisionLong"
    day = "w" if formatting["show_day_of_week"] else ""
    date = {short: "d", long: "D"}.get(formatting["date_precision"]["@type"], "")
    time = {short: "t", long: "T"}.get(formatting["time_precision"]["@type"], "")
    return day + date + time


def _td_entity(entity: Entity) -> dict[str, object]:
    name = _TD_KINDS[entity.kind]
    kind: dict[str, object] = {"@type": f"textEntityType{name}"}
    if name in _ARGUMENTS:
        kind[_ARGUMENTS[name]] = entity.argument
    return {"@type": "textEntity", "offset": entity.offset, "length": entity.length, "type": kind}


def _execute_request(request: dict[str, object]) -> dict[str, Any]:
    assert _execute is not None, "tdjson is not installed"
    return cast("dict[str, Any]", json.loads(_execute(json.dumps(request).encode())))
