"""The features of an article by which stories are judged, and the keys by which candidates are found (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from itertools import pairwise
from zlib import crc32

from opencc import OpenCC

from digests.search.tokens import BOUNDARY, fold, is_dense, whole_tokens
from digests.stories.wordlists import STOP, Number, amounts, numbers, stem, without_neutral

HEAD = 2_000
"""How many characters of a text are compared: news comes first, and so the cost of a post is bounded."""
_SHORT_HEAD = 800
"""How many characters of a text keys are made from."""
_TITLE = 300
_CLAUSE = re.compile(r"[\w\s'’%+&-]+(?:(?<=\d)[.,:/](?=\d)[\w\s'’%+&-]+)*")
_NOT_WORD = re.compile(r"[\W_]+")
_PREFIX = re.compile(
    r"^\s*(?:[【\[(〔（](?:快讯|独家|图|组图|视频|突发|更新|转载|转|原创|速报|速報|video|photos?|update)[】\])〕）]\s*"
    r"|(?:update|wrapup|refile|rpt) ?\d+\s*[-–—:]\s*"
    r"|(?:breaking|exclusive|live|video|watch|update|独家|快讯|突发|速報)\s*[:|丨-]\s*)+"
)
_SUFFIX = re.compile(r"(?:\s[-–—]\s|[–—|｜丨_·])\s*([^–—|｜丨_·]{1,30})$")
_MIN_CLAUSE_WEIGHT = 6
"""The weight of a clause that means something: six dense characters, or three or four words."""
_LEAD_KEYS = 4
_TEXT_KEYS = 7
_TITLE_KEYS = 4


@dataclass(frozen=True)
class StoryFeatures:
    """What stories are judged by: an article's title, text, source, language and time, and what follows from them.

    `text` is the article's plain text, or its summary if it has no text.
    """

    title: str
    text: str
    source: str
    language: str
    shown_at: datetime

    @cached_property
    def heading(self) -> str:
        """The folded title without labels such as 【快讯】 before it and the source's name after it."""
        title = _PREFIX.sub("", self._fold(self.title[:_TITLE]))
        suffix = _SUFFIX.search(title)
        if suffix and _is_name_of(_bare(suffix[1]), self.site):
            title = title[: suffix.start()]
        return title.strip()

    @cached_property
    def head(self) -> str:
        """The folded beginning of the text."""
        return self._fold(self.text[:HEAD])

    @property
    def bare_head(self) -> str:
        """The letters and digits of `head`."""
        return _bare(self.head)

    @property
    def short_head(self) -> str:
        """The part of `head` that keys are made from."""
        return self._fold(self.text[:_SHORT_HEAD])

    def _fold(self, text: str) -> str:
        """Fold a text; in a traditional one, also turn Taiwan's words (軟體, 使用者) into the mainland's."""
        return fold(_mainland().convert(text) if self.language == "zh-Hant" else text)

    @cached_property
    def site(self) -> str:
        """The source in the form in which sources are compared."""
        return site_of(self.source)

    @cached_property
    def clauses(self) -> dict[str, int]:
        """The meaningful stretches between punctuation marks, in order, with their weights."""
        return dict(_clauses(self.head))

    @cached_property
    def weight(self) -> int:
        """The weight of all clauses together."""
        return sum(self.clauses.values())

    @cached_property
    def title_terms(self) -> tuple[str, ...]:
        """What the title is about, in order: pairs of dense characters, and stems of words."""
        return tuple(_terms(without_neutral(self.heading)))

    @cached_property
    def title_pairs(self) -> frozenset[frozenset[str]]:
        """Pairs of the title's words with nothing between them but in, of, the and the like."""
        words = [token for token in whole_tokens(self.heading) if token not in STOP]
        return frozenset(frozenset(map(stem, pair)) for pair in pairwise(words))

    def title_terms_beyond(self, known: Collection[str]) -> frozenset[str]:
        """Return the title's terms that are not among `known`.

        Of overlapping pairs, only those with a character in no known pair count: 度我 in 季度我国 adds nothing if 季度
        and 我国 are known.
        """
        beyond: set[str] = set()
        run: list[str] = []
        for term in [*self.title_terms, ""]:
            if run and not (len(term) == 2 and run[-1][1] == term[0] and is_dense(term)):
                beyond.update(_uncovered(run, known))
                run = []
            if term and is_dense(term):
                run.append(term)
            elif term and term not in known:
                beyond.add(term)
        return frozenset(beyond)

    @cached_property
    def text_terms(self) -> frozenset[str]:
        """What the text is about."""
        return frozenset(_terms(without_neutral(self.head)))

    @cached_property
    def all_terms(self) -> frozenset[str]:
        """What title and text are about."""
        return self.text_terms.union(self.title_terms)

    @cached_property
    def title_words(self) -> frozenset[str]:
        """The title's words, including those that say little, to find words that exclude each other."""
        return frozenset(_terms(self.heading))

    @cached_property
    def title_numbers(self) -> tuple[Number, ...]:
        """The numbers in the title, in order."""
        return tuple(numbers(self.heading))

    @cached_property
    def all_numbers(self) -> frozenset[str]:
        """The values of all numbers in title and text."""
        return frozenset(number.value for text in (self.heading, self.head) for number in numbers(text))

    @cached_property
    def amounts(self) -> frozenset[str]:
        """The text's numbers that are not dates or times."""
        return frozenset(amounts(self.head))


