"""What the doctor says of feeds: how many there are, and what is wrong with some, by name and with the fix."""

from __future__ import annotations

from digests.feeds.findings import feed_findings
from digests.feeds.overview import FeedOverview
from digests.feeds.reports import FeedConcern
from digests.model.check import Check
from digests.model.feed import FeedHealth, FeedTrouble
from tests.factories.ailing_feeds import failing_feed, silent_feed


def findings(overview: FeedOverview, *, is_installed: bool = True) -> list[Check]:
    return list(feed_findings(overview, is_installed=is_installed))


def test_without_feeds_there_is_no_line() -> None:
    assert findings(FeedOverview({}), is_installed=False) == []


def test_all_is_well() -> None:
    assert findings(FeedOverview({FeedHealth.NEW: 2, FeedHealth.FINE: 1203})) == [
        Check("ok", "feeds", "1,205: 2 new, 1,203 fine")
    ]


def test_each_trouble_has_some_names_and_its_fix() -> None:
    concerns = [
        FeedConcern(failing_feed(1, FeedTrouble.GONE, title="Gone Post"), FeedHealth.GONE),
        *(FeedConcern(failing_feed(number, title=f"Lost {number}"), FeedHealth.FAILING) for number in range(2, 902)),
        FeedConcern(failing_feed(903, FeedTrouble.UNREACHABLE, title="Far"), FeedHealth.FAILING),
        FeedConcern(silent_feed(904, title="Quiet"), FeedHealth.SILENT),
    ]
    counts = {FeedHealth.FINE: 1, FeedHealth.SILENT: 1, FeedHealth.FAILING: 901, FeedHealth.GONE: 1}
    found = findings(FeedOverview(counts, tuple(concerns)))
    assert [check.what for check in found] == [
        "feeds",
        "feeds that are gone for good",
        "feeds that are not found",
        "feeds without an answer",
        "feeds that are silent",
    ]
    assert found[0].text == "904: 1 fine, 1 silent, 901 failing, 1 gone"
    assert found[2].text.startswith("Lost 2, Lost 3, Lost 4 and 897 more: it answers 404")
    assert all("Fix: " in check.text and check.level == "warning" and len(check.text) < 400 for check in found[1:])


def test_every_trouble_has_its_fix() -> None:
    for trouble in FeedTrouble:
        concern = FeedConcern(failing_feed(1, trouble), FeedHealth.FAILING)
        (_, check) = findings(FeedOverview({FeedHealth.FAILING: 1}, (concern,)))
        assert "Fix: " in check.text, trouble


def test_names_of_strangers_are_one_line_and_addresses_hold_no_secret() -> None:
    long = FeedConcern(failing_feed(1, title="A\x1b[31m\n\n" + "b" * 500), FeedHealth.FAILING)
    (_, check) = findings(FeedOverview({FeedHealth.FAILING: 1}, (long,)))
    assert check.text.isprintable()
    assert len(check.text) < 400
    untitled = failing_feed(1, title="", url="https://me:secret@feeds.example/rss?key=abcdef")
    (_, check) = findings(FeedOverview({FeedHealth.FAILING: 1}, (FeedConcern(untitled, FeedHealth.FAILING),)))
    assert check.text.startswith("https://feeds.example/rss?…")
    assert "secret" not in check.text
    assert "abcdef" not in check.text


def test_an_extra_that_is_missing_is_said_where_it_is_wanted() -> None:
    wanted = FeedOverview({FeedHealth.FINE: 1}, full_text=1)
    assert len(findings(wanted)) == 1
    (_, check) = findings(wanted, is_installed=False)
    assert check.level == "warning"
    assert "digestbot[fulltext]" in check.text
    assert len(findings(FeedOverview({FeedHealth.FINE: 1}), is_installed=False)) == 1
