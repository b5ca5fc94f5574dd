"""What operators measure in the database: short reads, each in one call to another thread."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from digests.model.delivery import DeliveryKind, DeliveryState
from digests.model.feed import FEED_ORIGIN
from digests.model.place import PlaceState
from digests.storage.database import Database
from digests.storage.deliveries.rows import OPEN
from digests.storage.schema.article_tables import articles, posts
from digests.storage.schema.base import facts
from digests.storage.schema.cluster_tables import processes, updates
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.media_tables import article_pictures, mosaics
from digests.storage.schema.place_tables import places

_ALIVE = timedelta(seconds=90)
"""A process that has given no sign of life for longer is not counted."""
_PROBE = "write probe"
# More than the page of a row may have left.
_FILLING = "." * 16_384
_SQLITE_FILES = ("", "-wal", "-shm")
_FAILED = (DeliveryState.FAILED, DeliveryState.UNCERTAIN)
_ENDED = (DeliveryState.SENT, *_FAILED)


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """The deliveries that are open, by state; `due` of them could leave now, and have since `oldest_due_at`."""

    open: Mapping[str, int]
    due: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Measurement:
    """The numbers of the database at one moment. `places`, `pictures` and `mosaics` are by state."""

    queue: QueueDepth
    articles: int
    quarantined: int
    newest_article_at: datetime | None
    places: Mapping[str, int]
    pictures: Mapping[str, int]
    mosaics: Mapping[str, int]
    open_updates: int
    processes: int
    database_bytes: int


class MeasurementStore:
    """Counts what there is, for monitoring and for alerts. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ping(self) -> None:
        """Return when the database has answered."""
        await self._database.run(lambda connection: connection.execute(sa.select(sa.literal(1))).scalar())

    async def try_write(self, now: datetime) -> None:
        """Return when the database has taken something that needs room, and has deleted it again.

        Raises:
            DatabaseAway: The database does not answer.
            StorageError: It takes no writes; the text says why, and what to do.
        """
        row = {"name": _PROBE, "value": _FILLING, "at": now}
        insert = self._database.insert(facts).values(row)
        upsert = insert.on_conflict_do_update(index_elements=["name"], set_={"value": _FILLING, "at": now})

        def work(connection: sa.Connection) -> None:
            connection.execute(upsert)
            connection.execute(sa.delete(facts).where(facts.c.name == _PROBE))

        await self._database.change(work)

    async def measure(self, now: datetime) -> Measurement:
        """Return all numbers; with 100,000 articles and as many chats it takes some tenths of a second."""

        def work(connection: sa.Connection) -> Measurement:
            return Measurement(
                queue=_queue(connection, now),
                articles=int(connection.scalar(sa.select(sa.func.count()).select_from(articles)) or 0),
                quarantined=int(
                    connection.scalar(sa.select(sa.func.count()).select_from(posts).where(posts.c.cause != "")) or 0
                ),
                newest_article_at=connection.scalar(_NEWEST),
                places=_by_state(connection, places),
                pictures=_by_state(connection, article_pictures),
                mosaics=_by_state(connection, mosaics),
                open_updates=int(
                    connection.scalar(
                        sa.select(sa.func.count()).select_from(updates).where(updates.c.done_at.is_(None))
                    )
                    or 0
                ),
                processes=int(
                    connection.scalar(
                        sa.select(sa.func.count()).select_from(processes).where(processes.c.seen_at > now - _ALIVE)
                    )
                    or 0
                ),
                database_bytes=_size(self._database.file, connection),
            )

        return await self._database.run(work)

    async def newest_article_at(self) -> datetime | None:
        """Return when the newest article was first seen."""
        newest: datetime | None = await self._database.run(lambda connection: connection.scalar(_NEWEST))
        return newest

    async def behind_since(self, before: datetime) -> datetime | None:
        """Return since when the oldest digest waits that was due before then, planned or not; None if none does.

        Announcements take as long as they take; admins are shown how far they are.
        """
        waiting = sa.select(sa.func.min(deliveries.c.due_at)).where(
            deliveries.c.due_at < before, deliveries.c.kind != DeliveryKind.ANNOUNCEMENT
        )
        unplanned = sa.select(sa.func.min(places.c.next_at)).where(
            places.c.state == PlaceState.ACTIVE, places.c.next_at < before
        )

        def work(connection: sa.Connection) -> datetime | None:
            found = [connection.scalar(waiting.where(deliveries.c.state == state)) for state in OPEN]
            return min(filter(None, (*found, connection.scalar(unplanned))), default=None)

        return await self._database.run(work)

    async def failures(self, since: datetime, now: datetime) -> tuple[int, int]:
        """Return how many deliveries that were due since then have failed or are uncertain, and how many have ended.

        Those whose chat can't be reached any more count as neither: that a reader left is no failure of ours.
        """
        number = sa.func.count()
        query = (
            sa.select(deliveries.c.state, number)
            .join(places, places.c.id == deliveries.c.place_id)
            .where(
                deliveries.c.state.in_(_ENDED),
                deliveries.c.due_at.between(since, now),
                sa.or_(deliveries.c.state == DeliveryState.SENT, places.c.state != PlaceState.UNREACHABLE),
            )
            .group_by(deliveries.c.state)
        )

        def work(connection: sa.Connection) -> tuple[int, int]:
            counts = {str(state): int(count) for state, count in connection.execute(query)}
            return sum(counts.get(state, 0) for state in _FAILED), sum(counts.values())

        return await self._database.run(work)

    async def source_days(self, since: datetime) -> Mapping[str, Sequence[date]]:
        """Return for each source of posts the days, in UTC and in order, on which it brought an article since then.

        What feeds bring is left out: their health is known better from looks at them.
        """
        day = _day_of(articles.c.first_seen_at, is_sqlite=self._database.is_sqlite)
        query = (
            sa.select(articles.c.source, day)
            .where(articles.c.first_seen_at >= since, sa.not_(articles.c.origin.like(f"{FEED_ORIGIN}%")))
            .distinct()
            .order_by(day)
        )

        def work(connection: sa.Connection) -> dict[str, list[date]]:
            days = defaultdict[str, list[date]](list)
            for source, text in connection.execute(query):
                days[source].append(date.fromisoformat(str(text)))
            return dict(days)

        return await self._database.run(work)


