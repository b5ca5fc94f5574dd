"""Selecting what goes into a digest (pure).

What a place gets is found in stages, each of which leaves some candidates out; `Selection` has what is left of each, so
that what became of a candidate is told by the stages that decided it:

1. wanted: in a category or of a source that is followed, or with words that are watched;
2. not muted. A watch does not overrule a mute: whoever watches a word and mutes a source wants the word from elsewhere;
3. new: after the place's last digest, and not sent at once since;
4. a story once, by its earliest article, and not again if it was sent.

Nothing else hides anything. What is left is ranked: newest means spread over sources; most told, by the number of
sources. What is watched or wanted more comes first and what is wanted less last, each part ranked as before; an article
of which both is wished stays in the middle. The first `max_items` that the caps allow are shown. The others are behind
the button, ranked likewise. By category, the same articles are shown as by newest, sorted by their top categories.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from digests.compose.pool import CandidatePool
from digests.compose.wants import Wants
from digests.model.digest import DigestOrder
from digests.model.ids import ArticleId, IngestNumber, StoryId

_BEGINNING = IngestNumber(0)


@dataclass(frozen=True, slots=True)
class Choice:
    """The articles of a digest, best first, and those behind its button, best first as well.

    `watched` are the items that watches found, each with the words of those. No item names the `unnamed` sources among
    those that report the same.
    """

    items: tuple[ArticleId, ...]
    rest: tuple[ArticleId, ...] = ()
    watched: tuple[tuple[ArticleId, tuple[str, ...]], ...] = ()
    unnamed: tuple[str, ...] = ()

    def __hash__(self) -> int:
        # What is behind the button is long, and nearly always as different as what is shown.
        return hash((self.items, self.watched))


class Conditions(NamedTuple):
    """On what conditions a place gets what it wants: how many items in which order, and what it had before."""

    max_items: int
    order: DigestOrder = DigestOrder.NEWEST
    since: IngestNumber = _BEGINNING
    sent_stories: Collection[StoryId] = frozenset()
    sent_at_once: Collection[ArticleId] = frozenset()


class Selection(NamedTuple):
    """What is left after each stage, as positions in the pool; `ranked` is in order.

    `first_of` is by which of its candidates a story is shown, and `watched` are the items that each watch found.
    """

    wanted: Collection[int]
    unmuted: Collection[int]
    new: Collection[int]
    ranked: Sequence[int]
    shown: Sequence[int]
    rest: Sequence[int]
    first_of: dict[StoryId | None, int]
    max_items: int
    watched: Sequence[tuple[str, frozenset[int]]] = ()


def select(pool: CandidatePool, wants: Wants, conditions: Conditions) -> Selection:
    """Return what a place gets of the pool, by stages."""
    wanted = wants.followed
    if wants.watches:
        wanted = wanted.union(*[found for _, found in wants.watches])
    unmuted = wanted - wants.muted if wants.muted else wanted
    gone = pool.positions(conditions.sent_at_once) if conditions.sent_at_once else frozenset()
    new = _new(pool, unmuted, conditions.since, gone)
    positions = sorted(new)
    first_of: dict[StoryId | None, int] = {}
    if pool.has_stories:
        # The earliest is the last in order of time.
        first_of = {pool.stories[position]: position for position in positions}
        sent = frozenset([pool.stories[position] for position in gone]).union(conditions.sent_stories)
        positions = _first_of_stories(pool, positions, first_of, sent)
    watched = _items_of_watches(pool, wants, frozenset(new), first_of) if wants.watches else ()
    is_by_told = conditions.order is DigestOrder.MOST_TOLD
    ranked: Sequence[int] = _most_told(pool, positions) if is_by_told else _by_turn(pool, positions)
    forward = wants.more.union(*[found for _, found in watched]) if watched else wants.more
    if forward or wants.less:
        ranked = _moved(ranked, forward, wants.less)
    shown, rest = _cut(ranked, conditions.max_items, wants.caps)
    if conditions.order is DigestOrder.CATEGORY:
        shown = _by_category(pool, shown, forward, wants.less)
    return Selection(wanted, unmuted, new, ranked, shown, rest, first_of, conditions.max_items, watched)


def chosen(pool: CandidatePool, selection: Selection, unnamed: frozenset[str] = frozenset()) -> Choice:
    """Return the articles of a selection, whose items name none of the `unnamed` sources."""
    if unnamed:
        unnamed = unnamed.intersection(frozenset().union(*map(pool.told_by, selection.shown)))
    return Choice(
        pool.articles(selection.shown),
        pool.articles(selection.rest),
        _watched(pool, selection) if selection.watched else (),
        tuple(sorted(unnamed)) if unnamed else (),
    )


def _watched(pool: CandidatePool, selection: Selection) -> tuple[tuple[ArticleId, tuple[str, ...]], ...]:
    found: dict[int, tuple[str, ...]] = {}
    for words, items in selection.watched:
        for position in items:
            if position in selection.shown:
                found[position] = (*found.get(position, ()), words)
    return tuple([(pool.ids[position], found[position]) for position in sorted(found)])


def _new(pool: CandidatePool, positions: Collection[int], since: IngestNumber, gone: frozenset[int]) -> Collection[int]:
    """Return those that came since, without those that are gone."""
    if since >= pool.oldest:
        ingests = pool.ingests
        positions = [position for position in positions if ingests[position] > since]
    return [position for position in positions if position not in gone] if gone else positions


def _first_of_stories(
    pool: CandidatePool, positions: Sequence[int], first_of: dict[StoryId | None, int], sent: Collection[StoryId | None]
) -> list[int]:
    stories = pool.stories
    return [
        position
        for position in positions
        if (story := stories[position]) is None or (first_of[story] == position and story not in sent)
    ]


def _items_of_watches(
    pool: CandidatePool, wants: Wants, new: frozenset[int], first_of: dict[StoryId | None, int]
) -> list[tuple[str, frozenset[int]]]:
    """Return where each watch's items are: a story is watched if any article of it is."""
    stories, found = pool.stories, []
    for words, positions in wants.watches:
        items = [position if (story := stories[position]) is None else first_of[story] for position in positions & new]
        if items:
            found.append((words, frozenset(items)))
    return found


