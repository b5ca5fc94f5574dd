"""Storing the feeds that the bot looks at, and what looks at them have left."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.errors import InvalidInput
from digests.model.feed import (
    NEVER,
    Feed,
    FeedId,
    FeedKind,
    FeedLook,
    FeedOptions,
    NewFeed,
    feed_origin,
)
from digests.model.feed_address import canonical_feed_url
from digests.storage.articles.feed_items import forget_items
from digests.storage.bulk import is_one_of
from digests.storage.counters import advance
from digests.storage.database import Database
from digests.storage.feeds.look_moments import set_back_looks
from digests.storage.feeds.rows import feed_of, is_of_host, look_values, option_values
from digests.storage.schema.feed_tables import feeds

_IDS = "feeds"
"""The counter of ids: that of a feed that was removed is never given out again, since its origin's name holds it."""
_NO_VALIDATORS = {"etag": "", "last_modified": "", "body_hash": ""}
_NOT_MOVING = {"moved_to": "", "moved_looks": 0, "moved_at": None, "says_moved_to": ""}
_READ_BY = ("category", "language", "full_text", "tags_as_categories")
"""The columns of options by which a feed is read: after others, it is read again."""
_BY_TITLE = (feeds.c.title == "", sa.func.lower(feeds.c.title), feeds.c.url)


class FeedAddressTaken(InvalidInput):
    """Another feed has the address."""


