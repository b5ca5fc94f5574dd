"""What is shown of feeds: nothing secret, nothing too long, and every state in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import LANGUAGES, translator
from bot.limits import BUTTONS, MARKUP_BYTES, TEXT
from bot.render.feed_adding import not_found_html, tried_html
from bot.render.feed_files import opml_html
from bot.render.feed_trouble import brief_trouble, feed_refusal_text, trouble_html
from bot.render.feeds import brief_address, feed_html, feeds_html, health_mark
from bot.text.markup import visible_length
from digests.feeds.results import OpmlPreview, ServerAnswer, TriedFeed, TriedItem
from digests.model.feed import NEVER, FeedFault, FeedKind, FeedOptions, FeedTrouble, ReadFeed
from digests.model.feed_refusal import FeedRefusal
from digests.origins.feed.opml import OpmlFeed, RefusedOutline
from tests.factories.articles import article
from tests.factories.feeds import feed, feed_item, feed_state
from tests.factories.times import DAY, HOUR, MINUTE, NOW

EN, LONG = translator("en"), "very & <long> " * 500


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://news.example/", "news.example"),
        ("https://News.example:8443/rss/", "News.example:8443/rss"),
        ("https://ada:hunter2@news.example/feed", "news.example/feed"),
        ("https://ada:hun/ter@2@news.example/feed", "…"),
        ("https://news.example/feed?key=hunter2", "news.example/feed?…"),
        ("rsshub://36kr/newsflashes", "rsshub://36kr/newsflashes"),
        ("https://[::1", "…"),
        ("nonsense", "…"),
        ("", "…"),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(address: str, shown: str) -> None:
    assert brief_address(address) == shown


@given(st.text(), st.text(alphabet=st.characters(categories=["L", "N", "P"]), min_size=8, max_size=20))
def test_no_password_is_ever_shown(text: str, secret: str) -> None:
    for address in (f"https://ada:{secret}@{text}", f"https://{text}/?{secret}", text):
        shown = brief_address(address)
        assert len(shown) <= 80
        if "#" not in secret and "/" not in secret and "?" not in secret and secret not in text:
            assert secret not in shown


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_every_trouble_has_its_words(language: str) -> None:
    t = translator(language)
    said = {trouble_html(trouble, t, is_kept=kept) for trouble in FeedTrouble for kept in (True, False)}
    assert len(said) >= 2 * len(FeedTrouble) - 3
    assert len({brief_trouble(trouble, t) for trouble in FeedTrouble}) == len(FeedTrouble)
    assert len({feed_refusal_text(reason, t) for reason in FeedRefusal}) == len(FeedRefusal)


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_the_longest_screens_are_one_message(language: str) -> None:
    t = translator(language)
    state = feed_state(
        looked_at=NOW, fault=FeedFault(FeedTrouble.NOT_A_FEED, LONG), moved_to="https://new.example/" + "x" * 1900
    )
    options = FeedOptions(tuple("分类" * 50 for _ in range(8)), full_text=True)
    whole = feed(1, title=LONG, url="https://a.example/" + "<" * 1900, link="https://a.example/" + "&" * 1900)
    whole = replace(whole, state=state, options=options, is_configured=True)
    articles = [article(number, title=LONG, summary=LONG, url="https://a.example/" + "&" * 1900) for number in range(3)]
    items = tuple(
        feed_item(str(number), LONG, summary=LONG, url="https://a.example/" + "&" * 1900) for number in range(3)
    )
    read = ReadFeed(FeedKind.RSS, LONG, "https://a.example/" + "&" * 1900, items=items)
    tried = TriedFeed(whole.url, ServerAnswer(200, ""), read, tuple(TriedItem(item, True) for item in items), 3)
    preview = OpmlPreview(
        LONG,
        tuple(OpmlFeed(f"https://{n}.example/", LONG, (LONG, str(n))) for n in range(100_000)),
        (),
        100_000,
        tuple(RefusedOutline(LONG, LONG, reason) for reason in FeedRefusal for _ in range(100)),
    )
    for html in (
        feed_html(whole, articles, t, "UTC", NOW),
        feeds_html([whole] * 8, t, "UTC", NOW, total=8, words=LONG, is_narrowed=True),
        tried_html(tried, t, "UTC", NOW),
        opml_html(preview, t),
        not_found_html(whole.url, FeedFault(FeedTrouble.NOT_FOUND, LONG), t),
    ):
        assert visible_length(html) <= TEXT
        assert len(html.encode()) <= MARKUP_BYTES
        assert "\n\n\n" not in html
    assert BUTTONS == 100


@pytest.mark.parametrize(("is_configured", "follows"), [(False, True), (True, False)])
def test_only_a_feed_that_is_not_in_the_settings_is_said_to_be_followed(*, is_configured: bool, follows: bool) -> None:
    state = feed_state(looked_at=NOW, read_at=NOW, moved_to="https://new.example/feed", moved_looks=1, moved_at=NOW)
    html = feed_html(replace(feed(1, state=state), is_configured=is_configured), [], EN, "UTC", NOW)
    assert "moving to new" in html
    assert ("I follow by myself" in html) == follows


def test_a_feed_that_is_another_by_now_is_not_called_gone() -> None:
    fault = FeedFault(FeedTrouble.DUPLICATE, "it has moved to https://new.example/feed")
    twice = feed(1, state=feed_state(looked_at=NOW, fault=fault, failures=1, failing_since=NOW, next_look_at=NEVER))
    html = feed_html(twice, [], EN, "UTC", NOW)
    assert html.startswith("🚫")
    assert "another feed that I read already" in html
    assert "gone" not in html
    assert "next look" not in html


def test_a_feed_says_in_one_sign_how_it_is() -> None:
    fault = FeedFault(FeedTrouble.SERVER, "500")
    states = {
        "🆕": feed_state(),
        "✅": feed_state(looked_at=NOW, read_at=NOW, news_at=NOW),
        "⏳": feed_state(looked_at=NOW, read_at=NOW - HOUR, fault=fault, failures=1, failing_since=NOW),
        "⚠️": feed_state(looked_at=NOW, read_at=NOW - 5 * DAY, fault=fault, failures=9, failing_since=NOW - 5 * DAY),
        "🚫": feed_state(looked_at=NOW, fault=FeedFault(FeedTrouble.GONE, "410"), failures=1, failing_since=NOW),
    }
    assert {mark: health_mark(feed(state=state), NOW) for mark, state in states.items()} == {
        mark: mark for mark in states
    }
    assert health_mark(feed(is_paused=True), NOW) == "⏸"


def test_how_often_a_feed_is_looked_at_is_said() -> None:
    looked = feed_state(looked_at=NOW, read_at=NOW, next_look_at=NOW + 45 * MINUTE)
    assert "about every 40 minutes" in feed_html(feed(state=looked), (), EN, "UTC", NOW)
    quick = feed_state(looked_at=NOW, read_at=NOW, next_look_at=NOW + 16 * MINUTE)
    assert "about every 15 minutes" in feed_html(feed(state=quick), (), EN, "UTC", NOW)
    asked_for = feed_state(looked_at=NOW - 2 * MINUTE, read_at=NOW - 2 * MINUTE, next_look_at=NOW)
    assert "every" not in feed_html(feed(state=asked_for), (), EN, "UTC", NOW)
    every = feed(state=looked, options=FeedOptions(every=180))
    assert "every 3 hours" in feed_html(every, (), EN, "UTC", NOW)
    assert "every" not in feed_html(feed(state=looked, is_paused=True), (), EN, "UTC", NOW)


def test_moments_are_those_of_the_readers_clock() -> None:
    state = feed_state(looked_at=NOW, read_at=NOW, news_at=NOW - 400 * DAY, next_look_at=NOW + HOUR)
    shown = feed_html(feed(state=state), (), EN, "Asia/Tokyo", NOW)
    local = NOW.hour + 9
    assert f"{local:02}:" in shown
    assert str((NOW - 400 * DAY).year) in shown


def test_feeds_of_one_name_are_told_apart_by_their_addresses() -> None:
    twins = [feed(url="https://a.example/news", title="News"), feed(url="https://b.example/news", title="News")]
    shown = feeds_html([*twins, feed(url="https://c.example/x", title="Else")], EN, "UTC", NOW, total=3)
    assert "a.\u2060example/news" in shown
    assert "b.\u2060example/news" in shown
    assert "c.\u2060example" not in shown
    assert not any(line.endswith(" ") for line in shown.split("\n"))
