"""What admins are told of feeds that bring nothing any more."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.i18n import Translator, translator
from bot.render.feed_report import MOST_NAMED, feed_report_html
from bot.render.feeds import span_in_words
from bot.text.markup import Html
from digests.feeds.reports import FeedConcern
from digests.model.feed import FeedHealth, FeedTrouble
from tests.factories.ailing_feeds import failing_feed, silent_feed
from tests.factories.times import DAY, HOUR, MINUTE, NOW
from tests.telegram_markup import check_html

ENGLISH = translator("en")
CHINESE = translator("zh_CN")


def plain(html: Html) -> str:
    """Return the text that Telegram shows."""
    return str(check_html(html)["text"])


def failing(number: int = 1, trouble: FeedTrouble = FeedTrouble.NOT_FOUND, title: str = "Tidewater") -> FeedConcern:
    return FeedConcern(failing_feed(number, trouble, title=title), FeedHealth.FAILING)


def test_each_line_says_what_is_wrong_since_when_and_what_to_do() -> None:
    concerns = [
        FeedConcern(failing_feed(3, FeedTrouble.GONE, title="Old Post"), FeedHealth.GONE),
        failing(),
        FeedConcern(silent_feed(2, title="Slow Ladle"), FeedHealth.SILENT),
    ]
    text = plain(feed_report_html(concerns, NOW, "Asia/Shanghai", ENGLISH))
    assert "🚫 Old Post: The site says that this feed is gone for good" in text
    assert "⚠️ Tidewater (since 1 Jun 15:30): There is nothing at this address." in text
    assert "💤 Slow Ladle: nothing new for 30 days; usually something comes every 24 hours." in text
    assert "/feeds" in text
    assert "…" not in text


@pytest.mark.parametrize("t", [ENGLISH, CHINESE], ids=["en", "zh_CN"])
@pytest.mark.parametrize("trouble", FeedTrouble)
def test_every_trouble_has_its_words(trouble: FeedTrouble, t: Translator) -> None:
    text = plain(feed_report_html([failing(trouble=trouble)], NOW, "UTC", t))
    assert text.count("Tidewater") == 1
    assert "answers 404" not in text, "words for operators are not for a chat"


def test_thousands_fit_in_one_message() -> None:
    text = plain(feed_report_html([failing(number, title="長" * 500) for number in range(3000)], NOW, "UTC", ENGLISH))
    assert len(text) < 2000
    assert "2,994 more" in text
    assert len(re.findall("長+…", text)) == MOST_NAMED


def test_titles_are_nothing_but_text() -> None:
    html = feed_report_html([failing(title="<b>@admin</b> https://evil.example /start")], NOW, "UTC", ENGLISH)
    assert "<b>@admin" not in html
    assert "https://evil.example" not in html


def test_a_feed_without_a_title_shows_its_address() -> None:
    assert "feeds.example" in plain(feed_report_html([failing(title="")], NOW, "UTC", ENGLISH)).replace("\u2060", "")


def test_many_that_do_not_answer_point_at_the_bots_own_connection() -> None:
    unreachable = [failing(number, FeedTrouble.UNREACHABLE) for number in range(9)]
    assert "my own connection" in plain(feed_report_html(unreachable, NOW, "UTC", ENGLISH))
    assert "my own connection" not in plain(feed_report_html(unreachable[:3], NOW, "UTC", ENGLISH))
    assert "my own connection" not in plain(feed_report_html([*unreachable, failing()], NOW, "UTC", ENGLISH))


def test_a_fault_that_is_not_known_is_put_in_words_too() -> None:
    concern = failing()
    unknown = replace(concern.feed, state=replace(concern.feed.state, fault=None, failing_since=None))
    assert "does not answer" in plain(feed_report_html([FeedConcern(unknown, FeedHealth.FAILING)], NOW, "UTC", ENGLISH))


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(), "1 minute"),
        (-DAY, "1 minute"),
        (90 * MINUTE, "90 minutes"),
        (3 * HOUR, "3 hours"),
        (2 * DAY, "2 days"),
        (30.4 * DAY, "30 days"),
    ],
)
def test_spans_of_time_in_words(span: timedelta, words: str) -> None:
    assert span_in_words(span, ENGLISH) == words
