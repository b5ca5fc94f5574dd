from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.model.timezones import (
    Meaning,
    ZoneMatch,
    all_zones,
    choice_labels,
    city_of,
    offset_at,
    offset_label,
    offsets_of_day,
    places_at,
    read_zone,
    zone_label,
)
from digests.model.timezones.abbreviations import ABBREVIATIONS
from digests.model.timezones.labels import city_zones, cldr_cities, clock_of
from digests.model.timezones.offsets import MOST_PLACES
from digests.model.timezones.places import City, cities, cities_called, country_zones
from digests.model.timezones.reading import MOST_CHOICES
from tests.factories.times import NOW

# Python keeps eight of them, and reads the others from their files each time.
KEPT = [ZoneInfo(name) for name in sorted(all_zones())]
ABBREVIATED = {name for name in all_zones() if name.casefold() in ABBREVIATIONS}
NAMES = st.sampled_from(sorted(cities_called())).flatmap(
    lambda name: st.sampled_from([name, name.upper(), name[:-1], name[1:], f"{name}市", f"{name} x", f"x{name}"])
)


def offset_of(zone: str) -> timedelta | None:
    return NOW.astimezone(ZoneInfo(zone)).utcoffset()


CITIES = {
    "Asia/Shanghai": "Beijing|beijing|BEIJING|Ｂｅｉｊｉｎｇ|Bei Jing|Peking|北京|北京市|中国北京|北京，中国"
    "|Beijing, China|北京时间|Beijing time|Shanghai|shang hai|SHANGHAI|上海|上海市|Shenzhen|深圳|深圳市"
    "|Guangzhou|广州|廣州|Chengdu|成都|Tianjin|天津|Chongqing|重庆|重慶|Wuhan|武汉|武漢|Xi'an|Xi’an|xian"
    "|西安|Hangzhou|杭州|Nanjing|南京|Harbin|哈尔滨|China|中国|中國|PRC|prc",
    "Asia/Hong_Kong": "Hong Kong|hongkong|HONGKONG|香港|HK|中国香港",
    "Asia/Taipei": "Taipei|台北|臺北|台北市|Taiwan|台湾|台灣|臺灣|ROC|Kaohsiung|高雄",
    "Asia/Tokyo": "Tokyo|東京|东京|Osaka|大阪|大阪市|Kyoto|京都|Nagoya|Japan|日本|日本东京",
    "Asia/Seoul": "Seoul|首尔|首爾|Busan|釜山|South Korea|韩国|韓國|ROK",
    "Asia/Singapore": "Singapore|新加坡",
    "Asia/Kolkata": "Mumbai|Bombay|孟买|孟買|Delhi|德里|New Delhi|new-delhi|新德里|Kolkata|Calcutta|Bangalore|Bengaluru"
    "|Chennai|India|印度",
    "Asia/Ho_Chi_Minh": "Hanoi|河内|河內|Saigon|Ho Chi Minh City|胡志明市|Vietnam|越南",
    "Asia/Dubai": "Dubai|迪拜|杜拜|Abu Dhabi|UAE|阿联酋",
    "Asia/Jerusalem": "Israel|Tel Aviv|Jerusalem|以色列",
    "Europe/Berlin": "Berlin|柏林|Munich|München|MÜNCHEN|munchen|Muenchen|慕尼黑|Frankfurt|法兰克福|Hamburg|Köln"
    "|Cologne|Germany|germany|德国|德國|Berlin, Germany|Berlin Germany",
    "Europe/Paris": "Paris|巴黎|paris france|Lyon|Marseille|France|法国|法國",
    "Europe/London": "London|伦敦|倫敦|Edinburgh|Manchester|UK|U.K.|England|英国|GB|GB-Eire",
    "Europe/Zurich": "Zurich|Zürich|苏黎世|Geneva|Genève|日内瓦|Bern|Switzerland|瑞士",
    "Europe/Rome": "Rome|罗马|Milan|Milano|米兰|米蘭|Venice|Italy|意大利",
    "Europe/Madrid": "Barcelona|巴塞罗那|巴塞隆納|Madrid|Barcelona, Spain|马德里",
    "Europe/Moscow": "Moscow|莫斯科|Kazan|Saint Petersburg, Russia|俄罗斯圣彼得堡",
    "Europe/Istanbul": "Istanbul|伊斯坦布尔|Ankara|Turkey|土耳其",
    "America/New_York": "New York|  new   york |newyork|New York City|NYC|纽约|紐約|Washington|Washington, D.C."
    "|Washington DC|华盛顿|Boston|波士顿|Miami|迈阿密|Philadelphia|Atlanta|EST5EDT|St. Petersburg, Florida"
    "|st petersburg FL|New York, USA",
    "America/Chicago": "Chicago|芝加哥|Houston|Dallas|Austin|Paris, Texas|New Orleans",
    "America/Denver": "Denver|Salt Lake City|Navajo",
    "America/Los_Angeles": "San Francisco|san-francisco|SanFrancisco|SF|旧金山|舊金山|三藩市|美国旧金山|Los Angeles"
    "|洛杉矶|Seattle|西雅图|西雅圖|San Diego|Las Vegas|Silicon Valley|硅谷|California|加州|Portland, Oregon"
    "|PST8PDT|Washington State",
    "America/Toronto": "Toronto|多伦多|Montreal|Montréal|蒙特利尔|Ottawa|London, Ontario|渥太华",
    "America/Sao_Paulo": "São Paulo|sao paulo|圣保罗|Rio de Janeiro|里约热内卢",
    "America/Argentina/Buenos_Aires": "Buenos Aires|Argentina|阿根廷",
    "Australia/Sydney": "Sydney|悉尼|雪梨|Canberra|堪培拉",
    "Pacific/Auckland": "Auckland|Wellington|惠灵顿|NZ",
    "Africa/Cairo": "Cairo|开罗|Egypt|埃及",
    "Africa/Johannesburg": "Johannesburg|Cape Town|开普敦|South Africa|南非",
    "Europe/Kyiv": "Kyiv|Kiev|基辅|Ukraine|Lviv",
    "UTC": "utc|UTC|gmt|GMT|Etc/UTC|GMT0|Zulu|ＵＴＣ",
}
SPELLINGS = [(text, zone) for zone, texts in CITIES.items() for text in texts.split("|")]
SEVERAL = {
    "St Petersburg": {"Europe/Moscow", "America/New_York"},
    "st. petersburg": {"Europe/Moscow", "America/New_York"},
    "圣彼得堡": {"Europe/Moscow", "America/New_York"},
    "聖彼得堡": {"Europe/Moscow", "America/New_York"},
    "Portland": {"America/Los_Angeles", "America/New_York"},
    "Birmingham": {"Europe/London", "America/Chicago"},
    "Hyderabad": {"Asia/Kolkata", "Asia/Karachi"},
    "San Jose": {"America/Los_Angeles", "America/Costa_Rica"},
    "圣地亚哥": {"America/Santiago", "America/Los_Angeles"},
    "奥克兰": {"Pacific/Auckland", "America/Los_Angeles"},
    "Georgia": {"Asia/Tbilisi", "America/New_York"},
    "Valencia": {"Europe/Madrid", "America/Caracas"},
    "Urumqi": {"Asia/Urumqi", "Asia/Shanghai"},
    "乌鲁木齐": {"Asia/Urumqi", "Asia/Shanghai"},
    "USA": {"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Pacific/Honolulu"},
    "美国": {"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Pacific/Honolulu"},
    "Australia": {"Australia/Sydney", "Australia/Perth", "Australia/Adelaide", "Australia/Brisbane"},
    "Brazil": {"America/Sao_Paulo", "America/Manaus"},
    "西班牙": {"Europe/Madrid", "Atlantic/Canary"},
    "eastern": {"America/New_York", "Australia/Sydney"},
    "CST": {"America/Chicago", "Asia/Shanghai"},
    "IST": {"Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"},
}


