"""The dates of feeds, crawlers and people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.articles.dates.parse import read_date
from digests.model.article import is_day_alone
from digests.model.gaps import Gap, GapKind
from tests.unit.articles.writing import read, write, write_raw

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)


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
    ("written", "moment"),
    [
        ("2025-12-01 10:00:00 +0800 CST", "2025-12-01T02:00:00"),
        ("2025-12-01 10:00:00 +0000 UTC", "2025-12-01T10:00:00"),
        ("Mon, 01 Dec 2025 10:00:00 +0530 IST", "2025-12-01T04:30:00"),
        ("Mon, 01 Dec 2025 10:00:00 EST-0500", "2025-12-01T15:00:00"),
        ("2025-12-01T10:00:00Z+00:00", "2025-12-01T10:00:00"),
        ("Mon, 01 Dec 2025 10:00:00 +00:00Z", "2025-12-01T10:00:00"),
        ("2025-12-01T10:00:00 08:00", "2025-12-01T02:00:00"),
        ("Mon, 01 Dec 2025 10:00:00 0800", "2025-12-01T02:00:00"),
        ("Mon, 01 Dec 2025 10:00:00 America/New_York", "2025-12-01T15:00:00"),
        ("Fri, 2006/09/15 08:19:53 EDT", "2006-09-15T12:19:53"),
        ("Mon, 2025-12-01 10:00:00 +0000", "2025-12-01T10:00:00"),
        ("1764583200000000", "2025-12-01T10:00:00"),
        ("周一, 01 十二月 2025 10:00:00 +0800", "2025-12-01T02:00:00"),
        ("星期一, 01 12月 2025 10:00:00 +0800", "2025-12-01T02:00:00"),
        ("月, 01 12月 2025 10:00:00 +0900", "2025-12-01T01:00:00"),
        ("월, 01 12월 2025 10:00:00 +0900", "2025-12-01T01:00:00"),
        ("pon., 01 gru 2025 10:00:00 +0100", "2025-12-01T09:00:00"),
        ("Çar, 26 Kas 2025 10:00:00 +0300", "2025-11-26T07:00:00"),
        ("Po, 01 pro 2025 10:00:00 +0100", "2025-12-01T09:00:00"),
        ("ma 01 joulu 2025 10:00:00 +0200", "2025-12-01T08:00:00"),
        ("Sen, 01 Des 2025 10:00:00 +0700", "2025-12-01T03:00:00"),
        ("Δευ, 01 Δεκ 2025 10:00:00 +0200", "2025-12-01T08:00:00"),
        ("Пн, 01 гру 2025 10:00:00 +0200", "2025-12-01T08:00:00"),
    ],
)
def test_dates_as_feeds_write_them(written: str, moment: str) -> None:
    found = read_date(written, SHANGHAI)
    assert found is not None
    assert found.at == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert found.zoned


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


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("25.11.2026 10:00", "2026-11-25T10:00:00"),
        ("25.11.26", "2026-11-25T00:00:00"),
        ("5/11/2026 10:00 PM", "2026-11-05T22:00:00"),
        ("25-11-2026", "2026-11-25T00:00:00"),
        ("11/25/2026, 10:00:00 AM", "2026-11-25T10:00:00"),
        ("2026/5", "2026-05-01T00:00:00"),
        ("2026-05", "2026-05-01T00:00:00"),
        ("2026年5月", "2026-05-01T00:00:00"),
        ("2026년 5월", "2026-05-01T00:00:00"),
        ("May 2026", "2026-05-01T00:00:00"),
        ("2019年5月6日17时", "2019-05-06T17:00:00"),
        ("2019年5月6日17時30分", "2019-05-06T17:30:00"),
        ("2026年11月25日 星期三 10:00", "2026-11-25T10:00:00"),
        ("2026年11月25日（水）", "2026-11-25T00:00:00"),
        ("2026년 11월 25일 수요일 오후 3:05", "2026-11-25T15:05:00"),
        ("2026/11/25 下午3:05:00", "2026-11-25T15:05:00"),
        ("2026-11-25 10点30分", "2026-11-25T10:30:00"),
        ("20261125 10:00", "2026-11-25T10:00:00"),
        ("发布时间：2026-11-25 10:00", "2026-11-25T10:00:00"),
        ("2026-11-25T10:00:00.1234567890Z", "2026-11-25T10:00:00.123456"),
        ("2026-11-25T10:00:00+01:00[Europe/Berlin]", "2026-11-25T09:00:00"),
        ("2026-07-25T10:00[Europe/Berlin]", "2026-07-25T08:00:00"),
        ("2026-11-25 10:00:00 Asia/Shanghai", "2026-11-25T02:00:00"),
        ("2026-11-25 10:00 (JST)", "2026-11-25T01:00:00"),
        ("2026-11-25 10:00 北京时间", "2026-11-25T02:00:00"),
        ("2026-11-25 10:00 AEST", "2026-11-25T00:00:00"),
        ("2026-11-25 11:00 AEDT", "2026-11-25T00:00:00"),
        ("2026-11-25 12:00 NZST", "2026-11-25T00:00:00"),
        ("2026-11-25 05:30 IST", "2026-11-25T00:00:00"),
        ("Wed, 25 Nov 2026 10:00 ET", "2026-11-25T15:00:00"),
        ("Mittwoch, 25. November 2026, 10:00 Uhr", "2026-11-25T10:00:00"),
        ("1. März 2026", "2026-03-01T00:00:00"),
        ("le 1er août 2026 à 10h30", "2026-08-01T10:30:00"),
        ("25 de noviembre de 2026", "2026-11-25T00:00:00"),
        ("25 мая 2026 г.", "2026-05-25T00:00:00"),
        ("the 25th of November 2026", "2026-11-25T00:00:00"),
        ("25th November 2026 10:00", "2026-11-25T10:00:00"),
        ("2026-11-25 9:3:7", "2026-11-25T09:03:07"),
        ("2026/1/14/11:12:36", "2026-01-14T11:12:36"),
        ("2026-11-25 22:010:17", "2026-11-25T00:00:00"),
        ("2026-11-25 12:42:33:16", "2026-11-25T00:00:00"),
        ("2026-11-25 14:15:57n", "2026-11-25T00:00:00"),
        ("11 月 25, 2026", "2026-11-25T00:00:00"),
        ("十一月 25, 2026", "2026-11-25T00:00:00"),
        ("2026. 11. 25. 오후 3:05", "2026-11-25T15:05:00"),
        ("2026.11.25.", "2026-11-25T00:00:00"),
        ("令和8年11月25日", "2026-11-25T00:00:00"),
        ("民國115年11月25日 10:00", "2026-11-25T10:00:00"),
        ("juillet 2026", "2026-07-01T00:00:00"),
    ],
)
def test_dates_as_people_write_them(written: str, moment: str) -> None:
    found = read_date(written, UTC)
    assert found is not None
    assert found.at == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "month_first", "day"),
    [
        ("4/5/2026", False, "2026-05-04"),
        ("4/5/2026", True, "2026-04-05"),
        ("25/11/2026", True, "2026-11-25"),
        ("11/25/2026", False, "2026-11-25"),
        ("4.5.2026", True, "2026-05-04"),
        ("2026/4/5", True, "2026-04-05"),
    ],
)
def test_which_number_is_the_month(written: str, month_first: bool, day: str) -> None:
    found = read_date(written, UTC, month_first=month_first)
    assert found is not None
    assert found.at.strftime("%Y-%m-%d") == day
    assert read(write(date=written), month_first=month_first).published_at == found.at


@pytest.mark.parametrize(
    ("zone", "language", "hour"),
    [
        (SHANGHAI, "", 2),
        (ZoneInfo("Asia/Singapore"), "", 2),
        (UTC, "zh-Hans", 2),
        (UTC, "zh-Hant", 2),
        (UTC, "", 16),
        (UTC, "en", 16),
        (ZoneInfo("America/Chicago"), "zh", 16),
    ],
)
def test_cst_is_chinas_or_americas(zone: tzinfo, language: str, hour: int) -> None:
    found = read_date("Wed Nov 25 10:00:00 CST 2026", zone, language=language)
    assert found is not None
    assert found.at == datetime(2026, 11, 25, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("昨天 10:00", "2026-11-25T02:00:00"),
        ("昨天下午3点", "2026-11-25T07:00:00"),
        ("前天", "2026-11-24T00:00:00"),
        ("今天", "2026-11-26T00:00:00"),
        ("3小时前", "2026-11-26T00:00:00"),
        ("半小时前", "2026-11-26T02:30:00"),
        ("3 天前", "2026-11-23T00:00:00"),
        ("刚刚", "2026-11-26T03:00:00"),
        ("昨日 10:00", "2026-11-25T02:00:00"),
        ("2時間前", "2026-11-26T01:00:00"),
        ("어제", "2026-11-25T00:00:00"),
        ("2시간 전", "2026-11-26T01:00:00"),
        ("2 hours ago", "2026-11-26T01:00:00"),
        ("an hour ago", "2026-11-26T02:00:00"),
        ("Yesterday at 10:00 PM", "2026-11-25T14:00:00"),
        ("vor 2 Stunden", "2026-11-26T01:00:00"),
        ("il y a 2 heures", "2026-11-26T01:00:00"),
        ("2 часа назад", "2026-11-26T01:00:00"),
        ("11月25日 10:00", "2026-11-25T02:00:00"),
        ("12月1日", "2025-12-01T00:00:00"),
        ("11-25 10:00", "2026-11-25T02:00:00"),
    ],
)
def test_dates_that_count_from_now(written: str, moment: str) -> None:
    found = read_date(written, SHANGHAI, now=NOW)
    assert found is not None
    assert found.at == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert read_date(written, SHANGHAI) is None


@pytest.mark.parametrize(
    "written", ["昨天 25:00", "99999 years ago", "9999年前", "2 moons ago", "13月1日", "tomorrow", "11-25"]
)
def test_no_dates_that_count_from_now(written: str) -> None:
    assert read_date(written, SHANGHAI, now=NOW) is None


@pytest.mark.parametrize("written", ["2026-11-25", "2026年11月25日", "25.11.2026", "November 25, 2026", "20261125"])
def test_a_day_without_a_time_is_that_day_in_every_zone(written: str) -> None:
    """Its moment does not depend on the origin's zone, and says that only the day is known."""
    found = [read_date(written, zone) for zone in (UTC, SHANGHAI, NEW_YORK, ZoneInfo("Pacific/Auckland"))]
    assert {date.at for date in found if date} == {datetime(2026, 11, 25, tzinfo=UTC)}
    assert all(date is not None and date.day_only and not date.zoned for date in found)


