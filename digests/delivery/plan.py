"""Plans digests: from places that are due to rows of the ledger. Nothing is sent here."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digests.categories import Tree
from digests.compose.build import build_digest
from digests.compose.select import Choice, choose
from digests.ports import Renderer
from digests.schedule import last_slot_of, next_slot_of, span_to_tell
from digests.storage.articles import ArticleStore
from digests.storage.categories import CategoryStore
from digests.storage.deliveries import DeliveryStore, Due, DuePlace, Kept, Plan, ids_of
from digests.storage.delivery_rows import part_hashes
from digests.types import (
    Article,
    ArticleId,
    Candidate,
    CategoryId,
    DeliveryId,
    IngestNumber,
    Part,
    PlaceId,
    Rendering,
    Span,
    Window,
)

logger = logging.getLogger(__name__)

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Layout:
    """What all digests have in common."""

    max_items: int
    first_items: int
    picture: bool
    send_empty: bool


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
        oldest = await self._deliveries.oldest_window(now)
        if oldest is None:
            return 0
        until, candidates = await self._deliveries.candidates(oldest)
        chooser = _Chooser(await self._categories.tree(), candidates, self._layout.max_items)
        round_ = _Round(now, until, chooser)
        planned = 0
        due = await self._deliveries.due(now, _BATCH)
        while due:
            plans = await self._plan(due, round_)
            # While one batch is being written, the next is read.
            made, due = await asyncio.gather(
                self._deliveries.commit(plans, now), self._deliveries.due(now, _BATCH, due[-1])
            )
            planned += len(made)
        return planned

    async def plan_now(self, place_id: PlaceId, now: datetime) -> DeliveryId | None:
        """A digest of what is new, at once: /digest. None when nothing is."""
        due = await self._deliveries.due_one(place_id)
        if due is None:
            return None
        until, candidates = await self._deliveries.candidates(due.place.window_from)
        tree = await self._categories.tree()
        choice = choose(candidates, tree.with_descendants(due.wanted), self._layout.max_items)
        if not choice.items:
            return None
        rendering = await self._render(choice, due, None, now)
        window = Window(due.place.window_from, until)
        made = await self._deliveries.commit([Plan(place_id, window, now, None, rendering)], now)
        return made[0] if made else None

    async def plan_first(self, place_id: PlaceId, now: datetime) -> DeliveryId | None:
        """The latest articles of what was chosen, whatever their age: the first digest. None without any."""
        due = await self._deliveries.due_one(place_id)
        if due is None:
            return None
        tree = await self._categories.tree()
        latest, _ = await self._articles.latest(tree.with_descendants(due.wanted), self._layout.first_items)
        if not latest:
            return None
        rendering = await self._render(Choice(tuple(one.id for one in latest)), due, None, now)
        window = Window(due.place.window_from, due.place.window_from)
        made = await self._deliveries.commit([Plan(place_id, window, now, None, rendering)], now)
        return made[0] if made else None

    async def preview(self, wanted: frozenset[CategoryId], since: IngestNumber) -> Choice:
        """What a digest of these categories would hold of all that came after `since`; nothing is stored."""
        _, candidates = await self._deliveries.candidates(since)
        tree = await self._categories.tree()
        return choose(candidates, tree.with_descendants(wanted), self._layout.max_items)

    async def _plan(self, due: Sequence[DuePlace], round_: _Round) -> list[Plan]:
        """Plans for some of the places that are due; what many of them share is made once in the round."""
        await self._fetch([round_.chooser.choose(one.wanted, one.window_from) for one in due], round_)
        plans = []
        for place in due:
            slot, next_at = round_.slots(place.time, place.timezone)
            slot = max(slot, place.next_at)
            window = Window(place.window_from, max(round_.until, place.window_from))
            rendering = self._rendering_of(place, slot, round_)
            plans.append(Plan(place.id, window, slot, next_at, rendering, guard=place.next_at))
        return plans

    def _rendering_of(self, place: DuePlace, slot: datetime, round_: _Round) -> Rendering | Kept | None:
        """The whole text for the first who gets it, its key for the others."""
        choice = round_.chooser.choose(place.wanted, place.window_from)
        if not choice.items and not (self._layout.send_empty and place.wanted):
            return None
        span = span_to_tell(place.window_from_at, slot, round_.now) if choice.items else None
        same = (choice, place.language, place.timezone if choice.items else "", span)
        kept = round_.kept.get(same)
        if kept is not None:
            return kept
        if choice.items:
            articles = [round_.articles[one] for one in choice.items if one in round_.articles]
            rendering = self._made(articles, choice, place.language, place.timezone, span, round_.now)
        else:
            parts = self._renderer.render_empty(place.language)
            rendering = Rendering(rendering_key(parts, ()), parts)
        round_.kept[same] = Kept(rendering.key, part_hashes(rendering))
        return rendering

    async def _fetch(self, choices: Sequence[Choice], round_: _Round) -> None:
        """Reads the articles of these choices that were not read yet."""
        missing = {one for choice in set(choices) for one in choice.items if one not in round_.articles}
        if missing:
            round_.articles.update((one.id, one) for one in await self._articles.get(sorted(missing)))

    async def _render(self, choice: Choice, due: Due, span: Span | None, now: datetime) -> Rendering:
        articles = await self._articles.get(choice.items)
        return self._made(articles, choice, due.place.language, due.place.timezone, span, now)

    def _made(
        self,
        articles: Sequence[Article],
        choice: Choice,
        language: str,
        timezone: str,
        span: Span | None,
        now: datetime,
    ) -> Rendering:
        digest = build_digest(articles, choice.rest, span, with_picture=self._layout.picture)
        parts = self._renderer.render(digest, language, timezone, now)
        return Rendering(rendering_key(parts, choice.rest), parts, tuple(one.id for one in articles), choice.rest)


class _Round:
    """One run of planning: what the places of all its batches share. Texts are not kept, or memory would not do."""

    def __init__(self, now: datetime, until: IngestNumber, chooser: _Chooser) -> None:
        self.now = now
        self.until = until
        self.chooser = chooser
        self.kept: dict[tuple[Choice, str, str, Span | None], Kept] = {}
        self.articles: dict[ArticleId, Article] = {}
        self._slots: dict[tuple[str, str], tuple[datetime, datetime]] = {}

    def slots(self, time: str, timezone: str) -> tuple[datetime, datetime]:
        """The last one that has come, and the next."""
        key = (time, timezone)
        if key not in self._slots:
            self._slots[key] = last_slot_of(time, timezone, self.now), next_slot_of(time, timezone, self.now)
        return self._slots[key]


def rendering_key(parts: Sequence[Part], rest: Sequence[ArticleId]) -> str:
    """Equal for equal messages with equal articles behind their button."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update("\0".join((part.html, part.picture or "", part.photo or "", "")).encode())
    digest.update(repr(rest).encode())
    return digest.hexdigest()


