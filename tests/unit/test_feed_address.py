"""Addresses of feeds: two that are one, and those that only look so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.model.feed_address import asked_address, canonical_feed_url


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://Site.Example:443/Feed?A=b&C#top", "https://site.example/Feed?A=b&C"),
        ("http://site.example:80", "http://site.example/"),
        ("http://site.example:443/", "http://site.example:443/"),
        ("https://site.example?x", "https://site.example/?x"),
        ("https://site.example/?", "https://site.example/?"),
        ("https://site.example/a//b/%7Euser/../x/", "https://site.example/a//b/%7Euser/../x/"),
        ("http://[2001:DB8::1]:80/feed", "http://[2001:db8::1]/feed"),
        ("RSSHub:///GitHub/Trending/#top", "rsshub://GitHub/Trending"),
        ("  https://site.example/feed \n", "https://site.example/feed"),
        ("https://例子.测试/订阅", "https://例子.测试/订阅"),
        ("nothing", "nothing"),
        ("https://site.exa\nmple/a\tb", "https://site.example/ab"),
        ("http://[::1", "http://[::1"),
        ("", ""),
    ],
)
def test_what_says_nothing_is_left_out(url: str, canonical: str) -> None:
    assert canonical_feed_url(url) == canonical


@given(st.text() | st.from_regex(r"https?://[a-zA-Z0-9.:\[\]@?#/-]{0,40}"))
def test_a_canonical_address_is_its_own(url: str) -> None:
    once = canonical_feed_url(url)
    assert canonical_feed_url(once) == once


def test_rsshub_is_where_the_settings_say() -> None:
    assert asked_address("rsshub://36kr/newsflashes", "https://hub.example/") == "https://hub.example/36kr/newsflashes"
    assert asked_address("https://site.example/", "https://hub.example") == "https://site.example/"
