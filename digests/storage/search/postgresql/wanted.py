"""What a query asks for in terms of keys, and which documents that leaves, judged by their bits (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from digests.search.query import Query, Terms
from digests.search.ranking import Tier
from digests.search.tokens import BOUNDARY
from digests.storage.search.filters import hidden_marks, wanted_marks
from digests.storage.search.port import SearchFilters
from digests.storage.search.postgresql.keys import (
    ALL,
    CHARACTER,
    CHARACTER_IN_TITLE,
    DAY,
    DEAD,
    IN_LEAD,
    IN_TITLE,
    WORD,
    day_key,
    is_day_begin,
    is_decided_by_pair,
    mark_keys,
    pair_keys,
    pattern,
    short_tokens,
    slice_keys,
)

_WORD_KEYS = {Tier.TITLE: IN_TITLE, Tier.LEAD: IN_LEAD, Tier.TEXT: WORD}
COLUMNS = {Tier.TITLE: "title", Tier.LEAD: "lead", Tier.TEXT: "text"}


@dataclass(frozen=True, slots=True)
class LikelyHits:
    """Documents by their bits: `likely` are all that may be hits, `sure` those of them that are; others lack a look."""

    likely: int
    sure: int


@dataclass(frozen=True, slots=True)
class Look:
    """A condition on the stored row of what is likely: any of the patterns is found in a column, or none is."""

    column: str
    patterns: tuple[str, ...]
    is_wanted: bool = True


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of several tokens, or a word, as keys: a text with it has all of `keys`, or any of `spellings`.

    `pairs` are those of its pairs; which of them are common, bits tell.
    """

    keys: tuple[str, ...]
    pairs: tuple[str, ...]
    spellings: tuple[str, ...]
    look: Look
    is_word: bool
    is_pair: bool

    @property
    def all_keys(self) -> Iterable[str]:
        """All keys of which the bits are needed."""
        yield from self.keys
        yield from self.spellings
        for pair in self.pairs:
            yield pair
            yield from slice_keys(pair)

    def judged(self, bits: Mapping[str, int]) -> LikelyHits:
        """Return which documents have it."""
        spelt = _any(bits, self.spellings)
        likely = _every(bits, self.keys)
        for pair in self.pairs:
            # A pair that isn't common has no bits of its own, but most that lack it lack its slices, too.
            likely &= bits[pair] if pair in bits else _every(bits, slice_keys(pair))
        is_sure = self.is_word or (self.is_pair and self.pairs[0] in bits)
        return LikelyHits(likely | spelt, likely | spelt if is_sure else spelt)


class Wanted:
    """A query as keys."""

    def __init__(self, query: Query, filters: SearchFilters) -> None:
        self.terms = query.wanted
        self._phrases = {tier: _phrases_of(query.wanted, tier) for tier in Tier}
        self._unwanted = _phrases_of(query.unwanted, Tier.TEXT)
        self._unwanted_keys = [
            *(CHARACTER + character for character in query.unwanted.characters),
            *mark_keys(hidden_marks(filters)),
        ]
        self._marks = [mark_keys(group) for group in wanted_marks(query, filters)]
        self.after = int(query.after.timestamp()) if query.after else None
        self.before = int(query.before.timestamp()) if query.before else None

    @property
    def lead_tiers(self) -> list[Tier]:
        """The tiers above that of texts in which anything can be found: summaries have no single characters."""
        if not self.terms and not self._marks:
            return []
        return [Tier.TITLE] if self.terms.characters else [Tier.TITLE, Tier.LEAD]

    @property
    def days(self) -> tuple[str, str] | None:
        """The keys of the first day and of the last; None for all days."""
        if self.after is None and self.before is None:
            return None
        first = DAY if self.after is None else day_key(self.after)
        return first, f"{DAY}~" if self.before is None else day_key(self.before - 1)

    def keys(self, tiers: Collection[Tier]) -> list[str]:
        """Return all keys of which the bits are needed."""
        keys = [DEAD, ALL, *self._unwanted_keys]
        for group in self._marks:
            keys += group
        for tier in tiers:
            keys += self._characters(tier)
            for phrase in self._phrases[tier]:
                keys += phrase.all_keys
        for phrase in self._unwanted:
            keys += phrase.all_keys
        return list(dict.fromkeys(keys))

    def judged(self, tier: Tier, bits: Mapping[str, int]) -> LikelyHits:
        """Return which documents are hits of a tier."""
        parts = [phrase.judged(bits) for phrase in self._phrases[tier]]
        parts += [LikelyHits(found, found) for found in (bits.get(key, 0) for key in self._characters(tier))]
        parts += [LikelyHits(found, found) for found in (_any(bits, group) for group in self._marks)]
        if self.days is not None:
            parts.append(self._on_days({key: found for key, found in bits.items() if key[0] == DAY}))
        all_of_them = bits.get(ALL, 0) & ~bits.get(DEAD, 0) & ~_any(bits, self._unwanted_keys)
        likely = reduce(and_, (part.likely for part in parts), all_of_them)
        sure = reduce(and_, (part.sure for part in parts), all_of_them)
        for unwanted in (phrase.judged(bits) for phrase in self._unwanted):
            likely &= ~unwanted.sure
            sure &= ~unwanted.likely
        return LikelyHits(likely, sure)

    def _on_days(self, days: Mapping[str, int]) -> LikelyHits:
        likely = reduce(or_, days.values(), 0)
        cut = [
            day_key(moment) for moment in (self.after, self.before) if moment is not None and not is_day_begin(moment)
        ]
        return LikelyHits(likely, likely & ~_any(days, cut))

    def looks(self, tier: Tier) -> list[Look]:
        """Return what is to be looked for in the rows of what is likely."""
        looks = [phrase.look for phrase in self._phrases[tier] if not phrase.is_word]
        return looks + [
            Look(phrase.look.column, phrase.look.patterns, is_wanted=False)
            for phrase in self._unwanted
            if not phrase.is_word
        ]

    def _characters(self, tier: Tier) -> list[str]:
        kind = CHARACTER_IN_TITLE if tier is Tier.TITLE else CHARACTER
        return [kind + character for character in self.terms.characters]


def _phrases_of(terms: Terms, tier: Tier) -> list[Phrase]:
    return [_phrase_of(terms, phrase, tier) for phrase in terms.phrases]


def _phrase_of(terms: Terms, phrase: tuple[str, ...], tier: Tier) -> Phrase:
    kind, tokens = _WORD_KEYS[tier], short_tokens(phrase)
    pairs = tuple(dict.fromkeys(pair_keys(tokens))) if tier is Tier.TEXT else ()
    spellings = terms.spellings(phrase)
    return Phrase(
        keys=tuple(kind + token for token in dict.fromkeys(tokens) if token != BOUNDARY),
        pairs=pairs,
        spellings=tuple(kind + token for spelling in spellings[1:] for token in short_tokens(spelling)),
        look=Look(COLUMNS[tier], tuple(pattern(short_tokens(spelling)) for spelling in spellings)),
        is_word=len(tokens) == 1,
        is_pair=is_decided_by_pair(tokens, pairs),
    )


def _every(bits: Mapping[str, int], keys: Iterable[str]) -> int:
    found = -1
    for key in keys:
        found &= bits.get(key, 0)
    return found


def _any(bits: Mapping[str, int], keys: Iterable[str]) -> int:
    return reduce(or_, (bits.get(key, 0) for key in keys), 0)