class _Chooser:
    """Chooses once for all places that want the same from the same place on, and looks only at what they want."""

    def __init__(self, tree: Tree, candidates: Sequence[Candidate], max_items: int) -> None:
        self._tree = tree
        self._max_items = max_items
        self._inside: dict[CategoryId, list[Candidate]] = {}
        for candidate in candidates:
            for category in candidate.categories:
                self._inside.setdefault(category, []).append(candidate)
        self._below: dict[CategoryId, frozenset[CategoryId]] = {}
        self._made: dict[tuple[str, IngestNumber], Choice] = {}

    def choose(self, wanted: str, since: IngestNumber) -> Choice:
        key = (wanted, since)
        choice = self._made.get(key)
        if choice is None:
            choice = self._made[key] = self._choose(ids_of(wanted), since)
        return choice

    def _choose(self, wanted: frozenset[CategoryId], since: IngestNumber) -> Choice:
        all_wanted = frozenset[CategoryId]().union(*[self._descendants(one) for one in wanted])
        inside: dict[ArticleId, Candidate] = {}
        for category in all_wanted:
            for one in self._inside.get(category, ()):
                if one.ingest > since:
                    inside[one.id] = one
        return choose(inside.values(), all_wanted, self._max_items)

    def _descendants(self, category: CategoryId) -> frozenset[CategoryId]:
        if category not in self._below:
            self._below[category] = self._tree.with_descendants([category])
        return self._below[category]