@pytest.mark.parametrize(
    "post", [write(date="2026-11-25"), write(date="Wed, 25 Nov 2026 00:00:00 GMT"), write_raw("title: x")]
)
def test_an_article_tells_a_day_from_a_time(post: bytes) -> None:
    published_at = read(post, "2026-11-25-x.md", timezone=NEW_YORK).published_at
    assert published_at is not None
    assert is_day_alone(published_at)
    assert not is_day_alone(published_at + timedelta(microseconds=1))
    assert not is_day_alone(published_at.astimezone(SHANGHAI))


def test_a_time_is_still_one_of_the_origins_zone() -> None:
    found = read_date("2026-11-25 00:00:00", SHANGHAI)
    assert found is not None
    assert found.at == datetime(2026, 11, 24, 16, tzinfo=UTC)
    assert not found.day_only


@pytest.mark.parametrize(
    "written", ["0000-00-00", "0000-00-00 00:00:00", "null", "2026", "13/13/2026", "30.2.2026", "1.2"]
)
def test_more_that_is_no_date(written: str) -> None:
    assert read_date(written, UTC, now=NOW) is None


def test_a_missing_date_is_a_gap() -> None:
    assert Gap(GapKind.DATE, "none") in read(write_raw("title: x")).gaps
    assert Gap(GapKind.DATE, "none") in read(write_raw("title: x\ndate:")).gaps
    assert Gap(GapKind.DATE, "unreadable", "Invalid Date") in read(write(date="Invalid Date")).gaps
    assert all(gap.kind is not GapKind.DATE for gap in read(write()).gaps)


