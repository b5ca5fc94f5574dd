"""Feeds: a thousand new ones in a running bot whose readers use it meanwhile, one by itself, and 5,000 for an hour."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, process_time

import feedparser
import psutil

from digests.articles.options import PostOptions
from digests.feeds.body_reading import FeedReader
from digests.feeds.look import LookMaker, LookOptions, LookStores
from digests.feeds.looking import FeedLooker
from digests.feeds.visiting import FeedClient
from digests.feeds.web import FeedWeb
from digests.fetch.client import FetchOptions
from digests.fetch.outcome import Fetched
from digests.fetch.packing import MODERN
from digests.isolation.process import IsolatedProcess
from digests.model.feed import FeedItem, FeedKind, FeedOptions, NewFeed
from digests.origins.feed.contents import FeedBounds
from digests.origins.feed.reading import read_feed
from digests.ports import Clock
from digests.storage.articles.post_files import KnownFile, ReadPost
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.cluster.leases import LeaseStore
from digests.storage.database import Database
from digests.storage.feeds.feeds import FeedStore
from digests.storage.migrate import migrate
from digests.storage.search.sqlite.index import SearchIndex
from tests.fakes import FakeClock
from tests.load.asking import FAST, AskingHarness, asking_harness, p95
from tests.load.feed_bot import client_at
from tests.load.feed_server import ITEMS, FeedSitesProcess, feed_body, feed_sites
from tests.load.figures import Figure
from tests.load.pictures import memory_mb

_LATENCY = 0.05
_AT_ONCE = 8
_COMMANDS = ("/help", "/categories", "/latest", "/search moon")
_PER_SECOND = 10
_PATIENCE = 600.0
_SAMPLE = 60
_STEP_SECONDS = 5


async def measure_feeds(*, full: bool) -> list[Figure]:
    """Measure all of it, at full size or at a fifth."""
    return [
        *await _thousand(1000 if full else 200),
        *await _one_feed(50, 9),
        *await _hour(5000 if full else 1000),
    ]


# Many new feeds, and the same feeds unchanged


async def _thousand(number: int) -> list[Figure]:
    print(f"writing {number:,} feeds …", file=sys.stderr)
    reading, writing = await _alone(number)
    waiting = number * _LATENCY / _AT_ONCE
    ideal = max(waiting, reading + writing)
    what = f"{number:,} feeds of {ITEMS} items, {_LATENCY * 1000:g} ms each, {_AT_ONCE} at once"
    async with feed_sites(number, _LATENCY) as sites:
        program = (sys.executable, "-m", "tests.load.feed_bot", str(sites.port))
        async with asking_harness(200, 0, program, feeds__at_once=_AT_ONCE, **FAST) as bot:
            url = f"sqlite:///{bot.database}"
            bot.watch.waits.clear()
            await _add(url, number, datetime.now(UTC))
            looked, memory = await _until_looked(bot, number)
            _, first = await sites.count()
            await bot.until(lambda: not bot.watch.open, 30)
            waits = list(bot.watch.waits)
            articles = _query(bot.database, "SELECT count(*) FROM posts WHERE origin LIKE 'feed:%'")
            assert articles == number * ITEMS, articles
            unchanged = await _unchanged(bot, sites, number)
    parts = f"{waiting:.1f} s of waiting, or feedparser {reading:.1f} s + ready-made writes {writing:.1f} s"
    return [
        Figure(f"{what}: against the ideal ({parts})", (looked - first) / ideal, "x", 1.3),
        Figure(f"{what}: most memory of the whole bot", memory, "MB", 200),
        Figure(f"{what}: a reader's command meanwhile, p95 of {len(waits)}", 1000 * p95(waits), "ms", 200),
        Figure(f"{number:,} feeds unchanged (304): CPU each", 1000 * unchanged, "ms", 3),
    ]


async def _alone(number: int) -> tuple[float, float]:
    """Return how long feedparser alone takes for so many feeds here, and writes of their items that are ready."""
    bodies = [feed_body(each) for each in range(_SAMPLE)]
    began = perf_counter()
    for body in bodies:
        feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    reading = (perf_counter() - began) / _SAMPLE
    ready = [_ready(body, each) for each, body in enumerate(bodies)]
    with tempfile.TemporaryDirectory() as folder:
        database = await _database(Path(folder))
        store = IngestStore(database)
        began = perf_counter()
        for each, posts in enumerate(ready):
            await store.write(f"feed:{each}", posts, datetime.now(UTC))
        writing = (perf_counter() - began) / _SAMPLE
        await database.close()
    return number * reading, number * writing


def _ready(body: bytes, number: int) -> list[ReadPost]:
    return [_read_post(item) for item in reversed(_items(body, number))]


def _items(body: bytes, number: int) -> Sequence[FeedItem]:
    url = f"http://feed{number}.test/feed.xml"
    return read_feed(body, "application/rss+xml", url, FeedOptions(), PostOptions(), datetime.now(UTC)).items


def _read_post(item: FeedItem) -> ReadPost:
    at = item.post.published_at or datetime.now(UTC)
    return ReadPost(item.key, KnownFile(0, 0, item.content_hash), item.post, True, at, is_item=True)


async def _add(url: str, number: int, now: datetime, spread: timedelta = timedelta()) -> None:
    """Add the feeds, due now or, as after a while, evenly in the time to come."""
    database = Database(url)
    wanted = [
        NewFeed(f"http://feed{each}.test/feed.xml", f"Site {each}", next_look_at=now + spread * each / number)
        for each in range(number)
    ]
    await FeedStore(database).add_all(wanted, now)
    await database.close()


async def _until_looked(bot: AskingHarness, number: int) -> tuple[float, float]:
    """Have people use the bot until all feeds are read; return when that was, and the most memory meanwhile."""
    commands, most, end = itertools.cycle(_COMMANDS), 0.0, monotonic() + _PATIENCE
    for chat in itertools.cycle(range(1, 201)):
        bot.say(chat, next(commands))
        await asyncio.sleep(1 / _PER_SECOND)
        if chat % 5 == 0:
            most = max(most, await asyncio.to_thread(memory_mb, bot.process))
        if _query(bot.database, "SELECT count(*) FROM feeds WHERE read_at IS NOT NULL") == number:
            return monotonic(), most
        assert monotonic() < end, "not all feeds were read in time"
    raise AssertionError


async def _unchanged(bot: AskingHarness, sites: FeedSitesProcess, number: int) -> float:
    """Have all feeds looked at again, which have nothing new, and return the bot's CPU time for each, in seconds."""
    # What the first round has left to do is done.
    await asyncio.sleep(15)
    idle = await _cpu_over(bot, 5)
    before, began = bot.cpu, monotonic()
    with closing(sqlite3.connect(bot.database, timeout=30)) as connection, connection:
        connection.execute("UPDATE feeds SET next_look_at = added_at, looked_at = NULL")
    while _query(bot.database, "SELECT count(*) FROM feeds WHERE looked_at IS NOT NULL") < number:
        await asyncio.sleep(0.2)
        assert monotonic() < began + _PATIENCE
    spent = bot.cpu - before - idle * (monotonic() - began)
    requests, _ = await sites.count()
    assert requests == number, requests
    return spent / number


