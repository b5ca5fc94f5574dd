"""Finding feeds: which addresses are asked, in which order, and what comes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digests.feeds.finding import MOST_REQUESTS, FeedFinder
from digests.feeds.results import FoundFeed, FoundFeeds
from digests.fetch.outcome import Fetched, FetchFault, NotFetched
from digests.model.feed import FeedKind, FeedTrouble
from tests.fake_web import NOT_FOUND, FakeWeb, one_line_feed, page

SITE = "https://news.example/"
FEED = f"{SITE}feed"
BUSY = NotFetched("it answers 429", status=429, kind=FetchFault.STATUS, wait=60)
REFUSED = NotFetched("it answers 403", status=403, kind=FetchFault.STATUS)
SILENT = NotFetched("it does not answer", kind=FetchFault.TIMEOUT)


async def find(web: FakeWeb, address: str = SITE) -> FoundFeeds:
    found = await FeedFinder(web.visitor(), lambda url: "private" not in url).find(address)
    assert found.address == address
    assert bool(found.feeds) != bool(found.fault)
    assert len(web.asked) <= MOST_REQUESTS
    assert len(set(web.asked)) == len(web.asked), "an address was asked twice"
    return found


async def test_a_feed_is_found_by_one_request() -> None:
    web = FakeWeb({FEED: one_line_feed()})
    assert await find(web, FEED) == FoundFeeds(
        FEED, (FoundFeed(FEED, "News", FeedKind.RSS, FEED, is_read=True),), is_feed=True
    )
    assert web.asked == [FEED]


async def test_a_feed_that_has_moved_for_good_is_found_where_it_is() -> None:
    web = FakeWeb({FEED: one_line_feed(moved_to="HTTPS://Other.example/feed#x")})
    assert (await find(web, FEED)).feeds[0].url == "https://other.example/feed"
    web = FakeWeb({FEED: one_line_feed(moved_to="https://me:secret@other.example/feed")})
    assert (await find(web, FEED)).feeds[0].url == FEED


async def test_the_feeds_that_a_page_declares_are_all_offered_unasked() -> None:
    html = """<link rel=alternate type=application/rss+xml title=A href=/a>
      <link rel=alternate type=application/atom+xml title=B href=/b><a href=/feed>c</a>"""
    web = FakeWeb({SITE: page(html), FEED: one_line_feed()})
    found = await find(web)
    assert [(feed.url, feed.title, feed.kind) for feed in found.feeds] == [
        (f"{SITE}a", "A", FeedKind.RSS),
        (f"{SITE}b", "B", FeedKind.ATOM),
    ]
    assert not found.is_feed
    assert web.asked == [SITE]


async def test_what_could_not_be_added_is_not_offered() -> None:
    html = "<link rel=feed href=https://private.example/f><link rel=feed href=/b>"
    assert [feed.url for feed in (await find(FakeWeb({SITE: page(html)}))).feeds] == [f"{SITE}b"]


async def test_a_link_that_looks_like_a_feed_is_tried() -> None:
    web = FakeWeb({SITE: page("<a href=/x/feed>1</a><a href=/x/rss>2</a>"), f"{SITE}x/rss": one_line_feed("X")})
    assert (await find(web)).feeds == (FoundFeed(f"{SITE}x/rss", "X", FeedKind.RSS, f"{SITE}x/rss", is_read=True),)
    assert web.asked == [SITE, f"{SITE}x/feed", f"{SITE}x/rss"]


async def test_the_usual_places_are_tried_one_after_another_until_one_has_a_feed() -> None:
    web = FakeWeb({SITE: page("<p>nothing"), f"{SITE}atom.xml": one_line_feed()})
    assert (await find(web)).feeds[0].url == f"{SITE}atom.xml"
    assert web.asked == [SITE, FEED, f"{SITE}rss", f"{SITE}atom.xml"]


async def test_a_site_without_a_feed_is_asked_a_dozen_times_at_most() -> None:
    web = FakeWeb({f"{SITE}a/b/": page("<a href=/1/feed>1</a><a href=/2/feed>1</a><a href=/3/feed>1</a>")})
    fault = (await find(web, f"{SITE}a/b/")).fault
    assert fault is not None
    assert fault.trouble is FeedTrouble.NOT_A_FEED
    assert len(web.asked) == MOST_REQUESTS


async def test_a_page_that_is_gone_may_have_a_site_with_a_feed() -> None:
    web = FakeWeb({FEED: one_line_feed()})
    assert (await find(web, f"{SITE}old.html")).feeds[0].url == FEED


async def test_a_page_that_says_that_nothing_is_there_may_name_a_feed() -> None:
    missing = replace(NOT_FOUND, page=b"<link rel=feed href=/f>")
    web = FakeWeb({f"{SITE}typo": missing})
    assert [feed.url for feed in (await find(web, f"{SITE}typo")).feeds] == [f"{SITE}f"]
    assert web.asked == [f"{SITE}typo"]


async def test_a_site_that_refuses_its_pages_may_give_its_feeds() -> None:
    web = FakeWeb({SITE: REFUSED, FEED: one_line_feed()})
    assert (await find(web)).feeds[0].url == FEED
    web = FakeWeb({SITE: REFUSED, FEED: REFUSED})
    fault = (await find(web)).fault
    assert fault is not None
    assert fault.trouble is FeedTrouble.REFUSED
    assert web.asked == [SITE, FEED]


@pytest.mark.parametrize(("answer", "trouble"), [(BUSY, FeedTrouble.BUSY), (SILENT, FeedTrouble.UNREACHABLE)])
async def test_a_site_in_trouble_is_left_alone(answer: NotFetched, trouble: FeedTrouble) -> None:
    web = FakeWeb({SITE: answer})
    fault = (await find(web)).fault
    assert fault is not None
    assert fault.trouble is trouble
    assert web.asked == [SITE]
    web = FakeWeb({SITE: page("x"), FEED: answer, f"{SITE}rss": one_line_feed()})
    await find(web)
    assert web.asked == [SITE, FEED]


async def test_a_known_sites_rule_saves_the_page() -> None:
    feed = "https://www.reddit.com/r/python/.rss"
    web = FakeWeb({feed: one_line_feed("Python")})
    found = await find(web, "https://www.reddit.com/r/python")
    assert found.feeds == (FoundFeed(feed, "Python", FeedKind.RSS, feed, is_read=True),)
    assert web.asked == [feed]


async def test_a_rule_that_fails_leaves_the_page_to_be_asked() -> None:
    page_of = "https://blog.example/@me"
    web = FakeWeb({page_of: page("<link rel=feed href=/me.xml>")})
    assert (await find(web, page_of)).feeds[0].url == "https://blog.example/me.xml"
    assert web.asked == [f"{page_of}.rss", page_of]


async def test_a_site_that_has_no_feeds_says_what_to_do() -> None:
    web = FakeWeb({"https://t.me/durov": page("<p>hello")})
    fault = (await find(web, "https://t.me/durov")).fault
    assert fault is not None
    assert "rsshub://telegram/channel/durov" in fault.words
    assert web.asked == ["https://t.me/durov"]


async def test_a_route_is_asked_at_the_hub_of_the_settings_and_stays_one() -> None:
    asked = "https://hub.example/36kr/newsflashes"
    web = FakeWeb({asked: one_line_feed(moved_to="https://other.example/x")})
    assert (await find(web, "rsshub://36kr/newsflashes")).feeds[0].url == "rsshub://36kr/newsflashes"
    assert web.asked == [asked]


async def test_a_page_elsewhere_has_its_links_resolved_there() -> None:
    elsewhere = replace(page("<link rel=feed href=f>"), address="https://other.example/blog/")
    web = FakeWeb({SITE: elsewhere})
    assert (await find(web)).feeds[0].url == "https://other.example/blog/f"
    web = FakeWeb({SITE: Fetched("https://other.example/blog/", 200, {}, b"x")})
    await find(web)
    assert web.asked[1] == "https://other.example/blog/feed"
