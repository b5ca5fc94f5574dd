"""What is compared of an article, and the few keys by which others that may tell the same are found (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from itertools import pairwise
from zlib import crc32

from opencc import OpenCC

from digests.search.tokens import BOUNDARY, fold, folded_tokens, is_dense
from digests.stories.wordlists import STOP, Number, amounts, numbers, stem, without_neutral

HEAD = 2_000
"""Characters of a text that are compared: news says its news first, and the cost of a post stays the same."""
_SHORT_HEAD = 800
"""Those that keys are made of."""
_TITLE = 300
_CLAUSE = re.compile(r"[\w\s'’%+&-]+(?:(?<=\d)[.,:/](?=\d)[\w\s'’%+&-]+)*")
_NOT_WORD = re.compile(r"[\W_]+")
_PREFIX = re.compile(
    r"^\s*(?:[【\[(〔（](?:快讯|独家|图|组图|视频|突发|更新|转载|转|原创|速报|速報|video|photos?|update)[】\])〕）]\s*"
    r"|(?:update|wrapup|refile|rpt) ?\d+\s*[-–—:]\s*"
    r"|(?:breaking|exclusive|live|video|watch|update|独家|快讯|突发|速報)\s*[:|丨-]\s*)+"
)
_SUFFIX = re.compile(r"(?:\s[-–—]\s|[–—|｜丨_·])\s*([^–—|｜丨_·]{1,30})$")
_LEAST = 6
"""The weight of a clause that says something: six dense characters, or three or four words."""
_LEAD_KEYS = 4
_TEXT_KEYS = 7
_TITLE_KEYS = 4


@dataclass(frozen=True)
class StoryFeatures:
    """An article as far as it tells a story. `text` is its plain text (or, without one, its summary)."""

    title: str
    text: str
    source: str
    language: str
    shown_at: datetime

    @cached_property
    def heading(self) -> str:
        """The folded title without marks such as 【快讯】 before it and the source's name behind it."""
        title = _PREFIX.sub("", self._fold(self.title[:_TITLE]))
        suffix = _SUFFIX.search(title)
        if suffix and _is_name_of(_bare(suffix[1]), self.site):
            title = title[: suffix.start()]
        return title.strip()

    @cached_property
    def head(self) -> str:
        return self._fold(self.text[:HEAD])

    @property
    def bare_head(self) -> str:
        """Letters and digits alone."""
        return _bare(self.head)

    @property
    def short_head(self) -> str:
        return self._fold(self.text[:_SHORT_HEAD])

    def _fold(self, text: str) -> str:
        """In traditional texts the words of Taiwan (軟體, 使用者) become those of the mainland, too."""
        return fold(_mainland().convert(text) if self.language == "zh-Hant" else text)

    @cached_property
    def site(self) -> str:
        return site_of(self.source)

    @cached_property
    def clauses(self) -> dict[str, int]:
        """The pieces between punctuation marks that say something, in order, with their weights."""
        return dict(_clauses(self.head))

    @cached_property
    def weight(self) -> int:
        return sum(self.clauses.values())

    @cached_property
    def title_terms(self) -> tuple[str, ...]:
        """What the title is about, in order: pairs of dense characters and stems of words."""
        return tuple(_terms(without_neutral(self.heading)))

    @cached_property
    def title_pairs(self) -> frozenset[frozenset[str]]:
        """Words with no other between them but in, of, the and their like."""
        words = [one for one in folded_tokens(self.heading) if one not in STOP]
        return frozenset(frozenset(map(stem, pair)) for pair in pairwise(words))

    def title_alone(self, known: Collection[str]) -> frozenset[str]:
        """The title's terms that are none of these. 度我 of 季度我国 is no term of its own where 季度 and 我国 are
        known: a pair counts only for a character that is in no known one."""
        alone: set[str] = set()
        run: list[str] = []
        for term in [*self.title_terms, ""]:
            if run and not (len(term) == 2 and run[-1][1] == term[0] and is_dense(term)):
                alone.update(_uncovered(run, known))
                run = []
            if term and is_dense(term):
                run.append(term)
            elif term and term not in known:
                alone.add(term)
        return frozenset(alone)

    @cached_property
    def text_terms(self) -> frozenset[str]:
        return frozenset(_terms(without_neutral(self.head)))

    @cached_property
    def all_terms(self) -> frozenset[str]:
        return self.text_terms.union(self.title_terms)

    @cached_property
    def marks(self) -> frozenset[str]:
        """The title's words as they stand, for those that exclude each other."""
        return frozenset(_terms(self.heading))

    @cached_property
    def title_numbers(self) -> tuple[Number, ...]:
        return tuple(numbers(self.heading))

    @cached_property
    def all_numbers(self) -> frozenset[str]:
        return frozenset(one.value for text in (self.heading, self.head) for one in numbers(text))

    @cached_property
    def amounts(self) -> frozenset[str]:
        return frozenset(amounts(self.head))


