"""What admins and the program do with feeds, on every database."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from digests.feeds.book import FeedBook, FeedBookOptions
from digests.fetch.guard import AllowedHosts
from digests.model.feed import Feed, FeedFault, FeedId, FeedKind, FeedLook, FeedOptions, FeedTrouble
from digests.model.feed_refusal import FeedRefusal, FeedRefused
from digests.origins.feed.opml import read_opml
from digests.storage.articles.categories import CategoryStore
from digests.storage.database import Database
from digests.storage.feeds.feeds import FeedStore
from tests.factories.feeds import add_feed, feed_state
from tests.factories.times import DAY, HOUR, NOW
from tests.fake_web import FakeWeb, one_line_feed, page
from tests.fakes import FakeClock

URL = "https://news.example/feed"
OPTIONS = FeedOptions()


class Desk:
    """A book over a database and a web of its own."""

    def __init__(self, database: Database) -> None:
        self.web = FakeWeb({URL: one_line_feed("News", 5)})
        self.clock = FakeClock(NOW)
        self.store = FeedStore(database)
        self.categories = CategoryStore(database)
        options = FeedBookOptions(AllowedHosts(["127.0.0.1:1200"]), 2 * DAY)
        self.book = FeedBook(self.store, self.web.visitor(), self.categories, self.clock, options)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_an_added_feed_is_due_at_once_and_there_once(desk: Desk) -> None:
    added = await desk.book.add("HTTPS://News.example:443/feed#x", OPTIONS, title="News", kind=FeedKind.RSS)
    assert added.is_new
    feed = added.feed
    assert (feed.url, feed.title, feed.kind, feed.state.next_look_at) == (URL, "News", FeedKind.RSS, NOW)
    again = await desk.book.add(URL, FeedOptions(category=("Other",)), title="Else")
    assert (again.feed, again.is_new) == (feed, False)
    assert await desk.book.all() == (feed,)
    assert await desk.book.get(feed.id) == feed
    assert await desk.book.by_address("news.example/feed") == feed
    assert desk.web.asked == []


async def test_two_who_add_a_feed_at_once_add_one(desk: Desk) -> None:
    added = await asyncio.gather(*(desk.book.add(URL, OPTIONS) for _ in range(8)))
    assert sum(each.is_new for each in added) == 1
    assert len({each.feed.id for each in added}) == 1
    assert len(await desk.book.all()) == 1


REFUSED = [
    ("file:///etc/passwd", FeedRefusal.NOT_WEB),
    ("gopher://a.example/", FeedRefusal.NOT_WEB),
    ("https://me:secret@a.example/", FeedRefusal.HAS_PASSWORD),
    (f"https://a.example/{'x' * 10_000}", FeedRefusal.TOO_LONG),
    ("http://169.254.169.254/latest/meta-data", FeedRefusal.NOT_PUBLIC),
    ("http://127.0.0.1/feed", FeedRefusal.NOT_PUBLIC),
    ("http://127.0.0.1:1201/feed", FeedRefusal.NOT_PUBLIC),
    ("http://[::1]/feed", FeedRefusal.NOT_PUBLIC),
    ("http://2130706433/feed", FeedRefusal.NOT_PUBLIC),
    ("https://a.example:22/feed", FeedRefusal.NOT_PUBLIC),
]


async def test_what_the_bot_would_not_ask_is_neither_added_nor_asked(desk: Desk) -> None:
    for address, reason in REFUSED:
        for act in (desk.book.add(address, OPTIONS), desk.book.try_out(address, OPTIONS), desk.book.find(address)):
            with pytest.raises(FeedRefused) as error:
                await act
            assert error.value.reason is reason, address
            assert "secret" not in str(error.value)
    assert await desk.book.all() == ()
    assert desk.web.asked == []


async def test_a_host_that_is_allowed_by_name_is_asked(desk: Desk) -> None:
    assert (await desk.book.add("http://127.0.0.1:1200/36kr", OPTIONS)).is_new


async def test_a_feed_is_tried_out_as_readers_would_see_it(desk: Desk) -> None:
    tried = await desk.book.try_out("news.example/feed", FeedOptions(user_agent="Mozilla/5.0"))
    assert tried.fault is None
    assert tried.known is None
    assert [each.item.key for each in tried.latest] == ["4", "3", "2"]
    assert [each.is_news for each in tried.latest] == [True, True, False]
    assert tried.news == 2
    assert (tried.answer.status, tried.answer.final_url, tried.answer.headers["etag"]) == (200, URL, '"1"')
    assert desk.web.agents == ["Mozilla/5.0"]
    assert await desk.book.all() == ()
    added = await desk.book.add(URL, OPTIONS)
    assert (await desk.book.try_out(URL, OPTIONS)).known == added.feed


async def test_what_is_no_feed_says_why_when_it_is_tried_out(desk: Desk) -> None:
    desk.web.pages[URL] = page("<p>hello")
    tried = await desk.book.try_out(URL, OPTIONS)
    assert tried.fault is not None
    assert (tried.latest, tried.news) == ((), 0)
    missing = await desk.book.try_out("https://a.example/", OPTIONS)
    assert (missing.answer.status, missing.answer.final_url) == (404, "https://a.example/")


async def some_feed(desk: Desk) -> Feed:
    return (await desk.book.add(URL, FeedOptions(category=("World",)))).feed


async def test_a_paused_feed_is_not_due_until_it_is_resumed(desk: Desk) -> None:
    feed = await some_feed(desk)
    for _ in range(2):
        paused = await desk.book.pause(feed.id)
        assert paused is not None
        assert paused.is_paused
        assert await desk.store.due(NOW + DAY, 10) == ()
    desk.clock.move(DAY)
    for _ in range(2):
        resumed = await desk.book.resume(feed.id)
        assert resumed is not None
        assert (resumed.is_paused, resumed.state.next_look_at) == (False, NOW + DAY)


@pytest.mark.parametrize("trouble", [FeedTrouble.BUSY, None])
async def test_resuming_asks_no_site_that_wants_to_wait_or_was_just_asked(
    desk: Desk, trouble: FeedTrouble | None
) -> None:
    feed = await some_feed(desk)
    fault = FeedFault(trouble, "the server answers 429") if trouble else None
    looked_at = NOW - HOUR if trouble else NOW
    state = replace(feed.state, fault=fault, looked_at=looked_at, next_look_at=NOW + DAY)
    await desk.store.store_looks([FeedLook(feed, state)])
    # A button of before, or pressed twice: the feed is not even paused.
    await desk.book.resume(feed.id)
    assert await desk.store.due(NOW, 10) == ()
    await desk.book.pause(feed.id)
    resumed = await desk.book.resume(feed.id)
    assert resumed is not None
    assert (resumed.is_paused, resumed.state.next_look_at) == (False, NOW + DAY)


async def test_a_feed_moves_to_a_category_as_the_tree_spells_it(desk: Desk) -> None:
    await desk.categories.ensure([("World", "Japan"), ("C/C++",)])
    feed = await some_feed(desk)
    for given, path in {
        "world / JAPAN": ("World", "Japan"),
        "ＷＯＲＬＤ/Korea": ("World", "Korea"),
        "c/c++": ("C/C++",),
        "new > one": ("new", "one"),
        " 新媒体 › 36kr - 资讯 ": ("新媒体", "36kr", "资讯"),
    }.items():
        moved = await desk.book.move(feed.id, given)
        assert moved is not None
        assert moved.options == FeedOptions(category=path), given
    moved = await desk.book.move(feed.id, ["c/c++"])
    assert moved is not None
    assert moved.options.category == ("C/C++",)
    moved = await desk.book.move(feed.id, ())
    assert moved is not None
    assert moved.options.category == ()


NO_CATEGORIES = ["", " / ", "\x1b\u202e", "a/" * 9 + "a", "x" * 101, "x" * 100_000, [""], ["a"] * 9]


async def test_a_category_that_can_not_be_one_is_refused(desk: Desk) -> None:
    feed = await some_feed(desk)
    for category in NO_CATEGORIES:
        with pytest.raises(FeedRefused) as error:
            await desk.book.move(feed.id, category)
        assert error.value.reason is FeedRefusal.BAD_CATEGORY
    assert await desk.book.get(feed.id) == feed


async def test_names_of_categories_hold_no_character_that_nobody_sees(desk: Desk) -> None:
    assert await desk.book.category("Wor\x1bld/\u202eJa  pan\n") == ("World", "Ja pan")


async def test_a_removed_feed_is_gone_and_everything_else_does_nothing(desk: Desk) -> None:
    feed = await some_feed(desk)
    assert await desk.book.remove(feed.id) == feed
    assert await desk.book.all() == ()
    for act in (desk.book.remove, desk.book.pause, desk.book.resume, desk.book.look_again):
        assert await act(feed.id) is None
    assert await desk.book.move(feed.id, "A") is None
    assert await desk.book.get(FeedId(99)) is None


async def test_a_feed_of_the_settings_is_changed_there_alone(desk: Desk, database: Database) -> None:
    feed = await add_feed(database, is_configured=True, state=feed_state(next_look_at=NOW + DAY))
    for act in (desk.book.remove, desk.book.pause, desk.book.resume):
        with pytest.raises(FeedRefused) as error:
            await act(feed.id)
        assert error.value.reason is FeedRefusal.CONFIGURED
    with pytest.raises(FeedRefused):
        await desk.book.move(feed.id, "A")
    assert await desk.book.get(feed.id) == feed
    again = await desk.book.look_again(feed.id)
    assert again == replace(feed, state=replace(feed.state, next_look_at=NOW))


OPML = b"""<opml><body>
  <outline text="world"><outline text="JAPAN"><outline text="A" xmlUrl="https://a.example/f"/></outline>
    <outline text="japan"><outline text="B" xmlUrl="https://b.example/f"/></outline></outline>
  <outline text="News"><outline xmlUrl="https://news.example/feed"/><outline xmlUrl="https://NEWS.example/feed"/></outline>
  <outline text="C" xmlUrl="rsshub://36kr/newsflashes" htmlUrl="https://36kr.example/"/>
  <outline text="D" xmlUrl="http://192.168.0.1/f"/><outline text="E" xmlUrl="file:///etc/passwd"/>
  <outline text="F" xmlUrl="http://127.0.0.1:1200/f"/>
