"""Plans digests: from places that are due to rows of the ledger. Nothing is sent here."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digests.categories import Tree
from digests.compose.build import build_digest, others_of
from digests.compose.select import Choice, choose, first_of_stories
from digests.ports import Renderer
from digests.schedule import last_slot_of, next_slot_of, span_to_tell
from digests.storage.articles import ArticleStore
from digests.storage.categories import CategoryStore
from digests.storage.deliveries import DeliveryStore, Due, Plan
from digests.types import (
    Article,
    ArticleId,
    Candidate,
    CategoryId,
    DeliveryId,
    IngestNumber,
    PlaceId,
    Rendering,
    Span,
    StoryId,
    Window,
)

logger = logging.getLogger(__name__)

_BATCH = 500
_NOTHING: frozenset[StoryId] = frozenset()
_Stories = tuple[dict[StoryId, tuple[Article, ...]], dict[PlaceId, frozenset[StoryId]]]


@dataclass(frozen=True, slots=True)
class Layout:
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
        deliveries: DeliveryStore,
        articles: ArticleStore,
        categories: CategoryStore,
        renderer: Renderer,
        layout: Layout,
    ) -> None:
        self._deliveries = deliveries
        self._articles = articles
        self._categories = categories
        self._renderer = renderer
        self._layout = layout

    async def plan_due(self, now: datetime) -> int:
        """Plans every place whose moment has come; how many digests there are to send."""
        planned = 0
        while due := await self._deliveries.due(now, _BATCH):
            plans = await self._plan(due, now)
            planned += len(await self._deliveries.commit(plans, now))
            if len(due) < _BATCH:
                break
        return planned

    async def plan_now(self, place_id: PlaceId, now: datetime) -> DeliveryId | None:
        """A digest of what is new, at once: /digest. None when nothing is."""
        due = await self._deliveries.due_one(place_id)
        if due is None:
            return None
        until, candidates = await self._deliveries.candidates(due.place.window_from)
        tellers, told = await self._stories([due], candidates, until)
        tree = await self._categories.tree()
        wanted = tree.with_descendants(due.wanted)
        choice = choose(candidates, wanted, self._layout.max_items, told.get(place_id, _NOTHING))
        if not choice.items:
            return None
        rendering = await self._render(choice, due, None, now, tellers)
        window = Window(due.place.window_from, until)
        made = await self._deliveries.commit([Plan(place_id, window, now, None, rendering)], now)
        return made[0] if made else None

    async def plan_first(self, place_id: PlaceId, now: datetime) -> DeliveryId | None:
        """The latest articles of what was chosen, whatever their age: the first digest. None without any."""
        due = await self._deliveries.due_one(place_id)
        if due is None:
            return None
        tree = await self._categories.tree()
        most = self._layout.first_items
        # Some may be one story: of twice as many enough are left, nearly always.
        latest, _ = await self._articles.latest(tree.with_descendants(due.wanted), 2 * most)
        if not latest:
            return None
        tellers = await self._articles.of_stories({one.story for one in latest if one.story is not None})
        firsts = set(first_of_stories(latest))
        shown = tuple(one.id for one in latest if one in firsts)[:most]
        rendering = await self._render(Choice(shown), due, None, now, tellers)
        window = Window(due.place.window_from, due.place.window_from)
        made = await self._deliveries.commit([Plan(place_id, window, now, None, rendering)], now)
        return made[0] if made else None

    async def preview(self, wanted: frozenset[CategoryId], since: IngestNumber) -> Choice:
        """What a digest of these categories would hold of all that came after `since`; nothing is stored."""
        _, candidates = await self._deliveries.candidates(since)
        tree = await self._categories.tree()
        return choose(candidates, tree.with_descendants(wanted), self._layout.max_items)

    async def _plan(self, due: Sequence[Due], now: datetime) -> list[Plan]:
        tree = await self._categories.tree()
        # After a long silence the oldest news is none any more.
        oldest = await self._articles.ingest_before(now - self._layout.max_late)
        until, candidates = await self._deliveries.candidates(max(oldest, min(one.place.window_from for one in due)))
        tellers, told = await self._stories(due, candidates, until)
        chooser = _Chooser(tree, candidates, self._layout.max_items)
        kept: dict[tuple[Choice, str, str, Span | None], Rendering] = {}
        plans = []
        for one in due:
            place = one.place
            slot = last_slot_of(place, now)
            if place.next_at is not None and slot < place.next_at:
                slot = place.next_at
            choice = chooser.choose(one.wanted, max(oldest, place.window_from), told.get(place.id, _NOTHING))
            rendering = None
            found = len(choice.items) + len(choice.rest)
            waits = 0 < found < place.least_items
            if choice.items and not waits:
                span = span_to_tell(place.window_from_at, slot, now)
                same = (choice, place.language, place.timezone, span)
                if same not in kept:
                    kept[same] = await self._render(choice, one, span, now, tellers)
                rendering = kept[same]
            elif self._layout.send_empty and one.wanted and not waits:
                parts = self._renderer.render_empty(place.language)
                rendering = Rendering(f"empty:{place.language}", parts)
            plans.append(
                Plan(
                    place.id,
                    Window(place.window_from, max(until, place.window_from)),
                    slot,
                    next_slot_of(place, now),
                    rendering,
                    guard=place.next_at,
                    moves=not waits,
                )
            )
        return plans

    async def _stories(self, due: Sequence[Due], candidates: Sequence[Candidate], until: IngestNumber) -> _Stories:
        """The articles of the candidates' stories, and which of these stories each place was told already."""
        tellers = await self._articles.of_stories({one.story for one in candidates if one.story is not None}, until)
        latest = max(one.place.window_from for one in due)
        earlier = {
            one.id: (story, one.first_seen_at)
            for story, some in tellers.items()
            for one in some
            if one.ingest <= latest
        }
        if not earlier:
            return tellers, {}
        since = min(seen for _, seen in earlier.values())
        of_each = {one: story for one, (story, _) in earlier.items()}
        return tellers, await self._deliveries.told([one.place.id for one in due], of_each, since)

    async def _render(
        self, choice: Choice, due: Due, span: Span | None, now: datetime, tellers: Mapping[StoryId, Sequence[Article]]
    ) -> Rendering:
        articles = await self._articles.get(choice.items)
        also = others_of(articles, tellers)
        digest = build_digest(articles, choice.rest, span, with_picture=self._layout.picture, also=also)
        parts = self._renderer.render(digest, due.place.language, due.place.timezone, now)
        return Rendering(rendering_key(parts, choice.rest), parts, tuple(one.id for one in articles), choice.rest)


def rendering_key(parts: Sequence[object], rest: Sequence[ArticleId]) -> str:
    """Equal for equal messages with equal articles behind their button."""
    return hashlib.sha256(json.dumps([repr(parts), list(rest)]).encode()).hexdigest()


class _Chooser:
    """Chooses once for all places that want the same from the same place on."""

    def __init__(self, tree: Tree, candidates: Sequence[Candidate], max_items: int) -> None:
        self._tree = tree
        self._candidates = candidates
        self._max_items = max_items
        self._made: dict[tuple[frozenset[CategoryId], IngestNumber, frozenset[StoryId]], Choice] = {}

    def choose(self, wanted: frozenset[CategoryId], since: IngestNumber, told: frozenset[StoryId]) -> Choice:
        key = (wanted, since, told)
        if key not in self._made:
            inside = [one for one in self._candidates if one.ingest > since]
            self._made[key] = choose(inside, self._tree.with_descendants(wanted), self._max_items, told)
        return self._made[key]
