"""Chats as lines of a list, one JSON object each: what `digestbot chats export` writes and `import` reads (pure)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.i18n import LANGUAGES, supported_language
from config.accounts import ACCOUNTS_OF_TELEGRAM, LARGEST_ID
from config.settings import Settings
from digests.errors import InvalidInput
from digests.model.category_tree import SEPARATOR, Category, CategoryTree, canonical
from digests.model.place import EVERY_DAY, MOST_LEAST_ITEMS, Place, PlaceKind, PlaceState
from digests.model.schedule import parse_quiet, parse_times, parse_weekdays, show_quiet, show_times

_MOST_NAMED = 20
_LARGEST_TOPIC = 2**31
_LANGUAGE_CODE = {"zh", "en"}
_LONGEST_TEXT = 1000
"""Far more than Telegram gives a chat's title."""
_YEARS = range(1970, 9000)
_RECENTLY = timedelta(days=1)

CategoryNames = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChatLine:
    """A chat as a line gives it, checked. `categories` are paths, or names as people write them.

    `settings` are the fields of a place that the line tells.
    """

    chat_id: int
    thread_id: int
    kind: PlaceKind
    state: PlaceState | None
    settings: Mapping[str, Any]
    categories: tuple[str | CategoryNames, ...]


def read_lines(text: str, name: str) -> list[ChatLine]:
    """Every line of the file. Raises InvalidInput that names all lines that are wrong, and how."""
    read: dict[tuple[int, int], tuple[int, ChatLine]] = {}
    wrong: list[str] = []
    # Only these end a line: a text in a line may hold what Unicode calls a line's end.
    for number, raw in enumerate(text.split("\n"), 1):
        if not raw.strip():
            continue
        try:
            line = _line(_parsed(raw))
            before, _ = read.setdefault((line.chat_id, line.thread_id), (number, line))
            if before != number:
                raise ValueError(f"is about the same chat as line {before}")
        except ValueError as error:
            wrong.append(f"  {name}, line {number}: {error}")
    if wrong:
        more = [f"  … and {len(wrong) - _MOST_NAMED:,} more"] if len(wrong) > _MOST_NAMED else []
        raise InvalidInput("\n".join(["Nothing was taken in; mend these lines:", *wrong[:_MOST_NAMED], *more]))
    return [line for _, line in read.values()]


def defaults_of(settings: Settings) -> dict[str, Any]:
    """What a new chat has where its line does not tell."""
    return {
        "language": settings.chat.language,
        "time": settings.digest.time,
        "timezone": settings.digest.timezone,
    }


def write_line(place: Place, categories: Sequence[Category], tree: CategoryTree, now: datetime) -> str:
    """A place as a line; what is as it is for most is left out."""
    shown = (
        ("id", place.chat_id, True),
        ("thread", place.thread_id, bool(place.thread_id)),
        ("kind", str(place.kind), place.kind is not _kind_of(place.chat_id)),
        ("title", place.title, bool(place.title)),
        ("state", str(place.state), place.state is not PlaceState.ACTIVE),
        ("reason", place.state_reason, bool(place.state_reason)),
        ("resume_at", _iso(place.resume_at), place.resume_at is not None),
        ("language", place.language, True),
        (
            "categories",
            [_shown_path(category, tree) for category in sorted(categories, key=lambda known: known.path)],
            True,
        ),
        ("time", place.time, True),
        ("timezone", place.timezone, True),
        ("days", [int(day) for day in place.weekdays], place.weekdays != EVERY_DAY),
        ("quiet", place.quiet, bool(place.quiet)),
        ("silent", place.silent, place.silent),
        ("min_items", place.least_items, place.least_items != 1),
        ("active_at", _iso(place.active_at), now - place.active_at > _RECENTLY),
    )
    return json.dumps({name: value for name, value, tells in shown if tells}, ensure_ascii=False)


