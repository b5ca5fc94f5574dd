"""A text with its entities, as every part of the simulator passes it on."""

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
"""Which of two entities of one place comes first; found ones (a url, a mention) are 50."""


class Entity(NamedTuple):
    """`kind` is the Bot API's type, but for pre_code: a "pre" with a language. Offsets are UTF-16 units."""

    kind: str
    offset: int
    length: int
    argument: str = ""
    """An address, a language, a user's or an emoji's id, or "unix time:format"."""

    @property
    def end(self) -> int:
        return self.offset + self.length


class Formatted(NamedTuple):
    """`entities` are sorted: by offset, the longer first, then by priority."""

    text: str
    entities: tuple[Entity, ...] = ()


def sort_key(entity: Entity) -> tuple[int, int, int]:
    """What entities are sorted by."""
    return entity.offset, -entity.length, PRIORITIES.get(entity.kind, 50)


def utf16_length(text: str) -> int:
    return len(text) + sum(1 for character in text if character > "\uffff")


def entity_json(entity: Entity, users: dict[int, Json] | None = None) -> Json:
    """As the Bot API shows it. `users` gives text mentions their user."""
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
