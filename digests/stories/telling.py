"""The words by which articles like a given one are found: rare ones, and those of its title above all (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log

from digests.search.tokens import is_dense, tokens
from digests.stories.wordlists import GENERIC, numbers, stem, words_of

MOST_TELLING = 12
COMMON = 1000
"""Articles up to which those with a token are counted. One that so many have tells little, and takes long to find."""
_COMMON_SHARE = 10
"""A token that more than one in so many articles has tells nothing, if it is more than a few that have it."""
_FEW = 3
_PARTICLES = frozenset(
    "的了是在一不和有就都也还又很更最这那哪个些着过把被让给与及其而但或且因为所如若虽则之乎者吗吧呢啊呀么我你他她它们没说"
    "只才再已のにはをがでともへやかたてしるれいうなます"
)
"""Characters of grammar: a pair with one of them reaches across the end of a word, or says little."""
_NUMERALS = frozenset("零一二三四五六七八九十百千万亿两半几多第")
_FURTHER_GRAMMAR = words_of(
    "after before under over down up out off again always never ever only very even still yet here there then once "
    "them him himself herself itself themselves us me my mine been being had same such other others another own many "
    "much few both either neither none nobody nothing something anything everything everyone someone because until "
    "since through between without within against during above below onto upon among like get gets got put puts lets "
    "let yes day days hour hours minute minutes year years time times way ways man woman men women people "
    "开始 分钟 今天 明天 昨天 现在 告诉 自己 时候 可以 可能 成为 进行 通过 以及 由于 如何 什么 目前 表示 认为 "
    "今年 去年 重新 完成"
)
"""Words that titles may lack, but that no article is about."""
_CONSIDERED = 96
"""Of an article's tokens: title and summary have hardly more."""
_LONGEST = 40
_IN_TITLE, _IN_SUMMARY, _IN_TEXT = 2.0, 1.0, 0.5
_TEXT_LENGTH = 1000
"""Characters of a text that are considered, which is how long texts begin."""


@dataclass(frozen=True, slots=True)
class TellingToken:
    """A token, how much it says that another article has it too, and whether it is one of the title."""

    token: str
    weight: float
    is_of_title: bool = False


def considered_tokens(title: str, summary: str, text: str) -> dict[str, float]:
    """Return the tokens of an article that may tell what it is about, in order, with the weight of their places."""
    found: dict[str, float] = {}
    for part, weight in ((title, _IN_TITLE), (summary, _IN_SUMMARY), (text[:_TEXT_LENGTH], _IN_TEXT)):
        for token in tokens(part):
            if _may_tell(token):
                found.setdefault(token, weight)
    return dict(list(found.items())[:_CONSIDERED])


@lru_cache(maxsize=20_000)
def _may_tell(token: str) -> bool:
    """Return whether a token may distinguish articles, as words of grammar and numbers don't; 2026 or 5500 may."""
    if not 1 < len(token) <= _LONGEST:
        return False
    if is_dense(token):
        is_word = token not in GENERIC and token not in _FURTHER_GRAMMAR
        return is_word and not _PARTICLES.intersection(token) and not _NUMERALS.issuperset(token)
    if token.isdigit():
        return len(token) > 2
    word = stem(token)
    return bool(word) and word not in GENERIC and token not in _FURTHER_GRAMMAR and not any(numbers(token))


def most_telling(
    considered: Mapping[str, float], articles_with: Mapping[str, int], articles: int
) -> tuple[TellingToken, ...]:
    """Return the most telling of the tokens, at most MOST_TELLING, the most telling first.

    `articles_with` is how many of the `articles` in the same language have a token, counted up to COMMON. One that no
    other article has finds nothing, and a common one tells nothing. Of two pairs of dense characters that share one,
    which come from one word, only the better is taken.
    """
    most = min(COMMON - 1, max(_FEW, articles // _COMMON_SHARE))
    weights = {
        token: weight * log((articles + 1) / articles_with[token])
        for token, weight in considered.items()
        if 1 < articles_with.get(token, 0) <= most
    }
    beside = _neighbours(list(considered))
    chosen: list[TellingToken] = []
    taken: set[str] = set()
    for token in sorted(weights, key=lambda token: -weights[token]):
        if len(chosen) == MOST_TELLING:
            break
        if not taken.intersection(beside.get(token, ())):
            chosen.append(TellingToken(token, weights[token], considered[token] == _IN_TITLE))
            taken.add(token)
    return tuple(chosen)


def _neighbours(ordered: list[str]) -> dict[str, set[str]]:
    """Return for each pair of dense characters those next to it that share a character with it."""
    beside: dict[str, set[str]] = {}
    for first, second in pairwise(ordered):
        if first[-1] == second[0] and is_dense(first) and is_dense(second):
            beside.setdefault(first, set()).add(second)
            beside.setdefault(second, set()).add(first)
    return beside
