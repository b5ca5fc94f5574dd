from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from digests.compose.build import build_digest, others_of
from digests.compose.pool import CandidatePool
from digests.compose.select import Choice, Conditions, chosen, select
from digests.compose.wants import Wants
from digests.model.article import Candidate
from digests.model.digest import Span
from digests.model.ids import ArticleId, CategoryId, IngestNumber, StoryId
from tests.factories.articles import article, candidate
from tests.factories.times import NOW

ONE = frozenset({CategoryId(1)})
BEGINNING = IngestNumber(0)
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.integers(1, 10**6).map(ArticleId),
        st.just(1),
        st.sets(st.integers(1, 4).map(CategoryId), max_size=2).map(tuple),
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 100).map(lambda hours: NOW - timedelta(hours=hours)),
        st.none() | st.integers(1, 5).map(StoryId),
    ),
    unique_by=lambda candidate: candidate.id,
    max_size=40,
)


def choose(
    candidates: Iterable[Candidate],
    wanted: frozenset[CategoryId],
    most: int,
    sent: Collection[StoryId] = (),
    since: IngestNumber = BEGINNING,
) -> Choice:
    pool = CandidatePool(candidates)
    return chosen(pool, select(pool, Wants(pool.inside(wanted)), Conditions(most, since=since, sent_stories=sent)))


def test_the_newest_of_each_source_comes_before_the_second_of_any() -> None:
    busy = [candidate(number, source="busy") for number in (1, 2, 3)]
    quiet = candidate(9, source="quiet")
    assert choose([*busy, quiet], ONE, 9).items == (1, 9, 2, 3)


def test_only_wanted_categories_up_to_the_limit() -> None:
    found = choose([candidate(1), candidate(2, categories=(CategoryId(2),)), candidate(3), candidate(4)], ONE, 2)
    assert found.items == (1, 3)
    assert found.rest == (4,)


@given(CANDIDATES, st.sets(st.integers(1, 4).map(CategoryId)).map(frozenset), st.integers(1, 20))
def test_a_choice_loses_nothing_and_doubles_nothing(
    candidates: list[Candidate], wanted: frozenset[CategoryId], most: int
) -> None:
    found = choose(candidates, wanted, most)
    inside = [candidate for candidate in candidates if not wanted.isdisjoint(candidate.categories)]
    alone = {candidate.id for candidate in inside if candidate.story is None}
    already_sent = {candidate.story for candidate in inside} - {None}
    assert len(found.items) <= most
    assert not found.rest or len(found.items) == most
    chosen = found.items + found.rest
    assert len(set(chosen)) == len(chosen) == len(alone) + len(already_sent)
    assert alone <= set(chosen) <= {candidate.id for candidate in inside}
    assert found == choose(list(reversed(candidates)), wanted, most)


@given(CANDIDATES, st.lists(st.tuples(st.integers(1, 4), st.integers(0, 40), st.sets(st.integers(1, 5))), max_size=5))
def test_a_pool_chooses_for_each_place_independently(
    candidates: list[Candidate], asked: list[tuple[int, int, set[int]]]
) -> None:
    candidates = [replace(candidate, ingest=IngestNumber(number)) for number, candidate in enumerate(candidates, 1)]
    for category, since, already_sent in asked:
        wanted, stories = frozenset({CategoryId(category)}), frozenset(StoryId(number) for number in already_sent)
        later = [candidate for candidate in candidates if candidate.ingest > since]
        assert choose(candidates, wanted, 5, stories, IngestNumber(since)) == choose(later, wanted, 5, stories)


def test_a_story_is_one_item_by_its_first_article_of_a_wanted_category() -> None:
    story = StoryId(5)
    elsewhere = candidate(5, story=story, categories=(CategoryId(2),))
    already_sent = [elsewhere, candidate(4, story=story), candidate(3, story=story), candidate(9)]
    assert choose(already_sent, ONE, 9).items == (4, 9)
    assert choose(already_sent, ONE, 9, {story}).items == (9,)


def test_the_other_articles_of_a_story() -> None:
    first, second, third = (article(number, story=StoryId(1)) for number in (1, 2, 3))
    alone = article(4)
    found = others_of([second, alone], {StoryId(1): (first, second, third)})
    assert found == {2: (first, third)}
    assert [item.also for item in build_digest([second, alone], also=found).items] == [(first, third), ()]
    assert others_of([first], {}) == {}


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


def test_the_picture_is_that_of_an_article_whose_picture_was_kept() -> None:
    articles = [article(1, thumbnail="https://p.example/badge.gif"), article(2, thumbnail="https://p.example/2.jpg")]
    assert build_digest(articles).picture == "https://p.example/badge.gif"
    articles.append(article(3, thumbnail="https://p.example/3.jpg", picture="a" * 40))
    assert build_digest(articles).picture == "https://p.example/3.jpg"
    assert build_digest(articles, with_picture=False).picture is None


def test_the_picture_is_the_first_thumbnail_in_reading_order() -> None:
    articles = [article(1, categories=("A",)), article(2, categories=("B",), thumbnail="https://p.example/2.jpg")]
    articles.append(article(3, categories=("A",), thumbnail="https://p.example/3.jpg"))
    assert build_digest(articles).picture == "https://p.example/3.jpg"
    assert build_digest(articles, with_picture=False).picture is None
    assert build_digest([article(1)]).picture is None
