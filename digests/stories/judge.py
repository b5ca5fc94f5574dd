"""Whether two articles tell the same story (pure). Precision first: two tellings that can't be told from two news
stay two items; one item too many costs a reader a glance, a wrong merge hides news from him.

Texts speak for a story when clauses of one stand in the other letter by letter; titles when nearly all that they are
about is the same and the texts agree. Whatever speaks for it, a veto ends it: another number in the same place
(第12期, 第13期), another name that its own text is about, another side (rises, falls), other amounts, A and B swapped.
docs/stories.md says what that can't tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from digests.stories.features import StoryFeatures
from digests.stories.wordlists import GENERIC, Number, opposed

_MUCH = 60
"""The weight of shared clauses that no template or footer reaches easily: sixty Chinese characters, thirty words."""
_SOME = 24
_VERBATIM = 0.85
_SILENT = 3
_TELLING_TITLE = 8
"""Terms of a title that says which news it is: four words count as eight, eight Chinese characters as seven."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`why` names the rule that decided: for tests, and for who wonders."""

    same: bool
    why: str


def same_story(one: StoryFeatures, other: StoryFeatures, span: timedelta) -> bool:
    return judge(one, other, span).same


def judge(one: StoryFeatures, other: StoryFeatures, span: timedelta) -> Verdict:
    """Symmetric; equal articles of two sources are one story when their title or text says which one."""
    if one.site == other.site:
        # A source tells its news once: what it tells again is another day's, or was written to be read beside.
        return Verdict(False, "one source")
    if abs(one.shown_at - other.shown_at) > span:
        return Verdict(False, "too far apart")
    if not _same_language(one.language, other.language):
        return Verdict(False, "two languages")
    pair = _Pair(one, other)
    if not pair.is_worth_a_look:
        return Verdict(False, "too little in common")
    return Verdict(False, veto) if (veto := pair.veto()) else pair.evidence()


def _same_language(one: str, other: str) -> bool:
    return not one or not other or one.partition("-")[0] == other.partition("-")[0]


class _Pair:
    """Two tellings and what they have in common."""

    def __init__(self, one: StoryFeatures, other: StoryFeatures) -> None:
        self.one, self.other = one, other
        shared = one.clauses.keys() & other.clauses.keys()
        self.shared = sum(one.clauses[clause] for clause in shared)
        self.share = self.shared / max(1, min(one.weight, other.weight))
        self.share_of_longer = self.shared / max(1, max(one.weight, other.weight))
        mine, theirs = set(one.title_terms), set(other.title_terms)
        self.common_title = mine & theirs
        self.title_share = len(self.common_title) / max(1, min(len(mine), len(theirs)))
        self.title_likeness = len(self.common_title) / max(1, len(mine | theirs))

    @cached_property
    def mine_alone(self) -> frozenset[str]:
        return self.one.title_alone(self.other.all_terms)

    @cached_property
    def theirs_alone(self) -> frozenset[str]:
        return self.other.title_alone(self.one.all_terms)

    @property
    def is_worth_a_look(self) -> bool:
        """Most pairs are not, and that is cheap to tell."""
        return self.shared >= _SOME or self.title_likeness >= 0.5 or self.one.bare_head == self.other.bare_head

    @property
    def is_verbatim(self) -> bool:
        return self.share >= _VERBATIM and self.shared >= _SOME

    def veto(self) -> str:
        """What rules it out, whatever speaks for it; '' when nothing does."""
        if self._numbers_differ():
            return "other numbers in the titles"
        if opposed(self.one.marks, self.other.marks):
            return "opposite titles"
        if self.mine_alone & self.one.text_terms and self.theirs_alone & self.other.text_terms:
            return "each is about what the other does not name"
        if self.mine_alone and self.theirs_alone and self.title_likeness >= 0.5 and self._one_for_another():
            return "one word for another in like titles"
        if self._amounts_differ():
            return "other amounts in the texts"
        if self._swapped():
            return "the same names in another order"
        return ""

    def _numbers_differ(self) -> bool:
        mine, theirs = self.one.title_numbers, self.other.title_numbers
        mine_only = _without(mine, theirs)
        theirs_only = _without(theirs, mine)
        if any(_in_one_place(a, b) for a in mine_only for b in theirs_only):
            return True
        missing = [one for one in mine_only if one.value not in self.other.all_numbers]
        missing_there = [one for one in theirs_only if one.value not in self.one.all_numbers]
        if not missing and not missing_there:
            return False
        # A text that was cut may lack a number of the whole one's title.
        both = bool(missing and missing_there)
        return both or bool(mine_only and theirs_only) or not self.is_verbatim

    def _one_for_another(self) -> bool:
        """Man arrested in Leeds, in Hull: the word that differs stands beside the same one."""
        mine = _neighbours(self.one.title_terms, self.mine_alone)
        return not mine.isdisjoint(_neighbours(self.other.title_terms, self.theirs_alone))

    def _amounts_differ(self) -> bool:
        """Templates (shares, weather, tables) differ in what they count; texts that were cut lack it on one side."""
        mine, theirs = self.one.amounts, self.other.amounts
        alone = min(len(mine - theirs), len(theirs - mine))
        return alone > len(mine & theirs) // 5

    def _swapped(self) -> bool:
        """A buys B, B buys A. Other words put round above the same text are none: the text begins the same then."""
        order = [term for term in dict.fromkeys(self.one.title_terms) if term in self.common_title]
        other = [term for term in dict.fromkeys(self.other.title_terms) if term in self.common_title]
        beside = self.one.title_pairs & self.other.title_pairs
        if any(_in_like_order(turned, other, beside) for turned in _turned(order)):
            return False
        one_set = not (self.one.title_alone(self.other.title_terms) or self.other.title_alone(self.one.title_terms))
        return one_set or not (self.is_verbatim and (_leads(self.one, self.other) or _leads(self.other, self.one)))

    def evidence(self) -> Verdict:
        apart = bool(self.mine_alone and self.theirs_alone)
        if self._texts_speak(apart):
            return Verdict(True, "one text")
        if apart or self._titles_part():
            return Verdict(False, "too little in common")
        if self.shared >= _SOME and self.share >= 0.5 and self.title_share >= 0.5:
            return Verdict(True, "much of one text under like titles")
        if _tell(self.common_title) < _TELLING_TITLE:
            return Verdict(False, "too little in common")
        if self.title_likeness >= 0.8 and self._texts_agree(0.1, or_silent=True):
            return Verdict(True, "one title")
        if self.title_share >= 0.7 and self.title_likeness >= 0.5 and self._texts_agree(0.2, or_silent=False):
            return Verdict(True, "like titles over like texts")
        return Verdict(False, "too little in common")

    def _texts_speak(self, apart: bool) -> bool:
        """Whether the texts alone will do. They must be about what the titles say: footers and notices to
        subscribers are alike, too. Where one is much longer it may only hold the other (a roundup)."""
        if self.one.bare_head == self.other.bare_head and len(self.one.bare_head) >= _MUCH and not apart:
            return True
        if self.shared < _MUCH or self.share < (_VERBATIM if apart else 0.6):
            return False
        if self.title_share >= 0.5:
            return True
        return self.share_of_longer >= 0.35 and _is_covered(self.one) and _is_covered(self.other)

    def _titles_part(self) -> bool:
        """Whether the titles alone name one thing for another: the Senate passes a bill, the House passes it."""
        mine = self.one.title_alone(self.other.title_terms)
        theirs = self.other.title_alone(self.one.title_terms)
        return not _neighbours(self.one.title_terms, mine).isdisjoint(_neighbours(self.other.title_terms, theirs))

    def _texts_agree(self, least: float, *, or_silent: bool) -> bool:
        """Whether the texts share more than what both titles say; `or_silent`: or one says nothing more."""
        mine, theirs = self.one.text_terms - self.common_title, self.other.text_terms - self.common_title
        if min(len(mine), len(theirs)) < _SILENT:
            return or_silent
        return len(mine & theirs) >= max(_SILENT, least * min(len(mine), len(theirs)))


