"""What a place wants, as positions in a pool of candidates (pure).

Wishes come packed, as very many are read at once: each is a text such as `mw17`, and a place's are joined. The first
letter is its kind, the second what it is about: `w` a query's id, `s` the name of a source, `c` a category's id. A cap
ends with its number of articles: `cc12=3`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple

from digests.compose.pool import CandidatePool
from digests.model.category_tree import CategoryTree
from digests.model.ids import ArticleId, CategoryId
from digests.model.wish import Matter, QueryId, Wish, WishKind

BETWEEN_WISHES = "\x1e"
KIND_LETTERS: Mapping[WishKind, str] = MappingProxyType(
    {WishKind.WATCH: "w", WishKind.MUTE: "m", WishKind.MORE: "+", WishKind.LESS: "-", WishKind.CAP: "c"}
)
MATTER_LETTERS: Mapping[Matter, str] = MappingProxyType({Matter.WORDS: "w", Matter.SOURCE: "s", Matter.CATEGORY: "c"})
BEFORE_MOST = "="
_KINDS = {letter: kind for kind, letter in KIND_LETTERS.items()}
_CAP = KIND_LETTERS[WishKind.CAP]
_PACKED = re.compile(r"[wm+-](?:[wc][0-9]{1,18}|s.+)|cc[0-9]{1,18}=[0-9]{1,9}", re.DOTALL)
"""A wish that can be read. No other is stored, but a single one may not keep everybody's digests from coming."""
_OF_WORDS, _OF_SOURCE, _OF_CATEGORY = (MATTER_LETTERS[matter] for matter in Matter)
_FOLLOWS = tuple(KIND_LETTERS[WishKind.WATCH] + matter for matter in (_OF_SOURCE, _OF_CATEGORY))
_NOTHING: frozenset[int] = frozenset()
_NO_SOURCES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MatchedQuery:
    """The words of wishes, and the articles that have them: ids, joined by commas, as most are never asked for."""

    words: str
    ids: str

    @property
    def articles(self) -> list[ArticleId]:
        """The articles."""
        return [ArticleId(int(number)) for number in self.ids.split(",") if number]


NO_QUERIES: Mapping[QueryId, MatchedQuery] = MappingProxyType({})


class Wants(NamedTuple):
    """What a place wants of a pool, as positions in it.

    `followed` is in categories and of sources that are followed: who watches a source or a category follows it.
    `watches` are the words that are watched, and where those are. `caps` are where at most so many come from. No item
    names the `unnamed` sources, which are muted, among those that report the same.
    """

    followed: frozenset[int] = _NOTHING
    watches: tuple[tuple[str, frozenset[int]], ...] = ()
    muted: frozenset[int] = _NOTHING
    more: frozenset[int] = _NOTHING
    less: frozenset[int] = _NOTHING
    caps: tuple[tuple[frozenset[int], int], ...] = ()
    unnamed: frozenset[str] = _NO_SOURCES


def packed(wish: Wish) -> str:
    """Return a wish as it is packed; "" for one about words that are no stored query, which has no effect."""
    value = wish.subject.value if wish.subject.matter is not Matter.WORDS else str(wish.query or "")
    end = f"{BEFORE_MOST}{wish.most}" if wish.kind is WishKind.CAP else ""
    return f"{KIND_LETTERS[wish.kind]}{MATTER_LETTERS[wish.subject.matter]}{value}{end}" if value else ""


class Effect(NamedTuple):
    """What a wish means for a pool: the positions that it is about.

    `most` is a cap's, `source` is that of a mute, and `words` are those that it is about: "" if it is about no words.
    """

    wish: str
    kind: WishKind
    positions: frozenset[int]
    most: int = 0
    source: str = ""
    words: str = ""


