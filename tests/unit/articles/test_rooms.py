"""Where readers find a post: its branches, its tags, its source, and what stands in where it names none."""

from __future__ import annotations

from typing import Any

import pytest

from digests.articles.hexo.site import SiteRules, read_site_config
from tests.unit.articles.writing import read, write, write_raw

HARBOUR = SiteRules(url="https://harbour.example", title="The Harbour", author="Ada")


def with_categories(categories: str, more: str = "") -> bytes:
    return write_raw(f"title: Cranes learn to paint\ncategories: {categories}\n{more}")


@pytest.mark.parametrize(
    ("categories", "branches"),
    [
        ("News", [("News",)]),
        ("[News, Harbour]", [("News", "Harbour")]),
        ("\n  - [Tech, Robots]\n  - [Art, Murals]", [("Tech", "Robots"), ("Art", "Murals")]),
        ("\n  - [Tech, Robots]\n  - Art", [("Tech", "Robots"), ("Art",)]),
        ("\n  - Art\n  - [Tech, Robots]", [("Art",), ("Tech", "Robots")]),
        ("\n  - Art\n  - Old\n  - [Tech, Robots]", [("Art",), ("Old",), ("Tech", "Robots")]),
        ("\n  - [Art]\n  - [Art]\n  - []", [("Art",)]),
        ("\n  - [Network, TCP/IP]\n  - [C/C++]", [("Network", "TCP/IP"), ("C/C++",)]),
        ("[Network, TCP/IP]", [("Network", "TCP/IP")]),
        # The crawler once nested the last name alone.
        ("\n - 新媒体\n - 海鸥网\n -  - 资讯", [("新媒体", "海鸥网", "资讯")]),
        ("", []),
    ],
)
def test_branches(categories: str, branches: list[tuple[str, ...]]) -> None:
    parsed = read(with_categories(categories))
    assert list(parsed.branches) == branches
    assert parsed.categories == (branches[0] if branches else ())


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("[painting, harbour-crane]", ("painting", "harbour-crane")),
        ("\n  - C++\n  - C#\n  - C++", ("C++", "C#")),
        ("kubernetes, 前端、后端", ("kubernetes", "前端", "后端")),
        ("", ()),
        ("[2026, true, ~]", ("2026", "true")),
    ],
)
def test_tags(tags: str, expected: tuple[str, ...]) -> None:
    assert read(write_raw(f"title: x\ntags: {tags}")).tags == expected


@pytest.mark.parametrize(
    ("fields", "options", "source"),
    [
        ("categories: [Tech, Robots]\nauthor: Grace", {"site": HARBOUR}, "The Harbour"),
        ("categories: [Tech, Robots]", {"site": SiteRules(author="Ada")}, "Ada"),
        ("categories: [Tech, Robots]\nauthor: Grace", {"origin": "world"}, "world"),
        ("categories: [新媒体, 海鸥网, 资讯]\nauthor: 海鸥网", {"site": HARBOUR}, "海鸥网"),
        ("categories: [新媒体, 海鸥网 - 资讯]\nauthor: 海鸥网 - 资讯", {"site": HARBOUR}, "海鸥网"),
        ("categories: [新媒体, 海鸥网 - 资讯]\nauthor: 海鸥网", {"site": HARBOUR}, "海鸥网"),
        ("categories: [新媒体, Ｃｎ Beta]\nauthor: cnbeta", {"origin": "world"}, "Ｃｎ Beta"),
        ("categories: [新媒体, 海鸥网]\nauthor: 海鸥网", {"site": HARBOUR, "source": "site"}, "The Harbour"),
        ("categories: [Tech, Robots]\nauthor: Grace", {"site": HARBOUR, "source": "category"}, "Robots"),
        ("categories: [Tech, Robots]\nauthor: Grace", {"site": HARBOUR, "source": "author"}, "Grace"),
        # Where nothing is known of the site, the posts are all there is.
        ("categories: [Tech, Robots]\nauthor: Grace", {}, "Robots"),
        ("categories: [Tech]\nauthor: Grace", {}, "Grace"),
    ],
)
def test_source(fields: str, options: dict[str, Any], source: str) -> None:
    assert read(write_raw(f"title: x\n{fields}"), **options).source == source


@pytest.mark.parametrize(
    ("tags", "options", "branches"),
    [
        ("[birds]", {"site": HARBOUR}, [("birds",)]),
        ("[birds]", {"site": SiteRules(title="The Harbour", default_category="Notes")}, [("Notes",)]),
        ("[birds]", {"site": HARBOUR, "category_from_tags": False}, [("The Harbour",)]),
        ("[]", {"site": HARBOUR, "origin": "world"}, [("world",)]),
        ("[]", {"folder": "news"}, [("news",)]),
        ("[]", {"origin": "world", "category_prefix": ("World", "Japan")}, [("World", "Japan")]),
        ("[birds]", {"category_prefix": ("World",)}, [("World", "birds")]),
        ("[]", {}, []),
    ],
)
def test_a_post_without_a_category_reaches_a_reader(
    tags: str, options: dict[str, Any], branches: list[tuple[str, ...]]
) -> None:
    assert list(read(write_raw(f"title: x\ntags: {tags}"), **options).branches) == branches


def test_hexos_own_word_for_no_category_is_none() -> None:
    site = read_site_config("title: The Harbour\ndefault_category: uncategorized\n")
    assert read(write_raw("title: x\ntags: [birds]"), site=site).categories == ("birds",)
    assert read(write_raw("title: x\ncategories: [News]\ntags: [birds]"), site=site).categories == ("News",)


def test_a_prefix_comes_before_every_branch() -> None:
    parsed = read(with_categories("\n  - [Tech]\n  - [Art]"), category_prefix=("World",))
    assert parsed.branches == (("World", "Tech"), ("World", "Art"))


def test_other_branches_and_tags_change_what_is_shown() -> None:
    hashes = {
        read(post).content_hash
        for post in (
            with_categories("\n  - [Tech]\n  - [Art]"),
            with_categories("\n  - [Tech]\n  - [Art, Old]"),
            with_categories("[Tech, Art]"),
            with_categories("[Tech, Art]", "tags: [x]"),
        )
    }
    assert len(hashes) == 4


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("https://a.example/x", "http://www.a.example/x/", True),
        ("https://a.example/x?utm_source=feed&id=1", "https://a.example/x?id=1&spm=2.3", True),
        ("https://a.example/x#top", "https://a.example/x", True),
        ("https://a.example/x?id=1", "https://a.example/x?id=2", False),
        ("https://a.example/x", "https://b.example/x", False),
    ],
)
def test_addresses_that_lead_to_the_same_article(first: str, second: str, *, same: bool) -> None:
    addresses = {read(write(link=url)).address for url in (first, second)}
    assert (len(addresses) == 1) is same
    assert all(address.startswith("=") for address in addresses)


def test_a_front_page_and_a_page_named_by_the_title_are_no_address() -> None:
    assert read(write(link="https://a.example/")).address == ""
    numbered = read_site_config("url: https://a.example\npermalink: p/:abbrlink.html\nabbrlink: {rep: hex}\n")
    assert read(write(author="Ada"), site=numbered).address == ""
    named = SiteRules(url="https://a.example", permalink=":title/")
    assert read(write(author="Ada"), site=named).address.startswith("~")
    assert read(write(), site=named).address == "", "the crawler's files move"
