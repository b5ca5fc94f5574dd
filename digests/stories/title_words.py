"""The words of a title that tell what it is about, for a reader who wants more or less of such articles (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import log

from digests.search.tokens import fold, is_dense, runs
from digests.stories.wordlists import GENERIC, stem, without_neutral

MOST_WORDS = 3
_LONGEST_BYTES = 24
"""A button has room for so much, beside the article and the place that it acts on."""
_LONGEST_DENSE = 4
_HAN_NUMBER = re.compile("[〇一二三四五六七八九十百千万亿两几数多第].?|.[十百千万亿]")
"""A number, and one with what it counts (三百, 一棵), say as little as one in digits."""
_SAME_WORD = 0.8
"""Two pairs of characters that overlap come from one word if nearly as many articles have the rarer of them."""
_COMMON_SHARE = 0.2
"""A word that more of all articles have distinguishes few."""
_LEAST_COMMON = 10


def title_tokens(title: str) -> tuple[str, ...]:
    """Return the tokens of a title whose frequency `title_words` needs to know: words, and pairs of characters."""
    found = [token for run in _runs(title) for token in _tokens(run)]
    return tuple(dict.fromkeys(found))


def title_words(title: str, articles_with: Mapping[str, int], articles: int) -> tuple[str, ...]:
    """Return up to MOST_WORDS words of a title, the most telling first, in folded form.

    `articles_with` is how many of all `articles` have a token of `title_tokens`. A word that only this article has
    would find no other, and one that very many have says little. Of a script without spaces a word is made of pairs of
    characters which are commoner than the pairs that overlap with them, since those reach across the ends of words.
    """
    most = max(_LEAST_COMMON, _COMMON_SHARE * articles)
    weights: dict[str, float] = {}
    for run in _runs(title):
        for word, number in _words(run, articles_with):
            if 1 < number <= most and len(word.encode()) <= _LONGEST_BYTES:
                weights[word] = log((articles + 1) / number)
    # Sorting is stable: of words that say as much the first is taken.
    return tuple(sorted(weights, key=lambda word: -weights[word])[:MOST_WORDS])


def _runs(title: str) -> list[str]:
    folded = without_neutral(fold(title))
    return [text for _, _, text, _ in runs(folded)]


def _tokens(run: str) -> list[str]:
    if is_dense(run):
        return [run] if len(run) == 1 else [first + second for first, second in pairwise(run)]
    return [run]


def _words(run: str, articles_with: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Yield the words of a run, each with the number of articles that have it."""
    if not is_dense(run):
        if len(run) > 1 and not run.isdigit() and stem(run) and stem(run) not in GENERIC:
            yield run, articles_with.get(run, 0)
        return
    pairs = _tokens(run) if len(run) > 1 else []
    numbers = [articles_with.get(pair, 0) for pair in pairs]
    at = 0
    while at < len(pairs):
        if not _is_peak(numbers, at):
            at += 1
            continue
        end = at + 1
        while end < len(pairs) and end - at + 2 <= _LONGEST_DENSE and _is_one_word(numbers[end - 1], numbers[end]):
            end += 1
        word = run[at : end + 1]
        if word not in GENERIC and not _HAN_NUMBER.fullmatch(word):
            yield word, min(numbers[at:end])
        # The pair after a word has its last character.
        at = end + 1


def _is_peak(numbers: list[int], at: int) -> bool:
    before = numbers[at - 1] if at else 0
    after = numbers[at + 1] if at + 1 < len(numbers) else 0
    return numbers[at] > 1 and numbers[at] >= max(before, after * _SAME_WORD)


def _is_one_word(number: int, after: int) -> bool:
    return min(number, after) >= _SAME_WORD * max(number, after)
