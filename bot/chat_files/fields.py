"""The fields of a chat's line: how each is read, and what is said of a wrong one (pure).

Every reader raises ValueError, whose text names the field, the value and what it must be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.i18n import LANGUAGES, closest_languages
from digests.model.category_tree import SEPARATOR, canonical
from digests.model.digest import DigestOrder
from digests.model.layout import Layout
from digests.model.place import MOST_LEAST_ITEMS, PlaceKind, PlaceState
from digests.model.schedule import parse_quiet, parse_times, parse_weekdays, show_quiet, show_times

_LONGEST_TEXT = 1000
"""Far longer than a chat's title can be in Telegram."""
MOST_ITEMS = 50
"""The most items that a digest can have."""
_YEARS = range(1970, 9000)

CategoryNames = tuple[str, ...]
"""The names on the way to a category, from the top."""


def read_whole(value: Mapping[str, object], name: str, what: str, above: int, below: int) -> int:
    """Return a whole number between two others, both excluded; 0 if the line does not have it."""
    number = value.get(name, 0)
    if not isinstance(number, int) or isinstance(number, bool) or not above < number < below:
        raise ValueError(f"{name} {quoted(number)} must be {what}")
    return number


def quoted(value: object) -> str:
    """Return a value for an error text, shortened."""
    try:
        shown = json.dumps(value)
    except (ValueError, RecursionError):
        return "(too large)"
    return shown if len(shown) <= 60 else f"{shown[:60]}…"


def kind_of(chat_id: int) -> PlaceKind:
    """Return the kind of chat that most likely has this id."""
    return PlaceKind.PRIVATE if chat_id > 0 else PlaceKind.SUPERGROUP if chat_id < -(10**12) else PlaceKind.GROUP


def read_kind(value: object) -> PlaceKind:
    """Return the kind of a chat."""
    return PlaceKind(choice("kind", value, [str(kind) for kind in PlaceKind]))


def read_state(value: object) -> PlaceState:
    """Return the state of a chat's digest."""
    return PlaceState(choice("state", value, [str(state) for state in PlaceState]))


def choice(name: str, value: object, choices: Sequence[str]) -> str:
    """Return a value that is one of the choices for the field called `name`."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} {quoted(value)} must be one of {', '.join(choices)}")
    return str(value)


def read_list(value: object) -> list[object]:
    """Return the list of categories, not read yet."""
    if not isinstance(value, list):
        raise ValueError("categories must be a list of names")
    return value


def read_category(value: object) -> str | CategoryNames:
    """Return a category: a name as people write it, or a path as the list of its names."""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, str) and part.strip() and has_no_controls(part) for part in parts) or not parts:
        raise ValueError(f"categories: {quoted(value)} must be a name, or the list of the names on the way to it")
    if isinstance(value, list):
        return tuple(str(part) for part in parts)
    if not path_of(str(value)):
        raise ValueError(f"categories: {quoted(value)} names nothing")
    return str(value).strip()


def path_of(name: str) -> CategoryNames:
    """Return the path that a name is if taken literally."""
    return canonical([part.strip() for part in name.split(SEPARATOR)])


def has_no_controls(value: str) -> bool:
    """Return whether a text has no surrogates and no control characters; one of those separates stored names."""
    return value.encode(errors="ignore").decode() == value and not any(
        character < " " or character == "\x7f" for character in value
    )


def text_reader(name: str) -> Callable[[object], str]:
    """Return a reader of the text in the field called `name`."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value.encode(errors="ignore").decode() != value or "\0" in value:
            raise ValueError(f"{name} {quoted(value)} must be a text")
        return value[:_LONGEST_TEXT]

    return read


def _language(value: object) -> str:
    readable = closest_languages(value.strip(), LANGUAGES) if isinstance(value, str) else []
    if not readable:
        raise ValueError(f"language {quoted(value)} must be one of {', '.join(LANGUAGES)}")
    return readable[0]


def _time(value: object) -> str:
    try:
        return show_times(parse_times(str(value)))
    except ValueError:
        raise ValueError(f"time {quoted(value)} must be a time of day such as 07:30, or several: 07:30,18:00") from None


def _zone(value: object) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (KeyError, ValueError, OSError):
        raise ValueError(f"timezone {quoted(value)} must be a zone such as Europe/Berlin") from None


def _days(value: object) -> str:
    if isinstance(value, list):
        days = sorted({day for day in value if isinstance(day, int) and not isinstance(day, bool) and 1 <= day <= 7})
        if days and len(days) == len(value):
            return "".join(map(str, days))
    elif isinstance(value, str):
        try:
            return parse_weekdays(value)
        except ValueError:
            pass
    raise ValueError(f"days {quoted(value)} must be days of the week such as [1, 2, 3, 4, 5], where 1 is Monday")


def _quiet(value: object) -> str:
    try:
        return show_quiet(parse_quiet(str(value))) if value != "" else ""
    except ValueError:
        raise ValueError(f'quiet {quoted(value)} must be hours such as "22:00-07:00", or ""') from None


def moment_reader(name: str) -> Callable[[object], datetime]:
    """Return a reader of the moment in the field called `name`."""

    def read(value: object) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
            if moment.tzinfo is not None and moment.year in _YEARS:
                return moment.astimezone(UTC)
        except ValueError:
            pass
        raise ValueError(f"{name} {quoted(value)} must be a moment such as 2026-06-07T18:00:00Z")

    return read


def flag_reader(name: str) -> Callable[[object], bool]:
    """Return a reader of the field called `name` that is true or false."""

    def read(value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError(f"{name} {quoted(value)} must be true or false")
        return value

    return read


def number_reader(name: str, most: int) -> Callable[[object], int]:
    """Return a reader of the number, from 1 to `most`, in the field called `name`."""

    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise ValueError(f"{name} {quoted(value)} must be a number from 1 to {most}")
        return value

    return read


def _lost_from(value: object) -> PlaceState:
    return PlaceState(choice("lost_from", value, [str(state) for state in PlaceState]))


def _order(value: object) -> DigestOrder:
    return DigestOrder(choice("order", value, [str(order) for order in DigestOrder]))


def _layout(value: object) -> Layout:
    return Layout(choice("layout", value, [str(layout) for layout in Layout]))


# The other fields of a line: for each, the field of a place, and its reader.
SETTINGS: Mapping[str, tuple[str, Callable[[object], object]]] = {
    "title": ("title", text_reader("title")),
    "reason": ("state_reason", text_reader("reason")),
    "resume_at": ("resume_at", moment_reader("resume_at")),
    "lost_from": ("lost_from", _lost_from),
    "language": ("language", _language),
    "time": ("time", _time),
    "timezone": ("timezone", _zone),
    "days": ("weekdays", _days),
    "quiet": ("quiet", _quiet),
    "silent": ("silent", flag_reader("silent")),
    "min_items": ("least_items", number_reader("min_items", MOST_LEAST_ITEMS)),
    "max_items": ("max_items", number_reader("max_items", MOST_ITEMS)),
    "order": ("digest_order", _order),
    "says_empty": ("says_empty", flag_reader("says_empty")),
    "language_chosen": ("has_chosen_language", flag_reader("language_chosen")),
    "zone_known": ("knows_zone", flag_reader("zone_known")),
    "layout": ("layout", _layout),
    "active_at": ("active_at", moment_reader("active_at")),
}
