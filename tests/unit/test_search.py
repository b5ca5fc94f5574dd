from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.search.query import MAX_TERMS, parse_query
from digests.search.tokens import dense_characters, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("新闻联播", ["新闻", "闻联", "联播"]),
        ("新", ["新"]),
        ("Firefox 87将默认", ["firefox", "87", "将默", "默认"]),
        ("ＡＢＣ　Café", ["abc", "cafe"]),
        ("アニメ映画", ["アニ", "ニメ", "メ映", "映画"]),
        ("don't_stop", ["don", "t", "stop"]),
        ("", []),
        ("🥇!?", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_dense_characters_are_those_that_pairs_are_made_of() -> None:
    assert dense_characters("新闻 new 新") == ["新", "闻"]


def test_a_query_of_words_phrases_and_single_characters() -> None:
    query = parse_query('新闻 moon "black hole" 月')
    assert query.phrases == (("新闻",), ("moon",), ("black", "hole"))
    assert query.characters == ("月",)
    assert not parse_query(" ! “” ")


@given(st.text(max_size=400))
def test_whatever_is_typed_gives_a_query_of_bounded_size(text: str) -> None:
    query = parse_query(text)
    assert len(query.phrases) <= MAX_TERMS
    assert all(token and not set(token) & set('"*^:()') for phrase in query.phrases for token in phrase)
    assert all(len(one) == 1 for one in query.characters)


@given(st.text(max_size=60))
def test_what_is_stored_is_found_by_its_own_words(text: str) -> None:
    found = tokens(text)
    for phrase in parse_query(text.replace('"', " ")).phrases:
        assert "\x00".join(phrase) in "\x00".join(found)