def _without(some: Sequence[Number], others: Sequence[Number]) -> list[Number]:
    values = {one.value for one in others}
    return [one for one in some if one.value not in values]


def _in_one_place(one: Number, other: Number) -> bool:
    """第12期 and 第13期, Day 3 and Day 4: between the same words stands another number."""
    return bool((one.before and one.before == other.before) or (one.behind and one.behind == other.behind))


def _turned(terms: list[str]) -> Iterator[list[str]]:
    """As they are, and with their end put first (Fire out, cathedral opens: Cathedral opens, fire out), which leaves
    the order of who does what to whom."""
    yield terms
    if len(terms) > 2:
        yield from (terms[at:] + terms[:at] for at in range(1, len(terms)))


def _in_like_order(one: Sequence[str], other: Sequence[str], beside: Collection[frozenset[str]]) -> bool:
    """But for words that stand beside each other: Iceland volcano, volcano in Iceland."""
    at = 0
    while at < len(one):
        if one[at] == other[at]:
            at += 1
        elif list(one[at : at + 2]) == list(reversed(other[at : at + 2])) and frozenset(one[at : at + 2]) in beside:
            at += 2
        else:
            return False
    return True


def _neighbours(terms: Sequence[str], alone: Collection[str]) -> set[tuple[str, bool]]:
    """The terms before and behind those that one title alone has; the title's ends count as terms."""
    framed = ["", *terms, ""]
    found = {(framed[at - 1], False) for at in range(1, len(framed)) if framed[at] in alone}
    return found | {(framed[at + 1], True) for at in range(len(framed) - 1) if framed[at] in alone}


def _leads(one: StoryFeatures, other: StoryFeatures) -> bool:
    """Whether the first clauses of one stand in the other."""
    return all(clause in other.clauses for clause in list(one.clauses)[:2])


def _is_covered(one: StoryFeatures) -> bool:
    """Whether a text is about what its title says."""
    return len(one.text_terms.intersection(one.title_terms)) >= 0.25 * len(set(one.title_terms))


def _tell(terms: Collection[str]) -> int:
    """How much terms say: a word is worth two pairs of dense characters, one that heads columns nothing."""
    return sum((2 if term.isascii() else 1) for term in terms if term not in GENERIC)