@cache
def _mainland() -> OpenCC:
    return OpenCC("tw2sp")


def features_of(title: str, text: str, summary: str, source: str, language: str, shown_at: datetime) -> StoryFeatures:
    """Return the features of an article; of text and summary, the longer one counts."""
    return StoryFeatures(title, text if len(text) >= len(summary) else summary, source, language, shown_at)


def site_of(source: str) -> str:
    """Return a source in the form in which sources are compared."""
    return _bare(fold(source))


def keys_of_story(features: StoryFeatures) -> frozenset[int]:
    """Return at most 15 numbers, of which two articles that tell the same story nearly always share some.

    Those that come from titles are odd, and a single one of these means little.

    They are made from clauses, not by MinHash: texts that go from site to site keep most clauses letter by letter. A
    shortened text keeps the first clauses, so these are taken; a text with another beginning shares the rest, so of the
    rest those with the smallest hashes are taken, which are the same ones in both. From titles come the smallest hashes
    of pairs of adjacent tokens. Measured over 1,000 characters: 0.1 ms; datasketch's MinHash over character triples
    takes 0.9 ms (128 permutations; numpy and scipy are 216 MB more to install) and misses a text that was shortened to
    a quarter, whose Jaccard index is 0.25.
    """
    clauses = [_hash(clause) << 1 for clause, _ in _clauses(features.short_head)]
    lead, rest = clauses[:_LEAD_KEYS], clauses[_LEAD_KEYS:]
    tokens = [token for token in whole_tokens(features.heading) if token != BOUNDARY and token not in STOP]
    pairs = {_hash(f"{first} {second}") << 1 | 1 for first, second in pairwise(tokens)}
    return frozenset([*lead, *sorted(rest)[:_TEXT_KEYS], *sorted(pairs)[:_TITLE_KEYS]])


def _clauses(folded: str) -> Iterable[tuple[str, int]]:
    for piece in _CLAUSE.findall(folded):
        clause = piece if piece.isalnum() else _NOT_WORD.sub("", piece)
        weight = len(clause) // 3 if clause.isascii() else len(clause)
        if weight >= _MIN_CLAUSE_WEIGHT:
            yield clause, weight


def _terms(folded: str) -> Iterable[str]:
    for token in whole_tokens(folded):
        if token == BOUNDARY or token.isdigit():
            continue
        term = token if is_dense(token) else stem(token)
        if len(term) > 1:
            yield term


def _is_name_of(name: str, site: str) -> bool:
    """Return whether one of the names contains the other, as 镁客网 im2maker contains 镁客网."""
    shorter, longer = sorted((name, site), key=len)
    return name == site or (shorter in longer and len(shorter) >= (4 if shorter.isascii() else 2))


def _uncovered(run: Sequence[str], known: Collection[str]) -> Iterable[str]:
    """Yield, of a run of overlapping pairs, those with a character that is in no known pair."""
    is_known = [pair in known for pair in run]
    for at, pair in enumerate(run):
        first_covered = is_known[at] or (at > 0 and is_known[at - 1])
        second_covered = is_known[at] or (at + 1 < len(run) and is_known[at + 1])
        if not (first_covered and second_covered):
            yield pair


def _bare(folded: str) -> str:
    return _NOT_WORD.sub("", folded)


def _hash(text: str) -> int:
    """Return a hash that is the same in every process; a collision costs a comparison, no more."""
    return crc32(text.encode("utf-8", "surrogatepass"))
