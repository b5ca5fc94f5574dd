"""Texts with their entities, the form in which all parts of the simulator pass texts on."""

from __future__ import annotations

from typing import NamedTuple

Json = dict[str, object]

PRIORITIES = {
    "blockquote": 0,
    "expandable_blockquote": 0,
    "pre_code": 10,
    "pre": 11,
    "code": 20,
    "date_time": 30,
    "text_link": 49,
    "text_mention": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "custom_emoji": 99,
}
"""The order of entities with the same offset and length; kinds that are detected (a url, a mention) have 50."""


class Entity(NamedTuple):
    """An entity of a text; offset and length count UTF-16 code units.

    `kind` is the Bot API's type, but a "pre" with a language is "pre_code".
    """

    kind: str
    offset: int
    length: int
    argument: str = ""
    """An address, a language, the id of a user or emoji, or "unix time:format"."""

    @property
    def end(self) -> int:
        """The offset just after the entity."""
        return self.offset + self.length


class FormattedText(NamedTuple):
    """A text whose entities are sorted by offset, then by length, the longer first, and then by priority."""

    text: str
    entities: tuple[Entity, ...] = ()


def sort_key(entity: Entity) -> tuple[int, int, int]:
    """Return what entities are sorted by."""
    return entity.offset, -entity.length, PRIORITIES.get(entity.kind, 50)


def utf16_length(text: str) -> int:
    """Return the number of UTF-16 code units."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def entity_json(entity: Entity, users: dict[int, Json] | None = None) -> Json:
    """Return Telegram's MessageEntity object; `users` are the User objects for text mentions, by id."""
    shown: Json = {"type": entity.kind, "offset": entity.offset, "length": entity.length}
    match entity.kind:
        case "pre_code":
            shown |= {"type": "pre", "language": entity.argument}
        case "text_link":
            shown["url"] = entity.argument
        case "text_mention":
            number = int(entity.argument)
            shown["user"] = (users or {}).get(number, {"id": number, "is_bot": False, "first_name": str(number)})
        case "custom_emoji":
            shown["custom_emoji_id"] = entity.argument
        case "date_time":
            unix, _, form = entity.argument.partition(":")
            shown |= {"unix_time": int(unix), "date_time_format": form}
        case _:
            pass
    return shown
