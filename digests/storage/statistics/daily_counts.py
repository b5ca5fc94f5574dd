"""Counting by day, and keeping the numbers for years. Nothing that grows for ever is counted twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.daily_count import CountKind, DailyCount, largest
from digests.model.place import PlaceState
from digests.storage.counters import advance
from digests.storage.database import Database
from digests.storage.schema.article_tables import articles
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.media_tables import daily_counts
from digests.storage.schema.place_tables import places, subscriptions

_COUNTED_ARTICLES = "counted articles"
"""The counter that holds the ingest number up to which articles were counted."""
_BATCH = 5_000
_OLDEST = timedelta(days=3 * 366)
"""How far back articles and deliveries are counted that were there before."""
_CHANGING = timedelta(days=7)
_LONGEST_LABEL = 200
_DAY = timedelta(days=1)


class DailyCountStore:
    """Counts by day, in UTC. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, now: datetime) -> None:
        """Write today's numbers, and those of earlier days that are missing or may have changed.

        The first time these are all days of which deliveries and articles are still stored. To repeat it, or to be
        stopped in the middle of it, does no harm.
        """
        today = now.astimezone(UTC).date()
        await self._count_places(today)
        await self._count_deliveries(today)
        while await self._count_articles(today):
            pass

    async def since(self, day: date) -> tuple[DailyCount, ...]:
        """Return the numbers of all days from this one on, the oldest first."""
        query = sa.select(daily_counts).where(daily_counts.c.day >= day.isoformat()).order_by(daily_counts.c.day)

        def work(connection: sa.Connection) -> tuple[DailyCount, ...]:
            known = set(CountKind)
            return tuple(
                DailyCount(date.fromisoformat(row.day), CountKind(row.kind), row.label, row.number)
                for row in connection.execute(query)
                if row.kind in known
            )

        return await self._database.run(work)

    async def tidy(self, before: date) -> None:
        """Delete the numbers of days before this one."""
        async with self._database.write() as connection:
            await connection.execute(sa.delete(daily_counts).where(daily_counts.c.day < before.isoformat()))

    async def _count_places(self, today: date) -> None:
        states = sa.select(places.c.state, sa.func.count()).group_by(places.c.state)
        category = subscriptions.c.category_id
        readers = sa.select(category, sa.func.count()).join(places, places.c.id == subscriptions.c.place_id)
        readers = readers.where(places.c.state == PlaceState.ACTIVE).group_by(category)
        by_state = await self._database.run(partial(_numbers, states))
        by_category = await self._database.run(partial(_numbers, readers))
        async with self._database.write() as connection:
            await self._replace(connection, CountKind.PLACES, {today: by_state})
            await self._replace(connection, CountKind.READERS, {today: by_category})

    async def _count_deliveries(self, today: date) -> None:
        """Count the deliveries of today and yesterday, and of the days before that were never counted.

        Older ones hardly change, and are deleted some day: they keep the numbers that they have.
        """
        day = await self._first_uncounted(today)
        begin = await self._first_id(day)
        while day <= today:
            end = await self._first_id(day + _DAY)
            in_day = (deliveries.c.id >= begin) & (deliveries.c.id < end)
            query = sa.select(deliveries.c.state, sa.func.count()).where(in_day).group_by(deliveries.c.state)
            numbers = await self._database.run(partial(_numbers, query))
            async with self._database.write() as connection:
                await self._replace(connection, CountKind.DELIVERIES, {day: numbers})
            day, begin = day + _DAY, end

    async def _first_uncounted(self, today: date) -> date:
        """Return the day from which on deliveries are to be counted."""
        of_deliveries = daily_counts.c.kind == CountKind.DELIVERIES
        latest = sa.select(sa.func.max(daily_counts.c.day)).where(of_deliveries)
        first = sa.select(deliveries.c.created_at).order_by(deliveries.c.id).limit(1)

        def work(connection: sa.Connection) -> date:
            if counted := connection.scalar(latest):
                # Its last hours may be missing, and its first ones deleted.
                day = date.fromisoformat(counted)
                return day if day >= today - _CHANGING else day + _DAY
            oldest = connection.scalar(first)
            return today if oldest is None else max(oldest.date(), today - _OLDEST)

        return min(await self._database.run(work), today - _DAY)

    async def _first_id(self, day: date) -> int:
        """Return the id from which on deliveries were planned on this day or later.

        Ids are given in the order of time. There is no index on the time, which each of the very many deliveries would
        pay for, but looking for it takes 30 steps among a thousand million.
        """
        moment = datetime.combine(day, time(), UTC)
        last = sa.select(sa.func.max(deliveries.c.id))
        at = sa.bindparam("at", type_=deliveries.c.id.type)
        next_one = sa.select(deliveries.c.id, deliveries.c.created_at).where(deliveries.c.id >= at)
        next_one = next_one.order_by(deliveries.c.id).limit(1)

        def work(connection: sa.Connection) -> int:
            low, high = 0, int(connection.scalar(last) or 0) + 1
            while low < high:
                middle = (low + high) // 2
                row = connection.execute(next_one, {"at": middle}).first()
                if row is None or row.created_at >= moment:
                    high = middle
                else:
                    low = int(row.id) + 1
            return low

        return await self._database.run(work)

    async def _count_articles(self, today: date) -> bool:
        """Count articles that were ingested since the last time; return whether there may be more of them."""
        async with self._database.write() as connection:
            # Whoever counts at the same time waits for this transaction to end.
            counted = await advance(self._database, connection, _COUNTED_ARTICLES, 0)
            query = sa.select(articles.c.ingest, articles.c.shown_at, articles.c.source)
            query = query.where(articles.c.ingest > counted).order_by(articles.c.ingest).limit(_BATCH)
            rows = (await connection.execute(query)).all()
            if not rows:
                return False
            await advance(self._database, connection, _COUNTED_ARTICLES, rows[-1].ingest - counted)
            new: dict[date, Counter[str]] = defaultdict(Counter)
            for row in rows:
                # A post may give a day to come.
                day = min(row.shown_at.date(), today)
                if day >= today - _OLDEST:
                    new[day][row.source[:_LONGEST_LABEL]] += 1
            stored = daily_counts.c.day.in_([day.isoformat() for day in new])
            known = sa.select(daily_counts).where(stored, daily_counts.c.kind == CountKind.ARTICLES)
            for row in await connection.execute(known):
                new[date.fromisoformat(row.day)][row.label] += row.number
            await self._replace(connection, CountKind.ARTICLES, new)
        return len(rows) == _BATCH

    async def _replace(
        self, connection: AsyncConnection, kind: CountKind, numbers: Mapping[date, Mapping[str, int]]
    ) -> None:
        """Replace the stored numbers of these days."""
        rows = [
            {"day": day.isoformat(), "kind": kind, "label": label, "number": number}
            for day, by_label in numbers.items()
            for label, number in largest(by_label).items()
        ]
        days = [day.isoformat() for day in numbers]
        await connection.execute(
            sa.delete(daily_counts).where(daily_counts.c.day.in_(days), daily_counts.c.kind == kind)
        )
        if rows:
            insert = self._database.insert(daily_counts)
            # Another process may count the same day.
            statement = insert.on_conflict_do_update(
                index_elements=["day", "kind", "label"], set_={"number": insert.excluded.number}
            )
            await connection.execute(statement, rows)


def _numbers(query: sa.Select[Any], connection: sa.Connection) -> dict[str, int]:
    """Return what a query counts, by its label."""
    return {str(row[0]): int(row[1]) for row in connection.execute(query)}
