"""Links by Hexo's rules, as Hexo 8.1.2 gave them for these posts (its process in UTC unless given)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from digests.articles.hexo.neighbours import Footprint, Neighbours
from digests.articles.hexo.site import Abbrlink, SiteRules
from digests.articles.reading import survey
from tests.unit.articles.writing import read, write_raw

FRONT = "title: '松果汽车'\ncategories:\n - 编程\n - Compile Weekly\nauthor: 某人\ndate: 2021-03-22 03:44:24"
PATH = "source/_posts/编程/A b/x y.md"
URL = "https://news.example.org"
HEX = Abbrlink(installed=True, hexadecimal=True)
DEC = Abbrlink(installed=True, crc32=True)


def link(rule: str, front: str = FRONT, path: str = PATH, **options: Any) -> str | None:
    neighbours, now = options.pop("neighbours", None), options.pop("now", None)
    site = replace(SiteRules(url=URL, permalink=rule), **options)
    found = read(write_raw(front), path, site=site, neighbours=neighbours, now=now).url
    return found.removeprefix(URL) if found else found


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        (":year/:month/:day/:title/", "/2021/03/22/%E7%BC%96%E7%A8%8B/A%20b/x%20y/"),
        (":name.html", "/x%20y.html"),
        ("/:i_month-:i_day/:hour:minute:second/", "/3-22/034424/"),
        (":timestamp/", "/1616384664/"),
        (":post_title/", "/%E6%9D%BE%E6%9E%9C%E6%B1%BD%E8%BD%A6/"),
        (":category/", "/%E7%BC%96%E7%A8%8B/Compile-Weekly/"),
        (":hash/", "/cde2f4a8e1d8/"),
        (":author/:layout/:comments/", "/%E6%9F%90%E4%BA%BA/post/true/"),
        ("ab_:name_x/", None),
        (":id/", None),
        (":lang/", None),
        (":abbrlink/", None),
    ],
)
def test_variables(rule: str, path: str | None) -> None:
    if rule == ":hash/":
        import hashlib

        path = "/" + hashlib.sha1("编程/A b/x y1616384664".encode()).hexdigest()[:12] + "/"
    assert link(rule) == path


def test_defaults_and_fields() -> None:
    assert link(":lang/:title/", permalink_defaults={"lang": "en"}) == "/en/%E7%BC%96%E7%A8%8B/A%20b/x%20y/"
    assert link(":lang/", FRONT + "\nlang: 1.50") == "/1.5/"
    assert link(":id/", FRONT + "\nid: 7") == "/7/"
    assert link(":title/", permalink_defaults={"title": "no"}) == "/%E7%BC%96%E7%A8%8B/A%20b/x%20y/"


@pytest.mark.parametrize(
    ("title", "hex_"),
    [
        ("'123456789'", "bb3d"),
        ("松果汽车", "5923"),
        ("", "0"),
        ("hello", "34d2"),
        ("007", None),
        ('"""\'x\'"""', None),
        ("a: b", None),
        ("[a, b]", None),
        ("2021-03-22", None),
    ],
)
def test_abbrlink_is_the_checksum_of_the_title_as_hexo_reads_it(title: str, hex_: str | None) -> None:
    found = link("p/:abbrlink.html", f"title: {title}", abbrlink=HEX)
    if title == "007":
        assert found == link("p/:abbrlink.html", "title: '7'", abbrlink=HEX)
    else:
        assert found == (f"/p/{hex_}.html" if hex_ else None)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("'c0de'", "c0de"),
        ("1e5", "100000"),
        ("0042", "42"),
        ("0", "5923"),
        ("''", "5923"),
        ("~", "5923"),
        ("true", "true"),
    ],
)
def test_an_abbrlink_in_the_front_matter_is_used_as_it_is(field: str, text: str) -> None:
    assert link(":abbrlink/", f"title: 松果汽车\nabbrlink: {field}", abbrlink=HEX) == f"/{text}/"


def test_abbrlink_leaves_other_layouts_alone() -> None:
    assert link(":abbrlink/", "title: x\nlayout: page", abbrlink=HEX) is None
    assert link(":abbrlink/", "title: x", titlecase=True, abbrlink=HEX) is None


