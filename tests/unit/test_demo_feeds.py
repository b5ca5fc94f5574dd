"""The demo's feeds: three forms, every quirk, and news on each of its days."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bot.demo.feeds import FEEDS, DemoFeed, build_feeds, feed_items
from bot.demo.more import more_days
from bot.demo.posts import POSTS, later_days
from digests.articles.language import detect_language
from digests.articles.reading import read_post
from digests.model.article import ParsedPost
from digests.model.picture import MANY_ARTICLES
from digests.stories.features import StoryFeatures, features_of
from digests.stories.judge import same_story
from tests.factories.times import DAY, NOW

PICTURES = POSTS.parent / "pictures"
LAST_DAY = len(later_days()) + len(more_days())
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def feeds_after(days: int) -> dict[str, DemoFeed]:
    """Return the feeds by their names, so many days after the first."""
    return {feed.name: feed for feed in build_feeds([NOW + day * DAY for day in range(days + 1)])}


def titles(feed: DemoFeed) -> list[str]:
    """Return the titles of a feed, read by the standard library."""
    if feed.name.endswith(".json"):
        return [item["title"] for item in json.loads(feed.body)["items"]]
    root = ET.fromstring(feed.body)
    found = root.findall("a:entry/a:title", ATOM) or root.findall("channel/item/title")
    return [(title.text or "").strip() for title in found]


@pytest.mark.parametrize("days", range(LAST_DAY + 2))
def test_every_day_has_three_proper_feeds(days: int) -> None:
    feeds = feeds_after(days)
    assert set(feeds) == {"almanac.xml", "review.atom", "sky.json"}
    for feed in feeds.values():
        assert len(titles(feed)) == len(set(titles(feed))) >= 3


def test_each_day_brings_something() -> None:
    counts = [sum(len(titles(feed)) for feed in feeds_after(days).values()) for days in range(LAST_DAY + 1)]
    assert all(later > earlier for earlier, later in itertools.pairwise(counts))
    assert counts[-1] == len(feed_items())


def test_nothing_is_dated_after_its_day() -> None:
    for days in range(LAST_DAY + 1):
        feed = json.loads(feeds_after(days)["sky.json"].body)
        dates = [datetime.fromisoformat(item["date_published"]) for item in feed["items"]]
        assert all(NOW - timedelta(days=1) < date.astimezone(UTC) <= NOW + days * DAY for date in dates)
        assert dates == sorted(dates, reverse=True)


def test_the_almanac_has_every_quirk() -> None:
    body = feeds_after(LAST_DAY)["almanac.xml"].body.decode()
    assert body.startswith("\ufeff<?xml")
    for quirk in (
        "<title><![CDATA[ A knot that only <em>",
        "&lt;![CDATA[&lt;p&gt;",
        "<link>/notes/bells</link>",
        "utm_source=rss&amp;utm_medium",
        "<feedburner:origLink>https://saltwind.example/notes/goose</feedburner:origLink>",
        "second edition",
        "年",
    ):
        assert quirk in body, quirk
    assert body.count(">https://saltwind.example/</guid>") == 2
    root = ET.fromstring(body.removeprefix("\ufeff"))
    dates = [date.text or "" for date in root.findall("channel/item/pubDate")]
    assert len(dates) == len(root.findall("channel/item")) - 1
    assert any(date.isdigit() for date in dates)


def test_an_article_is_bumped_up_with_another_date() -> None:
    def date_of_the_knots(days: int) -> str:
        root = ET.fromstring(feeds_after(days)["almanac.xml"].body.decode().removeprefix("\ufeff"))
        (item,) = (item for item in root.findall("channel/item") if item.findtext("guid") == "saltwind-knots")
        return item.findtext("pubDate") or ""

    assert len({date_of_the_knots(days) for days in range(3)}) == 3


def told_by_posts() -> set[str]:
    """Return the keys of what the sample posts tell in the same words."""
    posts = "".join(file.read_text(encoding="utf-8") for file in POSTS.rglob("*.md"))
    return {item["key"] for item in feed_items() if item["text"].strip().split("\n\n")[0] in posts}


def test_some_news_are_told_by_the_posts_too() -> None:
    days = {item["key"]: item["day"] for item in feed_items()}
    told = told_by_posts()
    assert sum(days[key] == -1 for key in told) >= 2, "from the start, so that /top has something to show"
    assert {"goose", "grass", "tail"} <= told


def test_they_are_stories_with_the_posts() -> None:
    posts = [read_post(file.read_bytes(), file.name) for file in POSTS.rglob("*.md")]
    told = [_features(post, post.source) for post in posts if isinstance(post, ParsedPost)]
    for item in feed_items():
        if item["key"] in told_by_posts():
            source, text = FEEDS[item["feed"]][1].partition("/")[2], " ".join(item["text"].split())
            language = detect_language(item["title"], text)
            features = features_of(item["title"], text, item["summary"], source, language, NOW)
            assert any(same_story(features, other, 3 * DAY) for other in told), item["key"]


def _features(post: ParsedPost, source: str) -> StoryFeatures:
    return features_of(post.title, post.text, post.summary, source, post.language, NOW)


def test_pictures_are_there_and_none_is_taken_for_its_sites_own() -> None:
    shown = defaultdict[str, int](int)
    for item in feed_items():
        if (picture := item.get("picture")) is not None:
            assert (PICTURES / picture).is_file()
            shown[picture] += 1
    assert max(shown.values()) < MANY_ARTICLES
    own = [item for item in feed_items() if item["key"] not in told_by_posts() | {"lamps"}]
    used = "".join(file.read_text(encoding="utf-8") for file in POSTS.rglob("*.md"))
    used += (Path(POSTS).parent / "more.toml").read_text(encoding="utf-8")
    assert [item["key"] for item in own if "picture" in item and f"{item['picture']}" in used] == []


def test_pictures_are_where_they_are_served() -> None:
    for feed in build_feeds([NOW], "http://127.0.0.1:8787/pictures/"):
        assert b"http://127.0.0.1:8787/pictures/" in feed.body
        assert b"pictures.example" not in feed.body


def test_each_feed_has_a_category_of_its_own() -> None:
    categories = [category for _, category, _, _ in FEEDS.values()]
    assert len(set(categories)) == 3
    assert all(len(category.split("/")) == 2 for category in categories)
