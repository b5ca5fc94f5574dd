"""What became of articles' pictures. Each step is one transaction, so that it may be interrupted anywhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digests.model.ids import ArticleId
from digests.model.picture import (
    REPEATED,
    PictureDelayed,
    PictureDropped,
    PictureFailed,
    PictureKept,
    PictureVerdict,
    WantedPicture,
    picture_retry,
    picture_waits,
)
from digests.storage.articles.wanted_pictures import WAITING, host_of, want_pictures
from digests.storage.bulk import batches
from digests.storage.database import Database
from digests.storage.media.progress import (
    DELAYED,
    DROPPED,
    FAILED,
    KEPT,
    PictureRow,
    PictureSteps,
    address_key,
    known_verdicts,
    picture_rows,
)
from digests.storage.media.repeats import known_repeats, learn_repeats
from digests.storage.schema.article_tables import article_categories, articles
from digests.storage.schema.media_tables import article_pictures, fetched_pictures, kept_pictures

_PER_HOST = 50
_TIRED = 500
_LATEST = 20_000
"""Among how many articles the latest of each category are looked for."""


@dataclass(frozen=True, slots=True)
class PictureSettled:
    """What came of an address for the articles that wait for it. `is_new`: it was asked for that just now."""

    address: str
    verdict: PictureVerdict
    articles: Sequence[ArticleId]
    is_new: bool = True


class PictureStore:
    """Stores articles' pictures. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: datetime, limit: int) -> list[WantedPicture]:
        """Return what is due, the newest articles first, and of no host so much that others get no turn."""
        rows = article_pictures.c
        number = sa.func.row_number().over(partition_by=rows.host, order_by=rows.article_id.desc()).label("number")
        due = sa.select(rows.article_id, number).where(rows.state == WAITING, rows.next_at <= now).subquery()
        query = (
            sa.select(rows.article_id, rows.candidates, rows.at)
            .join(due, due.c.article_id == rows.article_id)
            .where(due.c.number <= _PER_HOST)
            .order_by(rows.article_id.desc())
            .limit(limit)
        )

        def read(connection: sa.Connection) -> tuple[list[PictureRow], Mapping[str, PictureVerdict]]:
            found = [PictureRow(*row) for row in connection.execute(query)]
            return found, known_verdicts(connection, {row.address for row in found}, now)

        found, known = await self._database.run(read)
        return [
            WantedPicture(
                ArticleId(row.article), row.address, host_of(row.address), known.get(address_key(row.address))
            )
            for row in found
        ]

    async def settle(self, settled: Sequence[PictureSettled], now: datetime) -> frozenset[str]:
        """Write down what came of some addresses; what is dropped or failed makes way for the article's next.

        The files of kept pictures must be in the folder by then. Return the keys of those that are not needed there.
        """
        return await self._database.change(lambda connection: self._settle(connection, settled, now))

    async def leave_alone(self, host: str, trouble: PictureDelayed, now: datetime) -> None:
        """Put off all that is due at a host that does not answer, in one go and without asking it for each.

        What was put off too often makes way for the article's next, some hundreds at a time: the others stay due.
        """
        rows = article_pictures.c
        waits = dict(enumerate(picture_waits(trouble.wait)))
        moments = [(rows.tries == tries, sa.literal(now + wait, rows.next_at.type)) for tries, wait in waits.items()]
        due = (rows.state == WAITING, rows.host == host, rows.next_at <= now)
        put_off = sa.update(article_pictures).where(*due, rows.tries < len(waits))
        values = {"tries": rows.tries + 1, "reason": trouble.reason, "next_at": sa.case(*moments)}
        tired = sa.select(rows.article_id, rows.candidates, rows.at).where(*due).limit(_TIRED).with_for_update()

        def change(connection: sa.Connection) -> None:
            connection.execute(put_off.values(values))
            steps = PictureSteps(now)
            steps.move_on([PictureRow(*row) for row in connection.execute(tired)], trouble.reason, FAILED)
            steps.write(connection)

        await self._database.change(change)

    async def adopt(self, since: datetime, latest: int, now: datetime) -> int:
        """Want the thumbnails of articles that no row was written for, and return how many those are.

        They came in before pictures were switched on, or were no news by then. Those of since `since` may come in a
        digest yet; and so may the `latest` of each category, in the first one of somebody.
        """
        ids = await self._database.run(lambda connection: _without_row(connection, since, latest))
        for batch in batches(ids):
            query = sa.select(articles.c.id, articles.c.thumbnail).where(articles.c.id.in_(batch))
            async with self._database.write() as connection:
                rows = (await connection.execute(query)).all()
                found = {ArticleId(row.id): [row.thumbnail] if row.thumbnail else [] for row in rows}
                await want_pictures(self._database, connection, found, now)
        return len(ids)

    async def newest(self) -> int:
        """Return the id of the newest article, 0 if there is none."""
        return await self._database.peek(
            lambda connection: int(connection.scalar(sa.select(sa.func.max(articles.c.id))) or 0)
        )

    def _settle(self, connection: sa.Connection, settled: Sequence[PictureSettled], now: datetime) -> frozenset[str]:
        pictures = [each.verdict for each in settled if isinstance(each.verdict, PictureKept)]
        self._keep(connection, {picture.key: picture for picture in pictures}, now)
        useless = known_repeats(connection, pictures)
        tries = _tries(connection, [each.address for each in settled if each.is_new])
        decided = [(each, _decide(each, useless, tries)) for each in settled]
        self._note(connection, [(each.address, verdict) for each, verdict in decided if each.is_new], tries, now)
        steps = PictureSteps(now)
        rows = {
            row.article: row
            for row in picture_rows(connection, {of for each in settled for of in each.articles}, WAITING)
        }
        for each, verdict in decided:
            # A post may have changed meanwhile: then it waits for another address.
            found = [row for of in each.articles if (row := rows.get(of)) is not None and row.address == each.address]
            _step(steps, found, verdict, tries.get(each.address, 0) + each.is_new)
        steps.write(connection)
        repeats, taken = learn_repeats(
            connection, {picture.likeness for picture in pictures if picture.key not in useless}
        )
        if taken:
            steps = PictureSteps(now)
            steps.move_on(picture_rows(connection, taken, KEPT), REPEATED, DROPPED)
            steps.write(connection)
        return useless | repeats

    def _keep(self, connection: sa.Connection, kept: Mapping[str, PictureKept], now: datetime) -> None:
        rows = [
            {
                "key": picture.key,
                "likeness": picture.likeness,
                "width": picture.width,
                "height": picture.height,
                "bytes": picture.bytes,
                "used_at": now,
            }
            for _, picture in sorted(kept.items())
        ]
        if rows:
            insert = self._database.insert(kept_pictures)
            again = {"used_at": insert.excluded.used_at, "bytes": insert.excluded.bytes}
            counts = kept_pictures.c.repeats.is_(sa.false())
            connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_=again, where=counts), rows)

    def _note(
        self,
        connection: sa.Connection,
        asked: Sequence[tuple[str, PictureVerdict]],
        tries: Mapping[str, int],
        now: datetime,
    ) -> None:
        """Write down what came of addresses that were asked."""
        rows = [
            {"address_key": address_key(address), "fetched_at": now} | _as_values(verdict, tries.get(address, 0), now)
            for address, verdict in sorted(asked)
        ]
        if rows:
            insert = self._database.insert(fetched_pictures)
            again = {name: insert.excluded[name] for name in rows[0] if name != "address_key"}
            connection.execute(insert.on_conflict_do_update(index_elements=["address_key"], set_=again), rows)


