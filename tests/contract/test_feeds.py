"""The feeds that the bot looks at: stored once each, due in turn, and never changed behind an admin's back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from digests.feeds.looking import FEEDS
from digests.model.feed import (
    NEVER,
    Feed,
    FeedFault,
    FeedId,
    FeedKind,
    FeedLook,
    FeedOptions,
    FeedState,
    FeedTrouble,
    NewFeed,
    feed_origin,
)
from digests.storage.articles.write import IngestStore
from digests.storage.cluster.leases import LeaseStore
from digests.storage.database import Database
from digests.storage.feeds.feeds import FeedAddressTaken, FeedStore
from digests.storage.feeds.lists import FeedFilter, FeedListStore
from digests.storage.schema.article_tables import articles, posts
from tests.factories.articles import parsed_post, read_post
from tests.factories.feeds import FAULT, add_feed, feed_state
from tests.factories.times import DAY, HOUR, MINUTE, NOW

URL = "https://site.example/feed.xml"
PLAIN = FeedOptions()
OPTIONS = FeedOptions(("新闻", "C/C++"), "zh-Hant", 30, True, True, "Mozilla/5.0")
STATE = FeedState(
    next_look_at=NOW + HOUR,
    looked_at=NOW,
    read_at=NOW - HOUR,
    news_at=NOW - DAY,
    etag='W/"a "b" c"',
    last_modified="Sat, 06 Jun 2026 07:00:00 GMT",
    body_hash="1.abc",
    moved_to="https://new.example/feed",
    moved_looks=2,
    moved_at=NOW - DAY,
    failures=3,
    failing_since=NOW - 2 * DAY,
    fault=FAULT,
    least_minutes=45,
    brought=(NOW - 2 * DAY, NOW - DAY + timedelta(microseconds=5)),
)


async def add(store: FeedStore, url: str = URL, options: FeedOptions = PLAIN) -> tuple[Feed, bool]:
    """Add a feed by its address."""
    return await store.add(url, "", "", FeedKind.NONE, options, NOW)


async def test_a_feed_is_stored_whole(database: Database) -> None:
    store = FeedStore(database)
    added, is_new = await store.add(
        URL, "Feed 一", "https://site.example/", FeedKind.ATOM, OPTIONS, NOW, is_configured=True
    )
    assert is_new
    assert added == Feed(
        added.id,
        URL,
        "Feed 一",
        "https://site.example/",
        FeedKind.ATOM,
        OPTIONS,
        FeedState(NOW),
        NOW,
        is_configured=True,
    )
    assert await store.find(added.id) == added == await store.by_url(URL)
    assert await store.all() == (added,)
    assert await store.find(FeedId(added.id + 1)) is None
    assert await store.by_url("https://other.example/") is None


@pytest.mark.parametrize("other", [URL, "https://SITE.example:443/feed.xml", "https://site.example/feed.xml#top"])
async def test_one_feed_is_added_once(database: Database, other: str) -> None:
    store = FeedStore(database)
    first, _ = await add(store, options=OPTIONS)
    again, is_new = await add(store, other)
    assert (again, is_new) == (first, False)


async def test_two_admins_add_one_feed_at_once(database: Database) -> None:
    store = FeedStore(database)
    added = await asyncio.gather(*(add(FeedStore(database)) for _ in range(5)))
    assert sorted(is_new for _, is_new in added) == [False] * 4 + [True]
    assert await store.count() == 1


async def test_many_are_added_at_once_each_once(database: Database) -> None:
    store = FeedStore(database)
    there, _ = await add(store)
    wanted = [NewFeed(f"https://site{number % 700}.example/") for number in range(1400)] + [NewFeed(URL)]
    added = await store.add_all(wanted, NOW)
    assert [is_new for _, is_new in added] == [True] * 700 + [False] * 701
    assert added[0][0] == added[700][0]
    assert added[-1][0] == there
    assert await store.count() == 701
    assert await store.known_urls([URL, "https://site3.example", "https://unknown.example/"]) == {
        URL,
        "https://site3.example/",
    }
    assert await store.add_all([], NOW) == []


async def test_all_are_in_order_of_their_titles_in_pages_too(database: Database) -> None:
    store = FeedStore(database)
    for number, title in enumerate(["beta", "", "Alpha", "中文"]):
        await store.add(f"https://{number}.example/", title, "", FeedKind.RSS, FeedOptions(), NOW)
    titles = [each.title for each in await store.all()]
    assert titles == ["Alpha", "beta", "中文", ""]
    lists = FeedListStore(database)
    paged = [each.title for offset in (0, 2) for each in (await lists.page(FeedFilter.ALL, offset, 2)).feeds]
    assert paged == titles


async def test_due_are_those_whose_time_has_come_and_that_are_not_paused(database: Database) -> None:
    store = FeedStore(database)
    assert await store.next_moment() is None
    late = await add_feed(database, 1, state=feed_state(next_look_at=NOW - HOUR))
    now = await add_feed(database, 2, state=feed_state(next_look_at=NOW))
    soon = await add_feed(database, 3, state=feed_state(next_look_at=NOW + MINUTE))
    await add_feed(database, 4, state=feed_state(next_look_at=NOW - DAY), is_paused=True)
    await add_feed(database, 5, state=feed_state(next_look_at=NEVER))
    assert await store.due(NOW, 10) == (late, now)
    assert await store.due(NOW, 1) == (late,)
    assert await store.due(NOW + HOUR, 10) == (late, now, soon)
    assert await store.next_moment() == NOW - HOUR
    await store.remove(late.id)
    await store.remove(now.id)
    assert await store.next_moment() == NOW + MINUTE
    await store.remove(soon.id)
    assert await store.next_moment() is None


async def test_what_looks_have_left_is_stored(database: Database) -> None:
    store = FeedStore(database)
    first, _ = await add(store)
    second = await add_feed(database, 2)
    bare = FeedState(NOW + DAY)
    await store.store_looks(
        [FeedLook(first, STATE, "A title", "https://site.example/", FeedKind.RDF), FeedLook(second, bare)]
    )
    found = await store.find(first.id)
    assert found is not None
    assert (found.state, found.title, found.link, found.kind) == (
        STATE,
        "A title",
        "https://site.example/",
        FeedKind.RDF,
    )
    assert await store.find(second.id) == replace(second, state=bare)
    # What a feed is called stays: articles may be placed under it.
    await store.store_looks([FeedLook(found, STATE, "Another title")])
    assert (await store.find(first.id)) == found
    await store.store_looks([])


async def test_a_look_changes_nothing_that_an_admin_did_meanwhile(database: Database) -> None:
    store = FeedStore(database)
    paused, removed, moved, hurried, placed, renamed = [await add_feed(database, number) for number in range(1, 7)]
    await store.change(paused.id, is_paused=True)
    await store.remove(removed.id)
    await store.change(moved.id, url="https://new.example/")
    await store.change(hurried.id, next_look_at=NOW + MINUTE)
    await store.change(placed.id, options=OPTIONS)
    await store.change(renamed.id, options=FeedOptions(every=30, user_agent="Mozilla/5.0"))
    await store.store_looks([FeedLook(each, STATE) for each in (paused, removed, moved, hurried, placed, renamed)])
    found = {each.id: each for each in await store.all()}
    assert removed.id not in found
    assert found[paused.id].is_paused
    assert found[moved.id].state == FeedState(NOW)
    assert found[hurried.id].state == replace(STATE, next_look_at=NOW + MINUTE)
    # What was read by its options of before is to be read again.
    again = replace(STATE, etag="", last_modified="", body_hash="")
    assert (found[placed.id].options, found[placed.id].state) == (OPTIONS, again)
    assert found[renamed.id].state == STATE


async def test_what_admins_were_told_is_stored_apart(database: Database) -> None:
    store = FeedStore(database)
    first, _ = await add(store)
    await store.note_reported({first.id: "silent", FeedId(99): "gone"})
    await store.note_reported({})
    await store.store_looks([FeedLook(first, STATE)])
    found = await store.find(first.id)
    assert found is not None
    assert found.state == replace(STATE, reported="silent")


async def test_a_new_address_begins_anew(database: Database) -> None:
    store = FeedStore(database)
    first = await add_feed(database, 1, state=STATE)
    other, _ = await add(store)
    changed = await store.change(first.id, url="HTTPS://new.example:443/feed")
    assert changed is not None
    assert changed.url == "https://new.example/feed"
    state = changed.state
    assert (state.etag, state.last_modified, state.body_hash, state.moved_to, state.moved_looks, state.moved_at) == (
        "",
        "",
        "",
        "",
        0,
        None,
    )
    assert state.brought == STATE.brought
    with pytest.raises(FeedAddressTaken):
        await store.change(first.id, url=other.url)
    assert await store.change(first.id, url=changed.url, title="B") == replace(changed, title="B")


async def test_a_feed_moves_only_from_where_it_was(database: Database) -> None:
    store = FeedStore(database)
    first, other = await add_feed(database, 1, state=STATE), await add_feed(database, 2)
    with pytest.raises(FeedAddressTaken):
        await store.move(first, other.url)
    moved = await store.move(first, "https://New.example")
    assert moved is not None
    assert (moved.url, moved.state.etag, moved.state.moved_looks) == ("https://new.example/", "", 0)
    assert await store.move(first, "https://third.example/") is None
    assert await store.find(first.id) == moved


async def test_other_options_have_a_feed_read_again(database: Database) -> None:
    store = FeedStore(database)
    first = await add_feed(database, 1, state=STATE)
    same = await store.change(first.id, options=first.options)
    assert same == first
    oftener = replace(first.options, every=5, user_agent="x")
    assert await store.change(first.id, options=oftener) == replace(first, options=oftener)
    changed = await store.change(first.id, options=OPTIONS, next_look_at=NOW)
    assert changed is not None
    assert changed.options == OPTIONS
    assert (changed.state.etag, changed.state.body_hash, changed.state.next_look_at) == ("", "", NOW)
    assert await store.change(FeedId(99), title="x") is None
    assert await store.change(first.id) == changed


async def test_due_feeds_come_in_pages(database: Database) -> None:
    store = FeedStore(database)
    for number in range(7):
        await add_feed(database, number, state=feed_state(next_look_at=NOW - number % 3 * HOUR))
    everything = await store.due(NOW, 100)
    paged: list[Feed] = []
    while page := await store.due(NOW, 2, paged[-1] if paged else None):
        paged += page
    assert tuple(paged) == everything
    assert len(paged) == 7


async def test_ailing_are_those_that_fail_are_silent_or_were_told_of(database: Database) -> None:
    store = FeedStore(database)
    await add_feed(database, 1, state=feed_state(news_at=NOW))
    failing = await add_feed(database, 2, state=feed_state(failures=1, fault=FAULT, failing_since=NOW))
    silent = await add_feed(database, 3, state=feed_state(news_at=NOW - DAY))
    told = await add_feed(database, 4, state=feed_state(news_at=NOW, reported="silent"))
    await add_feed(database, 5)
    assert await store.ailing(NOW - HOUR) == (failing, silent, told)


async def test_articles_of_a_removed_feed_stay(database: Database) -> None:
    store = FeedStore(database)
    first, second = await add_feed(database, 1), await add_feed(database, 2)
    ingest = IngestStore(database)
    for each in (first, second):
        await ingest.write(each.origin, [read_post("key", parsed_post(each.title))], NOW)
    async with database.write() as connection:
        for each in (first, second):
            its = articles.c.title == each.title
            await connection.execute(sa.update(articles).where(its).values(origin=each.origin))
    assert await store.remove(first.id) == first
    assert await store.remove(first.id) is None
    async with database.read() as connection:
        rows = (await connection.execute(sa.select(articles.c.title, articles.c.origin).order_by("title"))).all()
        origins = set((await connection.execute(sa.select(posts.c.origin))).scalars())
    assert [tuple(row) for row in rows] == [(first.title, ""), (second.title, second.origin)]
    assert origins == {second.origin}


async def test_the_origin_of_a_removed_feed_is_never_anothers(database: Database) -> None:
    store = FeedStore(database)
    first, _ = await add(store)
    await store.remove(first.id)
    again, is_new = await add(store)
    assert is_new
    assert again.origin != first.origin == feed_origin(first.id)


async def test_moments_of_a_wrong_clock_are_set_back(database: Database) -> None:
    store = FeedStore(database)
    far = await add_feed(database, 1, state=feed_state(next_look_at=NOW + 400 * DAY))
    await add_feed(database, 2, state=feed_state(next_look_at=NOW + 7 * DAY))
    gone = feed_state(next_look_at=NEVER, fault=FeedFault(FeedTrouble.GONE, "the server answers 410"))
    await add_feed(database, 3, state=gone)
    assert await store.set_back(NOW, 8 * DAY) == 1
    assert await store.set_back(NOW, 8 * DAY) == 0
    assert [each.id for each in await store.due(NOW, 9)] == [far.id]


async def test_looks_of_a_clock_that_was_set_back_count_from_now_on(database: Database) -> None:
    store = FeedStore(database)
    before = feed_state(looked_at=NOW + 5 * DAY, next_look_at=NOW + 5 * DAY + HOUR)
    ahead = await add_feed(database, 1, state=before)
    right = await add_feed(database, 2, state=feed_state(looked_at=NOW, next_look_at=NOW + 2 * DAY))
    assert await store.set_back(NOW, 8 * DAY) == 1
    assert await store.set_back(NOW + MINUTE, 8 * DAY) == 0
    found = await store.find(ahead.id)
    assert found is not None
    assert found.state == replace(before, looked_at=NOW, next_look_at=NOW + HOUR)
    assert await store.find(right.id) == right


async def test_one_process_at_a_time_looks_at_feeds(database: Database) -> None:
    first, second = LeaseStore(database), LeaseStore(database)
    assert await first.holder(FEEDS) == ""
    assert await first.take(FEEDS, "first", NOW, NOW + MINUTE)
    assert not await second.take(FEEDS, "second", NOW + MINUTE / 2, NOW + MINUTE / 2 + MINUTE)
    assert await first.take(FEEDS, "first", NOW + MINUTE / 2, NOW + MINUTE / 2 + MINUTE)
    assert not await second.take(FEEDS, "second", NOW + MINUTE, NOW + MINUTE + MINUTE)
    assert await second.holder(FEEDS) == "first"
    await second.release(FEEDS, "second")
    assert await second.take(FEEDS, "second", NOW + 2 * MINUTE, NOW + 2 * MINUTE + MINUTE)
    await second.release(FEEDS, "second")
    assert await first.take(FEEDS, "first", NOW + 2 * MINUTE, NOW + 2 * MINUTE + MINUTE)


async def test_the_turn_of_a_process_that_is_gone_passes_on_at_once(database: Database) -> None:
    turn = LeaseStore(database)
    assert await turn.take(FEEDS, "dead", NOW, NOW + MINUTE)
    assert not await turn.take(FEEDS, "second", NOW, NOW + MINUTE, instead_of="another")
    assert await turn.take(FEEDS, "second", NOW, NOW + MINUTE, instead_of="dead")


async def test_a_turn_that_a_wrong_clock_gave_is_over(database: Database) -> None:
    turn = LeaseStore(database)
    assert await turn.take(FEEDS, "first", NOW + 400 * DAY, NOW + 400 * DAY + MINUTE)
    assert await turn.take(FEEDS, "second", NOW, NOW + MINUTE)
