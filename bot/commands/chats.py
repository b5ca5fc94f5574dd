"""`digestbot chats import` and `export`: one JSON object a line."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.commands.printing import print_table
from bot.texts import LANGUAGES
from bot.wiring import Rooms, open_rooms
from config.load import load_settings
from config.settings import Settings
from digests.categories import SEPARATOR, canonical
from digests.errors import InvalidInput
from digests.schedule import next_slot, parse_times, read_rhythm, show_times
from digests.storage.places import Newcomer
from digests.storage.private_files import write_private
from digests.types import CategoryId, PlaceKind

_KEYS = {"id", "thread", "language", "categories", "time", "timezone"}
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A chat as a line of the file gives it, checked."""

    newcomer: Newcomer
    categories: tuple[str, ...]


def import_file(config: Path | None, file: Path) -> None:
    settings = load_settings(config)
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{file} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file} must be UTF-8 text; byte {error.start} is not.") from error
    lines = read_lines(text, settings, file.name)
    taken, made = asyncio.run(_import(settings, lines))
    print_table([("chats taken in", f"{taken:,}"), ("categories without articles so far", f"{made:,}")])


def read_lines(text: str, settings: Settings, name: str) -> list[Line]:
    """Every line of the file. Raises InvalidInput that names all lines that are wrong, and how."""
    read: list[Line] = []
    wrong: list[str] = []
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip():
            continue
        try:
            read.append(_line(json.loads(raw), settings))
        except json.JSONDecodeError as error:
            wrong.append(f"  {name}, line {number}: is not JSON ({error.msg} at column {error.colno})")
        except ValueError as error:
            wrong.append(f"  {name}, line {number}: {error}")
    if wrong:
        more = [f"  … and {len(wrong) - _MOST_NAMED:,} more"] if len(wrong) > _MOST_NAMED else []
        raise InvalidInput("\n".join(["Nothing was taken in; mend these lines:", *wrong[:_MOST_NAMED], *more]))
    return read


def _line(value: object, settings: Settings) -> Line:
    if not isinstance(value, dict):
        raise ValueError('must be an object such as {"id": 1, "categories": ["news"]}')
    if unknown := sorted(set(value) - _KEYS):
        raise ValueError(f"unknown: {', '.join(unknown)}; known are {', '.join(sorted(_KEYS))}")
    chat, thread = value.get("id"), value.get("thread", 0)
    if not isinstance(chat, int) or isinstance(chat, bool) or chat == 0 or not -(2**52) < chat < 2**52:
        raise ValueError(f"id {chat!r} must be the number that Telegram gives a chat")
    if not isinstance(thread, int) or isinstance(thread, bool) or thread < 0:
        raise ValueError(f"thread {thread!r} must be the number of a forum topic, or 0")
    language = value.get("language", settings.chat.language)
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r} must be one of {', '.join(LANGUAGES)}")
    categories = value.get("categories", [])
    if not isinstance(categories, list) or not all(isinstance(one, str) and one.strip() for one in categories):
        raise ValueError("categories must be a list of names")
    timezone = value.get("timezone", settings.digest.timezone)
    newcomer = Newcomer(
        chat_id=chat,
        thread_id=thread,
        kind=PlaceKind.PRIVATE if chat > 0 else PlaceKind.SUPERGROUP if chat < -(10**12) else PlaceKind.GROUP,
        title="",
        language=language,
        time=_time(value.get("time", settings.digest.time)),
        timezone=_zone(timezone),
    )
    return Line(newcomer, tuple(one.strip() for one in categories))


def _time(value: object) -> str:
    try:
        return show_times(parse_times(str(value)))
    except ValueError:
        raise ValueError(f"time {value!r} must be a time of day such as 07:30, or several: 07:30,18:00") from None


def _zone(value: object) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (KeyError, ValueError, OSError):
        raise ValueError(f"timezone {value!r} must be a zone such as Europe/Berlin") from None


async def _import(settings: Settings, lines: Iterable[Line]) -> tuple[int, int]:
    now = datetime.now(UTC)
    async with open_rooms(settings) as rooms:
        known, made = await _categories(rooms, {name for line in lines for name in line.categories})
        taken = await rooms.places.bring(
            (
                (
                    line.newcomer,
                    frozenset(known[name] for name in line.categories),
                    next_slot(now, read_rhythm(line.newcomer.time, line.newcomer.timezone)),
                )
                for line in lines
            ),
            now,
        )
    return taken, made


async def _categories(rooms: Rooms, names: set[str]) -> tuple[dict[str, CategoryId], int]:
    """The ids of the names; what is not there yet is made, since a first import may come before the first post."""
    tree = await rooms.categories.tree()
    known: dict[str, CategoryId] = {}
    missing: dict[str, tuple[str, ...]] = {}
    for name in sorted(names):
        hits = tree.find(name)
        if len(hits) > 1:
            shown = ", ".join(SEPARATOR.join(one.path) for one in hits[:8])
            raise InvalidInput(f"Nothing was taken in: the category “{name}” may mean {shown}.")
        if hits:
            known[name] = hits[0].id
        else:
            missing[name] = canonical([part.strip() for part in name.split(SEPARATOR)])
    made = await rooms.categories.ensure(set(missing.values()))
    known.update({name: made[path] for name, path in missing.items()})
    return known, len(missing)


def export_file(config: Path | None, file: Path | None) -> None:
    rows = asyncio.run(_export(load_settings(config)))
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if file is None:
        sys.stdout.write(text)
        return
    try:
        write_private(file, text)
    except OSError as error:
        raise InvalidInput(f"{file} can't be written: {error.strerror}.") from error
    print(f"{len(rows):,} chats are in {file}.")


async def _export(settings: Settings) -> list[dict[str, Any]]:
    async with open_rooms(settings) as rooms:
        tree = await rooms.categories.tree()
        return [
            {
                "id": place.chat_id,
                **({"thread": place.thread_id} if place.thread_id else {}),
                "language": place.language,
                "categories": sorted(SEPARATOR.join(one.path) for one in map(tree.get, wanted) if one),
                "time": place.time,
                "timezone": place.timezone,
            }
            for place, wanted in await rooms.places.export()
        ]
