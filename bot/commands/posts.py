"""`digestbot ingest` and `digestbot parse`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from bot.checkup import REINDEX, is_alive
from bot.commands.printing import iso, print_json, print_table, progress_bar
from bot.wiring import open_rooms, reading_of
from config.load import load_settings
from config.logs import configure_logging
from config.settings import Settings
from digests.articles import read_post
from digests.errors import DigestsError
from digests.ingest import Reading, Report, ingest
from digests.origins.folder import FolderOrigin
from digests.ports import Progress
from digests.types import Parsed, Unreadable

_POSTS_FOLDER = "_posts"


def ingest_posts(config: Path | None, folder: Path | None, *, as_json: bool) -> None:
    settings = load_settings(config)
    configure_logging(settings)
    with progress_bar("Reading posts") as progress:
        report = asyncio.run(_ingest(settings, _origin(settings, folder), progress))
    if as_json:
        print_json(asdict(report) | {"seconds": round(report.seconds, 3)})
        return
    rate = report.seen / report.seconds if report.seconds else 0
    print_table(
        [
            ("files seen", f"{report.seen:,}"),
            ("new articles", f"{report.new:,}"),
            ("changed", f"{report.changed:,}"),
            ("the same article again", f"{report.duplicates:,}"),
            (
                "put aside",
                f"{report.quarantined:,}" + ("  (digestbot doctor names them)" if report.quarantined else ""),
            ),
            ("time", f"{report.seconds:.1f} s, {rate:,.0f} files/s"),
        ]
    )


def _origin(settings: Settings, folder: Path | None) -> FolderOrigin:
    origin = FolderOrigin(folder or settings.posts.folder)
    if folder is not None and folder.resolve() != settings.posts.folder.resolve():
        # Its files are remembered apart, or the next scan of posts.folder would take them for deleted ones.
        origin.name = f"folder:{folder.resolve()}"
    return origin


async def _ingest(settings: Settings, origin: FolderOrigin, progress: Progress) -> Report:
    reading = reading_of(settings)
    async with open_rooms(settings) as rooms:
        report = await ingest(origin, rooms.posts, reading, datetime.now(UTC), progress)
        await rooms.index.update(rooms.articles)
    return report


def rebuild_index(config: Path | None) -> None:
    settings = load_settings(config)
    configure_logging(settings)
    print(asyncio.run(_rebuild(settings)))


async def _rebuild(settings: Settings) -> str:
    now = datetime.now(UTC)
    async with open_rooms(settings) as rooms:
        if await is_alive(rooms.people, now):
            await rooms.people.note(REINDEX, "asked for", now)
            return "The running bot makes its search index anew at its next look at the posts."
        return f"{await rooms.index.rebuild(rooms.articles):,} articles are in the search index."


def parse_posts(config: Path | None, paths: list[Path]) -> None:
    """Prints every post; exits with 1 when one of them can't be read."""
    settings = load_settings(config)
    reading = reading_of(settings)
    failed = False
    for path, inside in _files(paths):
        shown = _parse(path, inside, reading)
        failed = failed or shown["title"] is None
        print(json.dumps(shown, ensure_ascii=False))
    if failed:
        sys.exit(1)


def _files(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    """Each file and its path below the folder where posts lie, from which a site's links are made."""
    for path in paths:
        if path.is_dir():
            try:
                for file in FolderOrigin(path).files():
                    yield path / file.path, file.path
            except DigestsError as error:
                print(str(error), file=sys.stderr)
        else:
            yield path, _below_posts(path)


def _below_posts(path: Path) -> str:
    parts = PurePosixPath(os.fsencode(path).decode("utf-8", "backslashreplace")).parts
    if _POSTS_FOLDER in parts:
        return "/".join(parts[len(parts) - parts[::-1].index(_POSTS_FOLDER) :])
    return "/".join(part for part in parts if part not in ("/", ".", ".."))


def _parse(path: Path, inside: str, reading: Reading) -> dict[str, Any]:
    try:
        result = _read(path, inside, reading)
    except OSError as error:
        result = Unreadable(f"the file can't be read: {error.strerror}", "check its name and its rights")
    shown = os.fsencode(path).decode("utf-8", "backslashreplace")
    if isinstance(result, Unreadable):
        where = f"line {result.line}: " if result.line else ""
        print(f"{shown}: {where}{result.cause}. Mend: {result.mend}", file=sys.stderr)
        empty = dict.fromkeys(("title", "categories", "author", "source", "published_at", "thumbnail", "summary"))
        return {"path": shown, **empty, "url": None, "original_url": None, "problems": [f"{where}{result.cause}"]}
    return {
        "path": shown,
        "title": result.title,
        "categories": list(result.categories),
        "author": result.author,
        "source": result.source,
        "published_at": iso(result.published_at),
        "thumbnail": result.thumbnail,
        "summary": result.summary,
        "url": result.url,
        "original_url": result.original_url,
        "problems": list(result.problems),
    }


def _read(path: Path, inside: str, reading: Reading) -> Parsed | Unreadable:
    size = path.stat().st_size
    if size > reading.max_bytes:
        return Unreadable(f"the file has {size / 1e6:.1f} MB", "make it smaller, or raise posts.max_file_mb")
    return read_post(path.read_bytes(), inside, site=reading.site, timezone=reading.timezone)
