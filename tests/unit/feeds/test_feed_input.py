"""Addresses as people write and paste them."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.model.feed_input import feed_address, leaves_scheme_open, shown_address
from digests.model.feed_refusal import LONGEST_ADDRESS, FeedRefusal, FeedRefused

FEED = "https://a.example/f"


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("a.example/f", FEED),
        ("//a.example/f", FEED),
        ("https://a.example/f", FEED),
        (" https://a.example/f\n", FEED),
        ("<https://a.example/f>", FEED),
        ("“https://a.example/f”", FEED),
        ("《https://a.example/f》", FEED),
        ("HTTPS://A.Example:443/f#top", FEED),
        ("https：／／a.example/f", FEED),
        ("HTTPS：//a.example/f", FEED),
        ("feed://a.example/f", FEED),
        ("feed:https://a.example/f", FEED),
        ("feed://https://a.example/f", FEED),
        ("FEED:http://a.example/f", "http://a.example/f"),
        ("http://a.example:80", "http://a.example/"),
        ("a.example", "https://a.example/"),
        ("a.example:8080/f", "https://a.example:8080/f"),
        ("localhost:8080", "https://localhost:8080/"),
        ("https://a.example?x=1", "https://a.example/?x=1"),
        ("https://a.example/F?Q=%7E&b=@x:y", "https://a.example/F?Q=%7E&b=@x:y"),
        ("https://medium.example/@me/feed", "https://medium.example/@me/feed"),
        ("https://例子.example/源", "https://例子.example/源"),
        ("http://[2001:DB8::1]:80/f", "http://[2001:db8::1]/f"),
        ("rsshub://36kr/newsflashes", "rsshub://36kr/newsflashes"),
        ("RSSHub:///36kr/newsflashes/?limit=5#x", "rsshub://36kr/newsflashes/?limit=5"),
    ],
)
def test_what_people_write_is_read_as_they_mean_it(written: str, url: str) -> None:
    assert feed_address(written) == url


@pytest.mark.parametrize(
    "written",
    [
        "",
        "  ",
        "file:///etc/passwd",
        "gopher://a.example/1",
        "ftp://a.example/f",
        "javascript:alert(1)",
        "data:text/xml,<rss/>",
        "mailto:me@a.example",
        "https://",
        "https:///f",
        "https://./f",
        "https://a.example:0/f",
        "https://a.example:99999/f",
        "https://a.example:x/f",
        "https://[::1/f",
        "https://a.example/two words",
        "two words",
        "https://a.example/\x1b[31m",
        "https://a.example/\u202egnp",
        "rsshub://",
        "rsshub:///",
        "rsshub://a/../../admin",
    ],
)
def test_what_is_no_address_of_the_web_is_refused(written: str) -> None:
    with pytest.raises(FeedRefused) as error:
        feed_address(written)
    assert error.value.reason is FeedRefusal.NOT_WEB


@pytest.mark.parametrize(
    "written",
    [
        "https://me:secret@a.example/f",
        "https://me@a.example/f",
        "me:secret@a.example/f",
        "me@a.example/f",
        "//me:x@a/f",
    ],
)
def test_an_address_with_a_user_is_refused_without_being_shown(written: str) -> None:
    with pytest.raises(FeedRefused) as error:
        feed_address(written)
    assert error.value.reason is FeedRefusal.HAS_PASSWORD
    assert "secret" not in str(error.value)
    assert "secret" not in shown_address(written)
    assert shown_address(written).endswith("f")


def test_the_longest_address_is_taken_and_a_longer_one_refused() -> None:
    longest = FEED + "x" * (LONGEST_ADDRESS - len(FEED))
    assert feed_address(longest) == longest
    for more in ("x", "x" * 10_000):
        with pytest.raises(FeedRefused) as error:
            feed_address(longest + more)
        assert error.value.reason is FeedRefusal.TOO_LONG


@settings(deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="htps:/@.a1[]#?%\\ ", max_size=30))
def test_a_canonical_address_is_its_own(text: str) -> None:
    try:
        url = feed_address(text)
    except FeedRefused:
        return
    assert feed_address(url) == url
    assert url.startswith(("https://", "http://", "rsshub://"))


@pytest.mark.parametrize("reason", FeedRefusal)
def test_a_refusal_has_words_and_comes_back_from_another_process(reason: FeedRefusal) -> None:
    error = FeedRefused(reason, "Words." if reason is FeedRefusal.NOT_OPML else "")
    again = pickle.loads(pickle.dumps(error))
    assert (again.reason, str(again)) == (reason, str(error))
    assert str(error).endswith(".")


@pytest.mark.parametrize(
    "text",
    ["news.example", "news.example:8080/feed", "//news.example/x", "feed://news.example", "«", " <news.example> "],
)
def test_an_address_may_leave_its_scheme_open(text: str) -> None:
    assert leaves_scheme_open(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://news.example",
        "HTTP://news.example",
        "https：／／news.example",
        "feed:https://news.example",
        "rsshub://a/b",
    ],
)
def test_an_address_may_say_its_scheme(text: str) -> None:
    assert not leaves_scheme_open(text)