</body></opml>"""


async def test_a_preview_says_what_an_import_would_do_and_stores_nothing(desk: Desk) -> None:
    await desk.categories.ensure([("World", "Asia")])
    feed = await some_feed(desk)
    preview = await desk.book.preview_opml(OPML)
    assert [(each.title, each.category) for each in preview.new] == [
        ("A", ("World", "JAPAN")),
        ("B", ("World", "JAPAN")),
        ("C", ()),
        ("F", ()),
    ]
    assert preview.categories == (("World", "JAPAN"),)
    assert [each.url for each in preview.known] == [URL]
    assert preview.doubles == 1
    assert [(each.title, each.reason) for each in preview.refused] == [
        ("E", FeedRefusal.NOT_WEB),
        ("D", FeedRefusal.NOT_PUBLIC),
    ]
    assert await desk.book.all() == (feed,)


async def test_an_import_stores_what_its_preview_shows_and_nothing_twice(desk: Desk) -> None:
    preview = await desk.book.preview_opml(OPML)
    seen: list[tuple[int, int]] = []
    await desk.book.add("https://a.example/f", OPTIONS)
    imported = await desk.book.import_opml(preview, lambda done, total: seen.append((done, total)))
    assert (imported.added, imported.known, imported.refused) == (4, 1, 2)
    assert seen == [(0, 5), (5, 5)]
    again = await desk.book.import_opml(preview)
    assert (again.added, again.known) == (0, 5)
    assert {feed.url: feed.options.category for feed in await desk.book.all()} == {
        "https://a.example/f": (),
        "https://b.example/f": ("world", "JAPAN"),
        "rsshub://36kr/newsflashes": (),
        "http://127.0.0.1:1200/f": (),
        URL: ("News",),
    }
    assert len(await desk.store.due(NOW, 10)) == 5


async def test_two_imports_at_once_store_each_feed_once(desk: Desk) -> None:
    preview = await desk.book.preview_opml(OPML)
    imported = await asyncio.gather(*(desk.book.import_opml(preview) for _ in range(3)))
    assert sum(each.added for each in imported) == len(preview.new) == len(await desk.book.all())


async def test_a_large_import_goes_in_batches(desk: Desk) -> None:
    body = "".join(f'<outline xmlUrl="https://s{number}.example/f"/>' for number in range(1_234))
    seen: list[int] = []
    preview = await desk.book.preview_opml(f"<opml>{body}</opml>".encode())
    imported = await desk.book.import_opml(preview, lambda done, _total: seen.append(done))
    assert imported.added == 1_234
    assert seen == [0, 500, 1_000, 1_234]


async def test_what_is_exported_can_be_imported_elsewhere(desk: Desk) -> None:
    await desk.book.import_opml(await desk.book.preview_opml(OPML))
    data = await desk.book.export_opml()
    stored = {(feed.url, feed.title, feed.options.category, feed.link) for feed in await desk.book.all()}
    assert {(feed.url, feed.title, feed.category, feed.link) for feed in read_opml(data).feeds} == stored
    preview = await desk.book.preview_opml(data)
    assert (preview.new, len(preview.known)) == ((), len(stored))


async def test_an_empty_book_exports_an_empty_list(desk: Desk) -> None:
    assert b"<body>" in await desk.book.export_opml()


async def test_a_file_that_is_no_list_is_refused(desk: Desk) -> None:
    with pytest.raises(FeedRefused) as error:
        await desk.book.preview_opml(b"<html>")
    assert error.value.reason is FeedRefusal.NOT_OPML
