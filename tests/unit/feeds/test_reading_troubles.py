"""Real kinds of trouble with what feeds say, each by a small feed that has it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from digests.articles.options import DEFAULTS, PostOptions
from digests.model.article import ParsedPost
from digests.model.feed import FeedKind, FeedOptions, FeedTrouble, ReadFeed
from digests.origins.feed.reading import read_feed
from tests.unit.feeds.entries import BASE, NOW

TROUBLES = Path(__file__).parent / "troubles"


def read_file(name: str, reading: PostOptions = DEFAULTS) -> ReadFeed:
    feed = read_feed((TROUBLES / name).read_bytes(), "", BASE, FeedOptions(), reading, NOW)
    assert feed.fault is None
    assert feed.items
    assert len({item.key for item in feed.items}) == len(feed.items)
    return feed


def posts_of(name: str, reading: PostOptions = DEFAULTS) -> list[ParsedPost]:
    return [item.post for item in read_file(name, reading).items]


def by_title(name: str) -> dict[str, ParsedPost]:
    return {post.title: post for post in posts_of(name)}


def test_relative_links_and_pictures() -> None:
    ferry, bridge = posts_of("relative_links.xml")
    assert ferry.url == "https://news.example/2026/ferry?id=5"
    assert ferry.thumbnail == "https://news.example/pictures/ferry.jpg"
    assert bridge.url == "https://other.example/bridge"


def test_relative_links_below_xml_base() -> None:
    (post,) = posts_of("relative_links_atom.xml")
    assert post.url == "https://news.example/blog/2026/ferry"
    assert post.thumbnail == "https://news.example/blog/2026/ferry.jpg"


def test_doubled_guids() -> None:
    feed = read_file("shared_guids.xml")
    assert [item.id for item in feed.items] == ["news"] * 3
    assert feed.problems == ("3 of its items share their guid with others",)


@pytest.mark.parametrize(
    ("said", "moved_to"),
    [
        ("https://new.example/feed", "https://new.example/feed"),
        (BASE, ""),
        ("javascript:alert(1)", ""),
        ("https://user:secret@new.example/feed", ""),
        ("", ""),
    ],
)
def test_a_feed_that_says_where_it_is_now(said: str, moved_to: str) -> None:
    data = (TROUBLES / "podcast.xml").read_bytes()
    moved = data.replace(b"<channel>", f"<channel><itunes:new-feed-url>{said}</itunes:new-feed-url>".encode())
    feed = read_feed(moved, "", BASE, FeedOptions(), DEFAULTS, NOW)
    assert feed.moved_to == moved_to
    assert "secret" not in str(feed.problems)


def test_an_edited_title_keeps_the_key() -> None:
    data = (TROUBLES / "guid_permalink.xml").read_bytes()
    edited = data.replace(b"The night ferry sails", b"Yesterday the ferry sailed")
    before, after = (read_feed(each, "", BASE, FeedOptions(), DEFAULTS, NOW).items[0] for each in (data, edited))
    assert before.key == after.key
    assert before.post.link_key == after.post.link_key
    assert before.content_hash != after.content_hash


def of_dates(title: str) -> ParsedPost:
    shanghai = PostOptions(timezone=ZoneInfo("Asia/Shanghai"))
    return next(post for post in posts_of("dates.xml", shanghai) if post.title == title)


@pytest.mark.parametrize(
    ("title", "moment"),
    [
        ("In Chinese", datetime(2026, 11, 25, 2, tzinfo=UTC)),
        ("With slashes", datetime(2026, 11, 25, 2, tzinfo=UTC)),
        ("In seconds", datetime(2025, 11, 25, 2, tzinfo=UTC)),
        ("On a weekday in German", datetime(2026, 11, 25, 9, tzinfo=UTC)),
    ],
)
def test_dates_of_no_standard(title: str, moment: datetime) -> None:
    assert of_dates(title).published_at == moment


@pytest.mark.parametrize(("title", "year"), [("In the far future", 2199), ("In the year 1970", 1970)])
def test_dates_that_cannot_be_true(title: str, year: int) -> None:
    post = of_dates(title)
    assert post.published_at is not None
    assert post.published_at.year == year
    assert "can't be true" in post.problems[0]


def test_no_date() -> None:
    assert of_dates("Never").published_at is None


def test_cdata_twice() -> None:
    (post,) = posts_of("cdata_twice.xml")
    assert (post.title, post.text) == ("The night ferry sails", "It is back at the pier.")


def test_html_in_titles() -> None:
    titles = [post.title for post in posts_of("html_in_titles.xml")]
    assert titles == ["The night ferry & its crew", "Ferries – news", "How the <br> element is used"]
    assert {post.title for post in posts_of("html_in_titles_atom.xml")} == {"The night ferry"}


def test_emoji() -> None:
    emoji, _ = posts_of("emoji_and_rtl.xml")
    assert emoji.title == "Ferries 🚢 and families 👨\u200d👩\u200d👧"


def test_right_to_left() -> None:
    _, arabic = posts_of("emoji_and_rtl.xml")
    assert arabic.title == "مرحبا بكم في الميناء"
    assert arabic.language == "ar"


def test_a_podcast() -> None:
    (post,) = posts_of("podcast.xml")
    assert post.url == "https://pod.example/5"
    assert post.pictures == ("https://cdn.pod.example/5.jpg",)
    assert post.summary == "Two captains talk about the night."
    assert post.author == "Robin"


def test_a_video_of_youtube() -> None:
    (post,) = posts_of("youtube.xml")
    assert post.url == "https://www.youtube.com/watch?v=abc123"
    assert post.thumbnail == "https://i1.ytimg.com/vi/abc123/hqdefault.jpg"
    assert post.summary == "We spent a night on the ferry to the islands."
    assert post.author == "Harbour TV"


def test_a_toot_of_mastodon() -> None:
    (post,) = posts_of("mastodon.xml")
    assert post.title == "The night ferry sails again!"
    assert post.summary == "It leaves at ten from pier four. #ferry"
    assert post.thumbnail == "https://files.social.example/a.jpg"
    assert post.tags == ("ferry",)


def test_an_article_of_wechat() -> None:
    (post,) = posts_of("wechat.xml")
    assert post.summary.startswith("今天晚上十点，停了三年的夜航船")
    assert post.thumbnail == "https://mmbiz.qpic.cn/mmbiz_jpg/abc/640?wx_fmt=jpeg"
    assert post.url == "https://mp.weixin.qq.com/s?__biz=MzA5&mid=26&idx=1&sn=abc"
    assert post.language == "zh-Hans"


def test_an_item_of_rsshub() -> None:
    (post,) = posts_of("rsshub.xml")
    assert post.summary == "今天晚上十点，夜航船从四号码头出发。 船上有四十位客人。"
    assert post.thumbnail == "https://img.example/ferry.jpg"
    assert post.source == "港口 - 快讯"


def test_tracking_links() -> None:
    assert [post.url for post in posts_of("tracking_links.xml")] == [
        "https://news.example/a?id=5",
        "https://news.example/b",
        "https://news.example/c",
    ]


def test_feedburner() -> None:
    (item,) = read_file("feedburner.xml").items
    assert item.post.url == "https://news.example/ferry"
    assert item.written_url == "http://feedproxy.google.com/~r/harbour/~3/abc/"
    assert item.post.thumbnail is None


def test_google_news() -> None:
    ferry, bridge = posts_of("google_news.xml")
    assert (ferry.title, ferry.source, ferry.summary) == ("The night ferry sails again", "Harbour Post", "")
    assert ferry.url == "https://harbour.example/ferry"
    assert bridge.url == "https://river.example/bridge?id=5"


def test_an_aggregator() -> None:
    assert [post.source for post in posts_of("aggregator.xml")] == ["Harbour Post", "Planet Harbour"]


def test_content_in_xhtml() -> None:
    (post,) = posts_of("xhtml_content.xml")
    assert post.text == "The ferry is back at the pier. It leaves at ten."
    assert post.thumbnail == "https://news.example/ferry.jpg"


def test_json_feed_with_text_alone() -> None:
    feed = read_file("text_only.json")
    (item,) = feed.items
    assert feed.kind is FeedKind.JSON
    assert item.post.title == "The night ferry sails again!"
    assert item.post.text == "The night ferry sails again! It leaves at ten. See you <there>."
    assert item.post.author == "Robin, Marlow"
    assert item.post.published_at == datetime(2026, 11, 25, 2, tzinfo=UTC)


def test_a_guid_that_is_a_permalink() -> None:
    urls = {post.title: post.url for post in posts_of("guid_permalink.xml")}
    assert urls == {
        "The night ferry sails": "https://news.example/1",
        "A bridge is painted": None,
        "The market opens": None,
    }


def test_descriptions_of_all_kinds() -> None:
    posts = by_title("descriptions.xml")
    assert posts["Nothing said"].summary == posts["Comments alone"].summary == ""
    whole = posts["The whole article"]
    assert whole.summary == "The ferry is back at the pier."
    assert whole.text.endswith("She is glad of it.")
    assert posts["Line and body"].summary == "A ship is back."
    assert posts["Line and body"].text == "The ferry left at ten with forty people on board."


def test_pictures_beside_the_text() -> None:
    ferry, bridge = posts_of("media_pictures.xml")
    assert ferry.pictures[0] == "https://m.example/large.jpg"
    assert ferry.pictures[-1] == "https://m.example/body.jpg"
    assert bridge.pictures == ("https://m.example/bridge.jpg",)


def test_several_links() -> None:
    assert posts_of("several_links.xml")[0].url == "https://news.example/1"


def test_hostile_links() -> None:
    feed = read_file("hostile_links.xml")
    assert {item.post.url for item in feed.items} <= {None, "https://www.google.com/url?q=javascript:alert(1)"}
    assert not any("secret" in problem for item in feed.items for problem in item.post.problems)


def test_categories_and_people() -> None:
    (post,) = posts_of("categories_and_people.xml")
    assert post.tags == ("Sea", "AT&T", "Ships")
    assert post.author == "Robin Marlow, Jane Doe"


def test_five_thousand_items() -> None:
    items = "".join(f"<item><title>Item {n}</title><link>https://a.example/{n}</link></item>" for n in range(5_000))
    data = f"<rss version='2.0'><channel><title>Many</title>{items}</channel></rss>".encode()
    feed = read_feed(data, "", BASE, FeedOptions(), DEFAULTS, NOW)
    assert len(feed.items) == 2_000
    assert feed.items[0].post.title == "Item 0"
    assert feed.problems


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\xff" * 100, b"<html><body>Hi</body></html>", b"<rss", b"{", b"[]", b"null", json.dumps({}).encode()],
)
def test_what_is_no_feed_has_a_fault_and_no_items(data: bytes) -> None:
    feed = read_feed(data, "", BASE, FeedOptions(), DEFAULTS, NOW)
    assert feed.items == ()
    assert feed.fault is not None
    assert feed.fault.trouble is FeedTrouble.NOT_A_FEED
    assert feed.fault.words
