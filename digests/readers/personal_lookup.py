"""What one person is shown at once: articles with some words, or the latest of what they follow, and nothing muted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic

from digests.model.article import Article, IndexEntry
from digests.model.category_tree import CategoryTree
from digests.model.ids import ArticleId, CategoryId
from digests.model.place import Place
from digests.model.wish import Matter, QueryId, Wish, WishKind
from digests.offload import in_own_thread
from digests.readers.lookup import Lookup
from digests.readers.place_wishes import PlaceWishes
from digests.readers.subscriptions import Subscriptions
from digests.search.query import Query, parse_query
from digests.search.ranking import Cursor, Order
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.search.port import ArticleIndex
from digests.storage.search.rows import rows_of
from digests.wishes.index import ArticleTokens, QueryIndex

_MOST_PAGES = 5
"""Pages that are read where all of a page is muted."""
_EVERYTHING = Query(after=datetime(1970, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class PersonalPage:
    """Some articles, and where those after them begin; None where there are no more."""

    articles: tuple[Article, ...]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class _Mutes:
    """What a place does not want to see."""

    categories: frozenset[CategoryId]
    sources: frozenset[str]
    queries: QueryIndex

    @classmethod
    def of(cls, wishes: Sequence[Wish], tree: CategoryTree) -> _Mutes:
        queries, sources = QueryIndex(), set[str]()
        categories: set[CategoryId] = set()
        muted = [wish.subject for wish in wishes if wish.kind is WishKind.MUTE]
        for number, subject in enumerate(muted, 1):
            match subject.matter:
                case Matter.SOURCE:
                    sources.add(subject.value)
                case Matter.CATEGORY:
                    category = tree.get(subject.category) if subject.category is not None else None
                    categories.update([category.id] if category is not None else ())
                case Matter.WORDS:
                    query = parse_query(subject.value)
                    named = frozenset(found.id for name in query.categories for found in tree.find(name))
                    queries.add(QueryId(number), query, named)
        return cls(frozenset(categories), frozenset(sources), queries)

    def muted(self, entries: Sequence[IndexEntry]) -> frozenset[ArticleId]:
        """Return which articles have muted words."""
        return frozenset(entry.id for entry in entries if self.queries.matching(_tokens(entry)))


class PersonalLookup:
    """Looks articles up for one person. Any method may raise StorageError."""

    def __init__(
        self,
        lookup: Lookup,
        index: ArticleIndex,
        articles: ArticleStore,
        categories: CategoryStore,
        subscriptions: Subscriptions,
        wishes: PlaceWishes,
    ) -> None:
        self._lookup = lookup
        self._index = index
        self._articles = articles
        self._categories = categories
        self._subscriptions = subscriptions
        self._wishes = wishes

    async def find(self, place: Place | None, words: str, limit: int, start: Cursor | None = None) -> PersonalPage:
        """Return at most `limit` articles after `start`: those with the words, the best first.

        Without words they are the latest of what the place follows, or of all where it follows nothing.
        """
        began = monotonic()
        tree = await self._categories.readers_tree()
        mutes = _Mutes.of(await self._wishes.of(place) if place is not None else (), tree)
        search = await self._lookup.prepare(words, tree)
        query, order, filters = search.query, Order.BEST, search.filters
        if not words.strip():
            followed = await self._subscriptions.of(place) if place is not None else frozenset()
            query, order, filters = _EVERYTHING, Order.NEWEST, replace(filters, categories=followed or None)
        filters = replace(
            filters,
            hidden_categories=filters.hidden_categories | mutes.categories,
            hidden_sources=filters.hidden_sources | mutes.sources,
        )
        for _ in range(_MOST_PAGES):
            found = await self._index.find(query, limit, order=order, start=start, filters=filters)
            start = found.last if found.more else None
            if (shown := await self._unmuted(found.ids, mutes)) or start is None:
                self._lookup.seconds.observe("inline", monotonic() - began)
                return PersonalPage(shown, start)
        return PersonalPage((), start)

    async def get(self, article_id: ArticleId) -> Article | None:
        """Return an article, muted or not; None for one that readers don't see."""
        found = await self._articles.get([article_id])
        return found[0] if found else None

    async def _unmuted(self, ids: Sequence[ArticleId], mutes: _Mutes) -> tuple[Article, ...]:
        articles = await self._articles.get(ids)
        if not articles or not len(mutes.queries):
            return articles
        entries = await self._articles.entries([article.id for article in articles])
        muted = await in_own_thread(mutes.muted, entries)
        return tuple(article for article in articles if article.id not in muted)


def _tokens(entry: IndexEntry) -> ArticleTokens:
    rows = rows_of(entry)
    return ArticleTokens(rows.words_of_text, rows.characters, rows.marks, rows.shown_at)
