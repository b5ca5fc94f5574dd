from __future__ import annotations

from dataclasses import replace

import pytest

from digests.model.category_tree import CategoryTree, canonical
from digests.model.ids import CategoryId
from tests.factories.categories import category

TREE = CategoryTree(
    [
        category(1, "新媒体", count=9),
        category(2, "新媒体", "36kr", parent=1, count=9),
        category(3, "新媒体", "36kr", "资讯", parent=2, count=5),
        category(4, "新媒体", "36kr", "快讯", parent=2, count=4),
        category(5, "Science", count=3),
        category(6, "Science", "Tidewater", parent=5, count=3),
        category(7, "Science", "Tidewater", "资讯", parent=6, count=3),
    ]
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("编程", "ACM - 图灵奖获得者"), ("编程", "ACM", "图灵奖获得者")),
        (("编程", "ACM", "图灵奖获得者"), ("编程", "ACM", "图灵奖获得者")),
        (("编程", "a - b - c"), ("编程", "a", "b - c")),
        (("编程", "wolley-host"), ("编程", "wolley-host")),
        (("编程", "", "x"), ("编程", "x")),
        ((), ()),
    ],
)
def test_both_ways_of_naming_a_feed_are_one_path(path: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert canonical(path) == expected


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("新媒体/36kr/快讯", [4]),
        ("快讯", [4]),
        ("资讯", [3, 7]),
        ("36KR", [2]),
        ("３６ｋｒ / 资讯", [3]),
        ("science", [5]),
        ("新媒体 > 36kr", [2]),
        ("36kr - 快讯", []),
        ("nothing", []),
        ("", []),
        (" / ", []),
    ],
)
def test_finding_a_category_by_what_people_type(text: str, ids: list[int]) -> None:
    assert [category.id for category in TREE.find(text)] == ids


def test_near_matches_are_found() -> None:
    assert TREE.near("Sciense")[0].id == 5
    assert TREE.near("讯")[0].id in (3, 4, 7)
    assert TREE.near("zzzzzz") == ()


def test_descendants_and_ancestors() -> None:
    assert TREE.with_descendants([CategoryId(1)]) == {1, 2, 3, 4}
    assert TREE.with_descendants([CategoryId(99)]) == set()
    assert [category.id for category in TREE.ancestors(CategoryId(3))] == [1, 2, 3]
    assert [category.id for category in TREE.children(None)] == [1, 5]


SLASHES = CategoryTree(
    [
        category(1, "Network", count=9),
        category(2, "Network", "TCP/IP", parent=1, count=5),
        category(3, "C/C++", count=4),
        category(4, "TCP", count=3),
        category(5, "TCP", "IP", parent=4, count=3),
        category(6, "Web 开发", count=2),
    ]
)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("TCP/IP", [5]),
        ("Network/TCP/IP", [2]),
        ("network / tcp/ip", [2]),
        ("C/C++", [3]),
        ("c / c++", [3]),
        ("C++", []),
        ("TCP", [4]),
        ("web开发", [6]),
        ("ＷＥＢ　开发", [6]),
    ],
)
def test_a_name_with_a_slash_is_found_as_it_is_written(text: str, ids: list[int]) -> None:
    assert [found.id for found in SLASHES.find(text)] == ids


def test_an_alias_stands_for_the_category_that_it_names() -> None:
    tree = CategoryTree([category(1, "Web"), replace(category(2, "web"), alias_of=CategoryId(1))])
    assert [known.id for known in tree] == [1]
    assert tree.get(CategoryId(2)) == tree.get(CategoryId(1))
    assert tree.with_descendants([CategoryId(2)]) == {1}
    assert [known.id for known in tree.children(None)] == [1]
