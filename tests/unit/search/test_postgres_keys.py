"""Phrases are found in the stored form of a text exactly if the text has their tokens in a row."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from digests.search.tokens import BOUNDARY, tokens
from digests.storage.search.postgresql.keys import joined_runs, pair_keys, pattern, short_token

texts = st.text("甲乙丙丁の가 ab1-.+，", max_size=30)


@settings(deadline=None)
@given(texts, st.text("甲乙丙の가 ab1-.+，", max_size=8))
@example("月球，球背", "月球背")
@example("大月球，背面很大", "月球 背面")
@example("甲。甲乙", "甲甲乙")
@example("甲乙丙", "乙")
def test_a_pattern_is_found_exactly_where_the_tokens_are(text: str, asked: str) -> None:
    stored, phrase = tokens(text), tokens(asked)
    assume(phrase)
    size = len(phrase)
    is_there = any(stored[at : at + size] == phrase for at in range(len(stored) - size + 1))
    assert (pattern(phrase) in joined_runs(stored)) is is_there


@given(texts, st.integers(0, 20), st.integers(2, 5))
def test_a_text_has_the_pairs_of_each_of_its_phrases(text: str, begin: int, size: int) -> None:
    stored = tokens(text)
    assert set(pair_keys(stored[begin : begin + size])) <= set(pair_keys(stored))


@given(st.lists(st.text("abc甲乙_", min_size=1, max_size=3), min_size=2, max_size=60))
def test_pairs_are_of_words_or_of_characters_and_cross_no_boundary(stored: list[str]) -> None:
    adjacent = set(pairwise(stored))
    for key in pair_keys(stored):
        pair = key.removeprefix("p")
        if " " in pair:
            first, second = pair.split(" ")
            assert (first, second) in adjacent
            assert BOUNDARY not in (first, second)
        else:
            assert (pair[:2], pair[1:]) in adjacent
            assert set(pair) <= {"甲", "乙"}


def test_long_tokens_are_shortened_and_stay_different() -> None:
    first, second = "a" * 3000, "a" * 3001
    assert len({short_token(first), short_token(second), short_token("a" * 100)}) == 3
    assert all(len(short_token(token).encode()) < 2000 for token in (first, second, "\U0001d400" * 5000))
