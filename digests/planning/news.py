"""The articles that digests are chosen from, and what a place gets of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from digests.compose.pool import CandidatePool
from digests.compose.select import Choice, Conditions, Selection, chosen, select
from digests.compose.wants import Wants, WishReader
from digests.model.article import Article
from digests.model.category_tree import CategoryTree
from digests.model.ids import ArticleId, IngestNumber, PlaceId, StoryId
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.deliveries.due import Due, DueStore, NewCandidates

ArticlesByStory = Mapping[StoryId, Sequence[Article]]
CatchUp = Callable[[], Awaitable[object]]
"""Notes which of the newest articles have the words of wishes."""


async def nothing_to_catch_up() -> None:
    """Note nothing."""


@dataclass(frozen=True, slots=True)
class AlreadySent:
    """What a place was sent already of what it may get: stories, and single articles at once."""

    stories: frozenset[StoryId] = frozenset()
    at_once: frozenset[ArticleId] = frozenset()


NOTHING_SENT = AlreadySent()


class News:
    """Candidates, ready to be chosen from. A window that is planned now ends at `until`."""

    def __init__(self, found: NewCandidates, tree: CategoryTree, articles_by_story: ArticlesByStory) -> None:
        self.until = found.until
        self.found_queries = tuple(found.queries)
        self.articles_by_story = articles_by_story
        sources_of = {
            story: frozenset([article.source for article in articles]) for story, articles in articles_by_story.items()
        }
        self.pool = CandidatePool(found.candidates, tree, sources_of)
        self.wishes = WishReader(self.pool, tree, found.queries)

    def wants(self, due: Due) -> Wants:
        """Return what a place wants of these candidates."""
        return self.wishes.wants(due.wanted, due.wishes)

    def select(self, due: Due, wants: Wants, max_items: int, since: IngestNumber, sent: AlreadySent) -> Selection:
        """Return what a place gets, by stages; `max_items` is for a place without a number of its own."""
        most, order = due.place.max_items or max_items, due.place.digest_order
        return select(self.pool, wants, Conditions(most, order, since, sent.stories, sent.at_once))

    def choose(self, due: Due, max_items: int, since: IngestNumber, sent: AlreadySent) -> Choice:
        """Return the articles of a place's digest."""
        wants = self.wants(due)
        return chosen(self.pool, self.select(due, wants, max_items, since, sent), wants.unnamed)


class NewsReader:
    """Reads news, and what places were sent of it. Any method may raise StorageError."""

    def __init__(self, due: DueStore, articles: ArticleStore, categories: CategoryStore, catch_up: CatchUp) -> None:
        self._due = due
        self._articles = articles
        self._categories = categories
        self._catch_up = catch_up

    async def read(self, since: IngestNumber, place_id: PlaceId | None = None) -> News:
        """Return what came after `since`, for all places, or for this one alone."""
        # An article that comes while wishes catch up would be passed over by them, and belongs to the next window.
        until = await self._due.newest()
        await self._catch_up()
        return await self._news(await self._due.candidates(since, until, place_id))

    async def latest(self, due: Due, most: int) -> News:
        """Return the newest of what a place follows or watches, however old that is."""
        await self._catch_up()
        tree = await self._categories.tree()
        return await self._news(await self._due.latest(due.place.id, tree.with_descendants(due.wanted), most))

    async def of_articles(self, due: Due, articles: Sequence[ArticleId]) -> News:
        """Return these articles as news, however old they are."""
        await self._catch_up()
        return await self._news(await self._due.of_articles(due.place.id, articles))

    async def _news(self, found: NewCandidates) -> News:
        stories = {candidate.story for candidate in found.candidates if candidate.story is not None}
        articles_by_story, tree = await asyncio.gather(
            self._articles.of_stories(stories, found.until), self._categories.tree()
        )
        return News(found, tree, articles_by_story)

    async def sent_to(
        self, place_ids: Sequence[PlaceId], news: News, latest: IngestNumber
    ) -> Mapping[PlaceId, AlreadySent]:
        """Return what places were sent of these stories and articles; none of their windows begins after `latest`."""
        stories = await self._stories_sent_to(place_ids, news, latest)
        at_once = await self._due.sent_at_once(place_ids, IngestNumber(news.pool.oldest - 1))
        return {
            place: AlreadySent(stories.get(place, frozenset()), at_once.get(place, frozenset()))
            for place in stories.keys() | at_once.keys()
        }

    async def _stories_sent_to(
        self, place_ids: Sequence[PlaceId], news: News, latest: IngestNumber
    ) -> Mapping[PlaceId, frozenset[StoryId]]:
        earlier = {
            article.id: (story, article.first_seen_at)
            for story, articles in news.articles_by_story.items()
            for article in articles
            if article.ingest <= latest
        }
        if not earlier:
            return {}
        since = min(seen for _, seen in earlier.values())
        return await self._due.already_sent(
            place_ids, {article: story for article, (story, _) in earlier.items()}, since
        )
