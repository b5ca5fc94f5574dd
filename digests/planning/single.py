"""Plans for a single place: what is new at once, a first digest, and what the next one would have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from digests.compose.build import items_of
from digests.compose.select import Choice, Conditions, Selection, chosen, select
from digests.compose.wants import Wants
from digests.model.delivery import Part
from digests.model.digest import Window
from digests.model.ids import ArticleId, CategoryId, DeliveryId, IngestNumber, PlaceId
from digests.model.layout import DigestStyle
from digests.model.place import Place, PlaceKind, PlaceState
from digests.model.schedule import is_first_slot_of_day, schedule_of, span_to_show
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


class Prepared(NamedTuple):
    """What is known of a next digest before it is chosen: when it comes, and of which articles, those after `since`.

    `at` is None where none comes, since the place is paused or stopped.
    """

    due: Due
    at: datetime | None
    since: IngestNumber


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The next digest of a place as it stands: what it is chosen from, what is wanted, and how the choice went.

    It comes `at` this moment; None where it does not, since the place is paused or stopped.
    """

    due: Due
    at: datetime | None
    news: News
    wants: Wants
    selection: Selection

    @property
    def choice(self) -> Choice:
        """The articles."""
        return chosen(self.news.pool, self.selection, self.wants.unnamed)

    @property
    def waits(self) -> bool:
        """Whether there are too few articles, so that they wait for the digest after it."""
        return 0 < len(self.selection.ranked) < self.due.place.least_items


class Alone(NamedTuple):
    """How the choice went among very few articles."""

    news: News
    selection: Selection


def due_moment(place: Place) -> datetime | None:
    """Return when the place's next digest comes; None where none does."""
    if place.state is PlaceState.ACTIVE:
        return place.next_at
    return place.resume_at if place.state is PlaceState.PAUSED else None


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
        since = await self._beginning(due.place, now)
        news = await self._news.read(since, place_id)
        choice = news.choose(due, self._options.max_items, since, await self._sent(due, news))
        if not choice.items:
            return None
        rendering = await self._rendering(choice, due, now, news.articles_by_story)
        return await self._commit(due, rendering, news.until, now)

    async def plan_first(self, place_id: PlaceId, now: datetime) -> DeliveryId | None:
        """Plan a first digest: the latest articles of what was chosen, whatever their age. None without any."""
        due = await self._due.due_one(place_id, now)
        if due is None:
            return None
        since = await self._beginning(due.place, now)
        news = await self._news.read(since, place_id)
        new = news.choose(due, self._options.max_items, since, await self._sent(due, news))
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

    async def prepare(self, place: Place, now: datetime) -> Prepared | None:
        """Return what is known of the place's next digest before anything is read for it; None for a gone place."""
        at = due_moment(place)
        moment = max(now, at) if at is not None else now
        due = await self._due.due_one(place.id, moment)
        if due is None:
            return None
        return Prepared(due, moment if at is not None else None, await self._beginning(due.place, moment))

    async def upcoming(self, prepared: Prepared) -> Upcoming:
        """Return a next digest as it stands."""
        due, at, since = prepared
        news = await self._news.read(since, due.place.id)
        wants = news.wants(due)
        selection = news.select(due, wants, self._options.max_items, since, await self._sent(due, news))
        return Upcoming(due, at, news, wants, selection)

    async def outlook(self, place: Place, now: datetime) -> Outlook:
        """Return how many articles the place's next digest has as it stands."""
        prepared = await self.prepare(place, now)
        if prepared is None:
            return Outlook(0, 0)
        selection = (await self.upcoming(prepared)).selection
        return Outlook(len(selection.shown), len(selection.rest))

    async def parts(self, upcoming: Upcoming, now: datetime) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        """Return the messages of a next digest as they would be sent when it is due; nothing is stored.

        Beside them are those that would be sent instead where the service refuses them; () if it refuses none.
        """
        due, moment = upcoming.due, upcoming.at or now
        place, choice = due.place, upcoming.choice
        items = items_of(await self._articles.get(choice.items), upcoming.news.articles_by_story)
        is_cover = place.kind is PlaceKind.CHANNEL and is_first_slot_of_day(moment, schedule_of(place))
        style = DigestStyle(
            place.layout, place.language, place.timezone, has_cover=is_cover, offers_magazine=due.offers_magazine
        )
        span = span_to_show(place.window_from_at, moment, moment)
        made = self._writer.digest(choice, items, style, span, moment)
        spare = made.fallback.parts if made.fallback is not None else ()
        return made.text.parts if made.text is not None else (), spare

    async def alone(self, due: Due, article: ArticleId) -> Alone:
        """Return what the place would get if this article were all there is, and nothing had been sent."""
        news = await self._news.of_articles(due, [article])
        wants = news.wants(due)
        return Alone(news, news.select(due, wants, self._options.max_items, _BEGINNING, NOTHING_SENT))

    async def _beginning(self, place: Place, moment: datetime) -> IngestNumber:
        """Return where the window of a digest at this moment begins: after a long silence, the oldest is no news."""
        oldest = await self._articles.ingest_before(moment - self._options.max_late, place.window_from)
        return max(oldest, place.window_from)

    async def choose(self, wanted: frozenset[CategoryId], since: IngestNumber) -> Choice:
        """Return what a digest of these categories would hold of all that came after `since`."""
        news = await self._news.read(since)
        wants = news.wishes.wants(wanted, "")
        return chosen(news.pool, select(news.pool, wants, Conditions(self._options.max_items)))

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
