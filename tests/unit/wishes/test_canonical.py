from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digests.model.category_tree import Category, CategoryTree
from digests.model.ids import CategoryId
from digests.model.wish import Matter
from digests.search.query import MAX_CHARACTERS, parse_query
from digests.wishes.canonical import WishRefusal, WishRefused, canonical_words, query_text, words_subject


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("moon  Landing", "landing moon"),
        ("landing moon", "landing moon"),
        ("ＭＯＯＮ　landing", "landing moon"),
        ('"moon landing"', '"moon landing"'),
        ("moon-landing", "moon-landing"),
        ("moon moon", "moon"),
        ("東京 奧運", "东京 奥运"),
        ("新闻联播", "新闻联播"),
        ('"新闻 闻联"', '"新闻 闻联"'),
        ("iPhone15手机", '"iphone 15 手机"'),
        ("月 moon", "moon 月"),
        ("moon -mars -“deep sky”", 'moon -"deep sky" -mars'),
        ("分类:科技 moon", "moon cat:科技"),
        ("moon cat:Tech cat:tech", "moon cat:tech"),
        ("cat:新媒体>36kr", "cat:新媒体/36kr"),
        ('cat:"新媒体/36kr - 资讯"', 'cat:"新媒体/36kr - 资讯"'),
        ('source:"New  York-Times"', 'source:"new york times"'),
        ("tag:#Kubernetes", "tag:kubernetes"),
        ("tag:C++ tag:c#", "tag:c# tag:c++"),
        ("moon lang:zh-Hans", "moon lang:zh-hans"),
        ("moon since:2024.3", "moon after:2024-03-01"),
        ("moon 止:2024/03/09", "moon before:2024-03-09"),
        ("moon!!!", "moon"),
        ("10.000 km", "10000 km"),
        (".NET C++ Disney+", ".net c++ disney+"),
        ("-Wi-Fi e-mail", "e-mail -wi-fi"),
    ],
)
def test_equal_wishes_have_one_form(written: str, expected: str) -> None:
    assert canonical_words(written) == expected
    assert canonical_words(expected) == expected
    assert words_subject(written).value == expected
    assert words_subject(written).matter is Matter.WORDS


@pytest.mark.parametrize(
    ("written", "reason", "what"),
    [
        ("", WishRefusal.NOTHING_READABLE, ""),
        ("...🥇", WishRefusal.NOTHING_READABLE, ""),
        ('""', WishRefusal.NOTHING_READABLE, ""),
        ("-moon", WishRefusal.MATCHES_EVERYTHING, ""),
        ("lang:en", WishRefusal.MATCHES_EVERYTHING, ""),
        ("lang:en -moon after:2020-01-01", WishRefusal.MATCHES_EVERYTHING, ""),
        ("before:2020-01-01", WishRefusal.MATCHES_EVERYTHING, ""),
        ("moon -moon", WishRefusal.MATCHES_NOTHING, ""),
        ("月 -月", WishRefusal.MATCHES_NOTHING, ""),
        ("moon after:2020-05-01 before:2020-05-01", WishRefusal.MATCHES_NOTHING, ""),
        ("moon after:tomorrow", WishRefusal.UNKNOWN_FILTER, "tomorrow"),
        ("moon after:2024-13-01", WishRefusal.UNKNOWN_FILTER, "2024-13-01"),
        ("moon source:!!!", WishRefusal.UNKNOWN_FILTER, "!!!"),
        ("moon lang:…", WishRefusal.UNKNOWN_FILTER, "…"),
        ("moon cat:///", WishRefusal.UNKNOWN_CATEGORY, "///"),
        ("a" * 4000, WishRefusal.TOO_LONG, ""),
        ("月" * 4000, WishRefusal.TOO_LONG, ""),
        ("\ufdfa" * 200, WishRefusal.TOO_LONG, ""),
        (" ".join(f"w{number}" for number in range(20)), WishRefusal.TOO_LONG, ""),
        (" ".join("一二三四五六七八九十百千万亿兆京"), WishRefusal.TOO_LONG, ""),
        (" ".join(f"tag:t{number}" for number in range(20)), WishRefusal.TOO_LONG, ""),
    ],
)
def test_what_is_no_wish_is_refused_with_its_reason(written: str, reason: WishRefusal, what: str) -> None:
    with pytest.raises(WishRefused) as refused:
        canonical_words(written)
    assert (refused.value.reason, refused.value.what) == (reason, what)


_PIECES = st.one_of(
    st.sampled_from(
        ["moon", "Moon", "月", "新闻", "联播", "苧", "乾", "ﬁ", "İ", "é", "C++", ".NET", "covid-19", "㍿", "가"]
    ),
    st.sampled_from(["cat:", "分类：", "source:", "tag:#", "lang:", "after:2020-01-02", "before:2021年3月"]),
    st.sampled_from(["-", "−", '"', "“", "”", "「", "」", " ", "\u3000", "/", ">", " - ", "_", "\n", "\u0345"]),
)
_TEXTS = st.one_of(
    st.text(max_size=60), st.lists(_PIECES, max_size=25).map("".join), st.text(min_size=280, max_size=400)
)


@given(_TEXTS)
@example("苧")
@example('cat:"a"b')
@example('tag:"x "y"')
@example('cat:a"b c')
def test_any_text_is_refused_or_has_a_form_that_stays(written: str) -> None:
    try:
        canonical = canonical_words(written)
    except WishRefused:
        return
    assert canonical
    assert len(canonical) <= MAX_CHARACTERS
    assert canonical_words(canonical) == canonical
    query = parse_query(canonical)
    assert query_text(query) == canonical
    assert not query.misread


@given(_TEXTS)
def test_the_form_asks_for_the_same_words(written: str) -> None:
    try:
        canonical = canonical_words(written)
    except WishRefused:
        return
    query, again = parse_query(written.strip()), parse_query(canonical)
    for before, after in ((query.wanted, again.wanted), (query.unwanted, again.unwanted)):
        assert set(before.phrases) == set(after.phrases)
        assert set(before.characters) == set(after.characters)
    assert (query.after, query.before) == (again.after, again.before)


@given(
    st.lists(
        st.sampled_from(["moon", "月", "-mars", '"deep sky"', "cat:tech", "tag:x", "lang:en"]), min_size=1
    ).flatmap(lambda parts: st.tuples(st.just(parts), st.permutations(parts)))
)
def test_order_does_not_matter(both: tuple[list[str], list[str]]) -> None:
    forms = []
    for parts in both:
        try:
            forms.append(canonical_words(" ".join(parts)))
        except WishRefused as refused:
            forms.append(refused.reason.name)
    assert forms[0] == forms[1]


@given(
    st.sampled_from(
        ["tech", "Tech", " tech ", "TECH/AI", "a>TCP/IP", "TCP/IP", "b/源 - 频道", "b/源/频道", "c/b/源 - 频道"]
    )
)
def test_a_category_is_found_by_its_form(name: str) -> None:
    paths = [
        ("tech",),
        ("tech", "AI"),
        ("a", "TCP/IP"),
        ("b",),
        ("b", "源"),
        ("b", "源", "频道"),
        ("c", "b", "源 - 频道"),
    ]
    tree = CategoryTree(Category(CategoryId(number), None, path[-1], path) for number, path in enumerate(paths, 1))
    query = parse_query(canonical_words(f'cat:"{name}"'))
    assert tree.find(query.categories[0]) == tree.find(name)
