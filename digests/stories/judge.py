"""Judging whether two articles tell the same story (pure).

Precision comes first: two articles that may be about different news stay two items. An item too many costs readers a
glance; a wrong merge hides news from them.

Evidence for a story is clauses that both texts have letter by letter, or titles that are about nearly the same things
over texts that agree. Whatever the evidence, a veto ends it: different numbers in the same place (第12期, 第13期),
different names that each text is about, opposite sides (rises, falls), different amounts, A and B swapped.
docs/stories.md says what this cannot distinguish.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from digests.stories.features import StoryFeatures
from digests.stories.wordlists import GENERIC, Number, opposed

_MUCH_SHARED = 60
"""A weight of shared clauses that templates and footers hardly reach: sixty Chinese characters, or thirty words."""
_SOME_SHARED = 24
_VERBATIM_SHARE = 0.85
_FEW_TERMS = 3
_DISTINCTIVE_TITLE = 8
"""The terms of a title that says which news it is: four words count as eight, eight Chinese characters as seven."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision; `why` names the rule that made it, for tests and for the curious."""

    same: bool
    why: str


def same_story(left: StoryFeatures, right: StoryFeatures, span: timedelta) -> bool:
    """Return whether both articles tell the same story; `span` is how far apart they may be published."""
    return judge(left, right, span).same


def judge(left: StoryFeatures, right: StoryFeatures, span: timedelta) -> Verdict:
    """Decide whether both articles tell the same story, whichever of them comes first.

    Equal articles of two sources are the same story if their title or text says which one it is.
    """
    if left.site == right.site:
        # A source reports its news once: what seems a repetition is another day's, or meant to be read with the first.
        return Verdict(False, "one source")
    if abs(left.shown_at - right.shown_at) > span:
        return Verdict(False, "too far apart")
    if not _same_language(left.language, right.language):
        return Verdict(False, "two languages")
    pair = _Pair(left, right)
    if not pair.is_plausible:
        return Verdict(False, "too little in common")
    return Verdict(False, veto) if (veto := pair.veto()) else pair.evidence()


def _same_language(left: str, right: str) -> bool:
    return not left or not right or left.partition("-")[0] == right.partition("-")[0]


class _Pair:
    """Two articles and what they have in common."""

    def __init__(self, left: StoryFeatures, right: StoryFeatures) -> None:
        self.left, self.right = left, right
        shared = left.clauses.keys() & right.clauses.keys()
        self.shared = sum(left.clauses[clause] for clause in shared)
        self.share = self.shared / max(1, min(left.weight, right.weight))
        self.share_of_longer = self.shared / max(1, max(left.weight, right.weight))
        left_terms, right_terms = set(left.title_terms), set(right.title_terms)
        self.common_title = left_terms & right_terms
        self.title_share = len(self.common_title) / max(1, min(len(left_terms), len(right_terms)))
        self.title_likeness = len(self.common_title) / max(1, len(left_terms | right_terms))

    @cached_property
    def only_left(self) -> frozenset[str]:
        """The terms of the left title that the right article does not mention."""
        return self.left.title_terms_beyond(self.right.all_terms)

    @cached_property
    def only_right(self) -> frozenset[str]:
        """The terms of the right title that the left article does not mention."""
        return self.right.title_terms_beyond(self.left.all_terms)

    @property
    def is_plausible(self) -> bool:
        """Whether the pair is worth judging; most are not, and that is cheap to find out."""
        return self.shared >= _SOME_SHARED or self.title_likeness >= 0.5 or self.left.bare_head == self.right.bare_head

    @property
    def is_verbatim(self) -> bool:
        """Whether nearly all of the shorter text is in the longer one."""
        return self.share >= _VERBATIM_SHARE and self.shared >= _SOME_SHARED

    def veto(self) -> str:
        """Return what rules out the same story, whatever the evidence for it; '' if nothing does."""
        if self._numbers_differ():
            return "other numbers in the titles"
        if opposed(self.left.title_words, self.right.title_words):
            return "opposite titles"
        if self.only_left & self.left.text_terms and self.only_right & self.right.text_terms:
            return "each is about what the other does not name"
        if self.only_left and self.only_right and self.title_likeness >= 0.5 and self._differ_in_place():
            return "one word for another in like titles"
        if self._amounts_differ():
            return "other amounts in the texts"
        if self._is_swapped():
            return "the same names in another order"
        return ""

    def _numbers_differ(self) -> bool:
        left, right = self.left.title_numbers, self.right.title_numbers
        left_only = _without(left, right)
        right_only = _without(right, left)
        if any(_in_same_place(a, b) for a in left_only for b in right_only):
            return True
        not_in_right = [number for number in left_only if number.value not in self.right.all_numbers]
        not_in_left = [number for number in right_only if number.value not in self.left.all_numbers]
        if not not_in_right and not not_in_left:
            return False
        # A shortened text may lack a number that the title of the whole one has.
        both = bool(not_in_right and not_in_left)
        return both or bool(left_only and right_only) or not self.is_verbatim

    def _differ_in_place(self) -> bool:
        """Return whether different words have the same neighbour: man arrested in Leeds, man arrested in Hull."""
        neighbours = _neighbours(self.left.title_terms, self.only_left)
        return not neighbours.isdisjoint(_neighbours(self.right.title_terms, self.only_right))

    def _amounts_differ(self) -> bool:
        """Return whether both texts have amounts of their own: templates (shares, weather, tables) do.

        A shortened text merely lacks some of the other's.
        """
        left, right = self.left.amounts, self.right.amounts
        differing = min(len(left - right), len(right - left))
        return differing > len(left & right) // 5

    def _is_swapped(self) -> bool:
        """Return whether the titles have the same names in another order: A buys B, B buys A.

        A rewritten title above the same text is not one of these: there, one text begins like the other.
        """
        left_order = [term for term in dict.fromkeys(self.left.title_terms) if term in self.common_title]
        right_order = [term for term in dict.fromkeys(self.right.title_terms) if term in self.common_title]
        adjacent = self.left.title_pairs & self.right.title_pairs
        if any(_same_order(rotated, right_order, adjacent) for rotated in _rotations(left_order)):
            return False
        same_terms = not (
            self.left.title_terms_beyond(self.right.title_terms) or self.right.title_terms_beyond(self.left.title_terms)
        )
        return same_terms or not (
            self.is_verbatim and (_begins_within(self.left, self.right) or _begins_within(self.right, self.left))
        )

    def evidence(self) -> Verdict:
        """Decide by what speaks for the same story, after no veto has been found."""
        apart = bool(self.only_left and self.only_right)
        if self._texts_suffice(apart):
            return Verdict(True, "one text")
        if apart or self._titles_contrast():
            return Verdict(False, "too little in common")
        if self.shared >= _SOME_SHARED and self.share >= 0.5 and self.title_share >= 0.5:
            return Verdict(True, "much of one text under like titles")
        if _distinctiveness(self.common_title) < _DISTINCTIVE_TITLE:
            return Verdict(False, "too little in common")
        if self.title_likeness >= 0.8 and self._texts_agree(0.1, or_silent=True):
            return Verdict(True, "one title")
        if self.title_share >= 0.7 and self.title_likeness >= 0.5 and self._texts_agree(0.2, or_silent=False):
            return Verdict(True, "like titles over like texts")
        return Verdict(False, "too little in common")

    def _texts_suffice(self, apart: bool) -> bool:
        """Return whether the texts alone are evidence enough.

        They must be about what the titles say, since footers and notices to subscribers are alike too. If one is much
        longer, it may merely contain the other, as a roundup does.
        """
        if self.left.bare_head == self.right.bare_head and len(self.left.bare_head) >= _MUCH_SHARED and not apart:
            return True
        if self.shared < _MUCH_SHARED or self.share < (_VERBATIM_SHARE if apart else 0.6):
            return False
        if self.title_share >= 0.5:
            return True
        return self.share_of_longer >= 0.35 and _text_covers_title(self.left) and _text_covers_title(self.right)

    def _titles_contrast(self) -> bool:
        """Return whether the titles alone differ in place: the Senate passes a bill, the House passes it."""
        left_only = self.left.title_terms_beyond(self.right.title_terms)
        right_only = self.right.title_terms_beyond(self.left.title_terms)
        neighbours = _neighbours(self.left.title_terms, left_only)
        return not neighbours.isdisjoint(_neighbours(self.right.title_terms, right_only))

    def _texts_agree(self, least: float, *, or_silent: bool) -> bool:
        """Return whether the texts share more than what both titles say.

        If one says hardly more than that, return `or_silent`.
        """
        left, right = self.left.text_terms - self.common_title, self.right.text_terms - self.common_title
        if min(len(left), len(right)) < _FEW_TERMS:
            return or_silent
        return len(left & right) >= max(_FEW_TERMS, least * min(len(left), len(right)))


