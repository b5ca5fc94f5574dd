"""`digestbot chats import` and `export`: one JSON object per line."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.chat_files.fields import path_of
from bot.chat_files.lines import ChatLine, defaults_of, read_lines, write_line
from bot.chat_files.wishes import WishLine
from bot.commands.output import print_table
from bot.wiring.stores import Stores, open_stores
from config.load import load_settings
from config.settings import Settings
from digests.errors import InvalidInput
from digests.model.category_tree import SEPARATOR
from digests.model.chat_import import ImportedChat, ImportedWish
from digests.model.ids import CategoryId
from digests.model.wish import Matter, Subject
from digests.storage.files.private_files import write_private
from digests.wishes.canonical import words_subject

Name = str | tuple[str, ...]


def import_file(config: Path | None, file: Path) -> None:
    """Import the chats of a file, all or none, and print how many there were.

    Raises:
        InvalidInput: when the file can't be read, or a line of it is wrong.
    """
    settings = load_settings(config)
    try:
        if file.exists() and not file.is_file():
            # Reading from a device or a named pipe might never end.
            raise InvalidInput(f"{file} is not a file: write the chats into one, and give its name.")
        # Some editors begin a file with a byte order mark.
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidInput(f"{file} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file} must be UTF-8 text; byte {error.start} is not.") from error
    taken, made = asyncio.run(_import(settings, read_lines(text, file.name)))
    print_table([("chats taken in", f"{taken:,}"), ("categories without articles so far", f"{made:,}")])


async def _import(settings: Settings, lines: Sequence[ChatLine]) -> tuple[int, int]:
    async with open_stores(settings) as stores:
        known, made = await _categories(stores, {name for line in lines for name in line.named})
        chats = [
            ImportedChat(
                chat_id=line.chat_id,
                thread_id=line.thread_id,
                kind=line.kind,
                state=line.state,
                settings={**line.settings, **({"topic_of": known[line.topic_of]} if line.topic_of else {})},
                defaults=defaults_of(settings, line.kind),
                categories=frozenset(known[name] for name in line.categories),
                wishes=tuple(_wish(wish, known) for wish in line.wishes),
                saved=line.saved,
            )
            for line in lines
        ]
        return await stores.chat_imports.import_chats(chats, datetime.now(UTC)), made


def _wish(line: WishLine, known: Mapping[Name, CategoryId]) -> ImportedWish:
    """Return a wish of a line; its words were read with the line."""
    match line.matter:
        case Matter.CATEGORY:
            subject = Subject.of_category(known[line.about])
        case Matter.WORDS:
            subject = words_subject(str(line.about))
        case Matter.SOURCE:
            subject = Subject(Matter.SOURCE, str(line.about))
    return ImportedWish(line.kind, subject, line.at_once, line.most, line.until)


async def _categories(stores: Stores, names: Iterable[Name]) -> tuple[dict[Name, CategoryId], int]:
    """Return the ids of the names. Creates missing categories: the first import may come before the first post."""
    tree = await stores.categories.tree()
    known: dict[Name, CategoryId] = {}
    missing: dict[Name, tuple[str, ...]] = {}
    for name in names:
        if isinstance(name, tuple):
            missing[name] = name
            continue
        hits = tree.find(name)
        if len(hits) > 1:
            shown = ", ".join(SEPARATOR.join(category.path) for category in hits[:8])
            raise InvalidInput(f"Nothing was imported: the category “{name}” may mean {shown}.")
        if hits:
            known[name] = hits[0].id
        else:
            missing[name] = path_of(name)
    before = len(tree)
    made = await stores.categories.ensure(set(missing.values()))
    known.update({name: made[path] for name, path in missing.items()})
    return known, len(await stores.categories.tree()) - before


def export_file(config: Path | None, file: Path | None) -> None:
    """Write all chats to a file, or to standard output.

    Raises:
        InvalidInput: when the file can't be written.
    """
    lines = asyncio.run(_export(load_settings(config)))
    text = "".join(f"{line}\n" for line in lines)
    if file is None:
        sys.stdout.write(text)
        return
    try:
        write_private(file, text)
    except OSError as error:
        raise InvalidInput(f"{file} can't be written: {error.strerror}.") from error
    print(f"{len(lines):,} chats are in {file}.")


async def _export(settings: Settings) -> list[str]:
    now = datetime.now(UTC)
    async with open_stores(settings) as stores:
        tree = await stores.categories.tree()
        return [
            write_line(
                exported.place,
                [found for number in exported.categories if (found := tree.get(number))],
                exported.wishes,
                exported.saved,
                tree,
                now,
                exported.lost_from,
            )
            for exported in await stores.own_data.export()
        ]
