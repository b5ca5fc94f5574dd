"""Plans for a single place: what is new at once, a first digest, and what the next one would have."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from digests.compose.build import items_of
from digests.compose.select import Choice, Conditions, chosen, select
from digests.model.digest import Window
from digests.model.ids import CategoryId, DeliveryId, IngestNumber, PlaceId
from digests.model.layout import DigestStyle
from digests.model.place import Place
from digests.planning.news import NOTHING_SENT, AlreadySent, ArticlesByStory, News, NewsReader
from digests.planning.options import DigestOptions
from digests.planning.writing import DigestWriter
from digests.storage.articles.read import ArticleStore
from digests.storage.deliveries.due import Due, DueStore
from digests.storage.deliveries.plan import Plan, StoredRendering
from digests.storage.deliveries.plans import DeliveryStore

_BEGINNING = IngestNumber(0)
_MOST_LATEST = 2000
"""Articles that are looked at for a first digest: more would all be muted."""


class Outlook(NamedTuple):
    """How many articles a digest would show, and how many more would be behind its button."""

    shown: int
    rest: int


class SinglePlanner:
    """Plans for one place at a time. Any method may raise StorageError."""

    def __init__(
        self,
        due: DueStore,
        deliveries: DeliveryStore,
        articles: ArticleStore,
        news: NewsReader,
        writer: DigestWriter,
        options: DigestOptions,
    ) -> None:
        self._due = due
        self._deliveries = deliveries
        self._articles = articles
        self._news = news
        self._writer = writer
        self._options = options

    async def plan_now(self, place_id: PlaceId, now: datetime) -> DeliveryId | None:
        """Plan a digest of what is new. None when nothing is."""
        due = await self._due.due_one(place_id, now)
        if due is None:
            return None
        news = await self._news.read(due.place.window_from, place_id)
        choice = news.choose(due, self._options.max_items, due.place.window_from, await self._sent(due, news))
        if not choice.items:
            return None
        rendering = await self._rendering(choice, due, now, news.articles_by_story)
        return await self._commit(due, rendering, news.until, now)

    async def plan_first(self, place_id: PlaceId, now: datetime) -> DeliveryId | None:
        """Plan a first digest: the latest articles of what was chosen, whatever their age. None without any."""
        due = await self._due.due_one(place_id, now)
        if due is None:
            return None
        news = await self._news.read(due.place.window_from, place_id)
        new = news.choose(due, self._options.max_items, due.place.window_from, await self._sent(due, news))
        most = min(self._options.first_items, due.place.max_items or self._options.first_items)
        if len(new.items) >= most:
            choice, articles_by_story = new, news.articles_by_story
        else:
            choice, articles_by_story = await self._latest(due, new, most)
        if not choice.items:
            return None
        rendering = await self._rendering(choice, due, now, articles_by_story)
        return await self._commit(due, rendering, news.until, now)

    async def _latest(self, due: Due, new: Choice, most: int) -> tuple[Choice, ArticlesByStory]:
        """Return the latest articles; what is new beside them is behind the button, since it will not come again."""
        asked = 4 * most
        while True:
            latest = await self._news.latest(due, asked)
            choice = latest.choose(
                replace(due, place=replace(due.place, max_items=most)), most, _BEGINNING, NOTHING_SENT
            )
            if len(choice.items) >= most or len(latest.pool.ids) < asked or asked > _MOST_LATEST:
                break
            asked *= 4
        shown = frozenset(choice.items)
        rest = tuple(article for article in (*new.items, *new.rest) if article not in shown)
        return replace(choice, rest=rest), latest.articles_by_story

    async def outlook(self, place: Place, now: datetime) -> Outlook:
        """Return how many articles the place's next digest would have if it came now."""
        due = await self._due.due_one(place.id, now)
        if due is None:
            return Outlook(0, 0)
        since = await self._beginning(due.place, now)
        news = await self._news.read(since, place.id)
        choice = news.choose(due, self._options.max_items, since, await self._sent(due, news))
        return Outlook(len(choice.items), len(choice.rest))

    async def choose(self, wanted: frozenset[CategoryId], since: IngestNumber) -> Choice:
        """Return what a digest of these categories would hold of all that came after `since`."""
        news = await self._news.read(since)
        wants = news.wishes.wants(wanted, "")
        return chosen(news.pool, select(news.pool, wants, Conditions(self._options.max_items)))

    async def _beginning(self, place: Place, now: datetime) -> IngestNumber:
        """Return where the window of a digest at this moment begins: the oldest news is none any more."""
        oldest = await self._articles.ingest_before(now - self._options.max_late, place.window_from)
        return max(oldest, place.window_from)

    async def _sent(self, due: Due, news: News) -> AlreadySent:
        sent = await self._news.sent_to([due.place.id], news, due.place.window_from)
        return sent.get(due.place.id, NOTHING_SENT)

    async def _rendering(
        self, choice: Choice, due: Due, now: datetime, articles_by_story: ArticlesByStory
    ) -> StoredRendering:
        items = items_of(await self._articles.get(choice.items), articles_by_story)
        place = due.place
        style = DigestStyle(place.layout, place.language, place.timezone, offers_magazine=due.offers_magazine)
        return self._writer.digest(choice, items, style, None, now)

    async def _commit(
        self, due: Due, rendering: StoredRendering, until: IngestNumber, now: datetime
    ) -> DeliveryId | None:
        window = Window(due.place.window_from, max(until, due.place.window_from))
        made = await self._deliveries.commit([Plan(due.place.id, window, now, None, rendering)], now)
        return made[0] if made else None
