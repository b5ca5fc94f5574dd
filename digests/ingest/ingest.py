"""Takes new and changed posts into the store. New is what is seen for the first time; dates and paths don't count."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic

from digests.articles.hexo.neighbours import Claim, Neighbours
from digests.articles.reading import claim
from digests.ingest.listing import ScanState, Snapshot, folder_of, take_snapshot
from digests.ingest.parsing import ReadingOptions, parse_some
from digests.model.article import ParsedPost, Unreadable
from digests.offload import IN_THREAD, Offload, ahead, in_own_thread
from digests.ports import File, OnProgress, Origin, no_progress
from digests.storage.articles.post_files import KnownFile, ReadPost
from digests.storage.articles.write import IngestStore, WriteCounts

logger = logging.getLogger(__name__)

# Small enough that another writer never waits long for a batch, large enough to share the cost of a commit.
BATCH = 25
_SURVEYED_AT_ONCE = 500
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)
UNDATED = _EARLIEST
"""When an article is shown whose time nobody knows: after all others."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a scan of an origin came to, or those of several together."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    duplicates: int = 0
    quarantined: int = 0
    unlisted: int = 0
    seconds: float = 0.0

    def plus(self, other: WriteCounts | IngestReport) -> IngestReport:
        """Return both together."""
        return IngestReport(
            self.seen + (other.seen if isinstance(other, IngestReport) else 0),
            self.new + other.new,
            self.changed + other.changed,
            self.duplicates + other.duplicates,
            self.quarantined + other.quarantined,
            self.unlisted + other.unlisted,
            self.seconds + (other.seconds if isinstance(other, IngestReport) else 0),
        )


@dataclass(frozen=True, slots=True)
class Survey:
    """What each post of a site claims of it, and with that which links are contested."""

    claims: Mapping[str, Claim] = field(default_factory=dict)
    neighbours: Neighbours | None = None


class _FirstTimes:
    """When files of an origin first appeared, looked up once it is asked for a post without a date."""

    def __init__(self, origin: Origin, *, is_first_look: bool, now: datetime) -> None:
        self._origin = origin
        self._is_first_look = is_first_look
        self._now = now
        self._times: Mapping[str, datetime] | None = None

    async def load(self) -> None:
        """Look the times up. Raises OriginError."""
        if self._times is None:
            self._times = await in_own_thread(partial(self._origin.first_times, history=self._is_first_look))

    def of(self, path: str) -> datetime | None:
        """Return when the file appeared, which is now where a later look finds it for the first time; else None."""
        found = plausible((self._times or {}).get(path), self._now)
        return found or (None if self._is_first_look else self._now)


@dataclass(frozen=True, slots=True)
class _IngestPass:
    """One scan of an origin, as its batches see it."""

    origin: Origin
    known: Mapping[str, KnownFile]
    reading: ReadingOptions
    now: datetime
    again: Collection[str]
    survey: Survey
    first_times: _FirstTimes
    present: Collection[str]


def plausible(published_at: datetime | None, now: datetime) -> datetime | None:
    """Return the date if it can be true, else None.

    Crawlers give 1970 for seconds that were read as milliseconds, and days to come.
    """
    if published_at is None or not _EARLIEST <= published_at <= now + _AHEAD:
        return None
    return published_at


def is_fresh(at: datetime | None, now: datetime, max_age: timedelta | None) -> bool:
    """Return whether an article first seen now may be in a digest; `max_age` None: if it has any date at all."""
    return at is not None and (max_age is None or now - at <= max_age)


