"""Brings what the words of wishes match up to what was ingested.

Each article is held once against an index of all queries, and anew when it changes; each new query is looked for once
among recent articles, by the search index. What came of it and how far it has come are written in one transaction, so
that whoever is interrupted goes on from there. Wherever somebody else was faster, it is done again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from digests.model.article import IndexEntry
from digests.model.category_tree import CategoryTree
from digests.model.ids import ArticleId, CategoryId, IngestNumber
from digests.model.wish import QueryId
from digests.offload import in_own_thread
from digests.ports import Clock
from digests.search.query import parse_query
from digests.storage.articles.read import ArticleStore
from digests.storage.search.port import ArticleIndex, SearchFilters
from digests.storage.search.rows import rows_of
from digests.storage.wishes.matches import MatchingState, MatchStore, StoredQuery, categories_named
from digests.wishes.index import NOTHING_COMMON, ArticleTokens, QueryIndex, common_tokens

_ARTICLES = 200
_QUERIES = 20
_SAMPLE = 200
"""Articles that are looked at to know which words are common."""
_NONE = QueryId(0)


class Matcher:
    """Holds articles and the queries of wishes against each other. Any method may raise StorageError.

    Only articles that a digest may have are looked at: those of the last `span`.
    """

    def __init__(
        self, matches: MatchStore, articles: ArticleStore, index: ArticleIndex, clock: Clock, span: timedelta
    ) -> None:
        self._matches = matches
        self._articles = articles
        self._search = index
        self._clock = clock
        self._span = span
        # One step at a time, in the order in which they are asked for: a reader who adds a wish waits for no long run.
        self._step = asyncio.Lock()
        self._queries = _HeldQueries()
        self._horizon: tuple[datetime | None, IngestNumber] = (None, IngestNumber(0))

    async def catch_up(self) -> int:
        """Write what all articles and queries that came since match, and return how many articles those were."""
        if not await self._matches.is_behind():
            return 0
        await self.hold_new()
        held = 0
        is_behind = True
        while is_behind:
            async with self._step:
                number, is_behind = await self._hold_articles()
            held += number
        # Those that came meanwhile.
        await self.hold_new()
        return held

    async def hold_new(self) -> None:
        """Look for new queries among recent articles."""
        is_behind = True
        while is_behind:
            async with self._step:
                is_behind = await self._hold_new()

    async def tidy(self) -> int:
        """Forget what no digest needs any more, and return how many queries nobody has as a wish."""
        now = self._clock.now()
        async with self._step:
            return await self._matches.tidy(now - self._span - timedelta(days=1), now)

    async def _hold_articles(self) -> tuple[int, bool]:
        """Hold some articles against all queries, and return how many, and whether there may be more."""
        state = await self._matches.state()
        # Where no query was held against anything, there is nothing to go on with: `hold_new` looks back.
        if state.mark >= state.latest or not state.is_begun:
            return 0, False
        await self._refresh(state)
        since = await self._since()
        entries, until = await self._matches.changed(state.mark, since, state.latest, _ARTICLES)
        await self._resolve()
        pairs = await in_own_thread(self._queries.pairs, entries)
        held = [entry.id for entry in entries]
        is_written = await self._matches.write(state, until, held, pairs)
        return (len(held) if is_written else 0), not is_written or until < state.latest

    async def _hold_new(self) -> bool:
        """Look for some new queries among recent articles, and return whether there may be more."""
        new = await self._matches.unmatched(_QUERIES)
        if not new:
            return False
        state = await self._matches.state()
        if state.mark < state.latest and not state.is_begun:
            await self._matches.skip(state)
            return True
        since = await self._since()
        first = await self._matches.first_article(since)
        tree = await self._matches.tree()
        # What the search index includes at the least; it may go on while it is read.
        revision = await self._search.revision()
        found: dict[QueryId, set[ArticleId]] = {}
        for query in new:
            parsed = parse_query(query.words)
            filters = SearchFilters(categories_named(tree, parsed.categories) if parsed.categories else None)
            found[query.id] = await self._search.matching(parsed, first, filters)
        recent = set(await self._matches.recent(frozenset().union(*found.values()), since))
        found = {number: ids & recent for number, ids in found.items()}
        held = await self._not_in_search(new, tree, revision, state.mark, since, found)
        await self._matches.write_new(state, [query.id for query in new], held, found)
        return True

    async def _not_in_search(
        self,
        new: Sequence[StoredQuery],
        tree: CategoryTree,
        revision: int,
        mark: int,
        since: IngestNumber,
        found: dict[QueryId, set[ArticleId]],
    ) -> list[ArticleId]:
        """Correct what was `found` by the articles up to the mark that the search index has not as they are."""
        queries = _HeldQueries()
        queries.take(new)
        queries.resolve(tree)
        held: list[ArticleId] = []
        while revision < mark:
            entries, revision = await self._matches.changed(revision, since, mark, _ARTICLES)
            for entry in entries:
                held.append(entry.id)
                for ids in found.values():
                    ids.discard(entry.id)
            for number, article in await in_own_thread(queries.pairs, entries):
                found[number].add(article)
        return held

    async def _since(self) -> IngestNumber:
        """Return up to which ingest number articles are too old."""
        horizon = self._clock.now() - self._span
        # Looked for from where it was last, unless the clock was set back.
        before, last = self._horizon
        last = last if before is not None and before <= horizon else IngestNumber(0)
        since = await self._articles.ingest_before(horizon, last)
        self._horizon = horizon, since
        return since

    async def _refresh(self, state: MatchingState) -> None:
        """Take in the queries that were stored since, or all of them if some were deleted."""
        if state.removed != self._queries.removed or not self._queries.stored:
            latest = await self._matches.latest(_SAMPLE)
            self._queries = await in_own_thread(_HeldQueries.among, latest, state.removed)
        if state.stored != self._queries.stored:
            new = await self._matches.queries_after(self._queries.last)
            await in_own_thread(self._queries.take, new)
            self._queries.stored = state.stored

    async def _resolve(self) -> None:
        """Find out anew what categories are meant by those queries that name some."""
        if self._queries.of_categories:
            await in_own_thread(self._queries.resolve, await self._matches.tree())


class _HeldQueries:
    """The queries of all wishes, in memory; those that name categories are apart, since what they mean may change."""

    @classmethod
    def among(cls, latest: Sequence[IndexEntry], removed: int) -> _HeldQueries:
        """Return no queries yet, to be held against articles such as these."""
        return cls(common_tokens(map(_held, latest)), removed)

    def __init__(self, common: Mapping[str, int] = NOTHING_COMMON, removed: int = 0) -> None:
        self._common = common
        self.removed = removed
        self.stored = 0
        self.last = _NONE
        self.of_categories: list[tuple[QueryId, str, tuple[str, ...]]] = []
        self._others = QueryIndex(common)
        self._in_categories = QueryIndex(common)
        self._resolved: list[frozenset[CategoryId]] = []

    def take(self, new: Sequence[StoredQuery]) -> None:
        """Take in queries, which come after those that are there."""
        for number, words in new:
            query = parse_query(words)
            if query.categories:
                self.of_categories.append((number, words, query.categories))
            else:
                self._others.add(number, query)
            self.last = max(self.last, number)

    def resolve(self, tree: CategoryTree) -> None:
        """Find out what categories are meant, if that has changed."""
        resolved = [categories_named(tree, names) for _, _, names in self.of_categories]
        if resolved != self._resolved:
            self._in_categories, self._resolved = QueryIndex(self._common), resolved
            for (number, words, _), ids in zip(self.of_categories, resolved, strict=True):
                self._in_categories.add(number, parse_query(words), ids)

    def pairs(self, entries: Sequence[IndexEntry]) -> list[tuple[QueryId, ArticleId]]:
        """Return which queries the articles match; withdrawn ones match none."""
        pairs: list[tuple[QueryId, ArticleId]] = []
        for entry in entries:
            if entry.withdrawn:
                continue
            article = _held(entry)
            for index in (self._others, self._in_categories):
                pairs += [(query, entry.id) for query in index.matching(article)]
        # As they are stored, which takes half of the time then.
        pairs.sort()
        return pairs


def _held(entry: IndexEntry) -> ArticleTokens:
    rows = rows_of(entry)
    return ArticleTokens(rows.words_of_text, rows.characters, rows.marks, rows.shown_at)
