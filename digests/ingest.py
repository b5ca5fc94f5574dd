"""New and changed posts -> store. What is first seen is new; dates and paths don't count."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from time import monotonic

from digests.articles import SiteRules, read_post
from digests.ports import File, Origin, Progress, no_progress
from digests.storage.ingest import IngestStore, ReadPost, Seen, Written
from digests.types import Parsed, Unreadable

logger = logging.getLogger(__name__)

# Small enough that another writer never waits long for a batch, large enough to share the cost of a commit.
_BATCH = 25
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Reading:
    """How posts are to be read."""

    site: SiteRules | None = None
    timezone: tzinfo = UTC
    max_age: timedelta | None = timedelta(days=3)
    max_bytes: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Report:
    """What a look through an origin came to."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    duplicates: int = 0
    quarantined: int = 0
    seconds: float = 0.0

    def plus(self, written: Written) -> Report:
        return Report(
            self.seen,
            self.new + written.new,
            self.changed + written.changed,
            self.duplicates + written.duplicates,
            self.quarantined + written.quarantined,
            self.seconds,
        )


def plausible(published_at: datetime | None, now: datetime) -> datetime | None:
    """The date when it can be true. Crawlers give 1970 for seconds read as milliseconds, and days to come."""
    if published_at is None or not _EARLIEST <= published_at <= now + _AHEAD:
        return None
    return published_at


def is_fresh(published_at: datetime | None, now: datetime, max_age: timedelta | None) -> bool:
    """Whether an article first seen now may be in a digest; `max_age` None: always."""
    published = plausible(published_at, now)
    return max_age is None or published is None or now - published <= max_age


async def ingest(
    origin: Origin, store: IngestStore, reading: Reading, now: datetime, progress: Progress = no_progress
) -> Report:
    """Looks the origin through once. Raises OriginError or StorageError; one bad post is one row's trouble."""
    started = monotonic()
    files = await asyncio.to_thread(origin.files)
    known = await store.known(origin.name)
    waiting = [file for file in files if not _unchanged(file, known.get(file.path))]
    report = Report(seen=len(files))
    done = 0
    for batch in _batches(waiting):
        posts, touched = await asyncio.to_thread(_read_batch, origin, batch, known, reading, now)
        await store.touch(origin.name, touched, now)
        if posts:
            report = report.plus(await store.write(origin.name, posts, now))
        done += len(batch)
        progress(done, len(waiting))
    gone = known.keys() - {file.path for file in files}
    await store.forget(origin.name, gone)
    await store.forget_stories(now)
    return Report(report.seen, report.new, report.changed, report.duplicates, report.quarantined, monotonic() - started)


def _unchanged(file: File, seen: Seen | None) -> bool:
    return seen is not None and (seen.mtime_ns, seen.size) == (file.mtime_ns, file.size)


def _batches(files: Sequence[File]) -> Iterator[Sequence[File]]:
    return (files[start : start + _BATCH] for start in range(0, len(files), _BATCH))


def _read_batch(
    origin: Origin, batch: Sequence[File], known: Mapping[str, Seen], reading: Reading, now: datetime
) -> tuple[list[ReadPost], dict[str, Seen]]:
    """Reads and parses, in a thread: what is to be written, and the files of which only the times are new."""
    posts: list[ReadPost] = []
    touched: dict[str, Seen] = {}
    for file in batch:
        data = _bytes_of(origin, file, reading.max_bytes)
        if isinstance(data, Unreadable):
            # A right that is given changes no file time: without one noted, the next look tries again.
            seen = Seen(0, -1, "") if file.size <= reading.max_bytes else Seen(file.mtime_ns, file.size, "")
            posts.append(_judge(file.path, seen, data, reading, now))
            continue
        seen = Seen(file.mtime_ns, file.size, hashlib.sha256(data).hexdigest())
        before = known.get(file.path)
        if before is not None and before.hash == seen.hash:
            touched[file.path] = seen
        else:
            result = read_post(data, file.path, site=reading.site, timezone=reading.timezone)
            posts.append(_judge(file.path, seen, result, reading, now))
    return posts, touched


def _bytes_of(origin: Origin, file: File, max_bytes: int) -> bytes | Unreadable:
    if file.size > max_bytes:
        return Unreadable(
            f"the file has {file.size / 1e6:.1f} MB, more than {max_bytes / 1e6:g} MB",
            "make it smaller, or raise posts.max_file_mb",
        )
    try:
        return origin.read(file)
    except OSError as error:
        return Unreadable(f"the file can't be read: {error.strerror}", "give the bot the right to read it")


def _judge(path: str, seen: Seen, result: Parsed | Unreadable, reading: Reading, now: datetime) -> ReadPost:
    if isinstance(result, Unreadable):
        logger.warning(
            "post put aside", extra={"path": path, "line": result.line, "cause": result.cause, "mend": result.mend}
        )
        return ReadPost(path, seen, result, fresh=False, shown_at=now)
    shown_at = plausible(result.published_at, now) or now
    return ReadPost(path, seen, result, is_fresh(result.published_at, now, reading.max_age), min(shown_at, now))
