"""How all feeds are, by a few queries, whatever their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from digests.feeds.overview import FeedOverviews
from digests.feeds.reports import FeedConcern, FeedReporter
from digests.model.feed import FeedFault, FeedHealth, FeedOptions, FeedState, FeedTrouble
from digests.storage.database import Database
from digests.storage.feeds.counts import FeedCounts, FeedCountStore
from digests.storage.feeds.feeds import FeedStore
from digests.storage.people.people import PeopleStore
from tests.factories.ailing_feeds import failing_feed, make_feed, silent_feed
from tests.factories.feeds import add_feed
from tests.factories.times import DAY, NOW
from tests.queries import counting


def overviews(database: Database) -> FeedOverviews:
    return FeedOverviews(FeedStore(database), FeedCountStore(database))


async def fill(database: Database) -> None:
    """Add a feed of each kind, and some that are two kinds at once."""
    gone = FeedFault(FeedTrouble.GONE, "it answers 410")
    fine = replace(make_feed().state, looked_at=NOW, read_at=NOW, news_at=NOW)
    full = FeedOptions(full_text=True)
    states: list[tuple[FeedState, bool, FeedOptions]] = [
        (make_feed().state, False, full),
        (make_feed().state, True, full),
        (fine, False, full),
        (replace(fine, news_at=NOW - 30 * DAY), False, FeedOptions()),
        (silent_feed().state, False, FeedOptions()),
        (silent_feed().state, True, FeedOptions()),
        (failing_feed().state, False, FeedOptions()),
        (replace(failing_feed().state, read_at=NOW - 9 * DAY), False, FeedOptions()),
        (replace(failing_feed().state, failures=1, failing_since=NOW), False, FeedOptions()),
        (replace(fine, failures=1, failing_since=NOW, fault=gone), False, FeedOptions()),
    ]
    for number, (state, is_paused, options) in enumerate(states, 1):
        await add_feed(database, number, state=state, is_paused=is_paused, options=options)


async def test_each_feed_counts_once(database: Database) -> None:
    assert (await overviews(database).overview(NOW)).counts == {}
    await fill(database)
    with counting() as statements:
        overview = await overviews(database).overview(NOW)
    assert len(statements) == 2
    assert dict(overview.counts) == {
        FeedHealth.NEW: 2,
        FeedHealth.FINE: 2,
        FeedHealth.SILENT: 1,
        FeedHealth.FAILING: 2,
        FeedHealth.GONE: 1,
        FeedHealth.PAUSED: 2,
    }
    assert [concern.health for concern in overview.concerns] == [
        FeedHealth.GONE,
        FeedHealth.FAILING,
        FeedHealth.FAILING,
        FeedHealth.SILENT,
    ]
    assert overview.full_text == 2
    assert await FeedCountStore(database).counts() == FeedCounts(total=10, paused=2, unread=3, full_text=2)


async def test_what_was_told_is_kept_over_a_restart_and_forgotten_when_it_ends(database: Database) -> None:
    await fill(database)
    told: list[list[FeedHealth]] = []

    async def tell(concerns: Sequence[FeedConcern]) -> bool:
        told.append([concern.health for concern in concerns])
        return True

    def reporter() -> FeedReporter:
        return FeedReporter(FeedStore(database), PeopleStore(database), tell)

    assert await reporter().report(NOW) == 4
    assert await reporter().report(NOW) == 0
    silent = next(feed for feed in await FeedStore(database).all() if feed.state.reported == "silent")
    assert await reporter().report(NOW + DAY) == 0
    assert len(told) == 1
    assert silent.state.brought == silent_feed().state.brought
