"""Feeds that are where a site's rule says."""

from __future__ import annotations

import pytest

from digests.model.feed_input import feed_address
from digests.origins.feed.known_sites import fallback_addresses, known_site


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        (
            "https://www.youtube.com/channel/UCBcRF18a7Qf58cCRy5xuWwQ/videos",
            "https://www.youtube.com/feeds/videos.xml?channel_id=UCBcRF18a7Qf58cCRy5xuWwQ",
        ),
        (
            "https://m.youtube.com/playlist?list=PL123_-abc&x=1",
            "https://www.youtube.com/feeds/videos.xml?playlist_id=PL123_-abc",
        ),
        ("https://www.reddit.com/r/python/", "https://www.reddit.com/r/python/.rss"),
        ("https://old.reddit.com/r/python/new", "https://www.reddit.com/r/python/.rss"),
        ("https://github.com/python/cpython", "https://github.com/python/cpython/releases.atom"),
        ("https://github.com/python/cpython/tags", "https://github.com/python/cpython/tags.atom"),
        ("https://github.com/python/cpython/commits/main", "https://github.com/python/cpython/commits/main.atom"),
        ("https://github.com/python/cpython/commits", "https://github.com/python/cpython/commits.atom"),
        ("https://github.com/python", "https://github.com/python.atom"),
        ("https://mastodon.example/@me", "https://mastodon.example/@me.rss"),
        ("https://medium.com/@me", "https://medium.com/feed/@me"),
        ("https://me.medium.com/", "https://me.medium.com/feed"),
        ("https://me.substack.com", "https://me.substack.com/feed"),
        ("https://stackoverflow.com/questions/tagged/c%2b%2b", "https://stackoverflow.com/feeds/tag/c%2b%2b"),
        ("https://unix.stackexchange.com/questions/tagged/bash", "https://unix.stackexchange.com/feeds/tag/bash"),
        ("https://me.blogspot.com/", "https://me.blogspot.com/feeds/posts/default"),
        ("https://pypi.org/project/digestbot/", "https://pypi.org/rss/project/digestbot/releases.xml"),
        ("https://arxiv.org/list/cs.AI/recent", "https://rss.arxiv.org/rss/cs.AI"),
    ],
)
def test_a_known_sites_page_leads_to_its_feed(page: str, feed: str) -> None:
    site = known_site(feed_address(page))
    assert site is not None
    assert site.feed == feed == feed_address(feed)
    # A feed itself is asked as it is.
    again = known_site(feed)
    assert again is None or not again.feed


@pytest.mark.parametrize(
    ("page", "route"),
    [
        ("https://t.me/s/durov", "rsshub://telegram/channel/durov"),
        ("https://t.me/durov", "rsshub://telegram/channel/durov"),
        ("https://space.bilibili.com/2267573", "rsshub://bilibili/user/video/2267573"),
        ("https://x.com/example", "rsshub://twitter/user/example"),
    ],
)
def test_a_site_without_feeds_has_a_route_to_try(page: str, route: str) -> None:
    site = known_site(page)
    assert site is not None
    assert site.feed == ""
    assert site.words.endswith(route)
    assert feed_address(route) == route


@pytest.mark.parametrize(
    "page",
    [
        "https://news.example/",
        "https://www.youtube.com/@someone",
        "https://www.youtube.com/playlist?list=a%26b",
        "https://www.youtube.com/playlist",
        "https://github.com/",
        "https://notgithub.com/a/b",
        "https://github.com.evil.example/a/b",
        "https://evil.example/github.com/a/b",
        "https://stackexchange.com.evil.example/questions/tagged/x",
    ],
)
def test_other_pages_are_asked(page: str) -> None:
    assert known_site(page) is None


def test_usual_places_are_below_the_folder_and_at_the_root() -> None:
    places = fallback_addresses("https://news.example/blog/2026/post.html?x=1")
    assert places[0] == "https://news.example/blog/2026/feed"
    assert "https://news.example/feed" in places
    assert fallback_addresses("https://news.example/about")[0] == "https://news.example/feed"
    assert len(places) == len(set(places)) <= 12
    assert len(fallback_addresses("https://news.example/a/b/c/d/e/f")) < len(places)