async def ingest(
    origin: Origin,
    store: IngestStore,
    reading: ReadingOptions,
    now: datetime,
    progress: OnProgress = no_progress,
    offload: Offload = IN_THREAD,
    state: ScanState | None = None,
) -> IngestReport:
    """Scan the origin once. Raises OriginError or StorageError; one bad post is one row's trouble.

    `state` is what the last scan of this origin in this process left, and is kept for the next.
    """
    started = monotonic()
    state = state or ScanState()
    snapshot = await in_own_thread(take_snapshot, origin)
    files, changed = snapshot.files, state.changed(snapshot, reading.fingerprint)
    if changed is not None and not changed:
        return IngestReport(seen=len(files), seconds=monotonic() - started)
    state.forget()
    looked_at = snapshot.within(changed)
    known = await store.known(origin.name, changed)
    if changed is not None:
        known = {path: seen for path, seen in known.items() if folder_of(path) in changed}
    as_before = await store.reading(origin.name) == reading.fingerprint or reading.broken
    again = frozenset[str]() if as_before else frozenset(known)
    waiting = [file for file in looked_at if file.path in again or not _unchanged(file, known.get(file.path))]
    survey = Survey()
    if reading.surveys is not None:
        survey, contested = await _survey(origin, store, files, waiting, reading)
        again |= contested
        chosen = {file.path for file in waiting}
        waiting += [file for file in files if file.path in contested and file.path not in chosen]
    # What was read by other rules before is the same articles: they are known before what is new is compared with them.
    waiting.sort(key=lambda file: file.path not in again)
    first_times = _FirstTimes(origin, is_first_look=not known and changed is None, now=now)
    present = {file.path for file in files}
    look = _IngestPass(origin, known, reading, now, again, survey, first_times, present)
    report = IngestReport(seen=len(files))
    done, settled = 0, not reading.broken
    reading_ahead = ahead(_batches(waiting, BATCH), lambda batch: _read_batch(look, batch, offload), offload.ahead)
    async with aclosing(reading_ahead):
        async for batch, (posts, touched) in reading_ahead:
            await store.touch(origin.name, touched, now)
            settled = settled and all(post.seen.size >= 0 for post in posts)
            if posts:
                report = report.plus(await store.write(origin.name, posts, now, present))
            done += len(batch)
            progress(done, len(waiting))
    await _forget(look, snapshot, looked_at, store)
    await store.forget_stories(now)
    if not as_before or (reading.broken and waiting):
        await store.note_reading(origin.name, reading.fingerprint, now)
    if settled and files:
        state.keep(snapshot, reading.fingerprint)
    return replace(report, seconds=monotonic() - started)


async def _forget(look: _IngestPass, snapshot: Snapshot, looked_at: Sequence[File], store: IngestStore) -> None:
    """Forget the files that are gone; all of them at once is rather a disk that is not there."""
    gone = look.known.keys() - {file.path for file in looked_at}
    gone = {path for path in gone if not path.startswith(snapshot.unreadable)} if snapshot.unreadable else gone
    if gone and not snapshot.files:
        logger.warning(
            "all posts of an origin are gone at once; they are not forgotten for that",
            extra={"origin": look.origin.name},
        )
        return
    await store.forget(look.origin.name, gone, look.now, withdraw=look.reading.delete_missing)


async def _survey(
    origin: Origin, store: IngestStore, files: Sequence[File], waiting: Sequence[File], reading: ReadingOptions
) -> tuple[Survey, frozenset[str]]:
    """Return the claims of all posts, and the unchanged ones whose link may differ now that others have changed."""
    before = await store.claims(origin.name)
    fresh: dict[str, Claim] = {}
    for some in _batches(waiting, _SURVEYED_AT_ONCE):
        fresh |= await in_own_thread(_claims, origin, some, reading)
    after = {file.path: fresh.get(file.path) or before.get(file.path, Claim()) for file in files}
    neighbours = Neighbours(after.values())
    survey = Survey(after, neighbours)
    if after == before:
        return survey, frozenset()
    old = Neighbours(before.values())
    return survey, frozenset(
        path for path, claimed in after.items() if path not in fresh and _differs(claimed, old, neighbours)
    )


def _differs(claimed: Claim, before: Neighbours, after: Neighbours) -> bool:
    if claimed.number is not None and before.is_contested(claimed.number) != after.is_contested(claimed.number):
        return True
    return any(before.is_shared(path) != after.is_shared(path) for path in claimed.categories)