def zones_of(match: ZoneMatch) -> set[str]:
    return {choice.zone for choice in match.choices}


def test_there_are_many_spellings() -> None:
    assert len(SPELLINGS) + len(SEVERAL) > 250
    assert len(cities()) > 600


@pytest.mark.parametrize(("text", "zone"), SPELLINGS)
def test_exact_names_are_accepted(text: str, zone: str) -> None:
    assert read_zone(text, NOW) == ZoneMatch(exact=zone)


@pytest.mark.parametrize(("text", "zones"), SEVERAL.items())
def test_names_of_several_are_asked_about(text: str, zones: set[str]) -> None:
    match = read_zone(text, NOW)
    assert (match.exact, match.meaning) == (None, Meaning.SEVERAL)
    assert zones <= zones_of(match)
    for language in ("en", "zh_CN", "zh_TW"):
        labels = choice_labels(match.choices, language)
        assert len(set(labels)) == len(labels), labels


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("GMT+8", 8), ("gmt+8", 8), ("UTC+8", 8), ("UTC +8", 8), ("utc + 8", 8), ("UTC+08", 8), ("UTC+08:00", 8),
        ("UTC+0800", 8), ("+08:00", 8), ("+8", 8), ("+0800", 8), ("UTC＋8", 8), ("ＵＴＣ+8", 8), ("UTC-5", -5),
        ("UTC−5", -5), ("UTC–5", -5), ("-05:00", -5), ("-5", -5), ("GMT-12", -12), ("UTC+14", 14), ("UTC+0", 0),
        ("UTC-0", 0), ("+0", 0), ("+00:00", 0), ("0", 0), ("东八区", 8), ("東八區", 8), ("UTC+8区", 8),
        ("GMT+8时区", 8), ("西五区", -5), ("东十二区", 12), ("东9区", 9), ("UTC+8區", 8),
    ],
)  # fmt: skip
def test_offsets_mean_the_clock_there_and_are_asked_about(text: str, hours: int) -> None:
    match = read_zone(text, NOW)
    assert (match.exact, match.meaning) == (None, Meaning.OFFSET)
    assert {offset_of(zone) for zone in zones_of(match)} == {timedelta(hours=hours)}
    labels = choice_labels(match.choices, "en")
    assert labels[-1] == ("UTC" if hours == 0 else f"UTC{hours:+d}")
    assert not any("Etc" in label or "GMT" in label for label in labels)


