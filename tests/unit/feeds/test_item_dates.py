"""When items were published and changed: by what is written, not by what a library makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from digests.articles.options import PostOptions
from digests.model.feed import FeedOptions
from digests.model.gaps import GapKind
from tests.unit.feeds.entries import ENTRY, read_entries, read_one

WRONG = datetime(2026, 11, 1, tzinfo=UTC)
SHANGHAI = PostOptions(timezone=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026年11月25日 10:00:00", datetime(2026, 11, 25, 2, tzinfo=UTC)),
        ("2026/11/25 10:00", datetime(2026, 11, 25, 2, tzinfo=UTC)),
        ("1764036000", datetime(2025, 11, 25, 2, tzinfo=UTC)),
        ("Wed, 25 Nov 2026 10:00:00 +0800", datetime(2026, 11, 25, 2, tzinfo=UTC)),
        ("Wed, 25 Nov 2026 10:00:00 CST", datetime(2026, 11, 25, 2, tzinfo=UTC)),
        ("2026-11-25T10:00:00Z", datetime(2026, 11, 25, 10, tzinfo=UTC)),
        ("2026-11-25", datetime(2026, 11, 25, tzinfo=UTC)),
    ],
)
def test_our_reading_comes_first(written: str, moment: datetime) -> None:
    item = read_one(reading=SHANGHAI, published=written, published_at=WRONG)
    assert item.post.published_at == moment
    assert item.updated_at is None
    assert item.post.problems == ()


def test_the_language_of_the_feed_tells_what_cst_is() -> None:
    written = "Wed, 25 Nov 2026 10:00:00 CST"
    assert read_one(published=written).post.published_at == datetime(2026, 11, 25, 16, tzinfo=UTC)
    declared = read_one(published=written, language="zh-cn")
    detected = read_one(published=written, title="夜航船今晚复航", content="今天晚上十点，夜航船复航了。")
    wrongly = read_one(published=written, title="夜航船今晚复航", language="en-us")
    assert wrongly.post.published_at == datetime(2026, 11, 25, 2, tzinfo=UTC)
    assert declared.post.published_at == detected.post.published_at == datetime(2026, 11, 25, 2, tzinfo=UTC)
    chinese = FeedOptions(language="zh-Hans")
    assert read_one(chinese, published=written).post.published_at == datetime(2026, 11, 25, 2, tzinfo=UTC)


def test_who_writes_the_month_first() -> None:
    written = "4/5/2026 10:00:00 AM"
    assert read_one(published=written, language="en-us").post.published_at == datetime(2026, 4, 5, 10, tzinfo=UTC)
    assert read_one(published=written, language="en-gb").post.published_at == datetime(2026, 5, 4, 10, tzinfo=UTC)
    plain = read_one(published="4/5/2026 10:00", language="en-us")
    assert plain.post.published_at == datetime(2026, 5, 4, 10, tzinfo=UTC)


def test_the_library_is_the_last_resort() -> None:
    at = datetime(2026, 11, 25, 11, tzinfo=UTC)
    assert read_one(published="Wed, 25 Nov 2026 10:00:00 A", published_at=at).post.published_at == at
    assert read_one(published="2026-329", published_at=datetime(2026, 11, 25, tzinfo=UTC)).post.published_at is not None


@pytest.mark.parametrize("written", ["2026-W45-3", "the 25th, perhaps", "2026-13-01T10:00:00Z", "200312"])
def test_what_a_library_guesses_is_no_date(written: str) -> None:
    item = read_one(published=written, published_at=WRONG)
    assert item.post.published_at is None
    assert item.post.problems == (f'the date "{written}" can\'t be read',)
    assert [(gap.cause, gap.detail) for gap in item.post.gaps if gap.kind is GapKind.DATE] == [
        ("feed unreadable", written)
    ]


def test_what_only_says_when_it_was_changed_was_published_then() -> None:
    item = read_one(updated="2026-11-25T10:00:00Z")
    assert item.post.published_at == item.updated_at == datetime(2026, 11, 25, 10, tzinfo=UTC)
    both = read_one(published="2026-11-24T10:00:00Z", updated="2026-11-25T10:00:00Z")
    assert both.post.published_at == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert both.updated_at == datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.mark.parametrize("written", ["1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:27:00 GMT", "2199-01-01T00:00:00Z"])
def test_a_date_that_cannot_be_true_is_named(written: str) -> None:
    item = read_one(published=written)
    assert item.post.published_at is not None
    assert item.post.problems == (f'the date "{written}" can\'t be true',)


def test_no_date_is_a_gap() -> None:
    post = read_one().post
    assert post.published_at is None
    assert GapKind.DATE in {gap.kind for gap in post.gaps}


def test_a_new_date_is_no_change() -> None:
    before = read_one(published="2026-11-24T10:00:00Z", updated="2026-11-24T11:00:00Z")
    after = read_one(published="2026-11-25T10:00:00Z", updated="2026-11-25T11:00:00Z")
    assert before.content_hash == after.content_hash
    assert before.key == after.key
    (other,) = read_entries(replace(ENTRY, title="The night ferry sails")).items
    assert other.content_hash != before.content_hash