def _claims(origin: Origin, files: Sequence[File], reading: ReadingOptions) -> dict[str, Claim]:
    site = reading.post.site
    assert site is not None
    found: dict[str, Claim] = {}
    for file in files:
        data = _bytes_of(origin, file, reading.max_bytes)
        found[file.path] = Claim() if isinstance(data, Unreadable) else claim(data, file.path, site)
    return found


def _unchanged(file: File, seen: KnownFile | None) -> bool:
    return seen is not None and seen.mtime_ns == file.mtime_ns and seen.size == file.size


def _batches(files: Sequence[File], size: int) -> Iterator[Sequence[File]]:
    return (files[start : start + size] for start in range(0, len(files), size))


async def _read_batch(
    look: _IngestPass, batch: Sequence[File], offload: Offload
) -> tuple[list[ReadPost], dict[str, KnownFile]]:
    """Read and parse, off the event loop; return what to write, and the files of which only the times are new."""
    posts: list[ReadPost] = []
    touched: dict[str, KnownFile] = {}
    to_parse: list[tuple[bytes, str]] = []
    seen_as: list[KnownFile] = []
    for file, data in await in_own_thread(_read_files, look, batch):
        if isinstance(data, Unreadable):
            # A permission that is granted changes no file time: without one noted, the next scan tries again.
            seen = (
                KnownFile(0, -1, "") if file.size <= look.reading.max_bytes else KnownFile(file.mtime_ns, file.size, "")
            )
            posts.append(_judge(look, file.path, seen, data))
            continue
        # What changed while it was read is read again at the next scan.
        whole = len(data) == file.size
        seen = KnownFile(file.mtime_ns if whole else 0, file.size if whole else -1, hashlib.sha256(data).hexdigest())
        before = look.known.get(file.path)
        if before is not None and before.hash == seen.hash and file.path not in look.again:
            touched[file.path] = seen
        else:
            to_parse.append((data, file.path))
            seen_as.append(seen)
    if to_parse:
        results = await offload(parse_some, to_parse, look.reading.post, look.now, look.survey.neighbours)
        if any(isinstance(post, ParsedPost) and plausible(post.published_at, look.now) is None for post in results):
            await look.first_times.load()
        posts += [
            _judge(look, path, seen, result) for (_, path), seen, result in zip(to_parse, seen_as, results, strict=True)
        ]
    return posts, touched


def _read_files(look: _IngestPass, batch: Sequence[File]) -> list[tuple[File, bytes | Unreadable]]:
    return [(file, _bytes_of(look.origin, file, look.reading.max_bytes)) for file in batch]


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


def _judge(look: _IngestPass, path: str, seen: KnownFile, result: ParsedPost | Unreadable) -> ReadPost:
    own = look.survey.claims.get(path)
    if isinstance(result, Unreadable):
        logger.warning(
            "post put aside",
            extra={
                "origin": look.origin.name,
                "path": path,
                "line": result.line,
                "cause": result.cause,
                "mend": result.fix,
            },
        )
        return ReadPost(path, seen, result, fresh=False, shown_at=look.now, claim=own)
    before = look.known.get(path)
    reread = path in look.again and before is not None and before.hash == seen.hash
    if _is_yet_to_appear(look, result):
        seen = KnownFile(0, -1, "")
    at = plausible(result.published_at, look.now) or look.first_times.of(path)
    fresh = is_fresh(at, look.now, look.reading.max_age)
    shown_at = min(at, look.now) if at is not None else UNDATED
    return ReadPost(path, seen, result, fresh, shown_at, own, reread)


def _is_yet_to_appear(look: _IngestPass, result: ParsedPost) -> bool:
    """Return whether the site shows and links the post only when its date comes: it is read again until then."""
    site = look.reading.post.site
    if site is None or site.future or result.url is not None or result.published_at is None:
        return False
    return look.now < result.published_at + timedelta(days=1)