@pytest.mark.parametrize(
    "name", sorted(name for name in all_zones() if name.startswith("Etc/GMT") and name != "Etc/GMT")
)
def test_zones_with_the_wrong_sign_are_explained(name: str) -> None:
    match = read_zone(name, NOW)
    if name.removeprefix("Etc/").casefold() in ("gmt0", "gmt+0", "gmt-0"):
        assert match == ZoneMatch(exact="UTC")
        return
    assert (match.exact, match.meaning) == (None, Meaning.INVERTED)
    literal, *other = choice_labels(match.choices, "en")
    assert offset_of(name) == timedelta(hours=int(literal.removeprefix("UTC")))
    assert [offset_of(choice.zone) for choice in match.choices[1:]] == [
        timedelta(hours=int(label.removeprefix("UTC"))) for label in other
    ]


@pytest.mark.parametrize(
    ("text", "some"),
    [("utc +5:30", "Asia/Kolkata"), ("+5:45", "Asia/Kathmandu"), ("UTC+0545", "Asia/Kathmandu"), ("-03:30", None),
     ("-02:30", "America/St_Johns"), ("+9:30", "Australia/Adelaide"), ("UTC+8:45", "Australia/Eucla"),
     ("+12:45", "Pacific/Chatham"), ("东五半区", "Asia/Kolkata")],
)  # fmt: skip
def test_offsets_between_hours_are_asked_about(text: str, some: str | None) -> None:
    match = read_zone(text, NOW)
    assert match.exact is None
    assert (some is None and not match.choices) or some in zones_of(match)
    assert len({offset_of(zone) for zone in zones_of(match)}) <= 1