def _shown_path(category: Category, tree: CategoryTree) -> str | list[str]:
    """As people write it, unless that could be read as another: then its parts."""
    name = SEPARATOR.join(category.path)
    is_plain = all(SEPARATOR not in part and part == part.strip() for part in category.path)
    return name if is_plain and [hit.id for hit in tree.find(name)] == [category.id] else list(category.path)


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def _parsed(raw: str) -> object:
    try:
        return json.loads(raw, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON ({error.msg} at column {error.colno})") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except _ToldTwice:
        raise
    except ValueError:
        raise ValueError("holds a number that is too long") from None


class _ToldTwice(ValueError):  # noqa: N818 - it names the finding
    """Nobody knows which of the two is meant."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _ToldTwice(f"tells {_quoted(twice)} twice")
    return found


def _line(value: object) -> ChatLine:
    if not isinstance(value, dict):
        raise ValueError('must be an object such as {"id": 1, "categories": ["news"]}')
    known = {"id", "thread", "kind", "state", "categories", *_FIELDS}
    if unknown := sorted(set(value) - known):
        named = ", ".join(ascii(name)[1:-1][:40] for name in unknown[:_MOST_NAMED])
        raise ValueError(f"unknown: {named}; known are {', '.join(sorted(known))}")
    chat = _whole(value, "id", "the number that Telegram gives a chat", -LARGEST_ID, LARGEST_ID)
    if not chat:
        raise ValueError("id must be the number that Telegram gives a chat")
    if chat in ACCOUNTS_OF_TELEGRAM:
        raise ValueError(f"id {chat} is {ACCOUNTS_OF_TELEGRAM[chat]}'s, and no reader's")
    return ChatLine(
        chat_id=chat,
        thread_id=_whole(value, "thread", "the number of a forum topic, or 0", -1, _LARGEST_TOPIC),
        kind=_kind(value.get("kind", _kind_of(chat))),
        state=_state(value["state"]) if "state" in value else None,
        settings={column: read(value[name]) for name, (column, read) in _FIELDS.items() if name in value},
        categories=tuple(map(_category, _list(value.get("categories", [])))),
    )


def _whole(value: Mapping[str, object], name: str, what: str, above: int, below: int) -> int:
    number = value.get(name, 0)
    if not isinstance(number, int) or isinstance(number, bool) or not above < number < below:
        raise ValueError(f"{name} {_quoted(number)} must be {what}")
    return number


def _quoted(value: object) -> str:
    """As much of it as names it."""
    try:
        shown = json.dumps(value)
    except (ValueError, RecursionError):
        return "(too large)"
    return shown if len(shown) <= 60 else f"{shown[:60]}…"


def _kind_of(chat_id: int) -> PlaceKind:
    return PlaceKind.PRIVATE if chat_id > 0 else PlaceKind.SUPERGROUP if chat_id < -(10**12) else PlaceKind.GROUP


def _kind(value: object) -> PlaceKind:
    return PlaceKind(_choice("kind", value, [str(kind) for kind in PlaceKind]))


def _state(value: object) -> PlaceState:
    return PlaceState(_choice("state", value, [str(state) for state in PlaceState]))


def _choice(name: str, value: object, choices: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} {_quoted(value)} must be one of {', '.join(choices)}")
    return str(value)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError("categories must be a list of names")
    return value


def _category(value: object) -> str | CategoryNames:
    """A name as people write it, or a path as the list of its parts."""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, str) and part.strip() and _is_text(part) for part in parts) or not parts:
        raise ValueError(f"categories: {_quoted(value)} must be a name, or the list of the names on the way to it")
    if isinstance(value, list):
        return tuple(str(part) for part in parts)
    if not path_of(str(value)):
        raise ValueError(f"categories: {_quoted(value)} names nothing")
    return str(value).strip()


def path_of(name: str) -> CategoryNames:
    """The path that a name says as it stands."""
    return canonical([part.strip() for part in name.split(SEPARATOR)])


def _is_text(value: str) -> bool:
    """Without halves of characters and without controls, one of which parts the names of a stored path."""
    return value.encode(errors="ignore").decode() == value and not any(
        character < " " or character == "\x7f" for character in value
    )


def _text(name: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or value.encode(errors="ignore").decode() != value or "\0" in value:
            raise ValueError(f"{name} {_quoted(value)} must be a text")
        return value[:_LONGEST_TEXT]

    return read


def _language(value: object) -> str:
    plain = value.strip().lower().replace("_", "-").partition("-")[0] if isinstance(value, str) else ""
    if plain not in _LANGUAGE_CODE:
        raise ValueError(f"language {_quoted(value)} must be one of {', '.join(LANGUAGES)}")
    return supported_language(plain)


def _time(value: object) -> str:
    try:
        return show_times(parse_times(str(value)))
    except ValueError:
        raise ValueError(
            f"time {_quoted(value)} must be a time of day such as 07:30, or several: 07:30,18:00"
        ) from None


def _zone(value: object) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (KeyError, ValueError, OSError):
        raise ValueError(f"timezone {_quoted(value)} must be a zone such as Europe/Berlin") from None


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
    raise ValueError(f"days {_quoted(value)} must be days of the week such as [1, 2, 3, 4, 5], where 1 is Monday")


def _quiet(value: object) -> str:
    try:
        return show_quiet(parse_quiet(str(value))) if value != "" else ""
    except ValueError:
        raise ValueError(f'quiet {_quoted(value)} must be hours such as "22:00-07:00", or ""') from None


def _moment(name: str) -> Callable[[object], datetime]:
    def read(value: object) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
            if moment.tzinfo is not None and moment.year in _YEARS:
                return moment.astimezone(UTC)
        except ValueError:
            pass
        raise ValueError(f"{name} {_quoted(value)} must be a moment such as 2026-06-07T18:00:00Z")

    return read


def _silent(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"silent {_quoted(value)} must be true or false")
    return value


def _least(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_LEAST_ITEMS:
        raise ValueError(f"min_items {_quoted(value)} must be a number from 1 to {MOST_LEAST_ITEMS}")
    return value


# What a line may tell besides, with the field of a place that it is.
_FIELDS: Mapping[str, tuple[str, Callable[[object], object]]] = {
    "title": ("title", _text("title")),
    "reason": ("state_reason", _text("reason")),
    "resume_at": ("resume_at", _moment("resume_at")),
    "language": ("language", _language),
    "time": ("time", _time),
    "timezone": ("timezone", _zone),
    "days": ("weekdays", _days),
    "quiet": ("quiet", _quiet),
    "silent": ("silent", _silent),
    "min_items": ("least_items", _least),
    "active_at": ("active_at", _moment("active_at")),
}
