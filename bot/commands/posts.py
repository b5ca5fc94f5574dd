"""`digestbot ingest`, `parse` and `reindex`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from bot.commands.output import print_json, print_table, progress_bar
from bot.runtime.clock import SystemClock
from bot.text.moments import iso
from bot.wiring.feeds import bring_in_feeds, build_feeding
from bot.wiring.stores import Stores, open_stores, scan_stores
from config.load import load_settings
from config.logs import configure_logging
from config.origins import DEFAULT_ORIGIN
from config.settings import Settings
from digests.articles.hexo.neighbours import Neighbours
from digests.articles.reading import footprint_in, read_post
from digests.doctor.health import is_alive
from digests.errors import DigestsError
from digests.feeds.looking_round import LookReport
from digests.ingest.configured import ConfiguredOrigin, build_origins, reading_of
from digests.ingest.ingest import IngestReport
from digests.ingest.parsing import ReadingOptions
from digests.ingest.scan import REINDEX, Scanner, ScanResult, ScanStep
from digests.model.article import ParsedPost, Unreadable
from digests.model.post_folders import POSTS_FOLDER
from digests.offload import process_pool
from digests.origins.folder import FolderOrigin

_STEPS = {ScanStep.READING: "Reading posts", ScanStep.INDEXING: "Making them searchable"}


def ingest_posts(config: Path | None, folder: Path | None, *, as_json: bool) -> None:
    """Scan all configured origins once, with the feeds that are due, or only `folder`; print what was found.

    Raises:
        OriginError: the first one, after all origins were scanned: one that can't be read does not stop the others.
    """
    settings = load_settings(config)
    configure_logging(settings)
    looks, result = asyncio.run(_scan(settings, _origins(settings, folder), with_feeds=folder is None))
    for unreadable in result.unreadable:
        print(f"{unreadable} can't be read: give the bot the right to read it.", file=sys.stderr)
    if result.errors:
        raise result.errors[0]
    _print_report(result.report, looks, as_json=as_json)


def _print_report(report: IngestReport, looks: LookReport, *, as_json: bool) -> None:
    if as_json:
        feeds = {"feeds": asdict(looks) | {"seconds": round(looks.seconds, 3)}} if looks.looked else {}
        fields = asdict(report) | {"seconds": round(report.seconds, 3)}
        # Only an item of a feed is brought, and of feeds the report of their looks tells.
        del fields["brought"]
        print_json(fields | feeds)
        return
    if looks.looked:
        print_table(
            [
                ("feeds looked at", f"{looks.looked:,}"),
                ("not read", f"{looks.failed:,}" + ("  (digestbot doctor names them)" if looks.failed else "")),
                ("new articles of feeds", f"{looks.new:,}"),
                ("changed", f"{looks.changed:,}"),
                ("the same article again", f"{looks.duplicates:,}"),
                ("time", f"{looks.seconds:.1f} s"),
            ]
        )
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
            ("not for readers", f"{report.unlisted:,}"),
            ("time", f"{report.seconds:.1f} s, {rate:,.0f} files/s"),
        ]
    )


def _origins(settings: Settings, folder: Path | None) -> tuple[ConfiguredOrigin, ...]:
    if folder is None:
        return build_origins(settings)
    origin = FolderOrigin(folder, setting="--folder")
    if folder.resolve() != settings.posts.folder.resolve():
        # Its files are recorded separately, or the next scan of posts.folder would take them for deleted.
        origin.name = f"folder:{folder.resolve()}"
    return (ConfiguredOrigin(origin, settings),)


async def _scan(
    settings: Settings, origins: Sequence[ConfiguredOrigin], *, with_feeds: bool
) -> tuple[LookReport, ScanResult]:
    async with open_stores(settings) as stores:
        # Before the posts: the scan makes searchable what came in.
        looks = await _look(settings, stores) if with_feeds else LookReport()
        scanner = Scanner(origins, scan_stores(stores), SystemClock(), strict=True)
        try:
            # Scanning a folder that the bot does not read says nothing about those that it does.
            is_the_bots = origins[0].origin.name == DEFAULT_ORIGIN
            return looks, await scanner.scan(lambda step: progress_bar(_STEPS[step]), record=is_the_bots)
        finally:
            scanner.close()


async def _look(settings: Settings, stores: Stores) -> LookReport:
    """Look at the feeds that are due, unless the running bot does."""

    async def publish() -> None:
        """Do nothing: what came is made searchable with the posts."""

    clock = SystemClock()
    await bring_in_feeds(settings, stores, clock.now())
    if not await stores.feeds.due(clock.now(), 1):
        return LookReport()
    feeding = build_feeding(settings, clock, stores, publish)
    try:
        with progress_bar("Looking at feeds") as progress:
            return await feeding.looker.look_at_due(progress)
    finally:
        for _, step in feeding.closing():
            await step


def rebuild_index(config: Path | None) -> None:
    """Rebuild the search index, or ask the running bot to, since it has the index open; print which."""
    settings = load_settings(config)
    configure_logging(settings)
    print(asyncio.run(_rebuild(settings)))


async def _rebuild(settings: Settings) -> str:
    now = datetime.now(UTC)
    async with open_stores(settings) as stores:
        if await is_alive(stores.people, now):
            await stores.people.note(REINDEX, "asked for", now)
            return "The running bot makes its search index anew at its next look at the posts."
        with process_pool() as offload, progress_bar("Making a new index") as progress:
            taken = await stores.index.rebuild(stores.articles, offload, progress)
    return f"{taken:,} articles are in the search index."


def parse_posts(config: Path | None, paths: list[Path]) -> None:
    """Print each post as a JSON object on its own line; exit with 1 if any can't be read."""
    settings = load_settings(config)
    reading = reading_of(settings)
    now = datetime.now(UTC)
    failed = False
    for files in _together(paths):
        neighbours = _survey(files, reading)
        for path, inside in files:
            shown = _parse(path, inside, reading, now, neighbours)
            failed = failed or shown["title"] is None
            print(json.dumps(shown, ensure_ascii=False))
    if failed:
        sys.exit(1)


