from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.model.timezones import ZoneMatch, all_zones, city_of, read_zone, zone_label
from tests.factories.times import NOW

_FOLDERS = sorted(name for name in all_zones() if "/" in name and not name.startswith("Etc/"))


def offset_of(zone: str) -> timedelta | None:
    return NOW.astimezone(ZoneInfo(zone)).utcoffset()


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("EUROPE/BERLIN", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("  new   york ", "America/New_York"),
        ("New_York", "America/New_York"),
        ("shanghai", "Asia/Shanghai"),
        ("Buenos Aires", "America/Argentina/Buenos_Aires"),
        ("Istanbul", "Europe/Istanbul"),
        ("Asia/Istanbul", "Asia/Istanbul"),
        ("Singapore", "Asia/Singapore"),
        ("Japan", "Japan"),
        ("port-au-prince", "America/Port-au-Prince"),
        ("utc", "UTC"), ("UTC", "UTC"), ("gmt", "UTC"), ("Etc/UTC", "UTC"),
    ],
)  # fmt: skip
def test_exact_names_are_accepted(text: str, zone: str) -> None:
    assert read_zone(text, NOW) == ZoneMatch(exact=zone)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("GMT+8", 8), ("gmt+8", 8), ("UTC+8", 8), ("UTC +8", 8), ("utc + 8", 8), ("UTC+08", 8), ("UTC+08:00", 8),
        ("UTC+0800", 8), ("+08:00", 8), ("+8", 8), ("+0800", 8), ("UTC＋8", 8), ("ＵＴＣ+8", 8), ("UTC-5", -5),
        ("UTC−5", -5), ("UTC–5", -5), ("-05:00", -5), ("-5", -5), ("GMT-12", -12), ("UTC+14", 14), ("UTC+0", 0),
        ("UTC-0", 0), ("+0", 0), ("+00:00", 0), ("GMT+0", 0), ("0", 0),
    ],
)  # fmt: skip
def test_offsets_mean_what_people_mean(text: str, hours: int) -> None:
    match = read_zone(text, NOW)
    assert match.exact is not None
    assert match.choices == ()
    assert offset_of(match.exact) == timedelta(hours=hours)
    assert zone_label(match.exact) == ("UTC" if hours == 0 else f"UTC{hours:+d}")


def test_full_names_are_taken_literally() -> None:
    """People who know these names know their signs; the label shows how they are understood."""
    assert read_zone("Etc/GMT+8", NOW) == ZoneMatch(exact="Etc/GMT+8")
    assert zone_label("Etc/GMT+8") == "UTC-8"


@pytest.mark.parametrize(
    ("text", "some"),
    [("utc +5:30", "Asia/Kolkata"), ("UTC+0545", "Asia/Kathmandu"), ("-03:30", None), ("-02:30", "America/St_Johns"),
     ("+9:30", "Australia/Adelaide"), ("UTC+8:45", "Australia/Eucla"), ("+12:45", "Pacific/Chatham")],
)  # fmt: skip
def test_offsets_between_hours_are_asked_about(text: str, some: str | None) -> None:
    match = read_zone(text, NOW)
    assert match.exact is None
    assert (some is None and not match.choices) or some in match.choices
    assert len({offset_of(zone) for zone in match.choices}) <= 1


@pytest.mark.parametrize("text", ["UTC+15", "UTC+99", "-13", "+24", "UTC+8:99", "UTC+8:15", "+", "UTC+", "+8:5", "1e3"])
def test_offsets_that_no_clock_has_are_unknown(text: str) -> None:
    assert read_zone(text, NOW).exact is None


@pytest.mark.parametrize("text", ["8", "08", "utc 8", "UTC8", "GMT 8", "8:00", "0800"])
def test_without_a_sign_both_directions_are_offered(text: str) -> None:
    assert read_zone(text, NOW) == ZoneMatch(choices=("Etc/GMT-8", "Etc/GMT+8"))


@pytest.mark.parametrize(
    "text", ["CST", "est", "IST", "BST", "pst", "MST", "HST", "EDT", "CET", "EET", "WET", "MET", "JST", "AEST", "ET"]
)
def test_abbreviations_are_asked_about(text: str) -> None:
    match = read_zone(text, NOW)
    assert match.exact is None
    assert match.choices


