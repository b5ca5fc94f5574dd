"""What is asked of servers of feeds, over days: all of it is held against the rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from digests.model.feed import NEVER, FeedTrouble
from tests.factories.times import DAY, HOUR, NOW
from tests.feed_server.pages import NewsItem, rss_feed
from tests.feed_server.rules import breaches
from tests.feed_server.scripts import (
    DeafFeed,
    InTurn,
    RedirectTo,
    RefusesStrangers,
    RestlessFeed,
    Script,
    ServedFeed,
    Status,
    StubbornFeed,
)
from tests.feed_server.server import serve_feeds
from tests.flow.feed_flow import FeedFlow, open_feed_flow, since_then
from tests.flow.harness import open_harness

URL = "https://news.example/feed.xml"
SLACK = timedelta(seconds=1)


def item(number: int) -> NewsItem:
    return NewsItem(str(number), f"Ferry line {number} opens", f"https://news.example/{number}", NOW - HOUR, "Text.")


def news(*numbers: int) -> bytes:
    return rss_feed([item(number) for number in numbers])


@pytest.fixture
async def flow(tmp_path: Path) -> AsyncIterator[FeedFlow]:
    async with open_feed_flow(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(
    "etag",
    ['"33a64df5"', 'W/"0815"', "5f2b-unquoted", '"with spaces, and a comma"', '"caf\xe9"', '"\xe4\xb8\xad"', 'W/""'],
)
@pytest.mark.parametrize("last_modified", ["", "Thu, 26 Nov 2026 12:00:00 GMT", "yesterday"])
async def test_every_look_after_the_first_is_conditional(flow: FeedFlow, etag: str, last_modified: str) -> None:
    script = ServedFeed(news(1), etag, last_modified)
    flow.server.sites["news.example/feed.xml"] = script
    await flow.add(URL)
    await flow.live(timedelta(hours=5))
    assert set(flow.server.record.statuses(URL)[1:]) == {304}
    script.body, script.etag = news(2, 1), etag + "+"
    await flow.live(timedelta(hours=5))
    assert flow.server.record.statuses(URL).count(200) == 2
    assert len(await flow.articles()) == 2
    assert flow.breaches() == {}


async def test_last_modified_is_a_condition_alone(flow: FeedFlow) -> None:
    flow.server.sites["news.example/feed.xml"] = ServedFeed(news(1), "", "Thu, 26 Nov 2026 12:00:00 GMT")
    await flow.add(URL)
    await flow.live(timedelta(hours=3))
    assert flow.server.record.statuses(URL) == [200, 304, 304]
    assert flow.breaches() == {}


async def test_validators_that_end_are_not_sent_any_more(flow: FeedFlow) -> None:
    script = ServedFeed(news(1), '"1"', "yesterday")
    flow.server.sites["news.example/feed.xml"] = script
    await flow.add(URL)
    await flow.live(HOUR)
    script.body, script.etag, script.last_modified = news(1, 2), "", ""
    await flow.live(timedelta(hours=3))
    asked = flow.server.record.asked(URL)
    assert [exchange.answer.status for exchange in asked] == [200, *[200] * (len(asked) - 1)]
    assert asked[-1].request.header("if-none-match") == ""
    assert flow.breaches() == {}


async def test_a_feed_is_looked_at_between_every_quarter_of_an_hour_and_every_day(flow: FeedFlow) -> None:
    script = ServedFeed(news(1), DAY.__str__())
    flow.server.sites["news.example/feed.xml"] = script
    await flow.add(URL)
    for number in range(2, 40):
        script.body, script.etag = news(number), f'"{number}"'
        await flow.live(timedelta(minutes=20))
    await flow.live(30 * DAY)
    times = [exchange.request.at for exchange in flow.server.record.asked(URL)]
    gaps = [after - before for before, after in pairwise(times)]
    assert min(gaps) >= timedelta(minutes=15)
    assert max(gaps) <= DAY + SLACK
    assert flow.breaches() == {}


@pytest.mark.parametrize(
    ("headers", "least"),
    [
        ({"Cache-Control": "public, max-age=14400"}, timedelta(hours=4)),
        ({"Cache-Control": "max-age=99999999"}, DAY),
        ({"Cache-Control": "max-age=60"}, HOUR),
        ({"Cache-Control": "no-cache, max-age=99999"}, HOUR),
        ({"Cache-Control": "max-age=soon"}, HOUR),
    ],
)
async def test_how_long_an_answer_is_fresh_is_a_lower_bound(
    flow: FeedFlow, headers: dict[str, str], least: timedelta
) -> None:
    flow.server.sites["news.example/feed.xml"] = ServedFeed(news(1), headers=headers)
    feed = await flow.add(URL)
    await flow.look()
    assert least <= since_then(await flow.state(feed)) <= max(least * 1.1, HOUR * 1.1) + SLACK


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("as_date", [False, True])
@pytest.mark.parametrize(
    ("wanted", "held"),
    [
        (timedelta(minutes=90), timedelta(minutes=90)),
        (timedelta(hours=47), timedelta(hours=47)),
        (timedelta(days=400), timedelta(days=2)),
        (timedelta(seconds=5), timedelta(minutes=15)),
    ],
)
async def test_whoever_wants_to_be_left_alone_is(
    flow: FeedFlow, status: int, as_date: bool, wanted: timedelta, held: timedelta
) -> None:
    script = InTurn([ServedFeed(news(1)), Status(status, wait=wanted, as_date=as_date), ServedFeed(news(1))])
    flow.server.sites["news.example/feed.xml"] = script
    feed = await flow.add(URL)
    await flow.look()
    await flow.next_look()
    state = await flow.state(feed)
    assert held <= since_then(state) <= held * 1.1 + SLACK
    assert state.fault is not None
    assert state.fault.trouble is FeedTrouble.BUSY
    await flow.next_look()
    assert (await flow.state(feed)).fault is None
    assert flow.server.record.statuses(URL) == [200, status, 304]
    assert flow.breaches() == {}


@pytest.mark.parametrize("words", ["soon", "-5", "1.5", "Wed, 99 Nov 9999 99:99:99 GMT", "", "\xff"])
async def test_a_wait_that_is_nonsense_is_none(flow: FeedFlow, words: str) -> None:
    flow.server.sites["news.example/feed.xml"] = Status(503, headers={"Retry-After": words})
    feed = await flow.add(URL)
    await flow.look()
    assert HOUR <= since_then(await flow.state(feed)) <= HOUR * 1.1


async def test_what_fails_is_asked_less_and_less(flow: FeedFlow) -> None:
    flow.server.sites["news.example/feed.xml"] = Status(500)
    feed = await flow.add(URL)
    await flow.live(40 * DAY)
    times = [exchange.request.at for exchange in flow.server.record.asked(URL)]
    gaps = [after - before for before, after in pairwise(times)]
    for gap, least in zip(gaps, [HOUR, DAY, 2 * DAY, 7 * DAY, 7 * DAY, 7 * DAY], strict=False):
        assert least <= gap <= least * 1.1 + SLACK
    assert flow.breaches() == {}
    flow.server.sites["news.example/feed.xml"] = ServedFeed(news(1))
    await flow.next_look()
    assert (await flow.state(feed)).failures == 0
    await flow.live(HOUR * 2)
    assert flow.server.record.statuses(URL)[-2:] == [200, 304]
    assert flow.breaches() == {}


async def test_nothing_is_asked_after_410(flow: FeedFlow) -> None:
    flow.server.sites["news.example/feed.xml"] = InTurn([ServedFeed(news(1)), Status(410)])
    feed = await flow.add(URL)
    await flow.live(60 * DAY)
    assert flow.server.record.statuses(URL) == [200, 410]
    state = await flow.state(feed)
    assert state.next_look_at == NEVER
    assert state.fault is not None
    assert state.fault.trouble is FeedTrouble.GONE
    assert len(await flow.articles()) == 1, "its articles stay"
    assert flow.breaches() == {}


@pytest.mark.parametrize("statuses", [(301,), (308,), (301, 308, 301)])
async def test_a_feed_that_moved_is_asked_there_after_three_redirects_over_days(
    flow: FeedFlow, statuses: tuple[int, ...]
) -> None:
    new = "https://www.news.example/feed"
    for number, status in enumerate(statuses):
        to = new if number == len(statuses) - 1 else f"https://news.example/hop{number + 1}"
        flow.server.sites["news.example/feed.xml" if number == 0 else f"news.example/hop{number}"] = RedirectTo(
            to, status
        )
    flow.server.sites["www.news.example/feed"] = ServedFeed(news(1))
    feed = await flow.add(URL)
    await flow.live(2 * DAY - HOUR)
    assert (await flow.feed(feed)).url == URL, "two days have not passed"
    await flow.live(DAY)
    assert (await flow.feed(feed)).url == new
    before = len(flow.server.record.asked(URL))
    await flow.live(2 * DAY)
    assert len(flow.server.record.asked(URL)) == before
    assert flow.server.record.statuses(new)[-1] == 304
    assert len(await flow.articles()) == 1
    assert flow.breaches() == {}


@pytest.mark.parametrize("statuses", [(302,), (307,), (303,), (301, 302), (302, 301)])
async def test_a_feed_that_is_elsewhere_for_a_time_is_asked_where_it_was(
    flow: FeedFlow, statuses: tuple[int, ...]
) -> None:
    for number, status in enumerate(statuses):
        to = "/feed" if number == len(statuses) - 1 else f"/hop{number + 1}"
        flow.server.sites["news.example/feed.xml" if number == 0 else f"news.example/hop{number}"] = RedirectTo(
            to, status
        )
    flow.server.sites["news.example/feed"] = ServedFeed(news(1))
    feed = await flow.add(URL)
    await flow.live(5 * DAY)
    assert (await flow.feed(feed)).url == URL
    assert set(flow.server.record.statuses("https://news.example/feed")[1:]) == {304}
    assert flow.breaches() == {}


async def test_a_redirect_that_is_taken_back_is_forgotten(flow: FeedFlow) -> None:
    flow.server.sites["www.news.example/feed"] = ServedFeed(news(1))
    flow.server.sites["news.example/feed.xml"] = RedirectTo("https://www.news.example/feed")
    feed = await flow.add(URL)
    await flow.live(timedelta(hours=40))
    flow.server.sites["news.example/feed.xml"] = ServedFeed(news(1))
    await flow.live(timedelta(hours=30))
    flow.server.sites["news.example/feed.xml"] = RedirectTo("https://www.news.example/feed")
    await flow.live(timedelta(hours=40))
    assert (await flow.feed(feed)).url == URL
    assert flow.breaches() == {}


@pytest.mark.parametrize(
    "to",
    [
        *("http://169.254.169.254/latest/meta-data/", "http://127.0.0.1/feed", "http://[::1]/feed", "http://10.0.0.1/"),
        *("http://inside.example/feed", "http://2130706433/", "http://news.example:22/", "gopher://news.example/"),
        *("file:///etc/passwd", "https://user:secret@news.example/other"),
    ],
)
async def test_no_redirect_leads_inside(flow: FeedFlow, to: str) -> None:
    flow.server.sites["news.example/feed.xml"] = RedirectTo(to, 301)
    connector = flow.server.connector
    flow.server.connector = lambda *_args, **_options: connector(  # type: ignore[method-assign]
        {"inside.example": [["10.0.0.1"]]}
    )
    feed = await flow.add(URL)
    await flow.live(30 * DAY)
    found = await flow.feed(feed)
    assert (found.url, found.state.moved_to) == (URL, "")
    assert found.state.fault is not None
    assert "secret" not in found.state.fault.words
    assert set(flow.server.record.statuses(URL)) == {301}
    assert len(flow.server.exchanges) == len(flow.server.record.asked(URL))
    assert flow.breaches() == {}


async def test_a_host_is_asked_for_one_thing_a_second(tmp_path: Path) -> None:
    async with open_feed_flow(tmp_path, host_seconds=1.0) as flow:
        flow.server.sites["old.example/2"] = RedirectTo("https://news.example/2")
        for number in range(3):
            flow.server.sites[f"news.example/{number}"] = ServedFeed(news(number))
            flow.server.sites[f"other{number}.example/feed"] = ServedFeed(news(10 + number))
            await flow.add(f"https://other{number}.example/feed")
        for url in ("https://news.example/0", "http://news.example:8080/1", "https://old.example/2"):
            await flow.add(url)
        report = await flow.look()
        assert (report.looked, report.failed) == (6, 1), "nobody is at the port"
        assert flow.breaches() == {}


async def test_many_feeds_of_many_hosts_are_few_at_once(flow: FeedFlow) -> None:
    for number in range(40):
        flow.server.sites[f"site{number}.example/feed"] = ServedFeed(news(number))
        await flow.add(f"https://site{number}.example/feed")
    report = await flow.look()
    assert (report.looked, report.failed, report.new) == (40, 0, 40)
    await flow.live(timedelta(hours=3))
    assert flow.breaches() == {}


async def test_a_restart_is_no_storm(flow: FeedFlow) -> None:
    for number in range(10):
        flow.server.sites[f"site{number}.example/feed"] = ServedFeed(news(number))
        await flow.add(f"https://site{number}.example/feed")
    await flow.look()
    for _ in range(5):
        flow.looker = flow.new_looker()
        assert (await flow.look()).looked == 0
    await flow.live(timedelta(hours=2))
    assert flow.breaches() == {}


async def test_a_site_that_refuses_strangers_is_told_the_name_that_its_feed_was_given(flow: FeedFlow) -> None:
    flow.server.sites |= {
        "news.example/feed.xml": RefusesStrangers(ServedFeed(news(1))),
        "news.example/other.xml": RefusesStrangers(ServedFeed(news(2))),
    }
    known = await flow.add(URL, user_agent="Mozilla/5.0 (compatible; HarbourReader/1.0; +https://bot.example)")
    refused = await flow.add("https://news.example/other.xml")
    await flow.live(timedelta(hours=3))
    assert await flow.fault(known) == ""
    assert await flow.fault(refused) == "refused: the server answers 403"
    assert len(await flow.articles()) == 1
    assert flow.breaches() == {}


@pytest.mark.parametrize("packing", ["", "gzip", "deflate", "br", "zstd"])
async def test_every_packing_is_read(flow: FeedFlow, packing: str) -> None:
    flow.server.sites["news.example/feed.xml"] = ServedFeed(news(1, 2), packing=packing)
    feed = await flow.add(URL)
    await flow.live(timedelta(hours=2))
    assert await flow.fault(feed) == ""
    assert len(await flow.articles()) == 2
    assert flow.breaches() == {}


@pytest.mark.parametrize("script", [DeafFeed(news(1)), RestlessFeed(news(1))])
async def test_a_body_that_stays_is_not_read_again_whatever_its_server_says(flow: FeedFlow, script: Script) -> None:
    flow.server.sites["news.example/feed.xml"] = script
    feed = await flow.add(URL)
    assert (await flow.look()).read == 1
    for _ in range(4):
        report = await flow.next_look()
        assert (report.looked, report.read, report.new, report.changed) == (1, 0, 0, 0)
    assert await flow.fault(feed) == ""
    assert flow.breaches() == {}


async def test_304_that_nobody_asked_for_is_a_fault(flow: FeedFlow) -> None:
    script = StubbornFeed(news(1))
    flow.server.sites["news.example/feed.xml"] = script
    feed = await flow.add(URL)
    await flow.look()
    assert await flow.fault(feed) == "server: the server answers 304, though there was no condition"
    flow.server.sites["news.example/feed.xml"] = ServedFeed(news(1))
    await flow.next_look()
    assert await flow.fault(feed) == ""
    assert len(await flow.articles()) == 1


async def test_cookies_are_not_kept(flow: FeedFlow) -> None:
    flow.server.sites["news.example/feed.xml"] = ServedFeed(
        news(1), headers={"Set-Cookie": "id=1; Path=/; Max-Age=9999"}
    )
    await flow.add(URL)
    await flow.live(timedelta(hours=4))
    assert flow.breaches() == {}


async def test_a_host_of_ones_own_is_asked_if_it_is_allowed_by_name(tmp_path: Path) -> None:
    async with open_feed_flow(tmp_path, allows_server=True) as flow:
        flow.server.sites["/feed"] = ServedFeed(news(1))
        feed = await flow.add(f"{flow.server.url}/feed")
        await flow.live(timedelta(hours=2))
        assert await flow.fault(feed) == ""
        assert len(await flow.articles()) == 1
    async with open_feed_flow(tmp_path / "other") as flow:
        flow.server.sites["/feed"] = ServedFeed(news(1))
        feed = await flow.add(f"{flow.server.url}/feed")
        await flow.look()
        assert await flow.fault(feed) == f"forbidden: port {flow.server.port} is not one of the web"
        assert flow.server.exchanges == []


async def test_the_whole_bot_asks_politely(tmp_path: Path) -> None:
    async with serve_feeds() as server:
        server.sites |= {"/feed": ServedFeed(news(1)), "/other": ServedFeed(news(2, 3), packing="br")}
        origins = [{"kind": "feed", "url": f"{server.url}{path}"} for path in ("/feed", "/other")]
        fetch = {"allow_hosts": [server.name], "contact": "https://bot.example/about"}
        async with open_harness(tmp_path, origins=origins, fetch=fetch) as harness:
            server.now = harness.clock.now
            await harness.app.scan()
            harness.clock.move(timedelta(hours=2))
            await harness.app.scan()
            found, _ = await harness.app.stores.articles.latest(None, 10)
            assert len(found) == 3
            assert [server.record.statuses(f"{server.url}{path}") for path in ("/feed", "/other")] == [[200, 304]] * 2
            assert breaches(server.exchanges) == {}
