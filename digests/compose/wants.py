"""What a place wants, as positions in a pool of candidates (pure).

Wishes come packed, as very many are read at once: each is a text such as `mw17`, and a place's are joined. The first
letter is its kind, the second what it is about: `w` a query's id, `s` the name of a source, `c` a category's id. A cap
ends with its number of articles: `cc12=3`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

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
_WATCH, _MUTE, _MORE, _LESS, _CAP = (KIND_LETTERS[kind] for kind in WishKind)
_NOTHING: frozenset[int] = frozenset()


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


@dataclass(frozen=True, slots=True)
class Wants:
    """What a place wants of a pool, as positions in it.

    `watches` are what is watched, in words, and where that is. `caps` are where at most so many come from. No item
    names the `unnamed` sources, which are muted, among those that report the same.
    """

    followed: frozenset[int] = _NOTHING
    watches: tuple[tuple[str, frozenset[int]], ...] = ()
    muted: frozenset[int] = _NOTHING
    more: frozenset[int] = _NOTHING
    less: frozenset[int] = _NOTHING
    caps: tuple[tuple[frozenset[int], int], ...] = ()
    unnamed: frozenset[str] = frozenset()


def packed(wish: Wish) -> str:
    """Return a wish as it is packed; "" for one about words that are no stored query, which has no effect."""
    value = wish.subject.value if wish.subject.matter is not Matter.WORDS else str(wish.query or "")
    end = f"{BEFORE_MOST}{wish.most}" if wish.kind is WishKind.CAP else ""
    return f"{KIND_LETTERS[wish.kind]}{MATTER_LETTERS[wish.subject.matter]}{value}{end}" if value else ""


class WishReader:
    """Reads packed wishes as what they mean for a pool."""

    def __init__(
        self, pool: CandidatePool, tree: CategoryTree, queries: Mapping[QueryId, MatchedQuery] = NO_QUERIES
    ) -> None:
        self._pool = pool
        self._tree = tree
        self._queries = queries
        self._has_effect = _Effects(self)
        self._found: dict[str, frozenset[int]] = {}

    def effective(self, wishes: str) -> str:
        """Return those of a place's wishes that have an effect on the pool, always in the same order."""
        has_effect = self._has_effect
        return BETWEEN_WISHES.join(sorted([wish for wish in wishes.split(BETWEEN_WISHES) if has_effect[wish]]))

    def positions(self, wish: str) -> frozenset[int]:
        """Return where the candidates are that a wish is about."""
        subject = wish[1:] if not wish.startswith(_CAP) else wish[1:].rpartition(BEFORE_MOST)[0]
        found = self._found.get(subject)
        if found is None:
            found = self._look(subject[:1], subject[1:])
            # Of the words of wishes nearly all are in no candidate, and too many to be remembered.
            if found:
                self._found[subject] = found
        return found

    def wants(self, followed: Iterable[CategoryId], wishes: str) -> Wants:
        """Return what a place wants that follows these categories and has these wishes."""
        inside = self._pool.below_any(followed)
        if not wishes:
            return Wants(inside)
        of_kind: dict[str, list[str]] = {letter: [] for letter in KIND_LETTERS.values()}
        for wish in wishes.split(BETWEEN_WISHES):
            of_kind[wish[0]].append(wish)
        return Wants(
            inside,
            tuple([(self.words_of(wish), self.positions(wish)) for wish in of_kind[_WATCH]]),
            self._together(of_kind[_MUTE]),
            self._together(of_kind[_MORE]),
            self._together(of_kind[_LESS]),
            tuple([(self.positions(wish), int(wish.rpartition(BEFORE_MOST)[2])) for wish in of_kind[_CAP]]),
            frozenset([wish[2:] for wish in of_kind[_MUTE] if is_of_source(wish)]),
        )

    def words_of(self, wish: str) -> str:
        """Return what a watch, a mute, more or less is about, in words."""
        matter, value = wish[1], wish[2:]
        if matter == MATTER_LETTERS[Matter.WORDS]:
            query = self._queries.get(QueryId(int(value)))
            return query.words if query is not None else ""
        category = self._tree.get(CategoryId(int(value))) if matter == MATTER_LETTERS[Matter.CATEGORY] else None
        return category.name if category is not None else value

    def _together(self, wishes: Iterable[str]) -> frozenset[int]:
        return _NOTHING.union(*map(self.positions, wishes))

    def _look(self, matter: str, value: str) -> frozenset[int]:
        if matter == MATTER_LETTERS[Matter.WORDS]:
            query = self._queries.get(QueryId(int(value)))
            return self._pool.positions(query.articles) if query is not None else _NOTHING
        if matter == MATTER_LETTERS[Matter.CATEGORY]:
            return self._pool.below(CategoryId(int(value)))
        return self._pool.of_source(value)

    def has_effect(self, wish: str) -> bool:
        """Return whether a wish has any effect on the pool."""
        return self._has_effect[wish]

    def look_for_effect(self, wish: str) -> bool:
        """Return what `has_effect` does, without remembering it."""
        if not wish:
            return False
        return bool(self.positions(wish)) or (
            wish.startswith(_MUTE) and is_of_source(wish) and wish[2:] in self._pool.story_sources
        )


class _Effects(dict[str, bool]):
    """Whether each wish has an effect. Those about words are asked again: they are too many."""

    def __init__(self, reader: WishReader) -> None:
        super().__init__()
        self._reader = reader

    def __missing__(self, wish: str) -> bool:
        found = self._reader.look_for_effect(wish)
        if found or wish[1:2] != MATTER_LETTERS[Matter.WORDS]:
            self[wish] = found
        return found


def has_watch(wishes: str) -> bool:
    """Return whether any of a place's wishes is a watch."""
    return any(wish.startswith(_WATCH) for wish in wishes.split(BETWEEN_WISHES))


def is_of_source(wish: str) -> bool:
    """Return whether a packed wish is about a source."""
    return wish[1:2] == MATTER_LETTERS[Matter.SOURCE]