@pytest.mark.parametrize("text", ["UTC+15", "UTC+99", "-13", "+24", "UTC+8:99", "UTC+8:15", "+", "UTC+", "+8:5", "1e3",
                                  "东十五区", "东八", "东区", "GMT+8 hours", "UTC+8+8"])  # fmt: skip
def test_offsets_that_no_clock_has_are_unknown(text: str) -> None:
    assert read_zone(text, NOW).exact is None


@pytest.mark.parametrize("text", ["8", "08", "utc 8", "UTC8", "GMT 8", "8:00", "0800"])
def test_without_a_sign_both_directions_are_offered(text: str) -> None:
    match = read_zone(text, NOW)
    assert match.exact is None
    assert {offset_of(zone) for zone in zones_of(match)} == {timedelta(hours=8), timedelta(hours=-8)}
    assert "Asia/Shanghai" in zones_of(match)


@pytest.mark.parametrize(
    "text", ["CST", "est", "IST", "BST", "pst", "MST", "HST", "EDT", "CET", "EET", "WET", "MET", "JST", "AEST", "ET"]
)
def test_abbreviations_are_asked_about(text: str) -> None:
    match = read_zone(text, NOW)
    assert match.exact is None
    assert match.choices


@pytest.mark.parametrize(
    "text",
    ["Ber", "Eastern", "Central", "Mountain", "Pacific", "Lon", "berlinn", "shanghia", "Europe", "Europe/", "/",
     "Berlin, France", "Boston, MA", "Asia", "America", "Etc", "Factory", "localtime", "", " ", "x" * 5000, "😀",
     "../../etc/passwd", "Europe/../Europe/Berlin", "北", "南", "市", "时间", "time", "city", "东", "ACT", "West",
     "North", "General", "Continental", "Victoria", "US", "上诲", "Shanghai or Tokyo", "not Berlin",
     "%s", "New", "San", "St"],
)  # fmt: skip
def test_near_names_are_never_accepted(text: str) -> None:
    assert read_zone(text, NOW).exact is None


@pytest.mark.parametrize(
    ("text", "zone"),
    [("shanghia", "Asia/Shanghai"), ("Ber", "Europe/Berlin"), ("berlinn", "Europe/Berlin"), ("pekin", "Asia/Shanghai"),
     ("Sao Paolo", "America/Sao_Paulo"), ("san fransisco", "America/Los_Angeles"), ("Boston, MA", "America/New_York"),
     ("Berlin, France", "Europe/Berlin"), ("Waschington", "America/New_York"), ("旧金", "America/Los_Angeles"),
     ("乌鲁木其", "Asia/Urumqi"), ("Mumbay", "Asia/Kolkata"), ("東京都", "Asia/Tokyo")],
)  # fmt: skip
def test_near_names_are_offered(text: str, zone: str) -> None:
    match = read_zone(text, NOW)
    assert (match.exact, match.meaning) == (None, Meaning.NEAR)
    assert zone in zones_of(match)


@pytest.mark.parametrize("name", sorted(all_zones()))
def test_every_zone_is_found_by_its_whole_name(name: str) -> None:
    """An abbreviation is asked about; no name leads to another clock."""
    for text in (name, name.lower(), name.upper(), name.replace("_", " ")):
        match = read_zone(text, NOW)
        if match.exact is not None:
            assert offset_of(match.exact) == offset_of(name)
    if "/" in name and not name.startswith("Etc/"):
        assert read_zone(name, NOW) == ZoneMatch(exact=name)
    elif "/" not in name and name not in ABBREVIATED:
        assert match.exact is not None
        assert "/" in match.exact or match.exact == "UTC"


@given(st.sampled_from(city_zones()), st.sampled_from([str.lower, str.upper, str.title]), st.sampled_from(" _-"))
def test_every_city_is_found_or_asked_about_and_never_mistaken(name: str, case: object, space: str) -> None:
    assert callable(case)
    text = case(name.rpartition("/")[2].replace("_", space))
    match = read_zone(text, NOW)
    if match.exact is None:
        assert match.choices
    else:
        assert offset_of(match.exact) == offset_of(name)


