"""An ended wish comes back as it was, and no other text is taken for one."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.model.ids import CategoryId
from digests.model.wish import Matter, Subject, WishKind
from digests.model.wish_text import EndedWish, parse_wish_text, wish_text
from tests.factories.times import NOW

VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
SUBJECTS = st.one_of(
    st.builds(Subject, st.sampled_from([Matter.WORDS, Matter.SOURCE]), VALUES),
    st.builds(Subject.of_category, st.integers(1, 10**9).map(CategoryId)),
)
WISHES = st.builds(
    EndedWish,
    st.sampled_from([kind for kind in WishKind if kind is not WishKind.CAP]),
    SUBJECTS,
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.booleans(),
)
CAPS = st.builds(
    EndedWish,
    st.just(WishKind.CAP),
    st.integers(1, 99).map(CategoryId).map(Subject.of_category),
    most=st.integers(1, 9),
)


@given(WISHES | CAPS)
def test_a_wish_comes_back_as_it_was(wish: EndedWish) -> None:
    assert parse_wish_text(wish_text(wish)) == wish


@given(st.text(max_size=400))
def test_words_are_no_wish(text: str) -> None:
    assert parse_wish_text(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "moon",
        '"123456"',
        '["watch","words","",null,0,0]',
        '["watch","words","",  "",0,0]',
        '["watch","words",5,"",0,0]',
        '["watch","category","x","",0,0]',
        '["watch","category","٣","",0,0]',
        '["cap","category","3","",0,0]',
        '["cap","words","moon","",0,3]',
        '["mute","words","moon","",0,3]',
        '["cap","category","3","",0,-3]',
        '["cap","category","3","",0,1e999]',
        '["mute","words","moon","2026-06-06",0,0]',
        f'["mute","words","moon","{NOW.replace(tzinfo=None).isoformat()}",0,0]',
        '["mute","words","moon","tomorrow",0,0]',
        '["want","words","moon","",0,0]',
        "[" * 100_000,
    ],
)
def test_what_is_nearly_a_wish_is_none(text: str) -> None:
    assert parse_wish_text(text) is None