class FeedStore:
    """Stores feeds. Any method may raise StorageError.

    Addresses are taken and given in their canonical form (`digests.model.feed_address`).
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> tuple[Feed, ...]:
        """Return all feeds by title, those without one last."""
        return await self._select(sa.select(feeds).order_by(*_BY_TITLE))

    async def count(self) -> int:
        """Return how many feeds there are."""
        query = sa.select(sa.func.count()).select_from(feeds)
        return await self._database.peek(lambda connection: int(connection.scalar(query) or 0))

    async def find(self, feed: FeedId) -> Feed | None:
        """Return a feed; None if there is no such feed any more."""
        return await self._first(sa.select(feeds).where(feeds.c.id == feed))

    async def by_url(self, url: str) -> Feed | None:
        """Return the feed at an address; None if there is none."""
        return await self._first(sa.select(feeds).where(feeds.c.url == canonical_feed_url(url)))

    async def known_urls(self, urls: Collection[str]) -> frozenset[str]:
        """Return those of these addresses, in canonical form, that feeds have already."""

        def work(connection: sa.Connection) -> frozenset[str]:
            return frozenset(connection.scalars(sa.select(feeds.c.url))).intersection(map(canonical_feed_url, urls))

        return await self._database.run(work)

    async def add(
        self,
        url: str,
        title: str,
        link: str,
        kind: FeedKind,
        options: FeedOptions,
        now: datetime,
        *,
        is_configured: bool = False,
        next_look_at: datetime | None = None,
    ) -> tuple[Feed, bool]:
        """Return the feed at the address, and whether it is new: one that is there already stays as it is.

        It is looked at first at `next_look_at`, by default now.
        """
        (added,) = await self.add_all(
            [NewFeed(url, title, link, kind, options, is_configured, next_look_at)],
            now,
        )
        return added

    async def add_all(self, wanted: Sequence[NewFeed], now: datetime) -> list[tuple[Feed, bool]]:
        """Add feeds in one transaction; return for each what `add` does."""
        async with self._database.write() as connection:
            # The counter is the writer lock, so that two admins who add one feed at once make one.
            last = await advance(self._database, connection, _IDS, len(wanted))
            urls = [canonical_feed_url(each.url) for each in wanted]
            there = await self._at(connection, urls)
            rows = {
                url: {"id": last + number, "url": url, "added_at": now} | _new_values(each, now)
                for number, (url, each) in enumerate(zip(urls, wanted, strict=True), 1)
                if url not in there
            }
            if rows:
                await connection.execute(sa.insert(feeds), list(rows.values()))
            found = there | await self._at(connection, rows)
        added = []
        for url in urls:
            added.append((found[url], url in rows))
            rows.pop(url, None)
        return added

    async def _at(self, connection: AsyncConnection, urls: Collection[str]) -> dict[str, Feed]:
        is_there = is_one_of(self._database, feeds.c.url, list(urls))
        return {row.url: feed_of(row) for row in await connection.execute(sa.select(feeds).where(is_there))}

    async def change(
        self,
        feed: FeedId,
        *,
        options: FeedOptions | None = None,
        url: str | None = None,
        title: str | None = None,
        is_paused: bool | None = None,
        is_configured: bool | None = None,
        next_look_at: datetime | None = None,
    ) -> Feed | None:
        """Change a feed and return it; None if there is no such feed any more.

        A new address begins anew: nothing is known of what is there. After options by which it is read otherwise, the
        feed is read again even if its server would say that nothing has changed.

        Raises:
            FeedAddressTaken: Another feed has the address.
        """
        given = {"title": title, "is_paused": is_paused, "is_configured": is_configured, "next_look_at": next_look_at}
        values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        here = feeds.c.id == feed
        async with self._database.write() as connection:
            if url is not None:
                await self._check_free(connection, feed, url)
            row = (await connection.execute(sa.select(feeds).where(here).with_for_update())).first()
            if row is None:
                return None
            before = feed_of(row)
            if options is not None:
                values |= option_values(options) | ({} if _is_read_alike(options, before.options) else _NO_VALIDATORS)
            if url is not None and canonical_feed_url(url) != before.url:
                values |= _at_new_address(url)
            if not values:
                return before
            changed = sa.update(feeds).where(here).values(values).returning(*feeds.c)
            return feed_of((await connection.execute(changed)).one())

    async def move(self, feed: Feed, url: str) -> Feed | None:
        """Give a feed another address, where it has moved to, and return it; None if it has another one meanwhile.

        Raises:
            FeedAddressTaken: Another feed has the address.
        """
        here = (feeds.c.id == feed.id) & (feeds.c.url == feed.url)
        changed = sa.update(feeds).where(here).values(_at_new_address(url)).returning(*feeds.c)
        async with self._database.write() as connection:
            await self._check_free(connection, feed.id, url)
            row = (await connection.execute(changed)).first()
        return None if row is None else feed_of(row)

    async def _check_free(self, connection: AsyncConnection, feed: FeedId, url: str) -> None:
        """Raise FeedAddressTaken if another feed has the address; none gets it until the transaction has ended."""
        await advance(self._database, connection, _IDS, 0)
        if any(other.id != feed for other in (await self._at(connection, [canonical_feed_url(url)])).values()):
            raise FeedAddressTaken("Another feed has this address: remove one of the two.")

    async def remove(self, feed: FeedId) -> Feed | None:
        """Delete a feed, and return it as it was; None if there was none. Its articles stay, and are no feed's."""
        async with self._database.write() as connection:
            row = (await connection.execute(sa.delete(feeds).where(feeds.c.id == feed).returning(*feeds.c))).first()
            if row is None:
                return None
            await forget_items(connection, feed_origin(feed))
        return feed_of(row)

    async def due(self, now: datetime, limit: int, after: Feed | None = None) -> tuple[Feed, ...]:
        """Return feeds that are to be looked at now, those that wait for the longest time first.

        `after` is the last of those that were returned before: what follows it is returned.
        """
        waiting = sa.select(feeds).where(feeds.c.is_paused.is_(sa.false()), feeds.c.next_look_at <= now)
        if after is not None:
            at = after.state.next_look_at
            waiting = waiting.where(feeds.c.next_look_at >= at, (feeds.c.next_look_at > at) | (feeds.c.id > after.id))
        return await self._select(waiting.order_by(feeds.c.next_look_at, feeds.c.id).limit(limit))

    async def next_moment(self) -> datetime | None:
        """Return when a feed is to be looked at next; None if none ever is."""
        query = sa.select(sa.func.min(feeds.c.next_look_at)).where(feeds.c.is_paused.is_(sa.false()))
        found: datetime | None = await self._database.peek(lambda connection: connection.scalar(query))
        return None if found is None or found >= NEVER else found

    async def rest_host(self, host: str, until: datetime, *, has_routes: bool) -> None:
        """Look at no feed of a host before then, since it wants to be left alone; `has_routes`: nor at RSSHub's."""
        waiting = sa.update(feeds).where(is_of_host(feeds.c.url, host, has_routes=has_routes))
        waiting = waiting.where(feeds.c.next_look_at < until).values(next_look_at=until)
        async with self._database.write() as connection:
            await connection.execute(waiting)

    async def store_looks(self, looks: Sequence[FeedLook]) -> None:
        """Store what looks have left, in one transaction.

        A feed that was removed meanwhile, or given another address, is left as it is now; one that was paused or told
        when to be looked at next keeps that; one that is to be read otherwise is read again. A title that it has is
        kept: articles may be placed under it.
        """
        if looks:
            async with self._database.write() as connection:
                await self._store_looks(connection, looks)

    async def _store_looks(self, connection: AsyncConnection, looks: Sequence[FeedLook]) -> None:
        others = ("title", "next_look_at", *_NO_VALIDATORS)
        names = [column for column in look_values(looks[0]) if column not in others]
        is_as_read = sa.and_(
            *(feeds.c[name] == sa.bindparam(f"was_{name}", type_=feeds.c[name].type) for name in _READ_BY)
        )
        moment = feeds.c.next_look_at.type
        was, then = sa.bindparam("was_next_look_at", type_=moment), sa.bindparam("new_next_look_at", type_=moment)
        statement = (
            sa.update(feeds)
            .where(feeds.c.id == sa.bindparam("of_id"), feeds.c.url == sa.bindparam("of_url"))
            .values(
                title=sa.case((feeds.c.title == "", sa.bindparam("new_title")), else_=feeds.c.title),
                next_look_at=sa.case((feeds.c.next_look_at == was, then), else_=feeds.c.next_look_at),
                **{name: sa.case((is_as_read, sa.bindparam(f"new_{name}")), else_="") for name in _NO_VALIDATORS},
                **{name: sa.bindparam(f"new_{name}", type_=feeds.c[name].type) for name in names},
            )
        )
        rows = []
        for look in looks:
            before = look.feed
            row = {f"new_{name}": value for name, value in look_values(look).items()}
            row |= {f"was_{name}": value for name, value in option_values(before.options).items() if name in _READ_BY}
            row |= {"of_id": before.id, "of_url": before.url, "was_next_look_at": before.state.next_look_at}
            rows.append(row)
        await connection.execute(statement, rows)

    async def ailing(self, silent_since: datetime) -> tuple[Feed, ...]:
        """Return the feeds of which something was told, that fail, or that brought nothing since then."""
        ails = (feeds.c.reported != "") | (feeds.c.failures > 0) | (feeds.c.news_at <= silent_since)
        return await self._select(sa.select(feeds).where(ails).order_by(*_BY_TITLE))

    async def note_reported(self, told: Mapping[FeedId, str]) -> None:
        """Store what the admins were told about feeds, as `FeedState.reported`; "" once that has ended."""
        if not told:
            return
        statement = sa.update(feeds).where(feeds.c.id == sa.bindparam("of_id"))
        rows = [{"of_id": feed, "word": word} for feed, word in told.items()]
        async with self._database.write() as connection:
            await connection.execute(statement.values(reported=sa.bindparam("word")), rows)

    async def set_back(self, now: datetime, longest: timedelta) -> int:
        """Set anew when feeds are looked at that wait longer than they can (`look_moments`); return how many."""
        return await set_back_looks(self._database, now, longest)

    async def _select(self, query: sa.Select[Any]) -> tuple[Feed, ...]:
        return await self._database.run(lambda connection: tuple(map(feed_of, connection.execute(query))))

    async def _first(self, query: sa.Select[Any]) -> Feed | None:
        def work(connection: sa.Connection) -> Feed | None:
            row = connection.execute(query).first()
            return None if row is None else feed_of(row)

        return await self._database.peek(work)


def _is_read_alike(options: FeedOptions, before: FeedOptions) -> bool:
    values, values_before = option_values(options), option_values(before)
    return all(values[name] == values_before[name] for name in _READ_BY)


def _at_new_address(url: str) -> dict[str, Any]:
    return _NO_VALIDATORS | _NOT_MOVING | {"url": canonical_feed_url(url)}


def _new_values(wanted: NewFeed, now: datetime) -> dict[str, Any]:
    given = {name: getattr(wanted, name) for name in ("title", "link", "kind", "is_configured")}
    return given | {"next_look_at": wanted.next_look_at or now} | option_values(wanted.options)