class WishReader:
    """Reads packed wishes as what they mean for a pool."""

    def __init__(
        self, pool: CandidatePool, tree: CategoryTree, queries: Mapping[QueryId, MatchedQuery] = NO_QUERIES
    ) -> None:
        self._pool = pool
        self._tree = tree
        self._queries = queries
        self._effects = _Effects(self, frozenset(map(str, queries)))

    def effects(self, wishes: str) -> list[Effect]:
        """Return what those of a place's wishes mean that have an effect on the pool."""
        effects = self._effects
        return [effect for wish in wishes.split(BETWEEN_WISHES) if (effect := effects[wish]) is not None]

    def wants(self, followed: Iterable[CategoryId], wishes: str) -> Wants:
        """Return what a place wants that follows these categories and has these wishes."""
        inside = self._pool.below_any(followed)
        effects = self.effects(wishes) if wishes else ()
        if not effects:
            return Wants(inside)
        watches, reach = [], inside
        for effect in effects:
            if effect.kind is WishKind.WATCH:
                reach = reach | effect.positions
                if effect.words:
                    watches.append((effect.words, effect.positions))
                else:
                    inside = inside | effect.positions
        return self._limited(inside, sorted(watches, key=itemgetter(0)), reach, effects)

    def _limited(
        self,
        followed: frozenset[int],
        watches: Sequence[tuple[str, frozenset[int]]],
        reach: frozenset[int],
        effects: Iterable[Effect],
    ) -> Wants:
        """Return what is wanted with those of the other wishes that have to do with it: most have not."""
        muted = more = less = _NOTHING
        unnamed = _NO_SOURCES
        caps = []
        for effect in effects:
            kind, positions = effect.kind, effect.positions
            if kind is WishKind.MUTE and effect.source in self._pool.story_sources:
                unnamed = unnamed | {effect.source}
            if kind is WishKind.WATCH or positions.isdisjoint(reach):
                continue
            if kind is WishKind.MUTE:
                muted = muted | positions if muted else positions
            elif kind is WishKind.MORE:
                more = more | positions
            elif kind is WishKind.LESS:
                less = less | positions
            elif len(positions & reach) > effect.most:
                caps.append((positions, effect.most))
        return Wants(followed, tuple(watches), muted, more, less, tuple(caps), unnamed)

    def effect(self, wish: str) -> Effect | None:
        """Return what a wish means for the pool; None where it has no effect."""
        if not _PACKED.fullmatch(wish):
            return None
        kind = _KINDS[wish[0]]
        subject = _subject(wish)
        source = subject[1:] if kind is WishKind.MUTE and subject[:1] == _OF_SOURCE else ""
        positions = self._positions(subject[:1], subject[1:])
        if not positions and source not in self._pool.story_sources:
            return None
        most = int(wish.rpartition(BEFORE_MOST)[2]) if kind is WishKind.CAP else 0
        words = self._queries[QueryId(int(subject[1:]))].words if subject[:1] == _OF_WORDS else ""
        return Effect(wish, kind, positions, most, source, words)

    def _positions(self, matter: str, value: str) -> frozenset[int]:
        if matter == _OF_WORDS:
            query = self._queries.get(QueryId(int(value)))
            return self._pool.positions(query.articles) if query is not None else _NOTHING
        return self._pool.below(CategoryId(int(value))) if matter == _OF_CATEGORY else self._pool.of_source(value)


class _Effects(dict[str, Effect | None]):
    """The effect of each wish. Words that are in no candidate are not remembered: they are too many."""

    def __init__(self, reader: WishReader, found_queries: frozenset[str]) -> None:
        super().__init__()
        self._reader = reader
        self._found_queries = found_queries

    def __missing__(self, wish: str) -> Effect | None:
        if wish[1:2] == _OF_WORDS and wish[2:] not in self._found_queries:
            return None
        found = self[wish] = self._reader.effect(wish)
        return found


def _subject(wish: str) -> str:
    """Return a packed wish without its kind, and a cap without its number."""
    subject = wish[1:]
    return subject.rpartition(BEFORE_MOST)[0] if wish.startswith(_CAP) else subject


def follows_source(wishes: str) -> bool:
    """Return whether any of a place's wishes is a watch of a source or a category, which is to follow it."""
    return any(wish[:2] in _FOLLOWS for wish in wishes.split(BETWEEN_WISHES))
