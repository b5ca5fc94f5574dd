"""The words that a title is about."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.stories.title_words import MOST_WORDS, title_tokens, title_words

TITLES = (
    "特斯拉在上海开设工厂", "特斯拉下调售价", "特斯拉股价上涨", "苹果发布新款手机", "苹果将在印度生产手机",
    "华为手机销量上升", "上海迎来降雨", "OpenAI opens an office in Tokyo", "Tokyo sees snow", "OpenAI hires again",
    "三百棵树", "三百件事", "The snow of Kyoto", *(f"Something about number {number}" for number in range(60)),
)  # fmt: skip
WITH = Counter(token for title in TITLES for token in title_tokens(title))


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("特斯拉在上海开设工厂", {"特斯拉", "上海"}),
        ("苹果发布新款手机", {"苹果", "手机"}),
        ("OpenAI opens an office in Tokyo", {"openai", "tokyo"}),
        ("Something about number 7", set()),
        ("三百棵树", set()),
        ("A title of which no other has a word", set()),
        ("2026 12 3 的 the", set()),
        ("", set()),
    ],
)
def test_the_words_are_those_that_other_titles_have_too(title: str, words: set[str]) -> None:
    assert set(title_words(title, WITH, len(TITLES))) == words


@given(st.text(max_size=300), st.integers(0, 10**6))
def test_any_title_has_a_few_words_that_fit_into_a_button(title: str, articles: int) -> None:
    counted = dict.fromkeys(title_tokens(title), 2)
    words = title_words(title, counted, articles)
    assert len(words) <= MOST_WORDS
    assert all(len(word.encode()) <= 24 and "|" not in word for word in words)