@pytest.mark.parametrize("language", ["en", "zh", "zh_Hant"])
def test_every_city_of_a_zone_is_found_by_what_cldr_calls_it(language: str) -> None:
    wrong = {}
    for zone, name in cldr_cities(language).items():
        match = read_zone(name, NOW)
        if zone in all_zones() and match.exact != zone and zone not in zones_of(match):
            wrong[name] = (zone, match)
    # A country of one clock and one of its zones may share a name; both have that clock.
    assert {name: found for name, found in wrong.items() if found[1].exact is None
            or offset_of(found[1].exact) != offset_of(found[0])} == {}  # fmt: skip


@pytest.mark.parametrize("city", [city for city in cities() if not city.is_minor], ids=lambda city: city.names[0])
def test_every_place_is_found_by_each_of_its_names(city: City) -> None:
    for name in (*city.names, *city.chinese, city.taiwan or city.names[0]):
        match = read_zone(name, NOW)
        zones = {match.exact} if match.exact else zones_of(match)
        assert clock_of(city.zone) in {clock_of(zone) for zone in zones if zone}, name


@pytest.mark.parametrize("city", [city for city in cities() if city.is_minor], ids=lambda city: city.names[0])
def test_a_minor_place_is_found_with_its_country_alone(city: City) -> None:
    assert read_zone(city.names[0], NOW).exact != city.zone
    for part in city.part:
        assert read_zone(f"{city.names[0]}, {part}", NOW) == ZoneMatch(exact=city.zone)


def test_rows_of_the_table_name_zones_and_countries() -> None:
    for city in cities():
        assert city.zone in all_zones()
        assert not city.country or country_zones(city.country)


@given(st.integers(-12, 14), st.sampled_from(["utc", "GMT", "UTC ", ""]), st.sampled_from(["", ":00", "00"]))
def test_whole_hours_are_that_far_from_utc(hours: int, prefix: str, minutes: str) -> None:
    digits = f"{abs(hours):02d}" if minutes == "00" else str(abs(hours))
    match = read_zone(f"{prefix}{'-' if hours < 0 else '+'}{digits}{minutes}", NOW)
    if match.exact is not None:
        assert (match.exact, hours) == ("UTC", 0)
    else:
        assert {offset_of(zone) for zone in zones_of(match)} == {timedelta(hours=hours)}


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2030, 1, 1)), st.integers(0, 40))  # noqa: DTZ001
def test_every_clock_has_places(moment: datetime, number: int) -> None:
    now = moment.replace(tzinfo=UTC)
    offsets = offsets_of_day(now)
    minutes = offsets[number % len(offsets)]
    found = places_at(minutes, now)
    assert found
    assert {offset_at(zone, now) for zone in found} == {minutes}
    assert len(found) <= MOST_PLACES
    assert 37 <= len(offsets) <= 40


@given(NAMES | st.text(max_size=40), st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2037, 1, 1)))  # noqa: DTZ001
def test_any_text_leads_only_to_zones(text: str, now: datetime) -> None:
    match = read_zone(text, now.replace(tzinfo=UTC))
    assert match.exact is None or (match.exact in all_zones() and match.choices == ())
    assert zones_of(match) <= all_zones()
    assert len(match.choices) <= MOST_CHOICES
    assert len(choice_labels(match.choices, "zh_TW")) == len(match.choices)


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
    assert [city_of("Asia/Shanghai", language) for language in ("en", "zh_CN", "zh_TW", "de", "xx")] == [
        "Shanghai", "上海", "上海", "Shanghai", "Shanghai",
    ]  # fmt: skip
    assert [city_of("Australia/Sydney", language) for language in ("zh_CN", "zh_TW")] == ["悉尼", "雪梨"]
    assert [offset_label(minutes) for minutes in (0, 480, -210, 345)] == ["UTC", "UTC+8", "UTC-3:30", "UTC+5:45"]


def test_the_full_name_of_such_a_part_is_exact() -> None:
    assert read_zone("Australia/Victoria", NOW).exact == "Australia/Victoria"
