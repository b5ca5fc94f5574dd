"""From what the bot sends as a text to what Telegram stores, or its refusal."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import NamedTuple

from bot.simulator.botapi.call import Call
from bot.simulator.refusal import bad
from bot.simulator.text import oracle
from bot.simulator.text.attributes import MarkupError
from bot.simulator.text.find import find_entities
from bot.simulator.text.formatted import Entity, Formatted
from bot.simulator.text.links import checked_link, user_of_link
from bot.simulator.text.markup import parse_html
from bot.simulator.text.tidy import EntityError, best, merge_found, tidy

TEXT = 4096
CAPTION = 1024
_LONGEST_BYTES = 1 << 15
_MODES = ("html", "markdown", "markdownv2")
# What a text may not wholly be made of.
_BLANK = re.compile(
    "[\\s\u1680\u180e\u2000-\u200f\u202e\u202f\u205f\u2800\u3000\ufffc\ufeff\u00a0\U000e0000-\U000e01ff]*"
)
# Given by the writer; all others are found in the text, and ignored when given.
_GIVEN = {
    "bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre",
    "text_link", "text_mention", "custom_emoji", "date_time",
}  # fmt: skip


class ParsedText(NamedTuple):
    """`dropped` entities were more than Telegram keeps."""

    body: Formatted
    dropped: int


def read_body(call: Call, name: str = "text") -> ParsedText:
    """The call's text or caption, parsed, trimmed, with its entities. Its length is not yet judged."""
    entities = call.values.get("entities" if name == "text" else "caption_entities")
    return read_given(call.text(name), call.text("parse_mode"), entities)


def read_given(text: str, mode: str, entities: object) -> ParsedText:
    """As `read_body`, for texts that stand elsewhere (an album's captions)."""
    given = "" if not entities or (text and mode) else entities if isinstance(entities, str) else json.dumps(entities)
    return _read(text, mode.lower(), given)


def require_text(reading: ParsedText, *, limit: int = TEXT) -> Formatted:
    """What a message needs: some text, and not too much."""
    if _is_blank(reading.body.text):
        raise bad("Text must be non-empty")
    if len(reading.body.text) > limit:
        raise bad("Message is too long")
    return reading.body


def require_caption(reading: ParsedText) -> Formatted | None:
    if len(reading.body.text) > CAPTION:
        raise bad("Message caption is too long")
    return None if _is_blank(reading.body.text) else reading.body


def written_by_person(text: str, entities: object = None) -> Formatted:
    """What a person writes: trimmed, links and commands found."""
    return read_given(text, "", entities).body


# A broadcast sends one text thousands of times.
@lru_cache(maxsize=2048)
def _read(text: str, mode: str, entities: str) -> ParsedText:
    try:
        if len(text.encode()) > _LONGEST_BYTES:
            raise bad("Text is too long")
    except UnicodeEncodeError:
        raise bad("Strings must be encoded in UTF-8") from None
    parsed = _parse(text, mode) if text and mode and mode != "none" else Formatted(text, _given(entities))
    try:
        body = tidy(parsed)
    except EntityError as error:
        raise bad(str(error)) from None
    kept, dropped = best(merge_found(body.entities, find_entities(body.text)))
    return ParsedText(Formatted(body.text, tuple(kept)), dropped)


def _parse(text: str, mode: str) -> Formatted:
    if mode not in _MODES:
        raise bad("Unsupported parse_mode")
    try:
        if oracle.available():
            return oracle.parse(text, mode)
        if mode == "html":
            return parse_html(text)
    except MarkupError as error:
        raise bad(f"Can't parse entities: {error}") from None
    raise bad(f"Can't parse entities: the simulator reads {mode} only where tdjson is installed")


def _given(entities: str) -> tuple[Entity, ...]:
    if not entities:
        return ()
    try:
        found = json.loads(entities)
    except ValueError:
        return ()
    if not isinstance(found, list):
        return ()
    return tuple(entity for entity in map(_entity, found) if entity is not None)


def _entity(given: object) -> Entity | None:
    if not isinstance(given, dict):
        raise bad("Can't parse MessageEntity: expected an Object")
    kind, offset, length = given.get("type"), given.get("offset"), given.get("length")
    for name, value in (("offset", offset), ("length", length)):
        if isinstance(value, bool) or not isinstance(value, int):
            raise bad(f'Can\'t parse MessageEntity: Field "{name}" must be of type Number')
    if not isinstance(kind, str):
        raise bad("Can't parse MessageEntity: Can't find field \"type\"")
    if kind not in _GIVEN:
        return None
    assert isinstance(offset, int)
    assert isinstance(length, int)
    if not 0 <= offset <= 1_000_000 or not 0 <= length <= 1_000_000:
        name, value = ("offset", offset) if not 0 <= offset <= 1_000_000 else ("length", length)
        raise bad(f"Receive an entity with incorrect {name} {value}")
    return _typed(kind, offset, length, given)


def _typed(kind: str, offset: int, length: int, given: dict[str, object]) -> Entity | None:
    match kind:
        case "text_link":
            url = str(given.get("url", ""))
            user, link = user_of_link(url), checked_link(url)
            if user:
                return Entity("text_mention", offset, length, str(user))
            return Entity(kind, offset, length, link) if link else None
        case "pre" if given.get("language"):
            return Entity("pre_code", offset, length, str(given["language"]))
        case "text_mention":
            user_given = given.get("user")
            number = user_given.get("id") if isinstance(user_given, dict) else None
            return Entity(kind, offset, length, str(number)) if isinstance(number, int) else None
        case "custom_emoji":
            return Entity(kind, offset, length, str(given.get("custom_emoji_id", "")))
        case "date_time":
            return Entity(kind, offset, length, f"{given.get('unix_time', 0)}:{given.get('date_time_format', '')}")
        case _:
            return Entity(kind, offset, length)


def _is_blank(text: str) -> bool:
    return _BLANK.fullmatch(text) is not None
