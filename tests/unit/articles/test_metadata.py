"""Categories, author, source."""

from __future__ import annotations

import pytest

from tests.unit.articles.writing import read, write, write_raw


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("\n    - 新媒体\n    - 36kr - 资讯", ("新媒体", "36kr - 资讯")),
        ("\n - 编程\n - ACM\n -  - 图灵奖", ("编程", "ACM", "图灵奖")),
        ("\n - 编程\n - ACM\n - — 图灵奖", ("编程", "ACM", "图灵奖")),
        ("\n - 编程\n - ACM\n - — — 图灵奖", ("编程", "ACM", "图灵奖")),
        ("\n - 编程\n - ACM\n - ", ("编程", "ACM")),
        ("\n - 编程\n - ACM\n - ''", ("编程", "ACM")),
        ("\n - 编程\n - 编程\n - ACM", ("编程", "ACM")),
        ("[编程, ACM]", ("编程", "ACM")),
        ("编程", ("编程",)),
        ("a, b", ("a, b",)),
        ("a > b > c", ("a", "b", "c")),
        ("A/B", ("A/B",)),
        ("[[专题, 数据库], [存储]]", ("专题", "数据库")),
        ("[2019, no, 1.10]", ("2019", "no", "1.10")),
        ("\n - 学习: 入门\n - x", ("学习: 入门", "x")),
        ("\n - '&#123;x&#125;'", ("{x}",)),
        ("", ()),
        ("[]", ()),
        ("~", ()),
    ],
)
def test_categories(written: str, path: tuple[str, ...]) -> None:
    assert read(write_raw(f"title: x\ncategories: {written}")).categories == path


def test_category_is_used_where_categories_are_missing() -> None:
    assert read(write_raw("title: x\ncategories:\ncategory: a")).categories == ("a",)


def test_categories_survive_a_broken_title() -> None:
    parsed = read(write('"""\'x\'"""', categories="\n    - 编程\n    - ACM - 图灵奖\n"))
    assert parsed.categories == ("编程", "ACM - 图灵奖")


@pytest.mark.parametrize(
    ("categories", "author", "source"),
    [
        ("[新媒体, 36kr - 资讯]", "36kr - 资讯", "36kr"),
        ("[新媒体, 36kr, 资讯]", "36kr", "36kr"),
        ("[新媒体, 人民日报 - 中国 - 滚动]", "x", "人民日报"),
        ("[新媒体]", "36kr - 资讯", "36kr"),
        ("[]", "某人", "某人"),
        ("[]", "", ""),
    ],
)
def test_source(categories: str, author: str, source: str) -> None:
    assert read(write_raw(f"title: x\ncategories: {categories}\nauthor: {author}")).source == source


@pytest.mark.parametrize(
    ("written", "author"), [("甲", "甲"), ("[甲, 乙]", "甲, 乙"), ("'A - B'", "A - B"), ("~", ""), ("", "")]
)
def test_author(written: str, author: str) -> None:
    assert read(write_raw(f"title: x\nauthor: {written}")).author == author