async def _cpu_over(bot: AskingHarness, seconds: float) -> float:
    before = bot.cpu
    await asyncio.sleep(seconds)
    return (bot.cpu - before) / seconds


def _query(database: Path, query: str) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        return int(connection.execute(query).fetchone()[0])


# Parts of the bot in this process


@dataclass
class FeedBench:
    """A looker over an empty database, with a search index."""

    looker: FeedLooker
    feeds: FeedStore
    posts: IngestStore
    database: Database
    index: SearchIndex
    process: IsolatedProcess


@asynccontextmanager
async def feed_bench(web: FeedClient, clock: Clock, at_once: int = _AT_ONCE) -> AsyncIterator[FeedBench]:
    """Build it in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        database = await _database(Path(folder))
        index = SearchIndex(Path(folder) / "search.db")
        await index.open()
        feeds, posts, articles = FeedStore(database), IngestStore(database), ArticleStore(database)
        process = IsolatedProcess(idle_seconds=600)
        options = LookOptions(at_once=at_once, reading="1")
        reader = FeedReader(process, PostOptions(), FeedBounds())
        maker = LookMaker(LookStores(feeds, posts), web, reader, clock, options)

        async def publish() -> None:
            await index.update(articles)

        looker = FeedLooker(feeds, LeaseStore(database), maker, clock, options, publish)
        try:
            yield FeedBench(looker, feeds, posts, database, index, process)
        finally:
            await process.close()
            await index.close()
            await database.close()


async def _database(folder: Path) -> Database:
    url = f"sqlite:///{folder / 'feeds.db'}"
    await asyncio.to_thread(migrate, url)
    return Database(url)


# One feed


class _InstantWeb:
    """Has the bodies ready, so that nothing but the bot's own work takes time."""

    def __init__(self, body: Callable[[str], bytes]) -> None:
        self._body = body

    async def fetch(self, address: str, *_args: object, **_options: object) -> Fetched:
        """Return the feed."""
        return Fetched(address, 200, {"content-type": "application/rss+xml"}, self._body(address))


