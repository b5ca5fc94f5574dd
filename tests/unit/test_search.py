from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digests.readers.lookup import shorter_queries
from digests.search.query import MAX_TERMS, parse_query
from digests.search.snippet import find_matches, snippet
from digests.search.tokens import fold, folded_characters, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("新闻联播", ["新闻", "闻联", "联播"]),
        ("新", ["新"]),
        ("Firefox 87将默认", ["firefox", "87", "将默", "默认"]),
        ("ＡＢＣ　Café", ["abc", "cafe"]),
        ("アニメ映画", ["アニ", "ニメ", "メ映", "映画"]),
        ("don't_stop", ["don", "t", "stop"]),
        ("用C++和C#写F#", ["用", "c++", "和", "c#", "写", "f#"]),
        ("C++11, C#8, C++Builder", ["c++", "11", "c#", "8", "c++", "builder"]),
        ("a+b, x+1, a#b, C+++", ["a", "b", "x", "1", "a", "b", "c"]),
        ("COVID-19 covid19 iPhone15Pro", ["covid", "19", "covid", "19", "iphone", "15", "pro"]),
        ("5G H1N1 4090D 10km", ["5g", "h1n1", "4090d", "10", "km"]),
        ("10,000 １０，０００ 1,00,000 1,234.56", ["10000", "10000", "100000", "1234", "56"]),
        ("3.5 3,5 1,23,4 2026-01-02", ["3", "5", "3", "5", "1", "23", "4", "2026", "01", "02"]),
        ("so\u00adft .\u2060io", ["soft", "io", "_", ".io"]),
        ("e-mail Wi‑Fi F-35", ["e", "mail", "wi", "fi", "f", "35", "_", "email", "_", "f35", "_", "wifi"]),
        (
            "10.000 10 000 3.142 1.234.567",
            [*["10", "000", "10", "000", "3", "142", "1", "234", "567"], "_", "10000", "_", "1234567"],
        ),
        ("Disney+上线 Notepad++", ["disney", "上线", "notepad", "_", "disney+", "_", "notepad++"]),
        ("使用.NET ASP.NET x.net ...and", ["使用", "net", "asp", "net", "x", "net", "and", "_", ".net"]),
        ("a-slug-of-many-words 1-2", ["a", "slug", "of", "many", "words", "1", "2"]),
        ("", []),
        ("🥇!?", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_dense_characters_are_those_that_pairs_are_made_of() -> None:
    assert folded_characters(fold("新闻 new 新")) == ["新", "闻"]


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


WRITTEN = st.text(max_size=60) | st.lists(
    st.sampled_from(
        [
            *"abc139 .,-+#'_（）",
            "C++",
            "c#",
            ".NET",
            "e-mail",
            "Wi-Fi",
            "10,000",
            "3.5",
            "covid19",
            "月球",
            "ｶﾞ",
            "000",
            "\u00ad",
        ]
    ),
    max_size=12,
).map("".join)


def finds(query: str, text: str) -> bool:
    """Return whether a query finds a text, by the tokens that are stored of it."""
    stored = "\x00".join(["", *tokens(text), ""])
    wanted = parse_query(query).wanted
    return all(character in folded_characters(fold(text)) for character in wanted.characters) and all(
        any("\x00".join(["", *spelling, ""]) in stored for spelling in wanted.spellings(phrase))
        for phrase in wanted.phrases
    )


@given(WRITTEN)
def test_what_is_stored_is_found_by_its_own_words(text: str) -> None:
    words = [word for word in re.split(r"[\s\"“”„«»「」『』:：]+", text) if not word.startswith(("-", "－"))]
    assert all(finds(word, text) for word in [*words, " ".join(words)])


@given(WRITTEN, WRITTEN)
@example("1", "¼")
@example("1", "x ¼½")
def test_what_a_query_finds_is_marked(words: str, text: str) -> None:
    wanted = parse_query(words).wanted
    for phrase in wanted.phrases:
        if finds(f'"{" ".join(phrase)}"' if len(phrase) > 1 else phrase[0], text):
            assert find_matches(text, replace(wanted, phrases=(phrase,), characters=())), phrase


@pytest.mark.parametrize(
    ("query", "found", "not_found"),
    [
        ("C++", ["C++", "用C++写", "C++17", "(c++)", "Ｃ＋＋"], ["C", "C#", "C+", "cc"]),
        ("c#", ["C#", "C#12", "C＃开发"], ["C", "C++", "#c"]),
        ("C", ["C", "ANSI C", "Vitamin-C"], ["C++", "C#", "cc"]),
        (".NET", [".NET", "使用.net开发", ".NET8", "ASP, .NET"], ["net", "example.net", "ASP.NET"]),
        ("net", ["net", ".NET", "ASP.NET"], ["nets"]),
        ("F#", ["F#", "F#/C#"], ["F", "f#a"]),
        ("g++", ["g++ 14"], ["g", "C++"]),
        ("Disney+", ["Disney+上线"], ["Disney", "disney+er"]),
        ("disney", ["Disney+上线", "Disney"], []),
        ("covid19", ["COVID-19", "covid 19", "Covid19疫苗"], ["covid", "covid-1", "19 covid"]),
        ("COVID-19", ["covid19"], ["covid"]),
        ("covid", ["covid19"], []),
        ("iPhone 15", ["iPhone15"], ["iPhone 14"]),
        ("email", ["e-mail", "E‑Mail", "email"], ["mail"]),
        ("e-mail", ["email", "e-mail", "e mail"], ["mail"]),
        ("mail", ["e-mail"], ["email"]),
        ("wifi", ["Wi-Fi"], ["wi fi"]),
        ("wi-fi", ["wifi", "Wi-Fi", "wi fi"], []),
        ("open-source", ["open source", "opensource"], ["source open"]),
        ('"open source"', ["open-source"], ["opensource"]),
        ("f35", ["F-35", "F35"], ["f 35"]),
        ("F-35", ["F35"], []),
        ("10000", ["10,000", "１０，０００", "10 000", "10.000", "10'000", "10000"], ["1000", "10", "10.0000"]),
        ("10,000", ["10000", "10,000", "10.000"], ["10"]),
        ("10.000", ["10000", "10.000"], ["10"]),
        ("10000人", ["10,000人"], ["10人"]),
        ("3.5", ["3.5", "3.5.1"], ["35", "3", "5.3", "13.5"]),
        ("35", ["35"], ["3.5", "3,5"]),
        ("3142", ["3142", "3,142"], ["3.142"]),
        ("1234567", ["1,234,567", "1.234.567", "1 234 567", "12,34,567"], ["1,234,56"]),
        ("5G", ["5G手机", "5G+"], ["5", "15g"]),
        ("software", ["soft\u00adware", "soft\u2060ware"], ["soft ware"]),
    ],
)
def test_spellings(query: str, found: list[str], not_found: list[str]) -> None:
    for text in found:
        assert finds(query, text), text
        marked = snippet(f"Before. {text}, behind.", parse_query(query).wanted)
        assert any(piece.is_match for piece in marked), text
    for text in not_found:
        assert not finds(query, text), text


@pytest.mark.parametrize(
    "text",
    ["a-" * 50_000, "1,11" * 50_000, "100 " * 50_000, "1.000" * 50_000, "c+" * 50_000, ".a" * 50_000, "1a" * 50_000],
)
def test_no_text_is_slow_to_split(text: str) -> None:
    began = process_time()
    tokens(text)
    assert process_time() - began < 2


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
        ("ga\u2060ga", ""),
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
