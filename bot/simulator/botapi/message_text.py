"""Texts and captions: from what the bot sends to what Telegram stores, or refuses."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import NamedTuple

from bot.simulator.botapi.call import Call
from bot.simulator.refusal import bad_request
from bot.simulator.text import tdlib
from bot.simulator.text.attributes import MarkupError
from bot.simulator.text.find import find_entities
from bot.simulator.text.formatted import Entity, FormattedText
from bot.simulator.text.links import mentioned_user, try_normalize_link
from bot.simulator.text.markup import parse_html
from bot.simulator.text.normalize import EntityError, limit_entities, merge_entities, normalize_formatted

MAX_TEXT = 4096
MAX_CAPTION = 1024
_MAX_TEXT_BYTES = 1 << 15
_PARSE_MODES = ("html", "markdown", "markdownv2")
# A text may not consist of these characters alone.
_BLANK = re.compile(
    "[\\s\u1680\u180e\u2000-\u200f\u202e\u202f\u205f\u2800\u3000\ufffc\ufeff\u00a0\U000e0000-\U000e01ff]*"
)
# Only these kinds may be given; all others are detected in the text, and ignored when given.
_GIVEN_KINDS = {
    "bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre",
    "text_link", "text_mention", "custom_emoji", "date_time",
}  # fmt: skip


class ParsedText(NamedTuple):
    """A text with its entities, and the number of entities `dropped` because Telegram keeps no more."""

    body: FormattedText
    dropped: int


def read_body(call: Call, name: str = "text") -> ParsedText:
    """Return the call's text or caption, parsed and trimmed; its length is not checked yet."""
    entities = call.values.get("entities" if name == "text" else "caption_entities")
    return read_given(call.text(name), call.text("parse_mode"), entities)


def read_given(text: str, mode: str, entities: object) -> ParsedText:
    """Do what `read_body` does, for texts from elsewhere (an album's captions)."""
    given = "" if not entities or (text and mode) else entities if isinstance(entities, str) else json.dumps(entities)
    return _read(text, mode.lower(), given)


def require_text(parsed: ParsedText, *, limit: int = MAX_TEXT) -> FormattedText:
    """Return a message's text, or refuse one that is blank or too long."""
    if _is_blank(parsed.body.text):
        raise bad_request("Text must be non-empty")
    if len(parsed.body.text) > limit:
        raise bad_request("Message is too long")
    return parsed.body


def require_caption(parsed: ParsedText) -> FormattedText | None:
    """Return a caption, None when it is blank, or refuse one that is too long."""
    if len(parsed.body.text) > MAX_CAPTION:
        raise bad_request("Message caption is too long")
    return None if _is_blank(parsed.body.text) else parsed.body


def parse_person_text(text: str, entities: object = None) -> FormattedText:
    """Parse what a person writes: trimmed, with links and commands detected."""
    return read_given(text, "", entities).body


# A broadcast sends one text thousands of times.
@lru_cache(maxsize=2048)
def _read(text: str, mode: str, entities: str) -> ParsedText:
    try:
        if len(text.encode()) > _MAX_TEXT_BYTES:
            raise bad_request("Text is too long")
    except UnicodeEncodeError:
        raise bad_request("Strings must be encoded in UTF-8") from None
    parsed = (
        _parse(text, mode) if text and mode and mode != "none" else FormattedText(text, _read_json_entities(entities))
    )
    try:
        body = normalize_formatted(parsed)
    except EntityError as error:
        raise bad_request(str(error)) from None
    kept, dropped = limit_entities(merge_entities(body.entities, find_entities(body.text)))
    return ParsedText(FormattedText(body.text, tuple(kept)), dropped)


def _parse(text: str, mode: str) -> FormattedText:
    if mode not in _PARSE_MODES:
        raise bad_request("Unsupported parse_mode")
    try:
        if tdlib.is_available():
            return tdlib.parse_markup(text, mode)
        if mode == "html":
            return parse_html(text)
    except MarkupError as error:
        raise bad_request(f"Can't parse entities: {error}") from None
    raise bad_request(f"Can't parse entities: the simulator reads {mode} only where tdjson is installed")


def _read_json_entities(entities: str) -> tuple[Entity, ...]:
    if not entities:
        return ()
    try:
        found = json.loads(entities)
    except ValueError:
        return ()
    if not isinstance(found, list):
        return ()
    return tuple(entity for entity in map(_read_json_entity, found) if entity is not None)


def _read_json_entity(given: object) -> Entity | None:
    if not isinstance(given, dict):
        raise bad_request("Can't parse MessageEntity: expected an Object")
    kind, offset, length = given.get("type"), given.get("offset"), given.get("length")
    for name, value in (("offset", offset), ("length", length)):
        if isinstance(value, bool) or not isinstance(value, int):
            raise bad_request(f'Can\'t parse MessageEntity: Field "{name}" must be of type Number')
    if not isinstance(kind, str):
        raise bad_request("Can't parse MessageEntity: Can't find field \"type\"")
    if kind not in _GIVEN_KINDS:
        return None
    assert isinstance(offset, int)
    assert isinstance(length, int)
    if not 0 <= offset <= 1_000_000 or not 0 <= length <= 1_000_000:
        name, value = ("offset", offset) if not 0 <= offset <= 1_000_000 else ("length", length)
        raise bad_request(f"Receive an entity with incorrect {name} {value}")
    return _build_entity(kind, offset, length, given)


def _build_entity(kind: str, offset: int, length: int, given: dict[str, object]) -> Entity | None:
    match kind:
        case "text_link":
            url = str(given.get("url", ""))
            user, link = mentioned_user(url), try_normalize_link(url)
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
