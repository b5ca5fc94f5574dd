"""The list of feeds as admins look through it: those with trouble first, narrowed, counted, a page at a time."""

from __future__ import annotations

from digests.ingest.items import take_in_items
from digests.model.feed import Feed, FeedFault, FeedTrouble
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.feeds.lists import FeedFilter, FeedListStore
from tests.factories.feeds import add_feed, feed_item, feed_state
from tests.factories.times import HOUR, NOW

FAILS = feed_state(fault=FeedFault(FeedTrouble.SERVER, "500"), failures=1, failing_since=NOW)


async def names(store: FeedListStore, shown: FeedFilter = FeedFilter.ALL, words: str = "") -> list[str]:
    """Return the titles on the first page."""
    return [feed.title for feed in (await store.page(shown, 0, 100, words)).feeds]


async def test_those_with_trouble_come_first_and_paused_ones_last(database: Database) -> None:
    await add_feed(database, 1, title="beta")
    await add_feed(database, 2, title="Alpha")
    await add_feed(database, 3, title="fails", state=FAILS)
    await add_feed(database, 4, title="was told", state=feed_state(reported="silent"))
    await add_feed(database, 5, title="Aaa paused", is_paused=True, state=FAILS)
    await add_feed(database, 6, title="")
    store = FeedListStore(database)
    assert await names(store) == ["was told", "fails", "Alpha", "beta", "", "Aaa paused"]
    assert await names(store, FeedFilter.TROUBLE) == ["was told", "fails"]
    assert await names(store, FeedFilter.PAUSED) == ["Aaa paused"]
    page = await store.page(FeedFilter.TROUBLE, 0, 1)
    assert (page.total, page.every, page.trouble, page.paused) == (2, 6, 2, 1)


async def test_a_page_beyond_the_end_is_the_last(database: Database) -> None:
    for number in range(5):
        await add_feed(database, number + 1, title=f"Feed {number}")
    store = FeedListStore(database)
    page = await store.page(FeedFilter.ALL, 10**14, 2)
    assert (page.offset, [feed.title for feed in page.feeds]) == (4, ["Feed 4"])
    nothing = await store.page(FeedFilter.PAUSED, 8, 2)
    assert (nothing.offset, nothing.feeds, nothing.total) == (0, (), 0)


async def test_words_are_found_in_titles_and_addresses_as_they_are_written(database: Database) -> None:
    await add_feed(database, 1, title="100% Moon_Times", url="https://a.example/Feed")
    await add_feed(database, 2, title="月球日报", url="https://b.example/feed")
    store = FeedListStore(database)
    for words, found in (
        ("MOON", 1), ("times a.example/f", 1), ("月球", 1), ("feed", 2), ("0%", 1), ("n_t", 1), ("o_n", 0), ("%", 1),
        ("\\", 0), ("'", 0), ("moon 月球", 0), ("", 2),
    ):  # fmt: skip
        page = await store.page(FeedFilter.ALL, 0, 10, words)
        assert (page.total, page.every) == (found, found), words


async def test_a_feed_shows_its_newest_articles_which_a_removed_one_has_no_more(database: Database) -> None:
    feeds: list[Feed] = [await add_feed(database, number) for number in (1, 2)]
    items = [feed_item(str(number), published_at=NOW - number * HOUR) for number in range(5)]
    store, posts = FeedListStore(database), IngestStore(database)
    for feed in feeds:
        # Both bring the same.
        await take_in_items(feed.origin, items, posts, NOW, None, is_first_look=True)
    for feed in feeds:
        shown = await ArticleStore(database).get(await store.latest(feed.id, 3))
        assert [article.title for article in shown] == ["Title 0", "Title 1", "Title 2"]
    assert await store.latest(feeds[1].id, 9) == await store.latest(feeds[0].id, 9)
