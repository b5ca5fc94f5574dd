"""Looks at feeds: conditional, within bounds, each feed's trouble its own, and nothing lost or twice."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from digests.errors import StorageError
from digests.feeds.health import health_of
from digests.feeds.look import LookMaker, LookOptions, LookStores
from digests.feeds.looking import FEEDS, FeedLooker
from digests.feeds.schedule import LookPace
from digests.fetch.guard import AllowedHosts
from digests.fetch.outcome import Fetched, NotFetched
from digests.isolation.process import ProcessUnavailable
from digests.model.feed import (
    NEVER,
    Feed,
    FeedFault,
    FeedHealth,
    FeedItem,
    FeedKind,
    FeedLook,
    FeedOptions,
    FeedTrouble,
    ReadFeed,
)
from digests.storage.articles.write import IngestStore
from digests.storage.cluster.leases import LeaseStore
from digests.storage.database import Database
from digests.storage.feeds.feeds import FeedStore
from digests.storage.schema.article_tables import articles
from tests.factories.feeds import add_feed, feed_item, feed_state
from tests.factories.times import DAY, HOUR, MINUTE, NOW
from tests.fakes import FakeClock
from tests.feeds import FakeReader, FakeWeb, body, status, unchanged
from tests.waiting import until

OPTIONS = LookOptions(host_seconds=0, max_age=3 * DAY, reading="1")


@dataclass
class Looking:
    """A looker over a database, with a web and a reader that tests write."""

    database: Database
    options: LookOptions = OPTIONS
    web: FakeWeb = field(default_factory=FakeWeb)
    reader: Any = field(default_factory=FakeReader)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    published: list[int] = field(default_factory=list)
    complete: Any = None

    def __post_init__(self) -> None:
        self.feeds = FeedStore(self.database)
        stores = LookStores(self.feeds, IngestStore(self.database))
        maker = LookMaker(stores, self.web, self.reader, self.clock, self.options, self.complete, jitter=lambda: 0.0)
        turn = LeaseStore(self.database)
        self.looker = FeedLooker(self.feeds, turn, maker, self.clock, self.options, self.publish)

    async def publish(self) -> None:
        """Count what is stored whenever it is published."""
        self.published.append(len(await self.titles()))

    async def titles(self) -> list[str]:
        """Return the titles of all articles, in the order in which they came."""
        async with self.database.read() as connection:
            return list((await connection.execute(sa.select(articles.c.title).order_by(articles.c.ingest))).scalars())

    async def look(self, feed: Feed, answer: Fetched | NotFetched, after: timedelta = timedelta()) -> Feed:
        """Have a feed looked at `after` some time, with this answer of its server; return it as it is then."""
        self.clock.move(after)
        self.web.answers[feed.url] = answer
        await self.looker.look_at_due()
        return await self.found(feed)

    async def found(self, feed: Feed) -> Feed:
        """Return a feed as it is stored now."""
        found = await self.feeds.find(feed.id)
        assert found is not None
        return found


async def test_a_first_look_takes_everything_in(database: Database) -> None:
    looking = Looking(database)
    feed = await add_feed(database, kind=FeedKind.NONE, title="", link="")
    seen = await looking.look(feed, body(feed.url, "a", "b", etag='W/"x"', last_modified="yesterday"))
    assert await looking.titles() == ["Title b", "Title a"]
    assert looking.web.asked[0].headers == {}
    assert (seen.title, seen.link, seen.kind) == ("Own title", "https://site.example/", FeedKind.ATOM)
    state = seen.state
    assert (state.etag, state.last_modified, state.read_at, state.news_at) == ('W/"x"', "yesterday", NOW, NOW)
    assert (state.next_look_at, state.brought, state.failures, state.fault) == (NOW + HOUR, (), 0, None)
    assert looking.published == [2]


async def test_nothing_happens_before_it_is_due(database: Database) -> None:
    looking = Looking(database)
    feed = await add_feed(database)
    await looking.look(feed, body(feed.url, "a"))
    await looking.look(feed, body(feed.url, "b"), HOUR - MINUTE)
    assert len(looking.web.asked) == 1
    await looking.look(feed, body(feed.url, "b"), MINUTE)
    assert len(looking.web.asked) == 2


async def test_later_looks_are_conditional_and_send_back_what_came(database: Database) -> None:
    looking = Looking(database)
    feed = await add_feed(database)
    odd = 'W/"a "b" , \xe4"'
    await looking.look(feed, body(feed.url, "a", etag=odd, last_modified="sometime"))
    seen = await looking.look(feed, unchanged(feed.url, etag='"ignored"'), HOUR)
    assert looking.web.asked[1].headers == {"If-None-Match": odd, "If-Modified-Since": "sometime"}
    assert (seen.state.etag, seen.state.read_at, seen.state.news_at) == (odd, NOW + HOUR, NOW)
    assert looking.published == [1]
    # A body that came without them leaves none.
    seen = await looking.look(feed, body(feed.url, "a", "b"), DAY)
    await looking.look(feed, body(feed.url, "a", "b"), DAY)
    assert looking.web.asked[-1].headers == {}


async def test_a_body_that_is_the_same_is_not_read_again_unless_the_reading_is_another(database: Database) -> None:
    looking = Looking(database)
    feed = await add_feed(database)
    for number in range(3):
        seen = await looking.look(feed, body(feed.url, "a", etag=f'"{number}"'), number * DAY)
    assert len(looking.reader.read) == 1
    assert seen.state.etag == '"2"'
    newer = Looking(database, replace(OPTIONS, reading="2"), looking.web, clock=looking.clock)
    await newer.look(feed, body(feed.url, "a", etag='"3"'), DAY)
    assert newer.web.asked[-1].headers == {}
    assert len(newer.reader.read) == 1
    await newer.look(feed, unchanged(feed.url), DAY)
    assert newer.web.asked[-1].headers == {"If-None-Match": '"3"'}


async def test_news_are_taken_in_and_what_is_known_is_not(database: Database) -> None:
    looking = Looking(database)
    feed = await add_feed(database)
    await looking.look(feed, body(feed.url, "a"))
    seen = await looking.look(feed, body(feed.url, "b", "a"), HOUR)
    assert await looking.titles() == ["Title a", "Title b"]
    assert (seen.state.news_at, seen.state.brought) == (NOW + HOUR, (NOW + HOUR,))
    assert looking.published == [1, 2]


async def test_a_feed_of_which_others_bring_everything_first_is_not_silent(database: Database) -> None:
    looking = Looking(database)
    feed, aggregator = await add_feed(database, 1), await add_feed(database, 2)
    for keys in (("a",), ("b", "a")):
        await looking.look(feed, body(feed.url, *keys))
        looking.clock.move(HOUR)
        seen = await looking.look(aggregator, body(aggregator.url, *keys))
        looking.clock.move(HOUR)
    assert await looking.titles() == ["Title a", "Title b"]
    assert seen.state.brought == (NOW + 3 * HOUR,)


async def test_a_feed_that_gives_its_items_other_keys_at_each_look_brings_nothing(database: Database) -> None:
    class RestlessReader(FakeReader):
        async def __call__(self, data: bytes, *_args: object) -> ReadFeed:
            return ReadFeed(FeedKind.RSS, items=tuple(replace(feed_item("a"), key=key) for key in data.decode()))

    looking = Looking(database, reader=RestlessReader())
    feed = await add_feed(database)
    for key in "xyz":
        seen = await looking.look(feed, body(feed.url, key), HOUR)
    assert await looking.titles() == ["Title a"]
    assert (seen.state.news_at, seen.state.brought) == (NOW + HOUR, ())


async def test_an_old_article_is_stored_and_is_no_news(database: Database) -> None:
    class OldReader(FakeReader):
        async def __call__(self, *_args: object) -> ReadFeed:
            old, new = (feed_item(str(days), published_at=NOW - days * DAY) for days in (30, 1))
            return ReadFeed(FeedKind.RSS, items=(new, old))

    looking = Looking(database, reader=OldReader())
    feed = await add_feed(database)
    await looking.look(feed, body(feed.url, "x"))
    async with database.read() as connection:
        fresh = sa.select(articles.c.title, articles.c.fresh).order_by(articles.c.ingest)
        assert [tuple(row) for row in await connection.execute(fresh)] == [("Title 30", False), ("Title 1", True)]


@pytest.mark.parametrize(
    ("answer", "trouble", "later"),
    [
        (status(404), FeedTrouble.NOT_FOUND, HOUR),
        (status(500), FeedTrouble.SERVER, HOUR),
        (status(429, wait=5 * 3600), FeedTrouble.BUSY, 5 * HOUR),
        (status(503, wait=90 * 86400), FeedTrouble.BUSY, 2 * DAY),
        (NotFetched("no connection: refused", kind="no_connection"), FeedTrouble.UNREACHABLE, HOUR),  # type: ignore[arg-type]
    ],
)
async def test_what_fails_is_noted_and_tried_later(
    database: Database, answer: NotFetched, trouble: FeedTrouble, later: timedelta
) -> None:
    looking = Looking(database)
    feed = await add_feed(database)
    seen = await looking.look(feed, answer)
    state = seen.state
    assert state.fault == FeedFault(trouble, answer.reason)
    assert (state.failures, state.failing_since, state.next_look_at) == (1, NOW, NOW + later)
    assert (state.read_at, state.looked_at) == (None, NOW)
    assert looking.published == []
    well = await looking.look(feed, body(feed.url, "a"), 3 * DAY)
    assert (well.state.fault, well.state.failures) == (None, 0)


async def test_what_is_gone_is_left_alone_until_somebody_wants_another_try(database: Database) -> None:
    looking = Looking(database)
    feed = await add_feed(database)
    seen = await looking.look(feed, status(410))
    assert seen.state.next_look_at == NEVER
    await looking.look(feed, body(feed.url, "a"), 900 * DAY)
    assert len(looking.web.asked) == 1
    await looking.feeds.change(feed.id, next_look_at=looking.clock.now())
    seen = await looking.look(feed, body(feed.url, "a"))
    assert seen.state.fault is None


async def test_a_host_that_wants_to_be_left_alone_is_asked_for_none_of_its_feeds(database: Database) -> None:
    looking = Looking(database, replace(OPTIONS, at_once=1))
    here = [await add_feed(database, url=f"https://busy.example{at}") for at in ("/a", ":8443/b", "/c_%25")]
    plain = await add_feed(database, url="http://busy.example/d")
    others = [
        await add_feed(database, url=url)
        for url in ("https://busy.example.org/a", "https://notbusy.example/a", "https://busy_example/a")
    ]
    for feed in (*here, plain, *others):
        looking.web.answers[feed.url] = body(feed.url, feed.url)
    busy = replace(status(429, wait=3600), address=here[0].url)
    first = await looking.look(here[0], busy)
    assert [asked.address for asked in looking.web.asked] == [here[0].url, *(feed.url for feed in others)]
    assert first.state.failures == 1
    for feed in (*here[1:], plain):
        state = (await looking.found(feed)).state
        assert (state.next_look_at, state.failures, state.fault) == (NOW + HOUR, 0, None)
    looking.web.asked.clear()
    await looking.look(here[1], body(here[1].url, "b"), 59 * MINUTE)
    assert not {asked.address for asked in looking.web.asked} & {feed.url for feed in (*here, plain)}
    looking.web.answers[here[0].url] = body(here[0].url, "a")
    await looking.look(here[1], body(here[1].url, "b"), MINUTE)
    assert {asked.address for asked in looking.web.asked} >= {feed.url for feed in (*here[1:], plain)}


async def test_a_wait_that_says_nothing_of_the_host_is_for_one_feed(database: Database) -> None:
    for number, answer in enumerate(
        [
            # No time, another host's words, a fault of one page.
            status(429),
            replace(status(429, wait=3600), address="https://elsewhere.example/"),
            replace(status(500, wait=3600), address="https://site0.example/a"),
        ]
    ):
        looking = Looking(database, replace(OPTIONS, at_once=1))
        first = await add_feed(database, url=f"https://site{number}.example/a")
        second = await add_feed(database, url=f"https://site{number}.example/b")
        looking.web.answers[second.url] = body(second.url, second.url)
        await looking.look(first, answer)
        assert second.url in [asked.address for asked in looking.web.asked]


async def test_what_rsshub_asks_holds_for_all_of_its_routes(database: Database) -> None:
    looking = Looking(database, replace(OPTIONS, at_once=1, rsshub="https://hub.example"))
    first = await add_feed(database, url="rsshub://a/1")
    routes = [await add_feed(database, url=url) for url in ("rsshub://a/2", "https://hub.example/b")]
    looking.web.answers["https://hub.example/a/1"] = replace(status(503, wait=600), address="https://hub.example/a/1")
    await looking.looker.look_at_due()
    assert len(looking.web.asked) == 1
    for feed in routes:
        assert (await looking.found(feed)).state.next_look_at == NOW + 10 * MINUTE
    assert (await looking.found(first)).state.failures == 1


async def test_410_behind_a_temporary_redirect_ends_no_feed(database: Database) -> None:
    looking = Looking(database)
    feed = await add_feed(database)
    seen = await looking.look(feed, replace(status(410), may_lead_elsewhere=True))
    assert seen.state.fault == FeedFault(
        FeedTrouble.NOT_FOUND, "the server answers 410 where a temporary redirect leads"
    )
    assert seen.state.next_look_at < NOW + DAY
    well = await looking.look(feed, body(feed.url, "a"), DAY)
    assert well.state.fault is None


async def test_what_is_no_feed_is_a_fault_also_while_it_stays_the_same(database: Database) -> None:
    looking = Looking(database)
    feed = await add_feed(database)
    fault = FeedFault(FeedTrouble.NOT_A_FEED, "it is a page")
    seen = await looking.look(feed, body(feed.url, "no-feed", etag='"page"'))
    assert (seen.state.fault, seen.state.failures, seen.state.etag) == (fault, 1, '"page"')
    seen = await looking.look(feed, unchanged(feed.url), HOUR)
    assert looking.web.asked[-1].headers == {"If-None-Match": '"page"'}
    assert (seen.state.fault, seen.state.failures) == (fault, 2)
    seen = await looking.look(feed, body(feed.url, "no-feed", etag='"other"'), DAY)
    assert (seen.state.fault, seen.state.failures, len(looking.reader.read)) == (fault, 3, 1)
    # What came between does not make a feed of it.
    seen = await looking.look(feed, status(500), 2 * DAY)
    seen = await looking.look(feed, unchanged(feed.url), 7 * DAY)
    assert seen.state.fault is not None
    assert (seen.state.fault.trouble, seen.state.failures) == (FeedTrouble.NOT_A_FEED, 5)
    seen = await looking.look(feed, body(feed.url, "a"), 7 * DAY)
    assert seen.state.fault is None


async def test_a_feed_on_which_the_bot_itself_fails_stops_no_other(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    looking = Looking(database)
    bad, good = await add_feed(database, 1), await add_feed(database, 2)
    looking.web.answers = {bad.url: body(bad.url, "bug"), good.url: body(good.url, "a")}
    report = await looking.looker.look_at_due()
    assert (report.looked, report.failed, report.new) == (2, 1, 1)
    state = (await looking.found(bad)).state
    assert (state.failures, state.next_look_at) == (1, NOW + HOUR)
    assert "ZeroDivisionError" in caplog.text


async def test_what_a_feed_and_its_caches_ask_for_is_kept(database: Database) -> None:
    looking = Looking(database)
    feed = await add_feed(database)
    seen = await looking.look(feed, body(feed.url, "a", "ttl", cache_control="public, max-age=7200"))
    assert (seen.state.least_minutes, seen.state.next_look_at) == (240, NOW + 4 * HOUR)
    seen = await looking.look(feed, unchanged(feed.url, cache_control="max-age=28800"), 4 * HOUR)
    assert seen.state.next_look_at == NOW + 12 * HOUR
    seen = await looking.look(feed, body(feed.url, "b"), 8 * HOUR)
    assert seen.state.next_look_at == NOW + 13 * HOUR


async def test_feeds_are_asked_a_few_at_once_and_hosts_one_at_a_time(database: Database) -> None:
    looking = Looking(database, replace(OPTIONS, at_once=3))
    looking.web.delay = 0.02
    under_way: list[str] = []
    most: dict[str, int] = {}

    def answering(url: str) -> Any:
        async def answer() -> Fetched:
            host = url.split("/")[2]
            under_way.append(host)
            most[host] = max(most.get(host, 0), under_way.count(host))
            await asyncio.sleep(0.01)
            under_way.remove(host)
            return body(url, f"{url[8:]}")

        return answer

    for number in range(12):
        url = f"https://host{number % 4}.example/{number}"
        await add_feed(database, number, url=url)
        looking.web.answers[url] = answering(url)
    report = await looking.looker.look_at_due()
    assert (report.looked, report.new) == (12, 12)
    assert looking.web.most_at_once == 3
    assert most == {f"host{number}.example": 1 for number in range(4)}


async def test_one_slow_host_with_many_feeds_delays_no_other(database: Database) -> None:
    looking = Looking(database, replace(OPTIONS, at_once=2, host_seconds=0.01))
    for number in range(30):
        url = f"https://slow.example/{number}"
        await add_feed(database, number, url=url, state=feed_state(next_look_at=NOW - DAY))
        looking.web.answers[url] = unchanged(url)
    others = [await add_feed(database, number) for number in range(100, 110)]
    await looking.looker.look_at_due()
    places = [looking.web.addresses.index(other.url) for other in others]
    assert len(looking.web.asked) == 40
    assert max(places) < 30


async def test_feeds_that_become_due_in_a_long_round_are_looked_at_in_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digests.feeds.looking_round._ASK_AGAIN_SECONDS", 0.0)
    looking = Looking(database)
    first, second = await add_feed(database, 1), await add_feed(database, 2, state=feed_state(next_look_at=NOW + HOUR))

    async def answer() -> Fetched:
        looking.clock.move(HOUR)
        return unchanged(first.url)

    looking.web.answers = {first.url: answer, second.url: unchanged(second.url)}
    report = await looking.looker.look_at_due()
    assert looking.web.addresses == [first.url, second.url]
    assert report.looked == 2


async def test_options_of_a_feed_reach_its_server_and_its_reading(database: Database) -> None:
    looking = Looking(database, replace(OPTIONS, rsshub="https://hub.example"))
    plain = await add_feed(database, 1, title="")
    named = await add_feed(database, 2, options=FeedOptions(user_agent="Reader/1"))
    await add_feed(database, 3, url="rsshub://site/news", options=FeedOptions(("A", "B")))
    addresses = {plain.url, named.url, "https://hub.example/site/news"}
    looking.web.answers = {address: body(address, address[-9:]) for address in addresses}
    await looking.looker.look_at_due()
    assert {asked.address: asked.user_agent for asked in looking.web.asked} == {
        plain.url: "",
        named.url: "Reader/1",
        "https://hub.example/site/news": "",
    }
    # Articles stay together under the title that a feed had first.
    assert {options.category for _, options in looking.reader.read} == {(), ("Site 2",), ("A", "B")}


async def test_items_are_completed_where_that_is_wanted(database: Database) -> None:
    asked: list[dict[str, str]] = []

    async def complete(_feed: Feed, items: Sequence[FeedItem], known: Mapping[str, str]) -> Sequence[FeedItem]:
        asked.append(dict(known))
        return [replace(each, post=replace(each.post, title=f"Whole {each.key}")) for each in items]

    looking = Looking(database, complete=complete)
    whole, plain = await add_feed(database, 1, options=FeedOptions(full_text=True)), await add_feed(database, 2)
    looking.web.answers = {whole.url: body(whole.url, "a"), plain.url: body(plain.url, "b")}
    await looking.looker.look_at_due()
    assert sorted(await looking.titles()) == ["Title b", "Whole a"]
    await looking.look(whole, body(whole.url, "a", "c"), HOUR)
    assert asked == [{}, {"a": feed_item("a").content_hash}]


async def test_what_an_admin_does_meanwhile_holds(database: Database) -> None:
    looking = Looking(database)
    removed, paused, moved, hurried = [await add_feed(database, number) for number in range(1, 5)]

    async def answer() -> Fetched:
        if await looking.feeds.remove(removed.id):
            await looking.feeds.change(paused.id, is_paused=True)
            await looking.feeds.change(moved.id, url="https://new.example/")
            await looking.feeds.change(hurried.id, next_look_at=NOW + MINUTE)
        return body("https://x.example/", "a", etag='"x"')

    looking.web.answers = dict.fromkeys((removed.url, paused.url, moved.url, hurried.url), answer)
    await looking.looker.look_at_due()
    assert await looking.feeds.find(removed.id) is None
    assert (await looking.found(paused)).is_paused
    found = await looking.found(moved)
    assert (found.url, found.state.etag, found.state.next_look_at) == ("https://new.example/", "", NOW)
    found = await looking.found(hurried)
    assert (found.state.next_look_at, found.state.etag) == (NOW + MINUTE, '"x"')


async def test_a_feed_that_has_moved_for_days_is_asked_where_it_is(database: Database) -> None:
    looking = Looking(database)
    feed, new = await add_feed(database), "https://new.example/feed"
    for days in (0, 1, 1):
        seen = await looking.look(feed, body(new, "a", moved_to=new, etag='"x"'), days * DAY)
    assert (seen.url, seen.state.etag, seen.state.body_hash, seen.state.moved_looks) == (new, "", "", 0)
    assert seen.id == feed.id
    looking.web.answers[new] = body(new, "a")
    looking.clock.move(DAY)
    await looking.looker.look_at_due()
    assert looking.web.addresses == [feed.url] * 3 + [new]
    assert looking.web.asked[-1].headers == {}
    assert await looking.titles() == ["Title a"]


async def test_a_feed_that_says_for_days_that_it_has_moved_is_asked_there(database: Database) -> None:
    looking = Looking(database)
    feed, new = await add_feed(database), "https://new.example/feed"
    says = body(feed.url, "a", f"moved:{new}", etag='"x"')
    looking.web.answers[new] = body(new, "a", f"moved:{new}")
    for answer in (says, unchanged(feed.url), unchanged(feed.url)):
        assert (await looking.found(feed)).url == feed.url
        seen = await looking.look(feed, answer, DAY)
    assert (seen.id, seen.url, seen.state.etag, seen.state.moved_to) == (feed.id, new, "", "")
    assert looking.web.addresses == [feed.url] * 3 + [new]
    looking.clock.move(DAY)
    await looking.looker.look_at_due()
    assert looking.web.addresses[4:] == [new]
    assert await looking.titles() == ["Title a"]


@pytest.mark.parametrize(
    "there",
    [
        status(404),
        body("https://new.example/feed", "no-feed"),
        body("https://site1.example/feed.xml", "a", moved_to="https://site1.example/feed.xml"),
    ],
)
async def test_a_feed_is_not_asked_where_it_says_it_is_while_there_is_none(
    database: Database, there: Fetched | NotFetched
) -> None:
    looking = Looking(database)
    feed, new = await add_feed(database), "https://new.example/feed"
    looking.web.answers[new] = there
    for _ in range(6):
        seen = await looking.look(feed, body(feed.url, "a", f"moved:{new}"), DAY)
    assert (seen.url, seen.state.fault) == (feed.url, None)
    assert looking.web.addresses.count(new) == 2, "no more often than a move is believed"


async def test_a_feed_that_says_no_more_that_it_has_moved_stays(database: Database) -> None:
    looking = Looking(database)
    feed = await add_feed(database)
    says = body(feed.url, "a", "moved:https://new.example/feed")
    for answer in (says, says, body(feed.url, "a"), says):
        seen = await looking.look(feed, answer, DAY)
    assert (seen.url, seen.state.moved_looks) == (feed.url, 1)


async def test_a_feed_that_has_moved_to_another_feeds_address_leaves_it_that(database: Database) -> None:
    looking = Looking(database)
    feed, other = await add_feed(database, 1), await add_feed(database, 2)
    looking.web.answers[other.url] = body(other.url, "b")
    for days in (0, 1, 1):
        seen = await looking.look(feed, body(other.url, "a", moved_to=other.url), days * DAY)
    assert seen.url == feed.url
    assert seen.state.fault is not None
    assert seen.state.fault.trouble is FeedTrouble.DUPLICATE
    assert health_of(seen, looking.clock.now()) is FeedHealth.DUPLICATE
    assert other.url in seen.state.fault.words
    assert seen.state.next_look_at == NEVER
    assert (await looking.found(other)).state.fault is None
    assert sorted(await looking.titles()) == ["Title a", "Title b"]


@pytest.mark.parametrize(
    ("changes", "moved_to"),
    [
        ({"is_configured": True}, "https://new.example/feed"),
        ({}, "http://localhost:8080/feed"),
        ({}, "https://SITE1.example:443/feed.xml"),
        ({}, "http://new.example/feed"),
        ({"url": "rsshub://site/news"}, "https://new.example/feed"),
    ],
)
@pytest.mark.parametrize("is_said", [False, True], ids=["redirect", "said"])
async def test_a_feed_does_not_move_where_it_may_not(
    database: Database, changes: dict[str, Any], moved_to: str, *, is_said: bool
) -> None:
    options = replace(OPTIONS, allowed=AllowedHosts(["localhost:8080"]), rsshub="https://hub.example")
    looking = Looking(database, options)
    feed = await add_feed(database, **changes)
    address = feed.url.replace("rsshub:/", "https://hub.example")
    said, led = body(address, "a", f"moved:{moved_to}"), body(moved_to, "a", moved_to=moved_to)
    looking.web.answers[address] = said if is_said else led
    for _ in range(6):
        await looking.looker.look_at_due()
        looking.clock.move(DAY)
    assert (await looking.found(feed)).url == feed.url
    assert looking.web.addresses == [address] * 6


async def test_that_a_feed_of_the_settings_has_moved_is_logged_once(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    looking = Looking(database)
    feed, new = await add_feed(database, is_configured=True), "https://new.example/feed"
    for _ in range(6):
        await looking.look(feed, body(new, "a", moved_to=new), DAY)
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "a feed of the settings has moved: change its url there"
    ]


async def test_one_process_at_a_time(database: Database) -> None:
    first, second = Looking(database), Looking(database)
    feed = await add_feed(database)
    begun, end = asyncio.Event(), asyncio.Event()

    async def answer() -> Fetched:
        begun.set()
        await end.wait()
        return body(feed.url, "a")

    first.web.answers[feed.url] = answer
    second.web.answers[feed.url] = body(feed.url, "a")
    looks = asyncio.ensure_future(first.looker.look_at_due())
    await begun.wait()
    assert (await second.looker.look_at_due()).looked == 0
    end.set()
    assert (await looks).looked == 1
    second.clock.move(HOUR)
    assert (await second.looker.look_at_due()).looked == 1


async def test_the_turn_of_a_process_that_died_is_free_at_once(database: Database) -> None:
    looking = Looking(database)
    feed = await add_feed(database)
    process = await asyncio.create_subprocess_exec("true")
    await process.wait()
    gone = f"{platform.node()}:{process.pid}:x"
    await LeaseStore(database).take(FEEDS, gone, NOW, NOW + HOUR)
    await looking.look(feed, body(feed.url, "a"))
    assert len(looking.web.asked) == 1
    elsewhere = "another machine:1:x"
    await LeaseStore(database).take(FEEDS, elsewhere, NOW, NOW + HOUR)
    await looking.look(feed, body(feed.url, "a"), 3 * MINUTE)
    assert len(looking.web.asked) == 1


async def test_what_ended_before_a_fault_is_stored_and_the_rest_is_due_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = Looking(database)
    good, bad, late = [await add_feed(database, number) for number in (1, 2, 3)]

    ended: list[int] = []

    async def fail() -> Fetched:
        await until(lambda: bool(ended))
        raise StorageError("the disk is full")

    async def hang() -> Fetched:
        await asyncio.sleep(600)
        raise AssertionError

    looking.web.answers = {good.url: body(good.url, "a"), bad.url: fail, late.url: hang}
    with pytest.raises(StorageError):
        await looking.looker.look_at_due(lambda done, _total: ended.append(done))
    assert (await looking.found(good)).state.read_at == NOW
    assert [each.id for each in await looking.feeds.due(NOW, 9)] == [bad.id, late.id]
    # Servers are not asked again and again for what can't be stored.
    assert (await looking.looker.look_at_due()).looked == 0
    monkeypatch.setattr(looking.looker, "_not_before", 0.0)
    looking.web.answers = {bad.url: body(bad.url, "b"), late.url: body(late.url, "c")}
    assert (await looking.looker.look_at_due()).looked == 2
    assert sorted(await looking.titles()) == ["Title a", "Title b", "Title c"]


async def test_nothing_is_blamed_on_a_feed_that_could_not_be_read_for_want_of_a_process(database: Database) -> None:
    class NoReader(FakeReader):
        async def __call__(self, *_args: object) -> ReadFeed:
            raise ProcessUnavailable("The second process can't be started: no memory.")

    looking = Looking(database, reader=NoReader())
    feed = await add_feed(database)
    with pytest.raises(ProcessUnavailable):
        await looking.look(feed, body(feed.url, "a"))
    assert (await looking.found(feed)).state == feed.state


async def test_a_round_that_is_stopped_ends_what_it_began(database: Database) -> None:
    looking = Looking(database, replace(OPTIONS, at_once=2))
    feeds = [await add_feed(database, number) for number in range(6)]

    async def answer() -> Fetched:
        looking.looker.stop()
        return body("https://x.example/", "a")

    looking.web.answers = dict.fromkeys((each.url for each in feeds), answer)
    report = await looking.looker.look_at_due()
    assert report.looked == 2
    assert len(await looking.feeds.due(NOW, 9)) == 4
    assert (await looking.looker.look_at_due()).looked == 0


async def test_a_round_that_is_cancelled_stores_what_has_ended(database: Database) -> None:
    looking = Looking(database)
    good, slow = await add_feed(database, 1), await add_feed(database, 2)

    async def hang() -> Fetched:
        await asyncio.sleep(600)
        raise AssertionError

    looking.web.answers = {good.url: body(good.url, "a"), slow.url: hang}
    ended: list[int] = []
    looks = asyncio.ensure_future(looking.looker.look_at_due(lambda done, _total: ended.append(done)))
    await until(lambda: bool(ended))
    looks.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looks
    assert [each.id for each in await looking.feeds.due(NOW, 9)] == [slow.id]


async def test_progress_is_told(database: Database) -> None:
    looking = Looking(database, replace(OPTIONS, at_once=1))
    for number in range(3):
        await add_feed(database, number)
    told: list[tuple[int, int]] = []
    await looking.looker.look_at_due(lambda done, total: told.append((done, total)))
    assert told[-1] == (3, 3)
    assert [done for done, _ in told] == [1, 2, 3]


async def test_moments_of_a_wrong_clock_are_repaired(database: Database) -> None:
    looking = Looking(database, replace(OPTIONS, pace=LookPace()))
    feed = await add_feed(database, state=feed_state(next_look_at=NOW + 900 * DAY))
    assert await looking.looker.repair_moments() == 1
    await looking.look(feed, body(feed.url, "a"))
    assert len(looking.web.asked) == 1
    assert await looking.looker.repair_moments() == 0


async def test_a_feed_that_is_removed_during_its_look_brings_nothing_more(database: Database) -> None:
    looking = Looking(database)
    feed = await add_feed(database)

    async def remove_meanwhile() -> Fetched:
        await looking.feeds.remove(feed.id)
        return body(feed.url, "a", "b")

    looking.web.answers[feed.url] = remove_meanwhile
    report = await looking.looker.look_at_due()
    assert (report.looked, report.new) == (1, 0)
    assert await looking.titles() == []
    # Whoever adds it again has it whole.
    again = await looking.look(await add_feed(database), body(feed.url, "a", "b"))
    assert again.id != feed.id
    assert await looking.titles() == ["Title b", "Title a"]


async def test_a_feed_that_is_placed_elsewhere_during_its_look_is_read_again(database: Database) -> None:
    looking = Looking(database)
    feed = await add_feed(database)

    async def place_meanwhile() -> Fetched:
        await looking.feeds.change(feed.id, options=FeedOptions(("Elsewhere",)))
        return body(feed.url, "a", etag='"1"')

    looking.web.answers[feed.url] = place_meanwhile
    await looking.looker.look_at_due()
    await looking.look(feed, body(feed.url, "a", etag='"1"'), HOUR)
    assert looking.web.asked[-1].headers == {}
    assert [options.category for _, options in looking.reader.read][1:] == [("Elsewhere",)]


async def test_a_look_that_was_stored_twice_changes_nothing(database: Database) -> None:
    looking = Looking(database)
    feed = await add_feed(database)
    seen = await looking.look(feed, body(feed.url, "a"))
    await looking.feeds.store_looks([FeedLook(feed, replace(seen.state, next_look_at=NOW + 9 * HOUR))])
    assert (await looking.found(feed)).state.next_look_at == seen.state.next_look_at


async def test_two_callers_at_once_are_one_round_after_the_other(database: Database) -> None:
    looking = Looking(database)
    feed = await add_feed(database)
    looking.web.answers[feed.url] = body(feed.url, "a")
    reports = await asyncio.gather(looking.looker.look_at_due(), looking.looker.look_at_due())
    assert sorted(report.looked for report in reports) == [0, 1]
    assert len(looking.web.asked) == 1
    assert (await looking.found(feed)).state.news_at == NOW