@cache
def _mainland() -> OpenCC:
    return OpenCC("tw2sp")


def telling(title: str, text: str, summary: str, source: str, language: str, shown_at: datetime) -> StoryFeatures:
    return StoryFeatures(title, text if len(text) >= len(summary) else summary, source, language, shown_at)


def site_of(source: str) -> str:
    """The form in which sources are compared."""
    return _bare(fold(source))


def keys_of(one: StoryFeatures) -> frozenset[int]:
    """At most 15 numbers of which two articles that tell the same have some in common, nearly always; those that
    come from titles are odd, and one alone of these means little.

    Clauses rather than MinHash: texts that go from site to site keep most of theirs letter by letter, a cut text
    keeps the first (so the first ones count), and one with another beginning shares the rest (so of the rest those
    with the smallest hashes count, which are the same ones in both). Titles come in by their pairs of neighbouring
    tokens, smallest first. Measured over 1,000 characters: this 0.1 ms; datasketch's MinHash over character triples
    0.9 ms (128 permutations; with numpy and scipy 216 MB more to install), and it misses a text that was cut to a
    quarter, whose Jaccard index is 0.25.
    """
    clauses = [_number(clause) << 1 for clause, _ in _clauses(one.short_head)]
    lead, rest = clauses[:_LEAD_KEYS], clauses[_LEAD_KEYS:]
    tokens = [token for token in folded_tokens(one.heading) if token != BOUNDARY and token not in STOP]
    pairs = {_number(f"{first} {second}") << 1 | 1 for first, second in pairwise(tokens)}
    return frozenset([*lead, *sorted(rest)[:_TEXT_KEYS], *sorted(pairs)[:_TITLE_KEYS]])


def _clauses(folded: str) -> Iterable[tuple[str, int]]:
    for piece in _CLAUSE.findall(folded):
        clause = piece if piece.isalnum() else _NOT_WORD.sub("", piece)
        weight = len(clause) // 3 if clause.isascii() else len(clause)
        if weight >= _LEAST:
            yield clause, weight


def _terms(folded: str) -> Iterable[str]:
    for token in folded_tokens(folded):
        if token == BOUNDARY or token.isdigit():
            continue
        term = token if is_dense(token) else stem(token)
        if len(term) > 1:
            yield term


def _is_name_of(name: str, site: str) -> bool:
    """镁客网 and 镁客网 im2maker: one begins with the other, or holds it."""
    shorter, longer = sorted((name, site), key=len)
    return name == site or (shorter in longer and len(shorter) >= (4 if shorter.isascii() else 2))


def _uncovered(run: Sequence[str], known: Collection[str]) -> Iterable[str]:
    """Of pairs that overlap in a row: those with a character that is in no known pair."""
    good = [pair in known for pair in run]
    for at, pair in enumerate(run):
        first = good[at] or (at > 0 and good[at - 1])
        second = good[at] or (at + 1 < len(run) and good[at + 1])
        if not (first and second):
            yield pair


def _bare(folded: str) -> str:
    return _NOT_WORD.sub("", folded)


def _number(text: str) -> int:
    """The same in every process. Two that meet by chance cost a comparison, no more."""
    return crc32(text.encode("utf-8", "surrogatepass"))