def _by_turn(pool: CandidatePool, positions: Sequence[int]) -> list[int]:
    """Return the positions, which are in order, by rank within their source, then newest first.

    The newest article of each source comes before the second of any, so that a prolific source does not push out the
    others.
    """
    number, sources = len(pool.sources), pool.sources
    ranks: dict[str, int] = {}
    first, later = [], []
    for position in positions:
        source = sources[position]
        if source in ranks:
            rank = ranks[source]
            later.append(rank + position)
            ranks[source] = rank + number
        else:
            ranks[source] = number
            first.append(position)
    later.sort()
    return [*first, *[rank % number for rank in later]]


def _most_told(pool: CandidatePool, positions: Sequence[int]) -> list[int]:
    """Return the positions, which are in order, by the number of sources that report the same."""
    told_by = pool.told_by
    return sorted(positions, key=lambda position: -(len(told_by(position)) or 1))


def _moved(ranked: Sequence[int], forward: frozenset[int], backward: frozenset[int]) -> Sequence[int]:
    """Return the same positions in three parts: what moves forward, the rest, and what moves backward."""
    if backward:
        forward, backward = forward - backward, backward - forward
    first = [position for position in ranked if position in forward]
    last = [position for position in ranked if position in backward] if backward else []
    if not first and not last:
        return ranked
    moved = forward | backward
    return [*first, *[position for position in ranked if position not in moved], *last]


def _cut(
    ranked: Sequence[int], max_items: int, caps: Sequence[tuple[frozenset[int], int]]
) -> tuple[Sequence[int], Sequence[int]]:
    """Return the first that the caps allow, and all others in their order."""
    best = ranked[:max_items]
    if not caps or not any(len(inside.intersection(best)) > most for inside, most in caps):
        return best, ranked[max_items:]
    left = [most for _, most in caps]
    shown, rest = list[int](), list[int]()
    for number, position in enumerate(ranked):
        if len(shown) == max_items:
            rest += ranked[number:]
            break
        holding = [at for at, (inside, _) in enumerate(caps) if position in inside]
        if all(left[at] for at in holding):
            shown.append(position)
            for at in holding:
                left[at] -= 1
        else:
            rest.append(position)
    return shown, rest


def _by_category(
    pool: CandidatePool, shown: Sequence[int], forward: frozenset[int], backward: frozenset[int]
) -> list[int]:
    headings = pool.headings
    return sorted(
        shown, key=lambda position: (headings[position], (position in backward) - (position in forward), position)
    )
