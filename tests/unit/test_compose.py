from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from digests.compose.build import build_digest
from digests.compose.select import choose, rank
from digests.types import ArticleId, Candidate, CategoryId, Span
from tests.builders import NOW, article, candidate

ONE = frozenset({CategoryId(1)})
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.integers(1, 10**6).map(ArticleId),
        st.just(1),
        st.sets(st.integers(1, 4).map(CategoryId), max_size=2).map(tuple),
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 100).map(lambda hours: NOW - timedelta(hours=hours)),
    ),
    unique_by=lambda one: one.id,
    max_size=40,
)


def test_the_newest_of_each_source_comes_before_the_second_of_any() -> None:
    busy = [candidate(number, source="busy") for number in (1, 2, 3)]
    quiet = candidate(9, source="quiet")
    assert [one.id for one in rank([*busy, quiet])] == [1, 9, 2, 3]


def test_only_wanted_categories_and_at_most_so_many() -> None:
    found = choose([candidate(1), candidate(2, categories=(CategoryId(2),)), candidate(3), candidate(4)], ONE, 2)
    assert found.items == (1, 3)
    assert found.rest == (4,)


@given(CANDIDATES, st.sets(st.integers(1, 4).map(CategoryId)).map(frozenset), st.integers(1, 20))
def test_a_choice_loses_nothing_and_doubles_nothing(
    candidates: list[Candidate], wanted: frozenset[CategoryId], most: int
) -> None:
    found = choose(candidates, wanted, most)
    inside = {one.id for one in candidates if not wanted.isdisjoint(one.categories)}
    assert len(found.items) <= most
    assert not found.rest or len(found.items) == most
    assert sorted(found.items + found.rest) == sorted(inside)
    assert found == choose(list(reversed(candidates)), wanted, most)


def test_items_are_grouped_under_top_categories_the_best_group_first() -> None:
    digest = build_digest(
        [
            article(1, categories=("B", "x")),
            article(2, categories=("A", "y")),
            article(3, categories=("B", "z")),
            article(4, categories=()),
        ],
        [ArticleId(9)],
        Span(NOW, NOW),
    )
    assert [(group.heading, [item.article.id for item in group.items]) for group in digest.groups] == [
        ("B", [1, 3]),
        ("A", [2]),
        ("", [4]),
    ]
    assert digest.rest == (9,)
    assert len(digest.items) == 4


def test_the_picture_is_the_first_thumbnail_as_it_is_read() -> None:
    articles = [article(1, categories=("A",)), article(2, categories=("B",), thumbnail="https://p.example/2.jpg")]
    articles.append(article(3, categories=("A",), thumbnail="https://p.example/3.jpg"))
    assert build_digest(articles).picture == "https://p.example/3.jpg"
    assert build_digest(articles, with_picture=False).picture is None
    assert build_digest([article(1)]).picture is None
