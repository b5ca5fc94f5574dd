"""The search index as those who search see it, whichever engine it has.

An engine is SQLite's FTS5 (`sqlite`) or PostgreSQL's GIN (`postgresql`). Both find the same, in the same order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from digests.model.ids import ArticleId, CategoryId
from digests.offload import IN_THREAD, Offload
from digests.ports import OnProgress, no_progress
from digests.search.query import Query
from digests.search.ranking import Cursor, Order
from digests.storage.search.rows import DocumentRows
from digests.storage.search.source import IndexSource
from digests.stories.telling import TellingToken

COUNTED = 1000
"""Hits are counted exactly up to this number."""
JUDGED = 300
"""Hits by which it is judged what a search can be narrowed to."""


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """What limits a search besides its words: the ids of categories, including those below them, and what is hidden.

    `categories` is None for no limit, and empty for names that are not a category's, so that nothing is found.
    """

    categories: frozenset[CategoryId] | None = None
    hidden_categories: frozenset[CategoryId] = frozenset()
    hidden_sources: frozenset[str] = frozenset()


EVERYTHING = SearchFilters()


@dataclass(frozen=True, slots=True)
class HitIds:
    """A page of hits, in order; `total` is exact up to COUNTED, and more than that means "and more".

    `first` and `last` are the positions of its ends; `more` says whether hits follow in the direction of reading.
    `newest` are the newest of all hits, of which there are `JUDGED` at most.
    """

    ids: tuple[ArticleId, ...]
    total: int
    first: Cursor | None = None
    last: Cursor | None = None
    more: bool = False
    newest: tuple[ArticleId, ...] = ()


class ArticleIndex(Protocol):
    """The search index: derived from the articles, and rebuilt if it is lost or outdated.

    Updates come from one process at a time, and readers see whole batches. Any method may raise StorageError.
    """

    async def open(self) -> None:
        """Open the index; where there is none of this version, an empty one is made."""
        ...

    async def close(self) -> None:
        """Close the index."""
        ...

    @property
    def busy(self) -> bool:
        """Whether this process updates the index."""
        ...

    @property
    def place(self) -> str:
        """Where the index is, in words for an operator."""
        ...

    async def revision(self) -> int:
        """Return the newest revision that the index includes."""
        ...

    async def update(
        self, articles: IndexSource, offload: Offload = IN_THREAD, progress: OnProgress = no_progress
    ) -> int:
        """Index every article that changed since the last update, and return how many those were.

        `progress` is called only in the first update, which may take long.
        """
        ...

    async def rebuild(
        self, articles: IndexSource, offload: Offload = IN_THREAD, progress: OnProgress = no_progress
    ) -> int:
        """Build a new index, while the old one answers, and let it take the old one's place.

        Return the number of articles.
        """
        ...

    async def put(self, rows: Sequence[DocumentRows], revision: int = 0) -> None:
        """Write documents in one transaction, and the revision that the index then includes (0: as before)."""
        ...

    async def waste(self) -> float:
        """Return the share of the index that is about texts that have changed since; if it is large, a rebuild pays."""
        ...

    async def tidy(self) -> bool:
        """Do what keeps searches fast after many small writes; return whether that was worth it."""
        ...

    async def find(
        self,
        query: Query,
        limit: int,
        *,
        order: Order = Order.BEST,
        start: Cursor | None = None,
        backwards: bool = False,
        filters: SearchFilters = EVERYTHING,
    ) -> HitIds:
        """Return the page of hits that follows `start` or, `backwards`, ends before it."""
        ...

    async def matching(self, query: Query, since: ArticleId, filters: SearchFilters = EVERYTHING) -> set[ArticleId]:
        """Return all articles from the id `since` on that a query finds."""
        ...

    async def articles_with(self, tokens: Collection[str]) -> tuple[dict[str, int], int]:
        """Return how many articles have each token in title or summary, up to COMMON, and how many there are in all."""
        ...

    async def articles_in(self, language: str) -> int:
        """Return how many articles there are in a language, up to COUNTED_ARTICLES; in all if it is empty."""
        ...

    async def similar(self, telling: Sequence[TellingToken], least: float, limit: int) -> list[tuple[ArticleId, float]]:
        """Return articles with the telling tokens and their scores, the best first, the newer of equal ones first.

        A score is the sum of the weights of those that an article has, more for those in its title; it is at least
        `least`. An article shares two of them, or one that is in the title of the article that it is to be like. What
        is hidden, and other languages, are found too.
        """
        ...

    async def has(self, mark: str) -> bool:
        """Return whether any article has this mark."""
        ...

    async def words(self) -> list[str]:
        """Return the words of titles and summaries, in scripts with spaces, to find what a misspelt word meant."""
        ...
