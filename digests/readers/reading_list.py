"""Reading later: what a person keeps, wherever they are, and what they look for in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from digests.model.category_tree import CategoryTree, fold_name
from digests.model.ids import ArticleId, CategoryId
from digests.model.saved import MOST_SAVED, SavedEntry, SavedPage, SaveOutcome
from digests.offload import in_own_thread
from digests.readers.lookup import narrow
from digests.search.contains import is_wanted
from digests.search.query import Query, parse_query
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.people.saved import SavedStore

_Categories = Mapping[ArticleId, Sequence[CategoryId]]


class ReadingList:
    """Keeps articles for people, by their user ids. Any method may raise StorageError."""

    def __init__(self, saved: SavedStore, articles: ArticleStore, categories: CategoryStore) -> None:
        self._saved = saved
        self._articles = articles
        self._categories = categories

    async def save(self, user_id: int, article: ArticleId, now: datetime, at: datetime | None = None) -> SaveOutcome:
        """Keep an article; `at` is when it was saved, where its removal is undone."""
        if not await self._articles.get([article]):
            return SaveOutcome.GONE
        return await self._saved.save(user_id, article, min(at or now, now), MOST_SAVED)

    async def remove(self, user_id: int, article: ArticleId) -> datetime | None:
        """Keep an article no longer; return when it was saved, None where it is not kept."""
        return await self._saved.remove(user_id, article)

    async def keeps(self, user_id: int, article: ArticleId) -> bool:
        """Return whether a person keeps an article."""
        return bool(await self._saved.kept_among(user_id, [article]))

    async def all(self, user_id: int) -> tuple[SavedEntry, ...]:
        """Return all that a person keeps, the last saved first."""
        kept = await self._saved.of(user_id)
        found = {article.id: article for article in await self._articles.get([entry.id for entry in kept])}
        return tuple(replace(entry, article=found.get(entry.id)) for entry in kept)

    async def page(
        self, user_id: int, size: int, offset: int, *, words: str = "", category: CategoryId | None = None
    ) -> SavedPage:
        """Return the page that begins at `offset`, or the last one; with `words` or a `category` of what has those.

        The words are a query; its categories, sources and words count.
        """
        kept, tree = await self.all(user_id), await self._categories.readers_tree()
        categories = await self._articles.categories_of([entry.id for entry in kept if entry.article is not None])
        query = parse_query(words)
        narrowed, _ = narrow(query, tree)
        limits = [narrowed.categories] if narrowed.categories is not None else []
        if category is not None:
            limits.append(frozenset([category]))
        branches = [tree.with_descendants(ids) for ids in limits]
        asked = kept
        if words or branches:
            within = [
                entry for entry in kept if all(branch.intersection(categories.get(entry.id, ())) for branch in branches)
            ]
            asked = await in_own_thread(_matching, within, query) if words else tuple(within)
        offset = min(offset, max(0, len(asked) - 1) // size * size)
        return SavedPage(asked[offset : offset + size], offset, len(asked), len(kept), _tops(tree, categories))


def _matching(entries: Sequence[SavedEntry], query: Query) -> tuple[SavedEntry, ...]:
    sources = {fold_name(source) for source in query.sources}
    return tuple(
        entry
        for entry in entries
        if entry.article is not None
        and (not sources or fold_name(entry.article.source) in sources)
        and is_wanted(f"{entry.article.title}\n{entry.article.summary}", query)
    )


def _tops(tree: CategoryTree, categories: _Categories) -> tuple[tuple[CategoryId, int], ...]:
    """Return the top categories of the articles with their numbers, the fullest first."""
    counted = Counter[CategoryId]()
    for ids in categories.values():
        counted.update({line[0].id for category in ids if (line := tree.ancestors(category))})
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