def test_decimal_numbers_need_a_survey() -> None:
    rule, title = "p/:abbrlink/", "title: 松果汽车"
    site = SiteRules(url=URL, permalink=rule, abbrlink=DEC)
    assert link(rule, title, abbrlink=DEC) is None
    post, twin = (write_raw(title), "_posts/a.md"), (write_raw(title), "_posts/b.md")
    assert link(rule, title, abbrlink=DEC, neighbours=survey([post], site)) == "/p/3456253208/"
    assert link(rule, title, abbrlink=DEC, neighbours=survey([post, twin], site)) is None
    lost = (write_raw("title: 松果汽车\ntitle: 松果汽车"), "_posts/c.md")
    assert link(rule, title, abbrlink=DEC, neighbours=survey([post, lost], site)) == "/p/3456253208/"


def test_posts_that_move_on_contest_the_numbers_they_try_next() -> None:
    neighbours = Neighbours([Footprint(number) for number in (5, 5, 6, 9, 20, 20, 20, 30)])
    contested = [number for number in range(40) if neighbours.is_contested(number)]
    assert contested == [5, 6, 7, 20, 21, 22]


def test_several_branches_need_a_survey() -> None:
    front = "title: x\ncategories:\n - [专题, 数据库]\n - [存储引擎]"
    site = SiteRules(url=URL, permalink=":category/")
    alone = survey([(write_raw(front), "_posts/a.md")], site)
    shared = survey(
        [(write_raw(front), "_posts/a.md"), (write_raw("title: y\ncategories: 存储引擎"), "_posts/b.md")], site
    )
    assert link(":category/", front) is None
    assert link(":category/", front, neighbours=alone) == "/%E5%AD%98%E5%82%A8%E5%BC%95%E6%93%8E/"
    assert link(":category/", front, neighbours=shared) is None
    assert link(":category/", "title: x\ncategories:\n - [a, b]\n - [a]", neighbours=alone) == "/a/b/"


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("[编程, Games & Fun, 3.10]", "/code/games-fun/3-1/"),
        ("'a, b'", "/a-b/"),
        ("[a, , b]", None),
        ("\n - a\n - \n - b", "/a/b/"),
        ("~", "/none/"),
        ("{a: b}", None),
    ],
)
def test_categories(written: str, path: str | None) -> None:
    options: dict[str, Any] = {"category_map": {"编程": "code"}, "filename_case": 1, "default_category": "none"}
    assert link(":category/", f"title: x\ncategories: {written}", **options) == path


@pytest.mark.parametrize(
    ("permalink", "path"),
    [
        ("special/x y.html", "/special/x%20y.html"),
        ("/abs/:year/", "/abs/:year/"),
        ("a#b", "/a#b"),
        ("''", "/x%20y/"),
        ("~", "/x%20y/"),
        ("2021", None),
        ("true", None),
        ("//h/p", None),
        ("'100%'", None),
        ("a/../b", None),
    ],
)
def test_an_explicit_permalink_is_used_as_it_is(permalink: str, path: str | None) -> None:
    assert link(":name/", f"title: x\npermalink: {permalink}") == path


@pytest.mark.parametrize(
    "extra",
    [
        "published: false",
        "published: 'false'",
        "published: 0",
        "published: ''",
        "excerpt:",
        "id:",
        "title: again",
        "_id: 5",
        "more: x",
        "x: !tag y",
        "x: &a b",
        "k: v\t\x07",
    ],
)
def test_no_link_for_what_hexo_hides_loses_or_reads_otherwise(extra: str) -> None:
    found = link(":name/", FRONT + "\n" + extra)
    assert found is None or extra == "x: &a b"


@pytest.mark.parametrize(
    "extra", ["published: true", "published: no", "published:", "excerpt: x", "layout: page", "source: x"]
)
def test_a_link_for_what_hexo_shows(extra: str) -> None:
    assert link(":name/", FRONT + "\n" + extra) == "/x%20y/"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("source/_posts/x.md", "/x/"),
        ("_posts/x.markdown", "/x/"),
        ("x.md", "/x/"),
        ("a/x.html", "/a/x/"),
        ("source/_drafts/x.md", None),
        ("source/_posts/_hidden/x.md", None),
        ("source/_posts/.dot/x.md", None),
        ("source/_posts/x.MD", None),
        ("source/_posts/x.txt", None),
        ("source/_posts/100%.md", None),
        ("source/_posts/.md", None),
        ("source/_posts/a\\b.md", None),
        ("source/_posts/AI: x.md", None),
        ("source/_posts/AI/x: y.md", "/AI/x:%20y/"),
        ("source/_posts/C# x.md", "/C#%20x/"),
        ("source/_posts/why now?.md", "/why%20now?%2F="),
        ("source/_posts/[x]|y.md", "/%5Bx%5D%7Cy/"),
    ],
)
def test_paths(path: str, expected: str | None) -> None:
    assert link(":title/", path=path) == expected


