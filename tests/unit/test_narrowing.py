"""What searches are narrowed to by buttons, and the names of sources and tags that people mean."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.callbacks import FilterButton, NarrowButton, pack, unpack
from bot.keyboards.search import value_of
from digests.model.category_tree import Category, CategoryTree
from digests.model.ids import CategoryId
from digests.search.names import names_like, names_meant
from digests.search.narrowing import DAYS, FoundArticle, Narrowing, Offers, offers_of, read_search, stored_search
from digests.search.query import parse_query, with_filter
from tests.factories.times import DAY, NOW

TREE = CategoryTree(
    [
        Category(CategoryId(1), None, "Science", ("Science",)),
        Category(CategoryId(2), CategoryId(1), "Space", ("Science", "Space")),
        Category(CategoryId(3), CategoryId(1), "Sea", ("Science", "Sea")),
        Category(CategoryId(4), None, "Books", ("Books",)),
    ]
)
NARROWINGS = st.builds(
    Narrowing,
    st.sampled_from(["", "en", "zh-Hans"]),
    st.text(max_size=40),
    st.none() | st.integers(1, 10**12).map(CategoryId),
    st.sampled_from([0, *DAYS]),
)


def found(category: int | None = 1, source: str = "Tidewater", language: str = "en", days: float = 0) -> FoundArticle:
    return FoundArticle(source, language, CategoryId(category) if category else None, NOW - days * DAY)


@given(st.text(st.characters(exclude_characters="\n"), max_size=40), NARROWINGS)
def test_a_search_is_read_as_it_was_stored(words: str, narrowing: Narrowing) -> None:
    assert read_search(stored_search(words, narrowing)) == (words, narrowing)


@given(st.text(max_size=60))
def test_any_stored_text_is_a_search(text: str) -> None:
    words, _ = read_search(text)
    assert "\n" not in words


def test_only_what_leaves_something_out_is_offered() -> None:
    alike = offers_of([found(), found()], TREE, NOW, is_all=True)
    assert alike == Offers()
    mixed = [found(2, days=3), found(3, "Perihelion", "zh-Hans", days=0.5), found(2, days=40), found(None, "")]
    offers = offers_of(mixed, TREE, NOW, is_all=True)
    assert offers.languages == ("en", "zh-Hans")
    assert offers.sources == ("Tidewater", "Perihelion")
    assert offers.categories == (2, 3), "below the only category of the first level"
    assert offers.days == (1, 7)
    assert offers_of([*mixed, found(4)], TREE, NOW, is_all=True).categories == (1, 4)


def test_the_newest_of_many_tell_nothing_of_older_ones() -> None:
    recent = [found(days=0.1), found(days=0.2)]
    assert offers_of(recent, TREE, NOW, is_all=True).days == ()
    assert offers_of(recent, TREE, NOW, is_all=False).days == (1,)


def test_a_narrowed_query() -> None:
    query = parse_query("moon lang:zh after:2026-01-01")
    narrowed = Narrowing("zh-Hans", "Tidewater", CategoryId(1), 7).narrow(query, NOW)
    assert (narrowed.wanted, narrowed.languages, narrowed.sources) == (query.wanted, ("zh-Hans",), ("Tidewater",))
    assert narrowed.after == NOW - timedelta(days=7)
    later = parse_query(f"moon after:{NOW:%Y-%m-%d}")
    assert Narrowing(days=30).narrow(later, NOW).after == later.after
    assert Narrowing().narrow(query, NOW) == query


@given(st.text(max_size=300), st.integers(0, 10**15 - 1))
def test_a_button_holds_any_name(name: str, category: int) -> None:
    token = "A" * 16
    for button in (
        NarrowButton(token, "s", value_of(name), 1),
        NarrowButton(token, "c", str(category), 1),
        FilterButton(token, "s", 1),
    ):
        assert unpack(pack(button)) == button
        assert len(pack(button).encode()) <= 50, "a place goes before it"


SOURCES = (
    "Tidewater Journal",
    "Tidewater Weekly",
    "Tide",
    "新浪财经",
    "新浪科技",
    "36氪",
    "The New York Times",
    "澳門日報",
)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("tidewater", ("Tidewater Journal", "Tidewater Weekly")),
        ("Tide", ("Tide",)),
        ("tidewater-journal", ("Tidewater Journal",)),
        ("Tidew", ()),
        ("新浪", ("新浪财经", "新浪科技")),
        ("新浪財經", ("新浪财经",)),
        ("36", ("36氪",)),
        ("澳门日报", ("澳門日報",)),
        ("times", ()),
        ("", ()),
        ("!!", ()),
    ],
)
def test_the_sources_that_a_name_means(name: str, meant: tuple[str, ...]) -> None:
    assert names_meant(name, SOURCES) == meant


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("Tidewatr", "Tidewater Journal"), ("New York Time", "The New York Times"), ("新浪财", "新浪财经")],
)
def test_the_names_like_an_unknown_one(name: str, nearest: str) -> None:
    assert nearest in names_like(name, SOURCES)
    assert names_like("qqqqq", SOURCES) == ()
    assert names_like("", SOURCES) == ()


def test_another_value_for_a_filter() -> None:
    assert with_filter("moon source:Tidewatr -x", "source", "Tidewatr", "Tidewater Journal") == (
        'moon -x source:"Tidewater Journal"'
    )
    assert with_filter('来源:"a b" 标签：x', "tag", "x", "y") == '来源:"a b" tag:"y"'


@given(st.text(max_size=80), st.text(max_size=20), st.text(max_size=20))
def test_any_text_takes_another_filter(text: str, wrong: str, right: str) -> None:
    query = parse_query(with_filter(text, "source", wrong, right))
    assert query is not None


@given(st.text(max_size=30), st.lists(st.text(max_size=12), max_size=6))
def test_any_names_are_compared(name: str, known: list[str]) -> None:
    assert set(names_meant(name, known)) <= set(known)
    assert set(names_like(name, known)) <= set(known)