def _as_values(verdict: PictureVerdict, failed: int, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {"picture": "", "reason": "", "tries": 0, "next_at": None}
    match verdict:
        case PictureKept(key=key):
            return row | {"state": KEPT, "picture": key}
        case PictureDropped(reason=reason):
            return row | {"state": DROPPED, "reason": reason}
        case PictureFailed(reason=reason):
            return row | {"state": FAILED, "reason": reason}
        case PictureDelayed(reason=reason, wait=wait):
            return row | {"state": DELAYED, "reason": reason, "tries": failed + 1, "next_at": now + wait}


def _decide(each: PictureSettled, useless: Collection[str], tries: Mapping[str, int]) -> PictureVerdict:
    """Return what an outcome comes to: a repeated picture is dropped, and what was put off too often has failed."""
    match each.verdict:
        case PictureKept(key=key) if key in useless:
            return PictureDropped(REPEATED)
        case PictureDelayed(reason=reason, wait=asked) if each.is_new:
            wait = picture_retry(tries.get(each.address, 0) + 1, asked)
            return PictureFailed(reason) if wait is None else PictureDelayed(reason, wait)
        case verdict:
            return verdict


def _step(steps: PictureSteps, rows: Sequence[PictureRow], verdict: PictureVerdict, failed: int) -> None:
    match verdict:
        case PictureKept(key=key):
            steps.give(rows, key)
        case PictureDelayed(reason=reason, wait=wait):
            steps.put_off(rows, reason, failed, wait)
        case PictureDropped(reason=reason):
            steps.move_on(rows, reason, DROPPED)
        case PictureFailed(reason=reason):
            steps.move_on(rows, reason, FAILED)


def _tries(connection: sa.Connection, addresses: Sequence[str]) -> dict[str, int]:
    """Return how often each address was asked in vain since it last answered."""
    keys = {address_key(address): address for address in addresses}
    found: dict[str, int] = {}
    for batch in batches(sorted(keys)):
        query = sa.select(fetched_pictures.c.address_key, fetched_pictures.c.tries).where(
            fetched_pictures.c.address_key.in_(batch), fetched_pictures.c.state == DELAYED
        )
        found |= {keys[row.address_key]: row.tries for row in connection.execute(query)}
    return found


def _without_row(connection: sa.Connection, since: datetime, latest: int) -> list[int]:
    """Return the ids of articles that may come in a digest and have no row; what is read of most is in an index."""
    recent = sa.select(articles.c.id, articles.c.shown_at).order_by(articles.c.shown_at.desc()).limit(_LATEST).cte()
    links = article_categories.c
    number = sa.func.row_number().over(partition_by=links.category_id, order_by=recent.c.shown_at.desc())
    ranked = (
        sa.select(links.article_id, number.label("number")).join(recent, recent.c.id == links.article_id).subquery()
    )
    first = sa.select(ranked.c.article_id).where(ranked.c.number <= latest)
    news = sa.select(articles.c.id).where(articles.c.shown_at >= since, articles.c.fresh.is_(sa.true()))
    has_row = sa.select(article_pictures.c.article_id)
    wanted = sa.union(first, news).subquery()
    query = sa.select(wanted.c[0]).where(wanted.c[0].not_in(has_row)).order_by(wanted.c[0].desc())
    return list(connection.execute(query).scalars())
