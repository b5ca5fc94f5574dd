from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.lookup import shorter_queries
from digests.search.query import MAX_TERMS, parse_query
from digests.search.snippet import snippet
from digests.search.tokens import dense_characters, fold, tokens


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
    assert query.wanted.phrases == (("新闻",), ("moon",), ("black", "hole"))
    assert query.wanted.characters == ("月",)
    assert not parse_query(" ! “” ")


@given(st.text(max_size=400))
def test_any_text_gives_a_query_of_bounded_size(text: str) -> None:
    query = parse_query(text)
    for terms in (query.wanted, query.unwanted):
        assert len(terms.phrases) <= MAX_TERMS
        assert all(token and not set(token) & set('"*^:()') for phrase in terms.phrases for token in phrase)
        assert all(len(character) == 1 for character in terms.characters)


@given(st.text(max_size=60))
def test_what_is_stored_is_found_by_its_own_words(text: str) -> None:
    found = tokens(text)
    for phrase in parse_query(re.sub(r"[\W_]", " ", text)).wanted.phrases:
        assert "\x00".join(phrase) in "\x00".join(found)


def test_the_query_language() -> None:
    query = parse_query(
        'moon -sun cat:新媒体/36kr 来源:"The Post" source:36kr lang:zh after:2021-03-01 before:2021/04 -"a b"'
        " since:soon"
    )
    assert query.wanted.phrases == (("moon",),)
    assert query.unwanted.phrases == (("sun",), ("a", "b"))
    assert query.categories == ("新媒体/36kr",)
    assert query.sources == ("The Post", "36kr")
    assert query.languages == ("zh",)
    assert (query.after, query.before) == (datetime(2021, 3, 1, tzinfo=UTC), datetime(2021, 4, 1, tzinfo=UTC))
    assert query.misread == ("soon",)


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("well-known", (("well", "known"),), ()),
        ("- x", (("x",),), ()),
        ("-cat:x", (), (("cat", "x"),)),
        ("甲乙。乙丙", (("甲乙", "_", "乙丙"),), ()),
        ("「月球 背面」", (("月球", "背面"),), ()),
    ],
)
def test_unusual_queries(text: str, wanted: object, unwanted: object) -> None:
    query = parse_query(text)
    assert (query.wanted.phrases, query.unwanted.phrases) == (wanted, unwanted)


@pytest.mark.parametrize(
    ("text", "other"),
    [("臺灣", "台湾"), ("乾淨", "干净"), ("ＡＢＣ", "abc"), ("ｶﾞ", "ガ"), ("Ångström", "angstrom")],
)
def test_equivalent_spellings_are_folded_alike(text: str, other: str) -> None:
    assert fold(text) == fold(other)


def shown(text: str, words: str, width: int = 60) -> str:
    pieces = snippet(text, parse_query(words).wanted, width)
    return "".join(f"[{piece.text}]" if piece.is_match else piece.text for piece in pieces)


TEXT = "嫦娥五号带回了月球样品。Firefox 87将默认修剪Referrers。The far side of the Moon,\nseen by a probe. ｶﾞｶﾞ 臺灣"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("月球", "嫦娥五号带回了[月球]样品。Firefox 87将默认修剪Referrers。The far side of the…"),
        ("87将默认", "…Firefox [87将默认]修剪Referrers。The far side of the Moon, seen by…"),
        ('"far side"', "…The [far side] of the Moon, seen by a probe. ｶﾞｶﾞ 臺灣"),
        ("台湾", "…by a probe. ｶﾞｶﾞ [臺灣]"),
        ("ガガ", "…seen by a probe. [ｶﾞｶﾞ] 臺灣"),
        ("side probe", "…The far [side] of the Moon, seen by a [probe]. ｶﾞｶﾞ 臺灣"),
        ("nowhere", ""),
        ("", ""),
    ],
)
def test_the_line_around_a_match(words: str, line: str) -> None:
    assert shown(TEXT, words) == line


@given(st.text(max_size=300), st.text(max_size=20), st.integers(10, 200))
def test_a_line_is_made_of_the_text(text: str, words: str, width: int) -> None:
    pieces = snippet(text, parse_query(words).wanted, width)
    joined = "".join(piece.text for piece in pieces).strip("…")
    assert " ".join(joined.split()) in " ".join(text.split())


def test_shorter_queries() -> None:
    assert list(shorter_queries(parse_query("alpha beta").wanted)) == ["alpha", "beta"]
    assert list(shorter_queries(parse_query("月球背").wanted)) == ["月球", "球背"]
    assert list(shorter_queries(parse_query("").wanted)) == []


def test_tags_narrow_a_query() -> None:
    query = parse_query('moon tag:kubernetes 标签："C++" tag:#Go')
    assert query.tags == ("kubernetes", "C++", "Go")
    assert query.wanted.phrases == (("moon",),)
    assert query.narrowed
