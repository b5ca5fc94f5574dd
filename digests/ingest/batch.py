"""Reading a batch of posts, and judging when each article appeared and whether it is news."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial

from digests.articles.dates.plausible import EARLIEST, plausible
from digests.ingest.files import bytes_of
from digests.ingest.parsing import ReadingOptions, parse_some
from digests.ingest.survey import Survey
from digests.model.article import ParsedPost, Unreadable
from digests.offload import Offload, in_own_thread
from digests.ports import File, Origin
from digests.storage.articles.post_files import KnownFile, ReadPost

logger = logging.getLogger(__name__)

UNDATED = EARLIEST
"""When an article is shown whose time nobody knows: after all others."""


class FirstTimes:
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


@dataclass(frozen=True)
class IngestPass:
    """One scan of an origin, as its batches see it."""

    origin: Origin
    files: Sequence[File]
    known: Mapping[str, KnownFile]
    reading: ReadingOptions
    now: datetime
    again: Collection[str]
    survey: Survey
    first_times: FirstTimes
    standing: frozenset[str]

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths of all files that the origin has now."""
        return frozenset(file.path for file in self.files)


def is_fresh(at: datetime | None, now: datetime, max_age: timedelta | None) -> bool:
    """Return whether an article first seen now may be in a digest; `max_age` None: if it has any date at all."""
    return at is not None and (max_age is None or now - at <= max_age)


async def read_batch(
    look: IngestPass, batch: Sequence[File], offload: Offload
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
        results = await offload(
            parse_some, to_parse, look.reading.post, look.now, look.survey.neighbours, look.standing
        )
        if any(isinstance(post, ParsedPost) and plausible(post.published_at, look.now) is None for post in results):
            await look.first_times.load()
        posts += [
            _judge(look, path, seen, result) for (_, path), seen, result in zip(to_parse, seen_as, results, strict=True)
        ]
    return posts, touched


def _read_files(look: IngestPass, batch: Sequence[File]) -> list[tuple[File, bytes | Unreadable]]:
    return [(file, bytes_of(look.origin, file, look.reading.max_bytes)) for file in batch]


def _judge(look: IngestPass, path: str, seen: KnownFile, result: ParsedPost | Unreadable) -> ReadPost:
    own = look.survey.footprints.get(path)
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
        return ReadPost(path, seen, result, fresh=False, shown_at=look.now, footprint=own)
    before = look.known.get(path)
    reread = path in look.again and before is not None and before.hash == seen.hash
    if _is_yet_to_appear(look, result):
        seen = KnownFile(0, -1, "")
    at = plausible(result.published_at, look.now) or look.first_times.of(path)
    fresh = is_fresh(at, look.now, look.reading.max_age)
    shown_at = min(at, look.now) if at is not None else UNDATED
    return ReadPost(path, seen, result, fresh, shown_at, own, reread)


def _is_yet_to_appear(look: IngestPass, result: ParsedPost) -> bool:
    """Return whether the site shows and links the post only when its date comes: it is read again until then."""
    site = look.reading.post.site
    if site is None or site.future or result.url is not None or result.published_at is None:
        return False
    return look.now < result.published_at + timedelta(days=1)