_NEWEST = sa.select(articles.c.first_seen_at).order_by(articles.c.ingest.desc()).limit(1)


def _queue(connection: sa.Connection, now: datetime) -> QueueDepth:
    number, state = sa.func.count(), deliveries.c.state
    open_ = sa.select(state, number).where(state.in_(OPEN)).group_by(state)
    counts = {str(name): int(count) for name, count in connection.execute(open_)}
    due, oldest = 0, list[datetime]()
    for name in OPEN:
        query = sa.select(number, sa.func.min(deliveries.c.due_at)).where(state == name, deliveries.c.due_at <= now)
        count, first = connection.execute(query).one()
        due += int(count)
        oldest += [first] if first is not None else []
    return QueueDepth({name: counts.get(name, 0) for name in OPEN}, due, min(oldest, default=None))


def _by_state(connection: sa.Connection, table: sa.Table) -> dict[str, int]:
    query = sa.select(table.c.state, sa.func.count()).group_by(table.c.state)
    return {str(state): int(number) for state, number in connection.execute(query)}


def _day_of(moment: sa.Column[datetime], *, is_sqlite: bool) -> sa.ColumnElement[Any]:
    """Return the day of a moment in UTC, as ISO text."""
    if is_sqlite:
        return sa.func.date(moment)
    return sa.func.to_char(sa.func.timezone("UTC", moment), "YYYY-MM-DD")


def _size(file: Path | None, connection: sa.Connection) -> int:
    """Return how many bytes the database takes on its disk."""
    if file is None:
        return int(connection.scalar(sa.select(sa.func.pg_database_size(sa.func.current_database()))) or 0)
    total = 0
    for ending in _SQLITE_FILES:
        beside = file.with_name(file.name + ending)
        total += beside.stat().st_size if beside.exists() else 0
    return total
