"""Which categories fit a feed."""

from __future__ import annotations

import pytest

from digests.feeds.fitting import fitting_categories
from digests.model.category_tree import Category, CategoryTree
from digests.model.ids import CategoryId

PATHS = (("Science",), ("Science", "Space"), ("AI",), ("C++",), ("体育",), ("新闻", "体育"), ("Sport",), ("a",))
TREE = CategoryTree(
    Category(CategoryId(number), None, path[-1], path, count=number) for number, path in enumerate(PATHS, 1)
)


@pytest.mark.parametrize(
    ("title", "tags", "expected"),
    [
        ("Space today", (), ["Space"]),
        ("The Daily Mail", (), []),
        ("A daily of AI", (), ["AI"]),
        ("AI周刊", (), ["AI"]),
        ("SPACE", ("science",) * 4, ["Science", "Space"]),
        ("News", ("ＳＰＡＣＥ", "Sport", "Sport"), ["Sport", "Space"]),
        ("今天的体育", (), ["体育", "体育"]),
        ("C++ weekly", (), ["C++"]),
        ("(.*)+[", ("(.*)+[",), []),
        ("", ("", " "), []),
    ],
)
def test_what_the_title_has_and_the_tags_are_fits(title: str, tags: tuple[str, ...], expected: list[str]) -> None:
    assert [category.name for category in fitting_categories(TREE, title, tags, 3)] == expected


def test_the_fullest_of_equal_ones_comes_first_and_not_more_than_wanted() -> None:
    found = fitting_categories(TREE, "体育 Sport Space Science", (), 2)
    assert [category.path for category in found] == [("Sport",), ("新闻", "体育")]
