"""Admins are told of a feed's trouble once, together with others, and not again until it was well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from digests.feeds.reports import FeedConcern, FeedReporter
from digests.model.feed import Feed, FeedFault, FeedHealth, FeedId, FeedTrouble
from tests.factories.ailing_feeds import failing_feed, make_feed, silent_feed
from tests.factories.times import DAY, HOUR, NOW


class FakeFeeds:
    """Feeds in memory, as a store keeps them."""

    def __init__(self, *feeds: Feed) -> None:
        self.feeds = {feed.id: feed for feed in feeds}
        self.writes = 0
        self.facts: dict[str, tuple[str, datetime]] = {}

    async def ailing(self, silent_since: datetime) -> Sequence[Feed]:
        return tuple(
            feed
            for feed in self.feeds.values()
            if feed.state.reported
            or feed.state.failing_since is not None
            or (feed.state.news_at is not None and feed.state.news_at < silent_since)
        )

    async def note_reported(self, reported: Mapping[FeedId, str]) -> None:
        self.writes += 1
        for feed_id, told in reported.items():
            self.change(feed_id, reported=told)

    async def note(self, name: str, value: str, now: datetime) -> None:
        self.facts[name] = (value, now)

    async def fact(self, name: str) -> tuple[str, datetime] | None:
        return self.facts.get(name)

    def change(self, feed_id: int, **state: object) -> None:
        feed = self.feeds[FeedId(feed_id)]
        self.feeds[FeedId(feed_id)] = replace(feed, state=replace(feed.state, **state))  # type: ignore[arg-type]


class FakeAdmins:
    """Admins who are told, and whom Telegram may not reach."""

    def __init__(self) -> None:
        self.told: list[list[tuple[int, FeedHealth]]] = []
        self.reachable = True

    async def tell(self, concerns: Sequence[FeedConcern]) -> bool:
        if self.reachable:
            self.told.append([(concern.feed.id, concern.health) for concern in concerns])
        return self.reachable


def reporter_of(*feeds: Feed) -> tuple[FeedReporter, FakeFeeds, FakeAdmins]:
    store, admins = FakeFeeds(*feeds), FakeAdmins()
    return FeedReporter(store, store, admins.tell), store, admins


async def test_what_is_well_is_not_told() -> None:
    reporter, store, admins = reporter_of(make_feed(1), make_feed(2, read_at=NOW, looked_at=NOW, news_at=NOW - 9 * DAY))
    assert await reporter.report(NOW) == 0
    assert admins.told == []
    assert store.writes == 0


async def test_all_at_once_the_gravest_first_and_only_once() -> None:
    gone = failing_feed(4, FeedTrouble.GONE, title="Zebra")
    reporter, store, admins = reporter_of(silent_feed(1), failing_feed(2, title="b"), failing_feed(3, title="A"), gone)
    assert await reporter.report(NOW) == 4
    assert admins.told == [
        [(4, FeedHealth.GONE), (3, FeedHealth.FAILING), (2, FeedHealth.FAILING), (1, FeedHealth.SILENT)]
    ]
    assert store.feeds[FeedId(4)].state.reported == "gone"
    # A new reporter is what a restart makes.
    for later in range(5):
        assert await FeedReporter(store, store, admins.tell).report(NOW + later * DAY) == 0
    assert len(admins.told) == 1


async def test_thousands_become_one_message_and_one_write() -> None:
    reporter, store, admins = reporter_of(*(failing_feed(number) for number in range(1, 3001)))
    assert await reporter.report(NOW) == 3000
    assert len(admins.told) == 1
    assert store.writes == 1


async def test_what_follows_within_a_day_waits_for_the_next_message() -> None:
    reporter, store, admins = reporter_of(*(make_feed(number) for number in range(1, 25)))
    for hour in range(24):
        store.feeds[FeedId(hour + 1)] = failing_feed(hour + 1)
        await reporter.report(NOW + hour * HOUR)
    await reporter.report(NOW + 45 * HOUR)
    assert [len(told) for told in admins.told] == [1, 20, 3]
    store.change(1, failures=0, failing_since=None, fault=None, read_at=NOW)
    await reporter.report(NOW + 46 * HOUR)
    assert store.feeds[FeedId(1)].state.reported == "", "what is well is forgotten at any time"


async def test_what_becomes_worse_is_told_again_and_what_becomes_less_is_not() -> None:
    reporter, store, admins = reporter_of(silent_feed(1))
    await reporter.report(NOW)
    fault = FeedFault(FeedTrouble.SERVER, "it answers 500")
    store.change(1, failures=5, failing_since=NOW - 3 * DAY, fault=fault)
    await reporter.report(NOW + DAY)
    store.change(1, failures=0, failing_since=None, fault=None)
    await reporter.report(NOW + 2 * DAY)
    store.change(1, failures=5, failing_since=NOW - 3 * DAY, fault=fault)
    await reporter.report(NOW + 3 * DAY)
    assert admins.told == [[(1, FeedHealth.SILENT)], [(1, FeedHealth.FAILING)]]


async def test_what_was_well_meanwhile_is_told_again() -> None:
    reporter, store, admins = reporter_of(failing_feed(1))
    await reporter.report(NOW)
    store.change(1, failures=0, failing_since=None, fault=None, read_at=NOW)
    assert await reporter.report(NOW + HOUR) == 0
    assert store.feeds[FeedId(1)].state.reported == ""
    store.change(1, failures=4, failing_since=NOW + HOUR, fault=FeedFault(FeedTrouble.SERVER, "it answers 500"))
    assert await reporter.report(NOW + 4 * DAY) == 1
    assert len(admins.told) == 2


async def test_a_paused_feed_is_neither_told_nor_forgotten() -> None:
    paused = failing_feed(1, is_paused=True)
    reporter, store, admins = reporter_of(paused, failing_feed(2, is_paused=True, reported="failing"))
    assert await reporter.report(NOW) == 0
    assert store.feeds[FeedId(2)].state.reported == "failing"
    store.feeds[FeedId(2)] = replace(store.feeds[FeedId(2)], is_paused=False)
    assert await reporter.report(NOW) == 0
    assert admins.told == []


async def test_without_anybody_to_tell_it_is_told_later() -> None:
    reporter, store, admins = reporter_of(failing_feed(1, reported="silent"))
    admins.reachable = False
    assert await reporter.report(NOW) == 0
    assert store.feeds[FeedId(1)].state.reported == "silent"
    admins.reachable = True
    assert await reporter.report(NOW + HOUR) == 1


async def test_what_an_earlier_version_told_does_no_harm() -> None:
    reporter, _, admins = reporter_of(failing_feed(1, reported="something else"))
    assert await reporter.report(NOW) == 1
    assert admins.told == [[(1, FeedHealth.FAILING)]]