def test_what_an_abbreviation_may_mean() -> None:
    assert {"America/Chicago", "Asia/Shanghai"} <= set(read_zone("CST", NOW).choices)
    assert {"Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"} <= set(read_zone("IST", NOW).choices)


@pytest.mark.parametrize(
    "text",
    ["Beijing", "San Francisco", "北京", "东八区", "上海", "Munich", "Ber", "Eastern", "Central", "Mountain", "Pacific",
     "Lon", "berlinn", "shanghia", "Europe", "Europe/", "/", "Berlin, Germany", "America", "Etc", "Factory",
     "localtime", "", " ", "x" * 5000, "😀", "../../etc/passwd", "Europe/../Europe/Berlin", "GMT+8 hours", "UTC+8+8"],
)  # fmt: skip
def test_near_names_are_never_accepted(text: str) -> None:
    assert read_zone(text, NOW).exact is None


def test_near_names_are_offered() -> None:
    assert "Asia/Shanghai" in read_zone("shanghia", NOW).choices
    assert "Europe/Berlin" in read_zone("Ber", NOW).choices
    assert {"US/Eastern", "Canada/Eastern"} <= set(read_zone("eastern", NOW).choices)
    assert read_zone("北京", NOW) == ZoneMatch()


@pytest.mark.parametrize("name", sorted(all_zones()))
def test_every_zone_is_found_by_its_whole_name(name: str) -> None:
    """An abbreviation is asked about; no name leads to another clock."""
    for text in (name, name.lower(), name.upper(), name.replace("_", " ")):
        match = read_zone(text, NOW)
        if match.exact is not None and not name.startswith("GMT"):
            assert offset_of(match.exact) == offset_of(name)
    if "/" in name and not name.startswith("Etc/"):
        assert read_zone(name, NOW) == ZoneMatch(exact=name)


@given(st.sampled_from(_FOLDERS), st.sampled_from([str.lower, str.upper, str.title]), st.booleans())
def test_every_city_is_found_or_asked_about_and_never_mistaken(name: str, case: object, spaced: bool) -> None:
    assert callable(case)
    text = case(name.rpartition("/")[2].replace("_", " " if spaced else "_"))
    match = read_zone(text, NOW)
    if match.exact is None:
        assert match.choices
    else:
        assert match.exact.casefold().rpartition("/")[2] == name.casefold().rpartition("/")[2]
        assert offset_of(match.exact) == offset_of(name)


@given(st.integers(-12, 14), st.sampled_from(["utc", "GMT", "UTC ", ""]), st.sampled_from(["", ":00", "00"]))
def test_whole_hours_are_that_far_from_utc(hours: int, prefix: str, minutes: str) -> None:
    digits = f"{abs(hours):02d}" if minutes == "00" else str(abs(hours))
    match = read_zone(f"{prefix}{'-' if hours < 0 else '+'}{digits}{minutes}", NOW)
    assert match.exact is not None
    assert offset_of(match.exact) == timedelta(hours=hours)


@given(st.text(max_size=40), st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2037, 1, 1)))  # noqa: DTZ001
def test_any_text_leads_only_to_zones(text: str, now: datetime) -> None:
    match = read_zone(text, now.replace(tzinfo=UTC))
    assert match.exact is None or (match.exact in all_zones() and match.choices == ())
    assert set(match.choices) <= all_zones()
    assert len(match.choices) <= 16


@pytest.mark.parametrize("name", sorted(all_zones()))
def test_no_zone_is_shown_with_its_sign_the_wrong_way_round(name: str) -> None:
    label = zone_label(name)
    assert not label.startswith("Etc/GMT")
    assert city_of(name)
    if label.startswith("UTC") and label != "UTC":
        assert offset_of(name) == timedelta(hours=int(label.removeprefix("UTC")))


def test_cities_and_labels() -> None:
    assert city_of("America/New_York") == "New York"
    assert city_of("Etc/GMT-8") == "UTC+8"
    assert zone_label("Europe/Berlin") == "Europe/Berlin"


@pytest.mark.parametrize("text", ["ACT", "Victoria", "West", "North", "Pacific", "Eastern", "General", "Continental"])
def test_a_part_of_a_country_is_asked_about(text: str) -> None:
    """Cities elsewhere may have the same name."""
    assert read_zone(text, NOW).exact is None


def test_the_full_name_of_such_a_part_is_exact() -> None:
    assert read_zone("Australia/Victoria", NOW).exact == "Australia/Victoria"