async def _one_feed(items: int, rounds: int) -> list[Figure]:
    """Measure one feed by itself: the second process is up, as in a round; the median of some rounds."""
    numbers = range(10_000, 10_000 + rounds)
    bodies = {f"http://feed{number}.test/feed.xml": feed_body(number, items) for number in numbers}
    taken, alone = [], []
    async with feed_bench(_InstantWeb(bodies.__getitem__), SteadyClock()) as bench:
        await bench.process(median, [1.0])
        for round_number, (url, body) in enumerate(bodies.items()):
            began = perf_counter()
            feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
            parsing = perf_counter() - began
            ready = _ready(feed_body(20_000 + round_number, items), 20_000 + round_number)
            began = perf_counter()
            await bench.posts.write(f"ready:{round_number}", ready, datetime.now(UTC))
            await bench.index.update(ArticleStore(bench.database))
            alone.append(parsing + perf_counter() - began)
            await bench.feeds.add(url, "", "", FeedKind.NONE, FeedOptions(), datetime.now(UTC))
            began = perf_counter()
            report = await bench.looker.look_at_due()
            taken.append(perf_counter() - began)
            assert report.new == items, report
    ideal = median(alone[1:])
    return [
        Figure(
            f"a feed of {items} new items to stored and searchable, against feedparser and ready-made writes "
            f"({1000 * ideal:.0f} ms)",
            median(taken[1:]) / ideal,
            "x",
            1.5,
        )
    ]


class SteadyClock:
    """The real clock."""

    def now(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC)


# An hour


async def _hour(number: int) -> list[Figure]:
    """Measure an hour of so many feeds at the default rhythm, a tenth of which have news; its clock is moved."""
    now = datetime.now(UTC)
    clock = FakeClock(now)
    async with feed_sites(number, 0.0) as sites:
        options = FetchOptions(seconds=30, per_host=1, at_once=_AT_ONCE, host_seconds=1, packings=MODERN)
        web = FeedWeb(lambda: client_at(sites.port)(options, now=clock.now))
        async with feed_bench(web, clock) as bench:
            url = str(bench.database.url)
            await _add(url, number, now)
            await bench.looker.look_at_due()
            with closing(sqlite3.connect(str(bench.database.file))) as connection, connection:
                _spread(connection, number, now)
            await sites.publish(10)
            requests_before, _ = await sites.count()
            spent = await _live(bench, clock, timedelta(hours=1))
            requests, _ = await sites.count()
            await web.close()
    assert number * 0.98 <= requests <= number * 1.02 + requests_before, requests
    return [Figure(f"{number:,} feeds at the default rhythm for an hour: of one core", spent / 36, "%", number / 1000)]


def _spread(connection: sqlite3.Connection, number: int, now: datetime) -> None:
    """Have the feeds due evenly over an hour, as they are once they have been looked at for a while."""
    rows = [
        (
            (now + timedelta(hours=1) * each / number).strftime("%Y-%m-%d %H:%M:%S.%f"),
            f"http://feed{each}.test/feed.xml",
        )
        for each in range(number)
    ]
    connection.executemany("UPDATE feeds SET next_look_at = ? WHERE url = ?", rows)


async def _live(bench: FeedBench, clock: FakeClock, span: timedelta) -> float:
    """Run the job as often as the bot does in this time; return the CPU time of both processes, in seconds."""
    before = process_time() + _cpu_of(bench.process)
    for _ in range(int(span.total_seconds() / _STEP_SECONDS)):
        clock.move(timedelta(seconds=_STEP_SECONDS))
        await bench.looker.look_at_due()
    return process_time() + _cpu_of(bench.process) - before


def _cpu_of(process: IsolatedProcess) -> float:
    times = psutil.Process(process.pid).cpu_times() if process.pid else None
    return times.user + times.system if times else 0.0
