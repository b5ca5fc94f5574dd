"""Takes new and changed posts into the store. New is what is seen for the first time; dates and paths don't count."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic

from digests.ingest.batch import FirstTimes, IngestPass, read_batch
from digests.ingest.files import in_batches
from digests.ingest.listing import ScanState, Snapshot, folder_of, take_snapshot
from digests.ingest.parsing import ReadingOptions
from digests.ingest.survey import Survey, survey_site
from digests.offload import IN_THREAD, Offload, ahead, in_own_thread
from digests.ports import File, OnProgress, Origin, no_progress
from digests.storage.articles.post_files import KnownFile
from digests.storage.articles.write import IngestStore, WriteCounts

logger = logging.getLogger(__name__)

# Small enough that another writer never waits long for a batch, large enough to share the cost of a commit.
BATCH = 25
MOST_ROUNDS = 3
"""A post with a standing picture often has another one, at the end of its text."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a scan of an origin came to, or those of several together.

    `brought` are the items of a feed whose articles it has not had before, also where another origin has brought them.
    """

    seen: int = 0
    new: int = 0
    changed: int = 0
    duplicates: int = 0
    quarantined: int = 0
    unlisted: int = 0
    brought: int = 0
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
            self.brought + other.brought,
            self.seconds + (other.seconds if isinstance(other, IngestReport) else 0),
        )


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
    read_as = await store.reading(origin.name)
    as_before = read_as == reading.fingerprint or reading.broken
    again = frozenset[str]() if as_before else frozenset(known)
    waiting = [file for file in looked_at if file.path in again or not _unchanged(file, known.get(file.path))]
    survey = Survey()
    if reading.surveys is not None:
        survey, contested = await survey_site(origin, store, files, waiting, reading)
        again |= contested
        chosen = {file.path for file in waiting}
        waiting += [file for file in files if file.path in contested and file.path not in chosen]
    # What was read by other rules before is the same articles: they are known before what is new is compared with them.
    waiting.sort(key=lambda file: file.path not in again)
    # A first look that was cut short is still going on: its posts are no news at the second start either.
    is_first_look = changed is None and (not known or read_as is None)
    first_times = FirstTimes(origin, is_first_look=is_first_look, now=now)
    standing = await store.standing_pictures(origin.name)
    look = IngestPass(origin, files, known, reading, now, again, survey, first_times, standing)
    report, is_settled = await _take_in(look, waiting, store, progress, offload)
    await _forget(look, snapshot, looked_at, store)
    await store.forget_stories(now)
    if not as_before or (reading.broken and waiting):
        await store.note_reading(origin.name, reading.fingerprint, now)
    if is_settled and not reading.broken and files:
        state.keep(snapshot, reading.fingerprint)
    return replace(report, seen=len(files), seconds=monotonic() - started)


async def _take_in(
    look: IngestPass, waiting: Sequence[File], store: IngestStore, progress: OnProgress, offload: Offload
) -> tuple[IngestReport, bool]:
    """Read and write the files that wait, and again those whose picture proves to stand with many posts.

    Return what came of them, and whether none has to be read at the next scan too.
    """
    origin = look.origin.name
    report, is_settled, repeated = await _write_all(look, waiting, store, progress, offload)
    for _ in range(MOST_ROUNDS):
        paths = await store.learn_standing(origin, repeated) if repeated else frozenset()
        if not paths:
            break
        standing = await store.standing_pictures(origin)
        look = replace(look, known=await store.known(origin), again=paths, standing=standing)
        with_picture = [file for file in look.files if file.path in paths]
        # Not in the report: what came in with another picture is no change to anybody.
        _, _, repeated = await _write_all(look, with_picture, store, no_progress, offload)
    return report, is_settled


async def _write_all(
    look: IngestPass, waiting: Sequence[File], store: IngestStore, progress: OnProgress, offload: Offload
) -> tuple[IngestReport, bool, frozenset[str]]:
    origin, report = look.origin.name, IngestReport()
    done, is_settled, repeated = 0, True, frozenset[str]()
    reading_ahead = ahead(in_batches(waiting, BATCH), lambda batch: read_batch(look, batch, offload), offload.ahead)
    async with aclosing(reading_ahead):
        async for batch, (posts, touched) in reading_ahead:
            await store.touch(origin, touched, look.now)
            is_settled = is_settled and all(post.seen.size >= 0 for post in posts)
            if posts:
                counts = await store.write(origin, posts, look.now, look.paths, look.standing)
                report = report.plus(counts)
                repeated |= counts.repeated_pictures
            done += len(batch)
            progress(done, len(waiting))
    return report, is_settled, repeated


async def _forget(look: IngestPass, snapshot: Snapshot, looked_at: Sequence[File], store: IngestStore) -> None:
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


def _unchanged(file: File, seen: KnownFile | None) -> bool:
    return seen is not None and seen.mtime_ns == file.mtime_ns and seen.size == file.size
