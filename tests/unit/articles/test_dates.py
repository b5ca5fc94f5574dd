"""The dates of feeds, crawlers and people."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from digests.articles.dates import read_date
from tests.unit.articles.writing import read, write, write_raw

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("written", "zone", "moment"),
    [
        ("2021-03-22 03:44:24", UTC, "2021-03-22T03:44:24"),
        ("2021-03-22 03:44:24", SHANGHAI, "2021-03-21T19:44:24"),
        ("2021-03-22", SHANGHAI, "2021-03-22T00:00:00"),
        ("2021-3-2 3:04", UTC, "2021-03-02T03:04:00"),
        ("2021/3/2 03:04:05", UTC, "2021-03-02T03:04:05"),
        ("2021.03.02", UTC, "2021-03-02T00:00:00"),
        ("2021-03-22T03:44:24Z", SHANGHAI, "2021-03-22T03:44:24"),
        ("2021-03-22T03:44:24.123+08:00", UTC, "2021-03-21T19:44:24.123000"),
        ("2021-03-22 03:44:24 +0800", UTC, "2021-03-21T19:44:24"),
        ("2021-03-22 03:44:24 -05", UTC, "2021-03-22T08:44:24"),
        ("2021-03-22 24:00:00", UTC, "2021-03-23T00:00:00"),
        ("2021-12-31 23:59:60", UTC, "2022-01-01T00:00:00"),
        ("Tue, 23 Mar 2021 06:24:36 GMT", SHANGHAI, "2021-03-23T06:24:36"),
        ("Tue, 23 Mar 2021 06:24:36 +0800", UTC, "2021-03-22T22:24:36"),
        ("23 Mar 21 06:24 EST", UTC, "2021-03-23T11:24:00"),
        ("Tuesday, 23-Mar-21 06:24:36 GMT", UTC, "2021-03-23T06:24:36"),
        ("Tue Mar 23 2021 06:24:36 GMT+0800 (中国标准时间)", UTC, "2021-03-22T22:24:36"),
        ("Tue Mar 23 06:24:36 2021", UTC, "2021-03-23T06:24:36"),
        ("March 23, 2021", UTC, "2021-03-23T00:00:00"),
        ("Mar 23, 2021 6:24 PM", UTC, "2021-03-23T18:24:00"),
        ("2021年3月19日 10:20", SHANGHAI, "2021-03-19T02:20:00"),
        ("2021年3月19日下午2:05", UTC, "2021-03-19T14:05:00"),
        ("2021年3月19日 10时20分30秒", UTC, "2021-03-19T10:20:30"),
        ("2021年3月19日", UTC, "2021-03-19T00:00:00"),
        ("２０２１-０３-１９", UTC, "2021-03-19T00:00:00"),
        ("1616191812", SHANGHAI, "2021-03-19T22:10:12"),
        ("1616191812000", UTC, "2021-03-19T22:10:12"),
        ("20210319", UTC, "2021-03-19T00:00:00"),
        ("20210319T102030Z", UTC, "2021-03-19T10:20:30"),
        ("1936-01-01", UTC, "1936-01-01T00:00:00"),
        ("Thu, 01 Jan 1970 00:27:00 GMT", UTC, "1970-01-01T00:27:00"),
    ],
)
def test_dates(written: str, zone: tzinfo, moment: str) -> None:
    found = read_date(written, zone)
    assert found is not None
    assert found.at == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert found.at.tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    [
        "Invalid Date",
        "",
        "gestern",
        "2021-13-01",
        "2021-02-30",
        "0000-01-01",
        "99999-01-01",
        "2021-03-22 25:00:00",
        "5",
        "2021-03-22 03:44:24 XYZ",
        "9" * 90,
        "1" * 11,
        "2021-03-22 03:44:24 +9999",
        "32 Mar 2021 10:00",
        "1 Foo 2021 10:00",
    ],
)
def test_no_dates(written: str) -> None:
    assert read_date(written, UTC) is None


def test_only_a_date_with_a_zone_is_the_feeds_own() -> None:
    """Without a zone it is the time of the crawl, and a new date is no change."""
    crawled, again = read(write(date="2021-03-22 18:15:52")), read(write(date="2021-03-23 09:00:01"))
    assert crawled.published_at != again.published_at
    assert crawled.content_hash == again.content_hash
    fed, changed = read(write()), read(write(date="Wed, 24 Mar 2021 06:24:36 GMT"))
    assert fed.content_hash != changed.content_hash


def test_an_unreadable_date_is_a_problem_and_no_date() -> None:
    parsed = read(write(date="Invalid Date"))
    assert parsed.published_at is None
    assert parsed.problems == ('the date "Invalid Date" can\'t be read',)
    assert read(write_raw("title: x")).problems == ()


def test_other_names_for_the_date() -> None:
    assert read(write_raw("title: x\npublished_at: 2021-03-19")).published_at == datetime(2021, 3, 19, tzinfo=UTC)
