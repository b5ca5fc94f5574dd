"""Feeds while everything goes wrong: each trouble is one feed's, and a killed bot loses nothing and doubles nothing."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digests.articles.options import PostOptions
from digests.feeds.body_reading import FeedReader
from digests.feeds.look import LookMaker, LookOptions, LookStores
from digests.feeds.looking import FeedLooker
from digests.isolation.process import IsolatedProcess
from digests.model.feed import FeedTrouble
from digests.origins.feed.contents import FeedBounds
from digests.storage.cluster.leases import LeaseStore
from tests.factories.times import HOUR, NOW
from tests.feed_server.pages import NewsItem, rss_feed
from tests.feed_server.record import Answer
from tests.feed_server.scripts import RSS, Altered, Always, ServedFeed, bomb
from tests.feed_server.server import FeedServer, serve_feeds
from tests.flow import slow_feeds
from tests.flow.feed_flow import FeedFlow, open_feed_flow
from tests.program import PROGRAM, program_environment
from tests.waiting import until


def news(site: int, *numbers: int, at: datetime = NOW - HOUR, text: str = "Text.") -> bytes:
    """Return the feed of a site."""
    link = f"https://site{site}.example"
    return rss_feed(
        [
            NewsItem(f"{link}/{number}", f"Site {site} has news {number}", f"{link}/{number}", at, text)
            for number in numbers
        ]
    )


def looker_with_process(flow: FeedFlow, process: IsolatedProcess) -> FeedLooker:
    """Return a looker that reads feeds in the second process."""
    options = LookOptions(host_seconds=0, reading="1")
    reader = FeedReader(process, PostOptions(), FeedBounds())
    maker = LookMaker(LookStores(flow.feeds, flow.posts), flow.web, reader, flow.clock, options)

    async def publish() -> None:
        """Leave the search index as it is."""

    return FeedLooker(flow.feeds, LeaseStore(flow.database), maker, flow.clock, options, publish)


async def test_of_fifty_feeds_five_bad_ones_delay_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digests.feeds.body_reading.read_feed_body", slow_feeds.read_or_hang)
    monkeypatch.setattr("digests.feeds.body_reading.READING_SECONDS", 4.0)
    process = IsolatedProcess(idle_seconds=1)
    bad = {
        3: (Altered(ServedFeed(news(3, 1)), delay=600), FeedTrouble.UNREACHABLE),
        11: (bomb("gzip"), FeedTrouble.TOO_LARGE),
        17: (ServedFeed(news(17, 1, text="hang the parser")), FeedTrouble.TOO_LARGE),
        23: (ServedFeed(news(23, 1, text="end the parser")), FeedTrouble.TOO_LARGE),
        31: (
            Always(Answer(200, (("Content-Type", RSS),), news(31, 1), is_cut=True, length=99_999)),
            FeedTrouble.UNREACHABLE,
        ),
    }
    async with open_feed_flow(tmp_path) as flow:
        feeds = []
        for site in range(50):
            flow.server.sites[f"site{site}.example/feed"] = (
                bad[site][0] if site in bad else ServedFeed(news(site, 1, 2))
            )
            feeds.append(await flow.add(f"https://site{site}.example/feed"))
        report = await looker_with_process(flow, process).look_at_due()
        assert (report.looked, report.failed, report.new) == (50, 5, 90)
        states = [await flow.state(each) for each in feeds]
        troubles = {site: state.fault.trouble for site, state in enumerate(states) if state.fault is not None}
        assert troubles == {site: trouble for site, (_, trouble) in bad.items()}
        assert sorted((await flow.articles()).values()) == [1] * 90
        # The process that was started last is not there for long.
        await until(lambda: process.pid is None)
        await process.close()


CONFIG = '[[origins]]\nkind = "feed"\nurl = "{url}/{number}"\ncategory = "News"\n'


class FeedProgram:
    """`digestbot ingest`, with feeds of a server, as a process of its own."""

    def __init__(self, folder: Path, server: FeedServer, number: int) -> None:
        config = folder / "feeds.toml"
        config.write_text("".join(CONFIG.format(url=server.url, number=each) for each in range(number)))
        (folder / "posts").mkdir()
        self._database = folder / "data" / "digestbot.db"
        self._environment = program_environment(
            folder, config=config, fetch__allow_hosts=server.name, feeds__host_seconds=0, feeds__least_every=0
        )

    async def start(self) -> asyncio.subprocess.Process:
        """Begin to ingest."""
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            PROGRAM, "ingest", "--json", env=self._environment, stdout=pipe, stderr=pipe
        )

    async def ingest(self) -> dict[str, int]:
        """Ingest, and return what looks at feeds came to."""
        process = await self.start()
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        found: dict[str, int] = json.loads(out).get("feeds", {})
        return found

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return what the database holds."""
        with sqlite3.connect(self._database) as connection:
            return list(connection.execute(query))


async def kill_after(program: FeedProgram, server: FeedServer, requests: int) -> None:
    """Have the program ingest, and kill it once the server was asked so many times."""
    most = len(server.exchanges) + requests
    process = await program.start()
    await until(lambda: len(server.exchanges) >= most, seconds=60)
    process.kill()
    await process.communicate()


async def test_a_program_that_is_killed_in_a_round_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    number, recently = 30, datetime.now(UTC) - timedelta(hours=1)
    feeds = {f"/{site}": Altered(ServedFeed(news(site, 1, 2, at=recently)), delay=0.1) for site in range(number)}
    async with serve_feeds(feeds) as server:
        program = FeedProgram(tmp_path, server, number)
        for kills in (7, 21):
            await kill_after(program, server, kills)
        asked = len(server.exchanges)
        report = await program.ingest()
        assert report["failed"] == 0
        # What had been stored is not asked again, and the rest once.
        assert len(server.exchanges) - asked == report["looked"] <= number
        titles = Counter(title for (title,) in program.rows("SELECT title FROM articles"))
        assert len(titles) == 2 * number
        assert set(titles.values()) == {1}
        assert program.rows("SELECT count(*) FROM feeds WHERE read_at IS NOT NULL AND trouble = ''") == [(number,)]
        assert await program.ingest() == {}
        assert len(server.exchanges) - asked == report["looked"]