def _without(some: Sequence[Number], others: Sequence[Number]) -> list[Number]:
    values = {number.value for number in others}
    return [number for number in some if number.value not in values]


def _in_same_place(left: Number, right: Number) -> bool:
    """Return whether both numbers have the same word before or after them: 第12期 and 第13期, Day 3 and Day 4."""
    return bool((left.before and left.before == right.before) or (left.after and left.after == right.after))


def _rotations(terms: list[str]) -> Iterator[list[str]]:
    """Yield the terms as they are, then with their end moved to the front.

    Such a move ("Fire out, cathedral opens", "Cathedral opens, fire out") keeps the order of who does what to whom.
    """
    yield terms
    if len(terms) > 2:
        yield from (terms[at:] + terms[:at] for at in range(1, len(terms)))


def _same_order(left: Sequence[str], right: Sequence[str], adjacent: Collection[frozenset[str]]) -> bool:
    """Return whether the order is the same, apart from `adjacent` words: Iceland volcano, volcano in Iceland."""
    at = 0
    while at < len(left):
        if left[at] == right[at]:
            at += 1
        elif list(left[at : at + 2]) == list(reversed(right[at : at + 2])) and frozenset(left[at : at + 2]) in adjacent:
            at += 2
        else:
            return False
    return True


def _neighbours(terms: Sequence[str], chosen: Collection[str]) -> set[tuple[str, bool]]:
    """Return the terms before and after each chosen one, as (term, whether after); the title's ends count as terms."""
    framed = ["", *terms, ""]
    found = {(framed[at - 1], False) for at in range(1, len(framed)) if framed[at] in chosen}
    return found | {(framed[at + 1], True) for at in range(len(framed) - 1) if framed[at] in chosen}


def _begins_within(left: StoryFeatures, right: StoryFeatures) -> bool:
    """Return whether the first clauses of the left text are in the right one."""
    return all(clause in right.clauses for clause in list(left.clauses)[:2])


def _text_covers_title(features: StoryFeatures) -> bool:
    """Return whether the text is about what its title says."""
    return len(features.text_terms.intersection(features.title_terms)) >= 0.25 * len(set(features.title_terms))


def _distinctiveness(terms: Collection[str]) -> int:
    """Return how much the terms say: a word counts twice a pair of dense characters; words of column heads, nothing."""
    return sum((2 if term.isascii() else 1) for term in terms if term not in GENERIC)
