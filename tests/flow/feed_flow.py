"""Feeds over real HTTP: the looker with its store, its client and its reader, against the strict server of feeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from bot.wiring.fetching import feed_fetch_options
from config.load import load_settings
from digests.articles.options import PostOptions
from digests.feeds.look import LookMaker, LookOptions, LookStores
from digests.feeds.looking import FeedLooker
from digests.feeds.looking_round import LookReport
from digests.feeds.schedule import LookPace
from digests.feeds.web import FeedWeb
from digests.fetch.client import WebClient
from digests.ingest.ingest import ingest
from digests.ingest.parsing import ReadingOptions
from digests.model.feed import NEVER, Feed, FeedKind, FeedOptions, FeedState, ReadFeed
from digests.origins.feed.reading import read_feed
from digests.storage.articles.write import IngestStore
from digests.storage.cluster.leases import LeaseStore
from digests.storage.database import Database
from digests.storage.feeds.feeds import FeedStore
from digests.storage.schema.article_tables import articles
from tests.empty_database import make_empty_database
from tests.factories.times import MINUTE, NOW
from tests.fakes import FakeClock, MemoryOrigin
from tests.feed_server.rules import Check, PoliteLimits, breaches
from tests.feed_server.server import FeedServer, serve_feeds

MAX_AGE = timedelta(days=3)
HOST_SECONDS = 0.05
"""Tests don't wait for seconds, but for those that are about them."""


class FeedFlow:
    """The bot's side of feeds, its clock, and the server that it asks."""

    def __init__(
        self, server: FeedServer, database: Database, clock: FakeClock, *, host_seconds: float, allowed: tuple[str, ...]
    ) -> None:
        self.server = server
        self.database = database
        self.clock = clock
        self.feeds = FeedStore(database)
        self.posts = IngestStore(database)
        self.agents: dict[str, str] = {}
        self._host_seconds = host_seconds
        self._settings = load_settings(
            environ={},
            telegram={"token": "123456:test-token"},
            fetch={"contact": "https://bot.example/about", "allow_hosts": list(allowed)},
            feeds={"host_seconds": host_seconds, "seconds": 3, "max_mb": 1},
        )
        self.web = FeedWeb(self._open_client)
        self.looker = self.new_looker()

    def _open_client(self) -> WebClient:
        options = feed_fetch_options(self._settings)
        allowed = self._settings.fetch.allow_hosts
        return WebClient(options, self.server.connector(allowed=allowed), now=self.clock.now)

    def new_looker(self) -> FeedLooker:
        """Return a looker that has just been started."""
        options = LookOptions(
            pace=LookPace(),
            host_seconds=self._host_seconds,
            max_age=MAX_AGE,
            allowed=feed_fetch_options(self._settings).allowed,
            reading="1",
        )
        maker = LookMaker(LookStores(self.feeds, self.posts), self.web, read_in_test, self.clock, options)
        return FeedLooker(self.feeds, LeaseStore(self.database), maker, self.clock, options, _publish)

    async def add(self, url: str, *, category: str = "", user_agent: str = "", every: timedelta | None = None) -> Feed:
        """Add a feed, of which the first look is due now."""
        minutes = None if every is None else int(every.total_seconds() / 60)
        options = FeedOptions((category,) if category else (), every=minutes, user_agent=user_agent)
        feed, _ = await self.feeds.add(url, "", "", FeedKind.NONE, options, self.clock.now())
        if user_agent:
            self.agents[url] = user_agent
        return feed

    async def look(self) -> LookReport:
        """Look at what is due now."""
        return await self.looker.look_at_due()

    async def next_look(self) -> LookReport:
        """Move the clock to the next moment at which something is due, and look."""
        moment = await self.feeds.next_moment()
        assert moment is not None
        assert moment < NEVER
        self.clock.move(max(moment - self.clock.now(), timedelta()))
        return await self.look()

    async def live(self, span: timedelta) -> None:
        """Look at whatever becomes due within a span of time, as the bot does."""
        end = self.clock.now() + span
        while (moment := await self.feeds.next_moment()) is not None and moment <= end:
            self.clock.move(max(moment - self.clock.now(), timedelta()))
            await self.look()
        self.clock.move(end - self.clock.now())

    async def take_in_post(self, name: str, text: str) -> None:
        """Have a post in the folder of posts, and scan that."""
        await ingest(MemoryOrigin({name: text}), self.posts, ReadingOptions(max_age=MAX_AGE), self.clock.now())

    async def feed(self, feed: Feed) -> Feed:
        """Return a feed as it is now."""
        found = await self.feeds.find(feed.id)
        assert found is not None
        return found

    async def state(self, feed: Feed) -> FeedState:
        """Return what looks at a feed have left."""
        return (await self.feed(feed)).state

    async def fault(self, feed: Feed) -> str:
        """Return the trouble of a feed with its words, "" for none."""
        fault = (await self.state(feed)).fault
        return f"{fault.trouble}: {fault.words}" if fault else ""

    async def articles(self) -> Counter[str]:
        """Return how often there is an article of each title."""
        async with self.database.read() as connection:
            return Counter((await connection.execute(sa.select(articles.c.title))).scalars())

    def breaches(self, *without: Check) -> dict[str, list[str]]:
        """Return what was asked against the rules of politeness."""
        limits = PoliteLimits(least=15 * MINUTE, host_seconds=self._host_seconds, agents=self.agents)
        return breaches(self.server.exchanges, limits, without)


async def _publish() -> None:
    """Leave the search index as it is: nobody searches here."""


async def read_in_test(data: bytes, content_type: str, base: str, options: FeedOptions, now: datetime) -> ReadFeed:
    """Read a feed as the second process does."""
    return read_feed(data, content_type, base, options, PostOptions(), now)


@asynccontextmanager
async def open_feed_flow(
    folder: Path, *, host_seconds: float = HOST_SECONDS, allows_server: bool = False
) -> AsyncIterator[FeedFlow]:
    """Run a server of feeds, and the bot's side of them on an empty database; hold all that is asked to the rules.

    With `allows_server` the server may be asked at its own address, which is not public.
    """
    folder.mkdir(exist_ok=True)
    database = Database(make_empty_database(folder / "feeds.db"))
    clock = FakeClock(NOW)
    async with serve_feeds(now=clock.now) as server:
        allowed = (server.name,) if allows_server else ()
        flow = FeedFlow(server, database, clock, host_seconds=host_seconds, allowed=allowed)
        try:
            yield flow
        finally:
            await flow.web.close()
            await database.close()


def since_then(state: FeedState) -> timedelta:
    """Return how long a feed is left alone after its last look."""
    assert state.looked_at is not None
    return state.next_look_at - state.looked_at