def test_the_date_of_a_change_is_not_the_posts() -> None:
    assert read(write_raw("title: x\nupdated: 2026-11-25\nlastmod: 2026-11-25")).published_at is None


@pytest.mark.parametrize("written", ["[2026-11-25]", "{year: 2026}", "\n  - 2026-11-25", "true"])
def test_what_is_no_single_text_is_no_date(written: str) -> None:
    assert read(write_raw(f"title: x\ndate: {written}")).published_at is None


PIECES = (
    *("2026", "11", "25", "-", "/", ".", " ", ":", "年", "月", "日", "前", "ago", "day", "CST", "[", "]", "昨天", "PM"),
    *("+99:99", "Asia/Shanghai", "Nov", "é", "9" * 30),
)
dates = st.one_of(
    st.text(max_size=40),
    st.text("0123456789-/.:年月日时TZ +,", max_size=30),
    st.lists(st.sampled_from(PIECES), max_size=10).map("".join),
)


@given(dates, st.booleans(), st.sampled_from([UTC, SHANGHAI, timezone(timedelta(hours=-12))]))
def test_any_text_is_a_date_in_utc_or_none(text: str, month_first: bool, zone: tzinfo) -> None:
    for now in (None, NOW):
        found = read_date(text, zone, now=now, month_first=month_first, language="zh")
        assert found is None or found.at.tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    [
        "Friday, November 20, 2026 - 10:00",
        "11/20/2026 - 10:00",
        "20 November 2026 – 10:00",
        "2026-11-20 | 10:00",
        "20.11.2026 klo 10.00",
        "Fri, 20 Nov 2026 10.00.00 GMT",
        "Fri, 20 Nov 2026 T10:00:00Z",
        "10:00 20/11/2026",
        "10:00, 20 Nov 2026",
        "10:00 ngày 20 tháng 11 năm 2026",
        "10:00 20 tháng 11, 2026",
        r"\/Date(1795168800000+0800)\/",
        "ו', 20 נוב 2026 12:00:00 +0200",
        "יום שישי, 20 בנובמבר 2026 10:00",
    ],
)
def test_times_apart_from_their_days(written: str) -> None:
    found = read_date(written, UTC)
    assert found is not None
    assert found.at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert not found.day_only


@pytest.mark.parametrize("written", ["20 tháng 11, 2026", "ngày 20 tháng 11 năm 2026", "20 בנובמבר 2026"])
def test_days_in_vietnamese_and_hebrew(written: str) -> None:
    found = read_date(written, UTC)
    assert found is not None
    assert found.at == datetime(2026, 11, 20, tzinfo=UTC)
    assert found.day_only


@pytest.mark.parametrize("written", ["20 tháng 13 2026", "20 Nov 2026 25.61", "10:00 - 2026"])
def test_no_days_of_the_kind(written: str) -> None:
    found = read_date(written, UTC)
    assert found is None or found.day_only