def test_options_of_the_site() -> None:
    assert link(":name", post_asset_folder=True) == "/x%20y/"
    assert link(":name.html", trailing_html=False) == "/x%20y"
    assert link(":name/index.html", trailing_index=False) == "/x%20y/"
    assert link(":name/", skip_render=("**/*.md",)) is None
    assert link(":name/", path="_drafts/x.md", render_drafts=True) == "/x/"
    assert link(":post_title/", "author: x", use_slug_as_post_title=True, path="_posts/Å b.md") == "/a-b/"


def test_future_posts_are_hidden_only_where_the_site_says_so_and_the_time_is_known() -> None:
    before, after = datetime(2021, 3, 22, 3, tzinfo=UTC), datetime(2021, 3, 22, 4, tzinfo=UTC)
    assert link(":name/", future=False) is None
    assert link(":name/", future=False, now=before) is None
    assert link(":name/", future=False, now=after) == "/x%20y/"


@pytest.mark.parametrize(
    ("date", "process", "site", "day"),
    [
        ("2021-03-22 03:44:24", "Asia/Shanghai", None, "2021/03/22/03"),
        ("2021-03-22 03:44:24", "UTC", "Asia/Shanghai", "2021/03/21/19"),
        ("2021-03-22 03:44:24", "Asia/Shanghai", "Asia/Shanghai", "2021/03/22/03"),
        ("2021-03-22T06:10:12+08:00", "Asia/Shanghai", None, "2021/03/21/22"),
        ("Sun, 09 May 2021 06:30:00 +0800", "UTC", None, "2021/05/08/22"),
        ("Sun, 09 May 2021 06:30:00 +0800", "Asia/Shanghai", None, "2021/05/09/06"),
        ("'2021-05-09'", "America/New_York", None, "2021/05/08/20"),
        ("'2021-05-09 06:30:00'", "America/New_York", None, "2021/05/09/06"),
        ("2021-02-30", "UTC", None, "2021/03/02/00"),
        ("1616191812000", "UTC", None, "2021/03/19/22"),
        ("2021年5月9日", "UTC", None, None),
        ("0", "UTC", None, None),
        ("", "UTC", None, None),
        ("2021-03-22 03:44:24", None, "Asia/Shanghai", None),
        ("2021-03-22 03:44:24", None, None, "2021/03/22/03"),
    ],
)
def test_dates(date: str, process: str | None, site: str | None, day: str | None) -> None:
    options: dict[str, Any] = {
        "process_timezone": ZoneInfo(process) if process else None,
        "timezone": ZoneInfo(site) if site else None,
    }
    assert link(":year/:month/:day/:hour", f"title: x\ndate: {date}", **options) == (f"/{day}" if day else None)


def test_names_that_hold_a_date() -> None:
    options: dict[str, Any] = {"new_post_name": ":year-:month-:day-:title.md"}
    assert link(":year/:day/:title/", "title: x", path="_posts/2021-05-06-a b.md", **options) == "/2021/06/a%20b/"
    assert link(":title/", "title: x", path="_posts/a b/c.md", **options) == "/a-b-c/"


@pytest.mark.parametrize("begin", ["\n\n---\n", " \n---\n", "# a comment\n---\n"])
def test_where_hexo_does_not_see_the_front_matter_only_the_path_counts(begin: str) -> None:
    post = f"{begin}title: 松果汽车\npublished: false\ndate: 2021-03-22\n---\nbody".encode()
    for rule, found in ((":name/", "/x%20y/"), (":abbrlink/", "/0/"), (":year/", None)):
        site = SiteRules(url=URL, permalink=rule, abbrlink=HEX)
        assert read(post, PATH, site=site).url == (URL + found if found else None)


@pytest.mark.parametrize("begin", ["---  \n", "----\n"])
def test_no_link_where_it_is_not_clear_what_hexo_sees(begin: str) -> None:
    assert read(f"{begin}title: x\n---\nbody".encode(), PATH, site=SiteRules(url=URL, permalink=":name/")).url is None
