"""What wishes do to a selection, and that nothing else is hidden."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from digests.compose.fates import Fate, fate_of
from digests.compose.pool import CandidatePool
from digests.compose.select import Choice, Conditions, Selection, chosen, select
from digests.compose.wants import BETWEEN_WISHES, MatchedQuery, WishReader, packed
from digests.model.article import Candidate
from digests.model.category_tree import Category, CategoryTree
from digests.model.digest import DigestOrder
from digests.model.ids import ArticleId, CategoryId, IngestNumber, PlaceId, StoryId
from digests.model.wish import Matter, QueryId, Subject, Wish, WishId, WishKind
from tests.factories.articles import candidate
from tests.factories.times import NOW

ONE, TWO, BELOW_TWO = CategoryId(1), CategoryId(2), CategoryId(3)
TREE = CategoryTree(
    [
        Category(ONE, None, "Zebra", ("Zebra",)),
        Category(TWO, None, "Ape", ("Ape",)),
        Category(BELOW_TWO, TWO, "Baby", ("Ape", "Baby")),
    ]
)
MOON = QueryId(7)


def wish(kind: WishKind, matter: Matter, value: object, query: int | None = None, most: int = 0) -> Wish:
    subject = Subject(matter, str(value))
    return Wish(WishId(1), PlaceId(1), kind, subject, NOW, most=most, query=QueryId(query) if query else None)


def of_words(kind: WishKind, query: int = MOON) -> Wish:
    return wish(kind, Matter.WORDS, "moon", query)


class Place:
    """A place that follows the category 1, over these candidates."""

    def __init__(self, candidates: Iterable[Candidate], matches: str = "", sources: dict[int, set[str]] | None = None):
        told = {StoryId(story): frozenset(names) for story, names in (sources or {}).items()}
        self.pool = CandidatePool(candidates, TREE, told)
        self.reader = WishReader(self.pool, TREE, {MOON: MatchedQuery("moon", matches)})

    def selection(
        self, *wishes: Wish, most: int = 9, followed: Iterable[CategoryId] = (ONE,), **conditions: object
    ) -> Selection:
        wants = self.reader.wants(followed, BETWEEN_WISHES.join(map(packed, wishes)))
        return select(self.pool, wants, Conditions(most, **conditions))  # type: ignore[arg-type]

    def choice(self, *wishes: Wish, **conditions: object) -> Choice:
        selection = self.selection(*wishes, **conditions)  # type: ignore[arg-type]
        wants = self.reader.wants((ONE,), BETWEEN_WISHES.join(map(packed, wishes)))
        return chosen(self.pool, selection, wants.unnamed)

    def about(self, wishes: Iterable[Wish]) -> frozenset[int]:
        effects = self.reader.effects(BETWEEN_WISHES.join(map(packed, wishes)))
        return frozenset().union(*[effect.positions for effect in effects])

    def fate(self, article: int, *wishes: Wish, **conditions: object) -> Fate:
        position = self.pool.position(ArticleId(article))
        assert position is not None
        return fate_of(self.pool, self.selection(*wishes, **conditions), position)  # type: ignore[arg-type]


def test_a_watch_finds_what_is_not_followed_and_marks_what_is() -> None:
    place = Place([candidate(1), candidate(2), candidate(3, categories=(TWO,))], matches="2,3,99")
    found = place.choice(of_words(WishKind.WATCH))
    # What is watched comes first.
    assert found.items == (2, 3, 1)
    assert dict(found.watched) == {2: ("moon",), 3: ("moon",)}
    assert place.choice().items == (1, 2)


def test_who_watches_a_source_or_a_category_follows_it_without_marks() -> None:
    place = Place([candidate(1), candidate(2, categories=(BELOW_TWO,)), candidate(3, categories=(), source="Gull")])
    for followed, more in (
        (wish(WishKind.WATCH, Matter.SOURCE, "Gull"), 3),
        (wish(WishKind.WATCH, Matter.CATEGORY, TWO), 2),
    ):
        found = place.choice(followed)
        assert (found.items, found.watched) == ((1, more), ())


def test_a_watch_does_not_overrule_a_mute() -> None:
    place = Place([candidate(1, source="Gull"), candidate(2, source="Tern")], matches="1,2")
    mute = wish(WishKind.MUTE, Matter.SOURCE, "Gull")
    assert place.choice(of_words(WishKind.WATCH), mute).items == (2,)
    assert place.fate(1, of_words(WishKind.WATCH), mute) is Fate.MUTED


def test_mutes_of_words_sources_and_categories_with_what_is_below() -> None:
    place = Place([candidate(1, source="Gull"), candidate(2, categories=(ONE, BELOW_TWO)), candidate(3)], matches="3")
    assert place.choice(wish(WishKind.MUTE, Matter.SOURCE, "Gull")).items == (2, 3)
    assert place.choice(wish(WishKind.MUTE, Matter.CATEGORY, TWO)).items == (1, 3)
    assert place.choice(of_words(WishKind.MUTE)).items == (1, 2)
    assert place.choice(wish(WishKind.MUTE, Matter.SOURCE, "gull")).items == (1, 2, 3)


def test_a_muted_source_is_not_named_among_those_that_report_the_same() -> None:
    place = Place([candidate(1, story=StoryId(5)), candidate(2)], sources={5: {"Gull", "Tern"}})
    assert place.choice(wish(WishKind.MUTE, Matter.SOURCE, "Gull")).unnamed == ("Gull",)
    assert place.choice(wish(WishKind.MUTE, Matter.SOURCE, "Swan")).unnamed == ()


def test_a_story_is_watched_if_any_article_of_it_is() -> None:
    story = StoryId(5)
    place = Place([candidate(1), candidate(2, story=story, categories=(TWO,)), candidate(3, story=story)], matches="2")
    found = place.choice(of_words(WishKind.WATCH))
    assert found.items == (3, 1)
    assert dict(found.watched) == {3: ("moon",)}


def test_more_and_less_are_three_parts_each_in_its_order() -> None:
    place = Place([candidate(number, source=f"S{number}") for number in range(1, 6)])
    more = [wish(WishKind.MORE, Matter.SOURCE, f"S{number}") for number in (4, 5)]
    less = [wish(WishKind.LESS, Matter.SOURCE, f"S{number}") for number in (1, 5)]
    assert place.choice(*more, *less).items == (4, 2, 3, 5, 1)
    # What max_items cuts is what the reader wants less.
    assert place.choice(*more, *less, most=2).items == (4, 2)


def test_caps_hold_with_what_is_below_and_lose_nothing() -> None:
    place = Place(
        [candidate(number, categories=(ONE, BELOW_TWO), source="Gull") for number in (1, 2, 3)] + [candidate(4)]
    )
    cap = wish(WishKind.CAP, Matter.CATEGORY, TWO, most=1)
    found = place.choice(cap)
    assert (found.items, found.rest) == ((1, 4), (2, 3))
    assert place.fate(2, cap) is Fate.CAPPED
    assert place.fate(4, cap) is Fate.SHOWN
    assert place.choice(wish(WishKind.CAP, Matter.CATEGORY, TWO, most=0)).items == (4,)


def test_the_most_told_come_first_then_the_newest() -> None:
    candidates = [candidate(1), candidate(2, story=StoryId(5)), candidate(3, story=StoryId(6))]
    place = Place(candidates, sources={5: {"a", "b"}, 6: {"a", "b", "c"}})
    assert place.choice(order=DigestOrder.MOST_TOLD).items == (3, 2, 1)
    assert place.choice(order=DigestOrder.NEWEST).items == (1, 2, 3)


def test_by_category_shows_the_same_sorted_by_top_categories() -> None:
    candidates = [
        candidate(1, category=ONE, source="Gull"),
        candidate(2, category=None),
        candidate(3, category=BELOW_TWO),
        candidate(4, category=ONE, source="Gull"),
    ]
    place = Place(candidates)
    assert place.choice(order=DigestOrder.CATEGORY).items == (3, 1, 4, 2)
    few = place.choice(order=DigestOrder.CATEGORY, most=3)
    assert (few.items, few.rest) == ((3, 1, 2), (4,))
    assert place.fate(4, order=DigestOrder.CATEGORY, most=3) is Fate.CUT


def test_what_was_sent_at_once_does_not_come_again_nor_does_its_story() -> None:
    story = StoryId(5)
    place = Place([candidate(1, story=story), candidate(2, story=story), candidate(3)])
    assert place.choice(sent_at_once={ArticleId(1)}).items == (3,)
    assert place.fate(1, sent_at_once={ArticleId(1)}) is Fate.SENT_BEFORE
    assert place.fate(2, sent_at_once={ArticleId(1)}) is Fate.STORY_SENT
    assert place.fate(2) is Fate.SHOWN
    assert place.fate(1) is Fate.SAME_STORY
    assert place.fate(2, since=IngestNumber(2)) is Fate.SENT_BEFORE


def test_wishes_without_an_effect_drop_out_always_in_the_same_order() -> None:
    place = Place([candidate(1, source="Gull")], matches="1")
    wishes = [of_words(WishKind.WATCH), wish(WishKind.MUTE, Matter.SOURCE, "Gull")]
    dead = [
        of_words(WishKind.WATCH, 8),
        wish(WishKind.MUTE, Matter.SOURCE, "Swan"),
        wish(WishKind.CAP, Matter.CATEGORY, 99, most=1),
    ]
    effects = place.reader.effects(BETWEEN_WISHES.join(map(packed, [*dead, *wishes])))
    assert [effect.wish for effect in effects] == ["ww7", "msGull"]
    assert place.reader.effects("") == []


def test_sources_may_have_any_name() -> None:
    place = Place([candidate(1, source="a=3,b c"), candidate(2)])
    assert place.choice(wish(WishKind.MUTE, Matter.SOURCE, "a=3,b c")).items == (2,)


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.integers(1, 10**6).map(ArticleId),
        st.integers(1, 30).map(IngestNumber),
        st.sets(st.integers(1, 3).map(CategoryId), max_size=2).map(tuple),
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 100).map(lambda hours: NOW - timedelta(hours=hours)),
        st.none() | st.integers(1, 5).map(StoryId),
        st.booleans(),
        st.none() | st.integers(1, 3).map(CategoryId),
    ),
    unique_by=lambda each: each.id,
    max_size=40,
)
SUBJECTS = st.tuples(st.just(Matter.SOURCE), st.sampled_from("abcd")) | st.tuples(
    st.just(Matter.CATEGORY), st.integers(1, 4)
)
WISHES = st.lists(
    st.builds(lambda kind, about: wish(kind, *about), st.sampled_from(list(WishKind)[:4]), SUBJECTS)
    | st.builds(
        lambda category, most: wish(WishKind.CAP, Matter.CATEGORY, category, most=most),
        st.integers(1, 3),
        st.integers(0, 3),
    )
    | st.builds(of_words, st.sampled_from(list(WishKind)[:4])),
    max_size=6,
)


@given(
    CANDIDATES,
    WISHES,
    st.integers(1, 20),
    st.sampled_from(DigestOrder),
    st.sets(st.integers(0, 39)),
    st.integers(0, 30),
)
def test_nothing_is_hidden_but_by_a_mute_and_nothing_comes_twice(
    candidates: list[Candidate], wishes: list[Wish], most: int, order: DigestOrder, matched: set[int], since: int
) -> None:
    ids = [str(each.id) for number, each in enumerate(candidates) if number in matched]
    place = Place(candidates, matches=",".join(ids))
    conditions = {"most": most, "order": order, "since": IngestNumber(since)}
    found = place.choice(*wishes, **conditions)
    selection = place.selection(*wishes, **conditions)  # type: ignore[arg-type]
    muted = frozenset().union(
        *[
            place.reader.effects(packed(each))[0].positions
            for each in wishes
            if each.kind is WishKind.MUTE and place.reader.effects(packed(each))
        ]
    )
    wanted = frozenset(selection.wanted)
    came = {position for position in wanted - muted if place.pool.ingests[position] > since}
    stories = {place.pool.stories[position] for position in came} - {None}
    alone = {place.pool.ids[position] for position in came if place.pool.stories[position] is None}
    all_of_it = found.items + found.rest
    assert len(all_of_it) == len(set(all_of_it)) == len(alone) + len(stories)
    assert alone <= set(all_of_it) <= {place.pool.ids[position] for position in came}
    assert len(found.items) <= most
    for cap in (each for each in wishes if each.kind is WishKind.CAP):
        inside = {
            place.pool.ids[position] for effect in place.reader.effects(packed(cap)) for position in effect.positions
        }
        assert len(inside.intersection(found.items)) <= cap.most
    if not any(each.kind is WishKind.CAP for each in wishes):
        assert not found.rest or len(found.items) == most
    for article, words in found.watched:
        assert article in found.items
        assert words
    # Whatever became of an article, its fate says.
    shown, behind = set(found.items), set(found.rest)
    for position, article in enumerate(place.pool.ids):
        fate = fate_of(place.pool, selection, position)
        assert (fate is Fate.SHOWN) == (article in shown)
        assert (fate in (Fate.CUT, Fate.CAPPED)) == (article in behind)
        assert (fate is Fate.UNWANTED) == (position not in wanted)


@given(CANDIDATES, WISHES, st.integers(1, 20))
def test_more_and_less_only_change_the_order(candidates: list[Candidate], wishes: list[Wish], most: int) -> None:
    tastes = [each for each in wishes if each.kind in (WishKind.MORE, WishKind.LESS)]
    others = [each for each in wishes if each not in tastes]
    place = Place(candidates)
    with_tastes, without = place.choice(*tastes, *others, most=most), place.choice(*others, most=most)
    assert sorted(with_tastes.items + with_tastes.rest) == sorted(without.items + without.rest)
    assert place.choice(*reversed([*tastes, *others]), most=most) == with_tastes
    assert replace(with_tastes, rest=()).items == with_tastes.items
