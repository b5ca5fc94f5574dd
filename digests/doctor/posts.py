"""What the posts of each origin lack, how often, and what is mostly to blame (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from digests.model.feed import FEED_ORIGIN
from digests.model.gaps import CAUSES, Gap, GapKind
from digests.storage.articles.gaps import FlawedGroup, FlawedPost

_MOST_CAUSES = 3
_WORDS = {
    GapKind.LINK: "without a link",
    GapKind.DATE: "without a date",
    GapKind.CATEGORY: "without a category of their own",
    GapKind.PICTURE: "without a picture",
    GapKind.SUMMARY: "without a summary",
    GapKind.TITLE: "titled by their file's name, or not at all",
}
# A picture or a summary may rightly be missing. What else is has a reason that an operator can do something about.
_MAY_BE_MISSING = frozenset({GapKind.PICTURE, GapKind.SUMMARY})
_MAX_DETAIL = 120
_OF_FEEDS = "feed"
"""How the causes begin that lie with a feed, about which only its owner can do something."""


@dataclass(frozen=True, slots=True)
class OriginCounts:
    """How many posts of an origin there are, and how many lack what, are not for readers, or were put aside.

    All feeds together are one origin, called FEED_ORIGIN.
    """

    origin: str
    posts: int
    gaps: Mapping[GapKind, int]
    unlisted: int
    aside: int

    def __str__(self) -> str:
        parts = [f"{self.gaps[kind]:,} {_WORDS[kind]}" for kind in GapKind if self.gaps.get(kind)]
        if self.unlisted:
            parts.append(f"{self.unlisted:,} not for readers")
        if self.aside:
            parts.append(f"{self.aside:,} put aside")
        return _posts(self.posts) + (f": {', '.join(parts)}" if parts else ", which lack nothing")


@dataclass(frozen=True, slots=True)
class CommonCause:
    """A cause that many posts share: what they lack, one of them, why, and how to fix it."""

    kind: GapKind
    posts: int
    example: FlawedPost
    sentence: str
    fix: str
    may_be_right: bool
    """Whether there need be nothing wrong with the posts, or nobody here can do anything about it."""

    @property
    def what(self) -> str:
        """How many posts lack what."""
        return f"{_posts(self.posts)} {_WORDS[self.kind]}"


def count_by_origin(flawed: Iterable[FlawedGroup], totals: Mapping[str, tuple[int, int]]) -> list[OriginCounts]:
    """Return the counts of each origin; `totals` are those of its posts and of those that were put aside."""
    numbers: dict[str, tuple[int, int]] = {}
    for origin, (posts, aside) in totals.items():
        before = numbers.get(_counted_as(origin), (0, 0))
        numbers[_counted_as(origin)] = (before[0] + posts, before[1] + aside)
    gaps: dict[str, Counter[GapKind]] = {origin: Counter() for origin in numbers}
    unlisted: Counter[str] = Counter()
    for group in flawed:
        post = group.first
        origin = _counted_as(post.origin)
        if post.unlisted_because:
            unlisted[origin] += group.posts
        else:
            kinds = dict.fromkeys((gap.kind for gap in post.gaps), group.posts)
            gaps.setdefault(origin, Counter()).update(kinds)
    return [
        OriginCounts(origin, posts, gaps[origin], unlisted[origin], aside) for origin, (posts, aside) in numbers.items()
    ]


def _counted_as(origin: str) -> str:
    return FEED_ORIGIN if origin.startswith(FEED_ORIGIN) else origin


def commonest_causes(flawed: Iterable[FlawedGroup]) -> list[CommonCause]:
    """Return up to three causes that are to blame for most, each with its first post; those that matter most first."""
    counts: Counter[tuple[GapKind, str]] = Counter()
    first: dict[tuple[GapKind, str], tuple[FlawedPost, Gap]] = {}
    for group in flawed:
        post = group.first
        if post.unlisted_because:
            continue
        for gap in post.gaps:
            key = (gap.kind, gap.cause)
            counts[key] += group.posts
            first.setdefault(key, (post, gap))
    ranked = sorted(counts, key=lambda key: (_may_be_right(key), -counts[key], key))
    causes = []
    for key in ranked[:_MOST_CAUSES]:
        post, gap = first[key]
        sentence, fix = explain(gap)
        causes.append(CommonCause(gap.kind, counts[key], post, sentence, fix, _may_be_right(key)))
    return causes


def _may_be_right(key: tuple[GapKind, str]) -> bool:
    kind, cause = key
    return kind in _MAY_BE_MISSING or cause.startswith(_OF_FEEDS)


def _posts(number: int) -> str:
    return "1 post" if number == 1 else f"{number:,} posts"


def explain(gap: Gap) -> tuple[str, str]:
    """Return what is to blame for a gap, as a sentence, and how to fix it."""
    cause = CAUSES.get((gap.kind, gap.cause))
    if cause is None:
        # It was stored by another version of the bot.
        return gap.cause, "read the posts again with this version (digestbot ingest)"
    detail = gap.detail[:_MAX_DETAIL]
    return cause.sentence.replace("{detail}", detail), cause.fix.replace("{detail}", detail)
