"""Plans digests: turns places that are due into rows of the ledger. Nothing is sent here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digests.compose.build import group, items_of
from digests.compose.select import Choice, choose, first_of_stories
from digests.model.article import Candidate
from digests.model.delivery import Rendering
from digests.model.digest import Digest, Item, Span, Window
from digests.model.ids import ArticleId, CategoryId, DeliveryId, IngestNumber, PlaceId, StoryId
from digests.model.layout import DigestStyle, Layout
from digests.model.place import PlaceKind
from digests.model.schedule import is_first_slot_of_day, span_to_show
from digests.planning.batch import ArticlesByStory, ChoiceCache, PlanningRun
from digests.planning.keys import with_key
from digests.ports import Renderer
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.deliveries.due import Due, DuePlace, DueStore
from digests.storage.deliveries.plan import Plan, StoredRendering
from digests.storage.deliveries.plans import DeliveryStore

logger = logging.getLogger(__name__)

_BATCH = 3000
# After so many places readers have their turn.
_BREATH = 100
_NOTHING: frozenset[StoryId] = frozenset()
_AlreadySent = dict[PlaceId, frozenset[StoryId]]


@dataclass(frozen=True, slots=True)
class DigestOptions:
    """What all digests have in common."""

    max_items: int
    first_items: int
    picture: bool
    send_empty: bool
    max_late: timedelta = timedelta(days=7)


class Planner:
    """Stores a digest for every place that is due, and moves its window, in one transaction a batch."""

    def __init__(
        self,
        due: DueStore,
        deliveries: DeliveryStore,
        articles: ArticleStore,
        categories: CategoryStore,
        renderer: Renderer,
        options: DigestOptions,
    ) -> None:
        self._due = due
        self._deliveries = deliveries
        self._articles = articles
        self._categories = categories
        self._renderer = renderer
        self._options = options

    async def plan_due(self, now: datetime) -> int:
        """Plan every place whose moment has come; return how many digests there are to send."""
        oldest = await self._due.oldest_window(now)
        if oldest is None:
            return 0
        # After a long silence the oldest news is none any more.
        limit = await self._articles.ingest_before(now - self._options.max_late, oldest)
        until, candidates = await self._due.candidates(max(limit, oldest))
        choices = ChoiceCache(await self._categories.tree(), candidates, self._options.max_items, limit)
        run = PlanningRun(now, until, choices, await self._articles_by_story(candidates, until))
        planned = 0
        writing: asyncio.Task[int] | None = None
        due = await self._due.due(now, _BATCH)
        try:
            while due:
                # While one batch is made, the next is read, and the disk takes the last.
                reading = asyncio.create_task(self._due.due(now, _BATCH, due[-1]))
                try:
                    plans = await self._plan(due, run)
                    planned += await writing if writing else 0
                    writing = await self._begin_to_write(plans, now)
                finally:
                    due = await reading
        finally:
            planned += await writing if writing else 0
        return planned

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

    async def plan_now(self, place_id: PlaceId, now: datetime) -> DeliveryId | None:
        """Plan a digest of what is new, at once: /digest. None when nothing is new."""
        due = await self._due.due_one(place_id)
        if due is None:
            return None
        until, candidates = await self._due.candidates(due.place.window_from)
        articles_by_story = await self._articles_by_story(candidates, until)
        already_sent = await self._already_sent([place_id], due.place.window_from, articles_by_story)
        tree = await self._categories.tree()
        wanted = tree.with_descendants(due.wanted)
        choice = choose(candidates, wanted, self._options.max_items, already_sent.get(place_id, _NOTHING))
        if not choice.items:
            return None
        rendering = await self._render(choice, due, now, articles_by_story)
        window = Window(due.place.window_from, until)
        made = await self._deliveries.commit([Plan(place_id, window, now, None, rendering)], now)
        return made[0] if made else None

    async def plan_first(self, place_id: PlaceId, now: datetime) -> DeliveryId | None:
        """Plan a first digest: the latest articles of what was chosen, whatever their age. None without any."""
        due = await self._due.due_one(place_id)
        if due is None:
            return None
        tree = await self._categories.tree()
        most = self._options.first_items
        # Some may be one story: of twice as many, enough are nearly always left.
        latest, _ = await self._articles.latest(tree.with_descendants(due.wanted), 2 * most)
        if not latest:
            return None
        articles_by_story = await self._articles.of_stories(
            {article.story for article in latest if article.story is not None}
        )
        firsts = set(first_of_stories(latest))
        shown = tuple(article.id for article in latest if article in firsts)[:most]
        rendering = await self._render(Choice(shown), due, now, articles_by_story)
        window = Window(due.place.window_from, due.place.window_from)
        made = await self._deliveries.commit([Plan(place_id, window, now, None, rendering)], now)
        return made[0] if made else None

    async def preview(self, wanted: frozenset[CategoryId], since: IngestNumber) -> Choice:
        """Return what a digest of these categories would hold of all that came after `since`. Nothing is stored."""
        _, candidates = await self._due.candidates(since)
        tree = await self._categories.tree()
        return choose(candidates, tree.with_descendants(wanted), self._options.max_items)

    async def _plan(self, due: Sequence[DuePlace], run: PlanningRun) -> list[Plan]:
        """Return plans for some of the places that are due; what many of them share is made once in the run."""
        latest = max(place.window_from for place in due)
        already_sent = await self._already_sent([place.id for place in due], latest, run.articles_by_story)
        plans: list[Plan | None] = []
        for number, place in enumerate(due):
            if number % _BREATH == 0:
                await asyncio.sleep(0)
            # Two thirds of the readers have the wishes, the time and the zone of others.
            same = None if place.id in already_sent else run.plans.get(place[1:])
            plans.append(same and Plan(place.id, *same[1:]))
        await self._make([number for number, plan in enumerate(plans) if plan is None], due, already_sent, plans, run)
        return [plan for plan in plans if plan is not None]

    async def _make(
        self,
        numbers: Sequence[int],
        due: Sequence[DuePlace],
        already_sent: _AlreadySent,
        plans: list[Plan | None],
        run: PlanningRun,
    ) -> None:
        """Make the plans at these numbers."""
        choose, choices = run.choices.choose, []
        for count, number in enumerate(numbers):
            if count % _BREATH == 0:
                await asyncio.sleep(0)
            place = due[number]
            choices.append(choose(place.wanted, place.window_from, already_sent.get(place.id, _NOTHING)))
        await self._fetch(choices, run)
        for count, (number, choice) in enumerate(zip(numbers, choices, strict=True)):
            if count % _BREATH == 0:
                await asyncio.sleep(0)
            place = due[number]
            plan = plans[number] = self._plan_of(place, choice, run)
            if place.id not in already_sent:
                run.plans.made(place[1:], _without_text(plan))

    def _plan_of(self, place: DuePlace, choice: Choice, run: PlanningRun) -> Plan:
        slot, next_at = run.slots(place)
        slot = max(slot, place.next_at)
        window = Window(place.window_from, max(run.until, place.window_from))
        waits = 0 < len(choice.items) + len(choice.rest) < place.least_items
        rendering = None if waits else self._rendering_of(place, choice, slot, run)
        is_news = bool(choice.items)
        return Plan(place.id, window, slot, next_at, rendering, place.next_at, moves=not waits, is_news=is_news)

    async def _articles_by_story(self, candidates: Sequence[Candidate], until: IngestNumber) -> ArticlesByStory:
        """Return the articles of the candidates' stories."""
        return await self._articles.of_stories(
            {candidate.story for candidate in candidates if candidate.story is not None}, until
        )

    async def _already_sent(
        self, place_ids: Sequence[PlaceId], latest: IngestNumber, articles_by_story: ArticlesByStory
    ) -> _AlreadySent:
        """Return which of these stories each place was sent already; none of their windows begins after `latest`."""
        earlier = {
            article.id: (story, article.first_seen_at)
            for story, articles in articles_by_story.items()
            for article in articles
            if article.ingest <= latest
        }
        if not earlier:
            return {}
        since = min(seen for _, seen in earlier.values())
        return await self._due.already_sent(
            place_ids, {article: story for article, (story, _) in earlier.items()}, since
        )

    def _rendering_of(
        self, place: DuePlace, choice: Choice, slot: datetime, run: PlanningRun
    ) -> StoredRendering | None:
        """Return the rendering: with the whole text for the first place that gets it, its key alone for the others."""
        if not choice.items and not (self._options.send_empty and place.wanted):
            return None
        span = span_to_show(place.window_from_at, slot, run.now) if choice.items else None
        style = _style_of(place, slot, run) if choice.items else run.style(Layout.LIST, place.language, "")
        same = (choice, id(style), span)
        stored = run.kept.get(same)
        if stored is not None:
            return stored
        if choice.items:
            items = [run.items[article] for article in choice.items if article in run.items]
            made = self._made(items, choice.rest, style, span, run.now)
        else:
            made = with_key(Rendering("", self._renderer.render_empty(place.language)))
        run.kept.made(same, StoredRendering(made.key, made.hashes))
        return made

    async def _fetch(self, choices: Sequence[Choice], run: PlanningRun) -> None:
        """Read the articles of these choices that were not read yet."""
        wanted = {article for choice in set(choices) for article in choice.items}
        if missing := wanted.difference(run.items):
            run.items.update(items_of(await self._articles.get(sorted(missing)), run.articles_by_story))

    async def _render(
        self, choice: Choice, due: Due, now: datetime, articles_by_story: ArticlesByStory
    ) -> StoredRendering:
        items = items_of(await self._articles.get(choice.items), articles_by_story)
        place = due.place
        style = DigestStyle(place.layout, place.language, place.timezone, offers_magazine=due.offers_magazine)
        return self._made(list(items.values()), choice.rest, style, None, now)

    def _made(
        self,
        items: Sequence[Item],
        rest: tuple[ArticleId, ...],
        style: DigestStyle,
        span: Span | None,
        now: datetime,
    ) -> StoredRendering:
        digest = group(items, rest, span, with_picture=self._options.picture)
        made = self._rendering(digest, items, style, now)
        if style.layout is not Layout.MAGAZINE:
            return with_key(made)
        return with_key(made, self._rendering(digest, items, replace(style, layout=Layout.GALLERY), now))

    def _rendering(self, digest: Digest, items: Sequence[Item], style: DigestStyle, now: datetime) -> Rendering:
        """Return the rendering of a digest, without its key."""
        parts = self._renderer.render(digest, style, now)
        return Rendering("", parts, tuple([item.article.id for item in items]), digest.rest, style.layout)


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
