"""What happens to feeds in the wild: each trouble is its feed's alone, has a clear reason, and passes when it does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from digests.model.feed import NEVER
from digests.storage.schema.article_tables import articles
from tests.factories.articles import post
from tests.factories.times import HOUR, NOW
from tests.feed_server.pages import CHALLENGE, PAGE, PARKED, RSSHUB_ERROR, NewsItem, rss_feed
from tests.feed_server.record import Answer
from tests.feed_server.scripts import (
    Altered,
    Always,
    InTurn,
    RedirectTo,
    Script,
    ServedFeed,
    Status,
    bomb,
)
from tests.flow.feed_flow import FeedFlow, open_feed_flow

HOST, URL = "news.example/feed.xml", "https://news.example/feed.xml"
OTHER = '"other"'
TEXT = (
    "The harbour board has opened the second ferry line, which crosses the bay every twenty minutes and takes bicycles "
    "without a fee until the end of the summer."
)


def item(number: int, **changes: object) -> NewsItem:
    plain = NewsItem(
        str(number),
        f"Ferry line {number} opens in the bay",
        f"https://news.example/{number}",
        NOW - HOUR,
        f"{number}: {TEXT}",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def news(*numbers: int) -> bytes:
    return rss_feed([item(number) for number in numbers])


def feed_of(*items: NewsItem) -> bytes:
    return rss_feed(items)


def page(body: bytes, kind: str = "text/html; charset=utf-8", etag: str = '"page"') -> Script:
    return ServedFeed(body, etag, content_type=kind, is_feed=False)


@pytest.fixture
async def flow(tmp_path: Path) -> AsyncIterator[FeedFlow]:
    async with open_feed_flow(tmp_path) as opened:
        yield opened


async def links(flow: FeedFlow) -> list[str]:
    async with flow.database.read() as connection:
        return sorted((await connection.execute(sa.select(articles.c.url))).scalars())


# What is found where a feed was

REPLACED: dict[str, tuple[Script, str]] = {
    "a page": (page(PAGE), "not_a_feed: It is a web page, not a feed; it names the feed"),
    "a parked domain": (page(PARKED), "not_a_feed: The domain is parked or for sale"),
    "RSSHub's error page": (page(RSSHUB_ERROR), "not_a_feed: It is an error page of RSSHub for the route"),
    "RSSHub's error page with its status": (
        Status(503, RSSHUB_ERROR),
        "busy: the server answers 503: It is an error page of RSSHub for the route",
    ),
    "Cloudflare's challenge": (
        Status(403, CHALLENGE, headers={"cf-mitigated": "challenge", "Server": "cloudflare"}),
        "refused: Cloudflare wants to see a browser there (status 403)",
    ),
    "Cloudflare's older challenge": (
        Status(503, CHALLENGE),
        "refused: Cloudflare wants to see a browser there (status 503)",
    ),
    "Cloudflare's challenge as an answer": (page(CHALLENGE), "refused: It is Cloudflare's challenge for browsers"),
    "another firewall's challenge": (
        Status(403, b"<html><body><div class='h-captcha'></div>Verify you are human</body></html>"),
        "refused: the server answers 403: It is a firewall's challenge for browsers",
    ),
    "nothing": (page(b"", "application/rss+xml"), "not_a_feed: It is empty."),
    "blanks": (page(b" \n\n", "application/rss+xml"), "not_a_feed: It is empty."),
    "words": (page(b"Database error", "text/plain"), "not_a_feed: It is plain text"),
    "a picture": (page(b"\x89PNG\r\n\x1a\n", "image/png"), "not_a_feed: It is a PNG picture"),
    "404": (Status(404), "not_found: the server answers 404"),
    "a connection that is cut": (
        Altered(ServedFeed(news(1), OTHER), length=9999, is_cut=True, is_usable=False),
        "unreachable: the answer broke off",
    ),
    "a body that is too slow": (
        Altered(ServedFeed(news(1), OTHER), pause=0.2, is_usable=False),
        "unreachable: it takes longer than",
    ),
    "an answer that is too late": (
        Altered(ServedFeed(news(1), OTHER), delay=9, is_usable=False),
        "unreachable: it takes longer than",
    ),
    "a length that is too short": (
        Altered(ServedFeed(news(1), OTHER), length=40, is_usable=False),
        "server: the server's answer is no proper HTTP",
    ),
    "gzip that is none": (
        Always(Answer(200, (("Content-Encoding", "gzip"),), news(1), is_usable=False)),
        "server: it is not packed as it says",
    ),
    "a packing that nobody knows": (
        Always(Answer(200, (("Content-Encoding", "sdch"),), news(1), is_usable=False)),
        "server: it is packed as sdch",
    ),
    "a gigabyte": (Always(Answer(200, (), b"", length=10**9, is_usable=False)), "too_large: it is larger than 1 MB"),
    **{
        f"a bomb in {packing}": (bomb(packing), "too_large: it is larger than 1 MB")
        for packing in ("gzip", "br", "zstd")
    },
    "redirects in a circle": (RedirectTo("/feed.xml"), "unreachable: it redirects in a circle"),
}


@pytest.mark.parametrize("what", REPLACED)
async def test_what_is_no_feed_is_named_and_a_feed_that_comes_back_is_read(flow: FeedFlow, what: str) -> None:
    script, words = REPLACED[what]
    flow.server.sites[HOST] = feed = ServedFeed(news(1))
    flow.server.sites["other.example/feed"] = ServedFeed(news(50))
    added = await flow.add(URL)
    other = await flow.add("https://other.example/feed", every=timedelta(hours=12))
    await flow.look()
    assert await flow.fault(added) == ""
    flow.server.sites[HOST] = script
    await flow.live(timedelta(hours=30))
    assert (await flow.fault(added)).startswith(words)
    assert (await flow.state(added)).failures >= 2
    assert await flow.fault(other) == "", "nothing else stops"
    assert len(await flow.articles()) == 2, "what it has brought stays"
    flow.server.sites[HOST] = feed
    feed.body, feed.etag = news(2, 1), '"2"'
    await flow.live(timedelta(hours=54))
    assert await flow.fault(added) == ""
    assert len(await flow.articles()) == 3
    assert flow.breaches() == {}


async def test_a_feed_that_comes_back_unchanged_is_well_again(flow: FeedFlow) -> None:
    flow.server.sites[HOST] = InTurn([ServedFeed(news(1)), page(PAGE), Status(500), ServedFeed(news(1))])
    feed = await flow.add(URL)
    await flow.live(timedelta(days=10))
    assert await flow.fault(feed) == ""
    assert await flow.articles() == {"Ferry line 1 opens in the bay": 1}
    assert flow.breaches() == {}


async def test_a_page_that_stays_stays_a_fault(flow: FeedFlow) -> None:
    flow.server.sites[HOST] = InTurn([ServedFeed(news(1)), page(PAGE)])
    feed = await flow.add(URL)
    await flow.live(timedelta(days=20))
    assert 304 in flow.server.record.statuses(URL)
    assert (await flow.fault(feed)).startswith("not_a_feed: It is a web page")
    assert flow.breaches() == {}


async def test_a_feed_that_is_empty_is_well(flow: FeedFlow) -> None:
    flow.server.sites[HOST] = script = ServedFeed(rss_feed([]))
    feed = await flow.add(URL)
    await flow.live(timedelta(hours=3))
    assert await flow.fault(feed) == ""
    script.body, script.etag = news(1), '"2"'
    await flow.live(timedelta(hours=3))
    assert len(await flow.articles()) == 1
    assert flow.breaches() == {}


# Places


async def test_a_feed_that_moved_to_https_is_asked_there(flow: FeedFlow) -> None:
    old = "http://news.example/feed.xml"
    flow.server.sites |= {old: RedirectTo(URL), URL: ServedFeed(news(1))}
    feed = await flow.add(old)
    await flow.live(timedelta(days=4))
    assert (await flow.feed(feed)).url == URL
    assert await flow.articles() == {"Ferry line 1 opens in the bay": 1}
    assert flow.breaches() == {}


async def test_a_site_that_leaves_https_is_read_and_stays_where_it_is(flow: FeedFlow) -> None:
    plain = "http://news.example/feed.xml"
    flow.server.sites |= {URL: RedirectTo(plain, 301), plain: ServedFeed(news(1))}
    feed = await flow.add(URL)
    await flow.live(timedelta(days=4))
    found = await flow.feed(feed)
    assert (found.url, found.state.moved_to, found.state.fault) == (URL, "", None)
    assert len(await flow.articles()) == 1
    assert flow.breaches() == {}


async def test_a_feed_that_redirects_to_a_page_for_good_stays_where_it_is(flow: FeedFlow) -> None:
    flow.server.sites |= {HOST: ServedFeed(news(1)), "news.example/": page(PAGE)}
    feed = await flow.add(URL)
    await flow.look()
    flow.server.sites[HOST] = RedirectTo("/", 301)
    await flow.live(timedelta(days=30))
    assert (await flow.feed(feed)).url == URL
    assert (await flow.fault(feed)).startswith("not_a_feed: It is a web page")
    assert flow.breaches() == {}
    flow.server.sites[HOST] = ServedFeed(news(1, 2))
    await flow.live(timedelta(days=8))
    assert await flow.fault(feed) == ""
    assert len(await flow.articles()) == 2


async def test_a_feed_that_moved_to_another_that_is_there_ends(flow: FeedFlow) -> None:
    flow.server.sites |= {"old.example/feed": RedirectTo(URL), HOST: ServedFeed(news(1))}
    await flow.add(URL)
    feed = await flow.add("https://old.example/feed")
    await flow.live(timedelta(days=5))
    assert (await flow.fault(feed)).startswith(f"duplicate: it has moved to {URL}, which is looked at already")
    assert (await flow.state(feed)).next_look_at == NEVER
    assert len(await flow.articles()) == 1
    assert flow.breaches() == {}


async def test_a_feed_that_is_gone_where_it_was_redirected_to_is_gone(flow: FeedFlow) -> None:
    flow.server.sites |= {HOST: RedirectTo("https://www.news.example/feed"), "www.news.example/feed": Status(410)}
    feed = await flow.add(URL)
    await flow.live(timedelta(days=30))
    assert (await flow.fault(feed)).startswith("gone: the server answers 410")
    assert len(flow.server.exchanges) == 2
    assert flow.breaches() == {}


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_a_feed_that_is_gone_where_it_is_for_now_is_asked_again(flow: FeedFlow, status: int) -> None:
    flow.server.sites |= {
        HOST: RedirectTo("https://www.news.example/feed", status),
        "www.news.example/feed": Status(410),
    }
    feed = await flow.add(URL)
    await flow.live(timedelta(hours=1))
    assert "410 where a temporary redirect leads" in await flow.fault(feed)
    flow.server.sites[HOST] = ServedFeed(news(1))
    await flow.live(timedelta(days=1))
    assert await flow.fault(feed) == ""
    assert len(await flow.articles()) == 1
    assert flow.breaches() == {}


async def test_a_name_that_leads_inside_the_second_time_is_not_asked_then(flow: FeedFlow) -> None:
    answers = {"news.example": [["93.184.216.34"], ["169.254.169.254"]]}
    flow.server.sites[HOST] = ServedFeed(news(1))
    connector = flow.server.connector(answers)
    # A connection that is kept needs no second look-up.
    connector._keepalive_timeout = 0
    flow.server.connector = lambda *_args, **_options: connector  # type: ignore[method-assign]
    feed = await flow.add(URL)
    await flow.look()
    assert await flow.fault(feed) == ""
    await flow.next_look()
    assert await flow.fault(feed) == "forbidden: its host is not public (link-local)"
    assert len(flow.server.exchanges) == 1
    assert connector.reached == ["93.184.216.34"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1/feed", "forbidden: its host is not public (loopback)"),
        ("http://169.254.169.254/feed", "forbidden: its host is not public (link-local)"),
        ("http://[::1]/feed", "forbidden: its host is not public (loopback)"),
        ("http://news.example:6379/feed", "forbidden: port 6379 is not one of the web"),
        ("http://nowhere.example/feed", "unreachable: its host has no address"),
        ("http://news.example/" + "x" * 8200, "forbidden: its address is longer than 8,192 characters"),
        ("gopher://news.example/feed", "forbidden: its address is not one of the web"),
        ("file:///etc/passwd", "forbidden: its address is not one of the web"),
    ],
)
async def test_what_is_never_asked_says_why(flow: FeedFlow, url: str, words: str) -> None:
    flow.server.sites[HOST] = ServedFeed(news(1))
    feed = await flow.add(url)
    await flow.live(timedelta(days=3))
    assert await flow.fault(feed) == words
    assert flow.server.exchanges == []


# Bytes


@pytest.mark.parametrize(
    ("kind", "encoding", "declared"),
    [
        ("application/rss+xml; charset=gb2312", "utf-8", "utf-8"),
        ("application/rss+xml; charset=iso-8859-1", "utf-8", "utf-8"),
        ("text/xml", "utf-8", "utf-8"),
        ("text/xml; charset=utf-8", "gb18030", "gb2312"),
        ("application/rss+xml; charset=none-of-these", "big5", "big5"),
        ("text/html", "utf-16", "utf-16"),
        ("", "utf-8", "gb2312"),
    ],
)
async def test_a_charset_that_is_wrong_harms_no_title(flow: FeedFlow, kind: str, encoding: str, declared: str) -> None:
    title = "海港新聞：第二條渡輪航線今天開通"
    text = feed_of(item(1, title=title)).decode().replace('encoding="utf-8"', f'encoding="{declared}"')
    flow.server.sites[HOST] = ServedFeed(text.encode(encoding), content_type=kind)
    feed = await flow.add(URL)
    await flow.look()
    assert await flow.fault(feed) == ""
    assert list(await flow.articles()) == [title]


# Articles


async def test_dates_that_are_bumped_make_nothing_new(flow: FeedFlow) -> None:
    flow.server.sites[HOST] = script = ServedFeed(news(1, 2))
    await flow.add(URL)
    await flow.look()
    for hour in range(1, 6):
        later = NOW + hour * HOUR
        script.body, script.etag = feed_of(item(2, at=later), item(1, at=later)), f'"{hour}"'
        report = await flow.next_look()
        assert (report.new, report.failed) == (0, 0)
    assert sum((await flow.articles()).values()) == 2
    assert flow.breaches() == {}


async def test_new_guids_of_what_is_known_make_nothing_new(flow: FeedFlow) -> None:
    flow.server.sites[HOST] = script = ServedFeed(news(1, 2))
    await flow.add(URL)
    await flow.look()
    script.body, script.etag = feed_of(item(1, guid="a"), item(2, guid="b")), '"2"'
    assert (await flow.next_look()).new == 0
    assert sum((await flow.articles()).values()) == 2


async def test_an_edited_title_updates_the_article(flow: FeedFlow) -> None:
    flow.server.sites[HOST] = script = ServedFeed(news(1))
    await flow.add(URL)
    await flow.look()
    script.body, script.etag = feed_of(item(1, title="Ferry line 1 opened in the bay at last")), '"2"'
    report = await flow.next_look()
    assert (report.new, report.changed) == (0, 1)
    assert await flow.articles() == {"Ferry line 1 opened in the bay at last": 1}


async def test_two_feeds_with_an_article_have_it_once_in_both_categories(flow: FeedFlow) -> None:
    flow.server.sites |= {HOST: ServedFeed(news(1, 2)), "planet.example/atom": ServedFeed(news(2, 3))}
    await flow.add(URL, category="Harbour")
    await flow.add("https://planet.example/atom", category="Planet")
    await flow.look()
    assert sum((await flow.articles()).values()) == 3
    async with flow.database.read() as connection:
        rows = await connection.execute(
            sa.text(
                "select a.title, count(*) as places from articles a join article_categories c on c.article_id = a.id "
                "group by a.title"
            )
        )
        places = {row.title: row.places for row in rows}
    assert places["Ferry line 2 opens in the bay"] > places["Ferry line 1 opens in the bay"]
    assert flow.breaches() == {}


def crawled(number: int) -> str:
    """Return an item of the feed as a crawler writes it: a post whose text ends with the link to the original."""
    read = item(number)
    body = f"<p>{read.text}</p><p>原文链接：<a href='{read.link}'>{read.link}</a></p>"
    return post(read.title, body, author="Harbour News")


@pytest.mark.parametrize("order", [("post", "feed"), ("feed", "post")])
async def test_whoever_has_crawled_posts_and_the_feed_has_each_article_once(
    flow: FeedFlow, order: Sequence[str]
) -> None:
    flow.server.sites[HOST] = ServedFeed(news(1, 2))
    await flow.add(URL)
    for what in order:
        if what == "feed":
            await flow.look()
        else:
            await flow.take_in_post("_posts/ferry.md", crawled(1))
    assert await flow.articles() == {"Ferry line 1 opens in the bay": 1, "Ferry line 2 opens in the bay": 1}


async def test_what_came_while_a_feed_failed_for_days_comes_when_it_is_back(flow: FeedFlow) -> None:
    flow.server.sites[HOST] = script = ServedFeed(news(1))
    feed = await flow.add(URL)
    await flow.live(timedelta(hours=3))
    flow.server.sites[HOST] = Status(502)
    await flow.live(timedelta(days=6))
    assert (await flow.state(feed)).failing_since is not None
    now = flow.clock.now()
    script.body = feed_of(*(item(number, at=now - number * HOUR) for number in (2, 3, 4)), item(1))
    script.etag = '"2"'
    flow.server.sites[HOST] = script
    await flow.live(timedelta(days=8))
    state = await flow.state(feed)
    assert (state.failures, state.failing_since, state.fault) == (0, None, None)
    assert sum((await flow.articles()).values()) == 4
    assert flow.breaches() == {}


async def test_a_hundred_feeds_of_which_every_second_is_in_trouble_go_on(flow: FeedFlow) -> None:
    troubles = [script for script, _ in REPLACED.values() if not isinstance(script, Altered)]
    for number in range(100):
        is_well = number % 2 == 0
        script = ServedFeed(news(number)) if is_well else troubles[number // 2 % len(troubles)]
        flow.server.sites[f"site{number}.example/feed.xml"] = script
        await flow.add(f"https://site{number}.example/feed.xml")
    report = await flow.look()
    assert (report.looked, report.failed, report.new) == (100, 50, 50)
    await flow.live(timedelta(hours=1.2))
    assert sum((await flow.articles()).values()) == 50
    assert flow.breaches() == {}
