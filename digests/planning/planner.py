"""Plans digests: turns places that are due into rows of the ledger. Nothing is sent here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from digests.compose.build import items_of
from digests.compose.select import Choice
from digests.model.delivery import Part
from digests.model.digest import Window
from digests.model.ids import ArticleId, CategoryId, DeliveryId, IngestNumber, PlaceId
from digests.model.layout import DigestStyle, Layout
from digests.model.place import Place, PlaceKind
from digests.model.schedule import is_first_slot_of_day, span_to_show
from digests.planning.batch import ChoiceCache, PlanningRun
from digests.planning.news import NOTHING_SENT, AlreadySent, CatchUp, News, NewsReader, nothing_to_catch_up
from digests.planning.options import DigestOptions
from digests.planning.single import Alone, Outlook, Prepared, SinglePlanner, Upcoming
from digests.planning.writing import DigestWriter
from digests.ports import Renderer
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.deliveries.due import Due, DuePlace, DueStore
from digests.storage.deliveries.plan import Plan, StoredRendering
from digests.storage.deliveries.plans import DeliveryStore
from digests.telemetry.traces import traced

_BATCH = 3000
# After so many places readers have their turn.
_BREATH = 100


class Planner:
    """Stores a digest for every place that is due, and moves its window, in one transaction a batch.

    `catch_up` is awaited before articles are read: it notes which of them have the words of wishes.
    """

    def __init__(
        self,
        due: DueStore,
        deliveries: DeliveryStore,
        articles: ArticleStore,
        categories: CategoryStore,
        renderer: Renderer,
        options: DigestOptions,
        catch_up: CatchUp = nothing_to_catch_up,
    ) -> None:
        self._due = due
        self._deliveries = deliveries
        self._articles = articles
        self._options = options
        self._news = NewsReader(due, articles, categories, catch_up)
        self._writer = DigestWriter(renderer, with_picture=options.picture)
        self._single = SinglePlanner(due, deliveries, articles, self._news, self._writer, options)

    async def plan_now(self, place_id: PlaceId, now: datetime) -> DeliveryId | None:
        """Plan a digest of what is new, at once: /digest. None when nothing is new."""
        return await self._single.plan_now(place_id, now)

    async def plan_first(self, place_id: PlaceId, now: datetime) -> DeliveryId | None:
        """Plan a first digest: the latest articles of what was chosen, whatever their age. None without any."""
        return await self._single.plan_first(place_id, now)

    async def outlook(self, place: Place, now: datetime) -> Outlook:
        """Return how many articles the place's next digest would have if it came now."""
        return await self._single.outlook(place, now)

    async def prepare(self, place: Place, now: datetime) -> Prepared | None:
        """Return what is known of the place's next digest before anything is read for it; None for a gone place."""
        return await self._single.prepare(place, now)

    async def upcoming(self, prepared: Prepared) -> Upcoming:
        """Return a next digest as it stands. Nothing is stored."""
        return await self._single.upcoming(prepared)

    async def upcoming_parts(self, upcoming: Upcoming, now: datetime) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        """Return the messages of a next digest, as they would be sent when it is due, and those in their place.

        The latter are for a service that refuses the former; () if it refuses none.
        """
        return await self._single.parts(upcoming, now)

    async def alone(self, due: Due, article: ArticleId) -> Alone:
        """Return what a place would get if this article were all there is, and nothing had been sent."""
        return await self._single.alone(due, article)

    async def preview(self, wanted: frozenset[CategoryId], since: IngestNumber) -> Choice:
        """Return what a digest of these categories would hold of all that came after `since`. Nothing is stored."""
        return await self._single.choose(wanted, since)

    async def plan_due(self, now: datetime) -> int:
        """Plan every place whose moment has come; return how many digests there are to send."""
        oldest = await self._due.oldest_window(now)
        if oldest is None:
            return 0
        with traced("plan") as note:
            planned = await self._plan_all(oldest, now)
            note("digests", planned)
        return planned

    async def _plan_all(self, oldest: IngestNumber, now: datetime) -> int:
        # After a long silence the oldest news is none any more.
        limit = await self._articles.ingest_before(now - self._options.max_late, oldest)
        news = await self._news.read(max(limit, oldest))
        run = PlanningRun(now, news, ChoiceCache(news, self._options.max_items, limit))
        planned = 0
        writing: asyncio.Task[int] | None = None
        due: Sequence[DuePlace] = await self._due.due(now, _BATCH, found=news.found_queries)
        try:
            while due:
                # While one batch is made, the next is read, and the disk takes the last.
                reading = asyncio.create_task(self._after(due, now, news))
                try:
                    plans = await self._plan(due, run)
                    planned += await writing if writing else 0
                    writing = await self._begin_to_write(plans, now)
                finally:
                    due = await reading
        finally:
            planned += await writing if writing else 0
        return planned

    async def _after(self, due: Sequence[DuePlace], now: datetime, news: News) -> Sequence[DuePlace]:
        """Return the places that are due after these; none if these were fewer than were asked for."""
        return await self._due.due(now, _BATCH, due[-1], news.found_queries) if len(due) == _BATCH else ()

    async def _begin_to_write(self, plans: Sequence[Plan], now: datetime) -> asyncio.Task[int]:
        """Return when only the disk is waited for, or when it failed; the task's result is how many there are."""
        written = asyncio.Event()

        async def write() -> int:
            try:
                return len(await self._deliveries.commit(plans, now, written))
            finally:
                written.set()

        writing = asyncio.create_task(write())
        await written.wait()
        return writing

    async def _plan(self, due: Sequence[DuePlace], run: PlanningRun) -> list[Plan]:
        """Return plans for some of the places that are due; what many of them share is made once in the run."""
        latest = max(place.window_from for place in due)
        sent = await self._news.sent_to([place.id for place in due], run.news, latest)
        places = [run.choices.reduced(place) for place in due]
        plans: list[Plan | None] = []
        for number, place in enumerate(places):
            if number % _BREATH == 0:
                await asyncio.sleep(0)
            # Two thirds of the readers want the same as others, at the same time in the same zone.
            same = None if place.wishes or place.id in sent else run.plans.get(place[1:])
            plans.append(same and Plan(place.id, *same[1:]))
        await self._make([number for number, plan in enumerate(plans) if plan is None], places, sent, plans, run)
        return [plan for plan in plans if plan is not None]

    async def _make(
        self,
        numbers: Sequence[int],
        due: Sequence[DuePlace],
        sent: Mapping[PlaceId, AlreadySent],
        plans: list[Plan | None],
        run: PlanningRun,
    ) -> None:
        """Make the plans at these numbers."""
        choose, choices = run.choices.choose, []
        for count, number in enumerate(numbers):
            if count % _BREATH == 0:
                await asyncio.sleep(0)
            place = due[number]
            choices.append(choose(place, sent.get(place.id, NOTHING_SENT)))
        await self._fetch(choices, run)
        for count, (number, choice) in enumerate(zip(numbers, choices, strict=True)):
            if count % _BREATH == 0:
                await asyncio.sleep(0)
            place = due[number]
            plan = plans[number] = self._plan_of(place, choice, run)
            if not place.wishes and place.id not in sent:
                run.plans.made(place[1:], _without_text(plan))

    def _plan_of(self, place: DuePlace, choice: Choice, run: PlanningRun) -> Plan:
        slot, next_at = run.slots(place)
        slot = max(slot, place.next_at)
        window = Window(place.window_from, max(run.news.until, place.window_from))
        waits = 0 < len(choice.items) + len(choice.rest) < place.least_items
        rendering = None if waits else self._rendering_of(place, choice, slot, run)
        is_news = bool(choice.items)
        return Plan(place.id, window, slot, next_at, rendering, place.next_at, moves=not waits, is_news=is_news)

    def _rendering_of(
        self, place: DuePlace, choice: Choice, slot: datetime, run: PlanningRun
    ) -> StoredRendering | None:
        """Return the rendering: with the whole text for the first place that gets it, its key alone for the others."""
        says_empty = self._options.send_empty if place.says_empty is None else place.says_empty
        if not choice.items and not says_empty:
            return None
        span = span_to_show(place.window_from_at, slot, run.now) if choice.items else None
        style = _style_of(place, slot, run) if choice.items else run.style(Layout.LIST, place.language, "")
        same = (choice, id(style), span)
        stored = run.kept.get(same)
        if stored is not None:
            return stored
        if choice.items:
            made = self._writer.digest(choice, run.items, style, span, run.now)
        else:
            made = self._writer.empty(place.language)
        run.kept.made(same, StoredRendering(made.key, made.hashes))
        return made

    async def _fetch(self, choices: Sequence[Choice], run: PlanningRun) -> None:
        """Read the articles of these choices that were not read yet."""
        wanted = {article for choice in set(choices) for article in choice.items}
        if missing := wanted.difference(run.items):
            run.items.update(items_of(await self._articles.get(sorted(missing)), run.news.articles_by_story))


def _without_text(plan: Plan) -> Plan:
    """Return the plan as it is for all others that get the same."""
    stored = plan.rendering
    if not isinstance(stored, StoredRendering) or stored.text is None:
        return plan
    return plan._replace(rendering=StoredRendering(stored.key, stored.hashes))


def _style_of(place: DuePlace, slot: datetime, run: PlanningRun) -> DigestStyle:
    has_cover = place.kind == PlaceKind.CHANNEL and is_first_slot_of_day(slot, run.schedule(place))
    offers = bool(place.offers_magazine)
    return run.style(place.layout, place.language, place.timezone, has_cover=has_cover, offers_magazine=offers)