def _together(paths: list[Path]) -> Iterator[list[tuple[Path, str]]]:
    """Yield files with their paths below the posts folder, from which a site's links are made.

    The files of a folder come together: they are taken for all posts of a site.
    """
    for path in paths:
        if path.is_dir():
            try:
                files = FolderOrigin(path).files()
            except DigestsError as error:
                print(str(error), file=sys.stderr)
            else:
                yield [(path / file.path, file.path) for file in files]
        else:
            yield [(path, _from_posts(path))]


def _survey(files: list[tuple[Path, str]], reading: ReadingOptions) -> Neighbours | None:
    """Return what the posts of a folder take of their site; None for a single post, which has no neighbours."""
    site = reading.surveys
    if site is None or len(files) < 2:
        return None
    footprints = []
    for path, inside in files:
        with contextlib.suppress(OSError):
            if path.stat().st_size <= reading.max_bytes:
                footprints.append(footprint_in(path.read_bytes(), inside, site))
    return Neighbours(footprints)


def _from_posts(path: Path) -> str:
    parts = PurePosixPath(os.fsencode(path).decode("utf-8", "backslashreplace")).parts
    if POSTS_FOLDER in parts:
        # With the folder itself, by which a name that begins with _ is known for one that the site leaves out.
        return "/".join(parts[len(parts) - 1 - parts[::-1].index(POSTS_FOLDER) :])
    return "/".join(part for part in parts if part not in ("/", ".", ".."))


def _parse(
    path: Path, inside: str, reading: ReadingOptions, now: datetime, neighbours: Neighbours | None
) -> dict[str, Any]:
    try:
        result = _read(path, inside, reading, now, neighbours)
    except OSError as error:
        result = Unreadable(f"the file can't be read: {error.strerror}", "check its name and its rights")
    shown = os.fsencode(path).decode("utf-8", "backslashreplace")
    if isinstance(result, Unreadable):
        where = f"line {result.line}: " if result.line else ""
        print(f"{shown}: {where}{result.cause}. Mend: {result.fix}", file=sys.stderr)
        empty = dict.fromkeys(("title", "categories", "author", "source", "published_at", "thumbnail", "summary"))
        unseen = {"listed": False, "unlisted_because": f"it is put aside: {result.cause}"}
        empty |= dict.fromkeys(("url", "original_url", "branches", "tags"))
        return {"path": shown, **empty, **unseen, "problems": [f"{where}{result.cause}"]}
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
        "branches": [list(branch) for branch in result.branches],
        "tags": list(result.tags),
        "listed": not result.unlisted_because,
        "unlisted_because": result.unlisted_because,
        "problems": list(result.problems),
    }


def _read(
    path: Path, inside: str, reading: ReadingOptions, now: datetime, neighbours: Neighbours | None
) -> ParsedPost | Unreadable:
    size = path.stat().st_size
    if size > reading.max_bytes:
        return Unreadable(f"the file has {size / 1e6:.1f} MB", "make it smaller, or raise posts.max_file_mb")
    return read_post(path.read_bytes(), inside, reading.post, neighbours=neighbours, now=now)
