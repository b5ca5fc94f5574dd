"""The rules of politeness themselves: what keeps them passes, and each breach is found by its rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from email.utils import format_datetime

import pytest

from tests.factories.times import NOW
from tests.feed_server.record import Answer, Exchange, FeedRequest
from tests.feed_server.rules import POLITE, RULES, PoliteLimits, breaches

A, B = "http://news.example/feed", "https://news.example/feed"
ELSEWHERE = "https://other.example/feed"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAME = "digestbot/1.2.3 (+https://bot.example)"
ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.8, */*;q=0.5"
ETAG = (("ETag", '"1"'), ("Last-Modified", "yesterday"))
KNOWN = {"if-none-match": '"1"', "if-modified-since": "yesterday"}


class Story:
    """Exchanges in a row, five seconds apart by the machine's clock."""

    def __init__(self) -> None:
        self.exchanges = list[Exchange]()

    def ask(
        self,
        url: str = A,
        after: timedelta = HOUR,
        status: int = 200,
        *,
        sent: dict[str, str] | None = None,
        said: Sequence[tuple[str, str]] = (),
        apart: float = 5.0,
        is_cut: bool = False,
        is_feed: bool = True,
        is_usable: bool = True,
        method: str = "GET",
    ) -> Story:
        """Ask an address, some time after the last request."""
        last = self.exchanges[-1] if self.exchanges else None
        at = last.request.at + after if last else NOW
        began = last.ended + apart if last else 0.0
        headers = {"host": url.split("/")[2], "user-agent": NAME, "accept": ACCEPT}
        headers |= {"accept-encoding": "gzip, deflate, br, zstd", **(sent or {})}
        request = FeedRequest(url, tuple(headers.items()), at, method, began)
        answer = Answer(status, tuple(said), is_cut=is_cut, is_feed=is_feed, is_usable=is_usable)
        self.exchanges.append(Exchange(request, answer, began + 0.1))
        return self

    def redirected(self, to: str, after: timedelta = HOUR, status: int = 301, first: str = A) -> Story:
        """Ask an address that redirects, and what it leads to."""
        self.ask(first, after, status, said=[("Location", to)])
        return self.ask(to, timedelta())


def broken(story: Story, limits: PoliteLimits = POLITE) -> list[str]:
    return list(breaches(story.exchanges, limits))


def test_a_polite_story_breaks_nothing() -> None:
    story = Story().ask(said=ETAG).ask(status=304, sent=KNOWN).ask(sent=KNOWN, said=[("ETag", "2")])
    story.ask(sent={"if-none-match": "2"}).ask()
    story.ask(status=503, said=[("Retry-After", "7200")]).ask(after=3 * HOUR)
    story.ask(status=500).ask(after=HOUR, status=500).ask(after=DAY, status=500).ask(after=2 * DAY, is_cut=True)
    story.ask(after=7 * DAY).ask(ELSEWHERE, timedelta()).ask(A)
    assert breaches(story.exchanges) == {}


def test_a_feed_that_moves_in_time_breaks_nothing() -> None:
    story = Story().redirected(B).redirected(B, DAY).ask(A, HOUR, 500).redirected(B, DAY).ask(B).ask(B)
    assert breaches(story.exchanges) == {}
    downgraded = Story().redirected(A, first=B)
    for _ in range(5):
        downgraded.redirected(A, DAY, first=B)
    assert breaches(downgraded.exchanges) == {}, "nobody moves by a way that others can change"
    both = Story().ask(B).redirected(B).ask(B)
    assert breaches(both.exchanges) == {}, "a feed that was there before it was redirected to"


@pytest.mark.parametrize(
    "story",
    [
        Story().ask(said=ETAG).ask(),
        Story().ask(said=ETAG).ask(sent={"if-none-match": '"1"'}),
        Story().ask(said=ETAG).ask(sent={**KNOWN, "if-none-match": 'W/"1"'}),
        Story().ask(said=ETAG).ask(sent={**KNOWN, "if-none-match": "1"}),
        Story().ask(said=ETAG).ask(sent=KNOWN, said=[("ETag", "2")]).ask(sent=KNOWN),
        Story().ask(said=ETAG).ask(sent=KNOWN).ask(sent=KNOWN),
        Story().ask(sent=KNOWN),
        Story().ask(said=ETAG).ask(ELSEWHERE, sent=KNOWN),
        Story()
        .ask(said=ETAG)
        .ask(A, status=302, sent=KNOWN, said=[("Location", ELSEWHERE)])
        .ask(ELSEWHERE, timedelta()),
        Story().ask(said=ETAG).ask(sent=KNOWN, said=[("ETag", "page")], is_feed=False).ask(sent=KNOWN),
        Story().ask(said=ETAG).ask(sent=KNOWN, said=[("ETag", "bomb")], is_usable=False).ask(),
    ],
)
def test_conditions_are_exactly_the_last_validators(story: Story) -> None:
    assert broken(story) == ["is_conditional"]


