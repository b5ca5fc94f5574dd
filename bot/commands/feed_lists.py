"""`digestbot feeds import` and `export`: OPML files."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from bot.commands.open_book import open_feed_book
from bot.commands.output import print_table, progress_bar
from config.load import load_settings
from config.settings import Settings
from digests.errors import InvalidInput
from digests.feeds.results import OpmlPreview
from digests.model.audit import BY_THE_OPERATOR, AuditAct
from digests.model.category_tree import SEPARATOR
from digests.model.feed_refusal import FeedRefusal, FeedRefused
from digests.origins.feed.opml import MOST_BYTES
from digests.storage.files.private_files import write_private

_SHOWN = 50


def import_feed_list(config: Path | None, file: Path, *, dry_run: bool) -> None:
    """Import the feeds of an OPML file, and print how many there were, and what could not be used.

    Raises:
        InvalidInput: The file can't be read, or is no OPML. Nothing is imported then.
    """
    settings = load_settings(config)
    data = _read(file)
    asyncio.run(_import(settings, file, data, dry_run=dry_run))


def _read(file: Path) -> bytes:
    try:
        if file.exists() and not file.is_file():
            # Reading from a device or a named pipe might never end.
            raise InvalidInput(f"{file} is not a file: give the name of an OPML file.")
        with file.open("rb") as opened:
            # One byte more than may be read shows that there is more.
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"{file} can't be read: {error.strerror}.") from error


async def _import(settings: Settings, file: Path, data: bytes, *, dry_run: bool) -> None:
    async with open_feed_book(settings) as (book, stores):
        try:
            preview = await book.preview_opml(data)
        except FeedRefused as error:
            raise InvalidInput(f"{file}: {error}") from error
        for problem in preview.problems:
            print(problem, file=sys.stderr)
        added, known = len(preview.new), len(preview.known)
        if not dry_run:
            with progress_bar("Adding feeds") as progress:
                imported = await book.import_opml(preview, progress)
            added, known = imported.added, imported.known
            if added:
                await stores.audit.add(BY_THE_OPERATOR, AuditAct.IMPORT_FEEDS, {"feeds": added}, datetime.now(UTC))
    _print_counts(preview, "feeds that would be added" if dry_run else "feeds added", added, known)
    if dry_run:
        _print_categories(preview)
    _print_refused(preview)


def _print_counts(preview: OpmlPreview, what: str, added: int, known: int) -> None:
    print_table(
        [
            (what, f"{added:,}"),
            ("in categories", f"{len(preview.categories):,}"),
            ("there already", f"{known:,}"),
            ("twice in the file", f"{preview.doubles:,}"),
            ("that can't be used", f"{len(preview.refused):,}"),
        ]
    )


def _print_categories(preview: OpmlPreview) -> None:
    """Print how many feeds would go into each category."""
    counts = Counter(feed.category for feed in preview.new if feed.category)
    if counts:
        print("\nCategories:")
    for path, count in counts.most_common(_SHOWN):
        print(f"{count:>5,}  {SEPARATOR.join(path)}")
    if (more := len(counts) - _SHOWN) > 0:
        print(f"and {more:,} more")


def _print_refused(preview: OpmlPreview) -> None:
    if not preview.refused:
        return
    print("\nThese can't be used:", file=sys.stderr)
    for outline in preview.refused[:_SHOWN]:
        named = " ".join(part for part in (outline.title, outline.address) if part)
        print(f"- {named}: {refusal_sentence(outline.reason)}", file=sys.stderr)
    if (more := len(preview.refused) - _SHOWN) > 0:
        print(f"- and {more:,} more", file=sys.stderr)


def refusal_sentence(reason: FeedRefusal) -> str:
    """Return what a refusal means, for an operator."""
    return str(FeedRefused(reason))


def export_feed_list(config: Path | None, output: Path | None) -> None:
    """Write all feeds as OPML to a file, or to standard output.

    Raises:
        InvalidInput: The file can't be written.
    """
    text, count = asyncio.run(_export(load_settings(config)))
    if output is None:
        sys.stdout.write(text)
        return
    try:
        write_private(output, text)
    except OSError as error:
        raise InvalidInput(f"{output} can't be written: {error.strerror}.") from error
    print(f"{count:,} feed{'s are' if count != 1 else ' is'} in {output}.")


async def _export(settings: Settings) -> tuple[str, int]:
    async with open_feed_book(settings) as (book, _):
        return (await book.export_opml()).decode(), len(await book.all())
