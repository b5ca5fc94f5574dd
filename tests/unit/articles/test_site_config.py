"""Reading `_config.yml`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from digests.articles.hexo.site import SiteConfigError, SiteRules, read_site_config


def test_an_empty_configuration_gives_no_links() -> None:
    rules = read_site_config("")
    assert replace(rules, dialects=SiteRules().dialects) == SiteRules()
    assert rules.url == ""


def test_everything_that_links_depend_on() -> None:
    rules = read_site_config(
        "\ufeff# process time zone (TZ environment variable): Asia/Shanghai\r\n"
        "url: HTTPS://News.Example.org:443/源/\r\nroot: /\r\npermalink: p/:abbrlink.html\r\n"
        "timezone: Europe/Berlin\r\nabbrlink:\r\n\talg: crc32\r\n\trep: hex\r\n"
        "pretty_urls:\r\n  trailing_html: false\r\ncategory_map:\r\n  编程: code\r\n"
        "filename_case: 1\r\nfuture: false\r\n"
    )
    assert rules.url == "https://news.example.org/%E6%BA%90"
    assert rules.permalink == "p/:abbrlink.html"
    assert rules.timezone == ZoneInfo("Europe/Berlin")
    assert rules.process_timezone == ZoneInfo("Asia/Shanghai")
    assert (rules.abbrlink.installed, rules.abbrlink.crc32, rules.abbrlink.hexadecimal) == (True, True, True)
    assert (rules.trailing_index, rules.trailing_html, rules.filename_case, rules.future) == (True, False, 1, False)
    assert rules.category_map == {"编程": "code"}


def test_values_have_the_types_of_js_yaml() -> None:
    rules = read_site_config("url: https://e.example\ntimezone: UTC\nfuture: no\npermalink: ':title/'\n")
    assert rules.timezone is UTC
    assert rules.future, "`no` is a text, and a text is true"


def test_the_case_of_a_zones_name_means_nothing() -> None:
    for written, zone in (("Asia/ShangHai", "Asia/Shanghai"), ("america/new_york", "America/New_York")):
        assert read_site_config(f"timezone: {written}").timezone == ZoneInfo(zone)


def test_needs_neighbours_only_where_links_depend_on_other_posts() -> None:
    assert read_site_config("permalink: ':abbrlink/'\nabbrlink: {rep: dec}").needs_neighbours
    assert read_site_config("permalink: ':category/:title/'").needs_neighbours
    assert not read_site_config("permalink: ':abbrlink/'\nabbrlink: {rep: hex}").needs_neighbours
    assert not read_site_config("permalink: ':title/'").needs_neighbours


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("url: https://e.example\npermalink: a: b", 2, "not valid YAML"),
        ("url: x\nurl: y", 2, "given twice"),
        ("url: news.example.org", 1, "not a plain web address"),
        ("url: ftp://e.example", 1, "not a plain web address"),
        ("url: [https://e.example]", 1, "one text"),
        ("title: x\ntimezone: Asia/Nowhere", 2, "names no time zone"),
        ("timezone: ../../etc/passwd", 1, "names no time zone"),
        ("permalink:", 1, "is empty"),
        ("- a\n- b", 1, "holds no fields"),
        ("a: &x [b]\nc: *x", 1, "alias"),
        ("a: " + "[" * 10_000, 1, "nested too deeply"),
    ],
)
def test_what_is_broken_is_said_in_one_sentence(text: str, line: int, words: str) -> None:
    with pytest.raises(SiteConfigError) as error:
        read_site_config(text)
    assert words in str(error.value)
    assert str(error.value).startswith(f"line {line}: ")
    assert "; " in str(error.value), "it names the mend"