def test_conditions_follow_redirects() -> None:
    for to in (B, ELSEWHERE):
        led = Story().ask(said=ETAG).ask(status=301, sent=KNOWN, said=[("Location", to)])
        assert broken(led.ask(to, timedelta(), sent=KNOWN)) == []
    page = Story().ask(said=ETAG).ask(sent=KNOWN, said=[("ETag", "page")], is_feed=False)
    assert broken(page.ask(sent={"if-none-match": "page"})) == []
    bomb = Story().ask(said=ETAG).ask(sent=KNOWN, said=[("ETag", "bomb")], is_usable=False)
    assert broken(bomb.ask(sent=KNOWN)) == []


@pytest.mark.parametrize(
    ("story", "rule"),
    [
        (Story().ask().ask(after=timedelta(minutes=14)), "leaves_time_between"),
        (Story().ask(status=429, said=[("Retry-After", "7200")]).ask(after=HOUR), "holds_retry_after"),
        (Story().ask(status=503, said=[("Retry-After", "9999999")]).ask(after=DAY), "holds_retry_after"),
        (
            Story()
            .ask(status=503, said=[("Retry-After", format_datetime(NOW + 2 * HOUR, usegmt=True))])
            .ask(after=HOUR),
            "holds_retry_after",
        ),
        (Story().ask(status=500).ask(after=timedelta(minutes=50)), "backs_off"),
        (Story().ask(status=404).ask(status=404).ask(), "backs_off"),
        (Story().ask(is_cut=True).ask(is_cut=True).ask(), "backs_off"),
        (Story().ask(is_feed=False).ask(is_feed=False).ask(), "backs_off"),
        (Story().ask().ask(ELSEWHERE).ask(B, apart=0.9), None),
        (Story().ask().ask(B, apart=0.9), "asks_a_host_for_one_thing"),
        (Story().ask().ask(B, apart=-0.05), "asks_a_host_for_one_thing"),
        (Story().redirected(B).ask("http://news.example:8080/", apart=0.5), "asks_a_host_for_one_thing"),
        (Story().ask(sent={"cookie": "id=1"}), "says_nothing_more"),
        (Story().ask(sent={"referer": A}), "says_nothing_more"),
        (Story().ask(sent={"authorization": "Basic x"}), "says_nothing_more"),
        (Story().ask(method="HEAD"), "says_nothing_more"),
        (Story().ask(sent={"user-agent": "Mozilla/5.0"}), "says_who_asks"),
        (Story().ask(sent={"user-agent": "digestbot/1.2.3"}), "says_who_asks"),
        (Story().ask(sent={"user-agent": "Python/3.11 aiohttp/3.14"}), "says_who_asks"),
        (Story().ask(sent={"accept": "*/*"}), "says_what_it_takes"),
        (Story().ask(sent={"accept-encoding": "gzip"}), "says_what_it_takes"),
        (Story().ask(status=410).ask(after=30 * DAY), "leaves_what_is_gone"),
        (Story().redirected(B).redirected(B, DAY).ask(B), "moves_in_time"),
        (Story().redirected(B).redirected(B).redirected(B).ask(B), "moves_in_time"),
        (Story().redirected(B, status=302).ask(B), "moves_in_time"),
        (Story().redirected(B).redirected(B, DAY).ask(A, DAY).redirected(B, DAY).ask(B), "moves_in_time"),
        (Story().redirected(B).redirected(B, DAY).redirected(B, DAY).ask(B).ask(A), "moves_in_time"),
        (Story().redirected(B).redirected(B, DAY).redirected(B, DAY).redirected(B, DAY), "stays_until_it_moves"),
    ],
)
def test_each_rule_finds_its_breach(story: Story, rule: str | None) -> None:
    assert (rule in broken(story)) if rule else broken(story) == []


def test_many_at_once_are_found() -> None:
    story = Story()
    for number in range(9):
        story.ask(f"http://{number}.example/", apart=-0.1)
    assert broken(story) == ["asks_few_at_once"]
    assert broken(story, PoliteLimits(at_once=9)) == []


def test_headers_that_come_twice_are_found() -> None:
    story = Story().ask()
    request = story.exchanges[0].request
    twice = FeedRequest(request.url, (*request.headers, ("accept", ACCEPT)), request.at)
    assert "says_nothing_more" in breaches([Exchange(twice, Answer(200), 0.1)])


def test_a_feed_may_have_a_name_of_its_own() -> None:
    limits = PoliteLimits(agents={A: "Mozilla/5.0 (reader)"})
    assert broken(Story().ask(sent={"user-agent": "Mozilla/5.0 (reader)"}), limits) == []
    assert broken(Story().ask(), limits) == ["says_who_asks"]


def test_every_rule_was_broken_here() -> None:
    names = {rule.__name__ for rule in RULES}
    assert names == {
        *("is_conditional", "leaves_time_between", "holds_retry_after", "backs_off", "asks_a_host_for_one_thing"),
        *("asks_few_at_once", "says_nothing_more", "says_who_asks", "says_what_it_takes", "leaves_what_is_gone"),
        *("moves_in_time", "stays_until_it_moves"),
    }
