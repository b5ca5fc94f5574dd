"""Plans what watches bring at once: articles that came since the last time, in one message for each place.

In quiet hours nothing is planned; at their end comes in one message what was found in them. A place gets at most so
many articles in a local day; what is more waits for its digest, as does everything for a place that gets none now.

A run that is interrupted begins anew from where the last one ended, and a place that was served already is served
nothing twice, since what it was sent is stored with the delivery.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from digests.compose.build import items_of
from digests.compose.select import Choice, Conditions, chosen, select
from digests.compose.wants import BETWEEN_WISHES, packed
from digests.model.digest import Window
from digests.model.ids import ArticleId, IngestNumber, PlaceId
from digests.model.layout import DigestStyle, Layout
from digests.model.place import Place
from digests.model.schedule import after_quiet, last_quiet
from digests.model.wish import Wish, WishKind
from digests.planning.news import NOTHING_SENT, AlreadySent, News, NewsReader
from digests.planning.writing import DigestWriter
from digests.storage.articles.read import ArticleStore
from digests.storage.bulk import batches
from digests.storage.deliveries.at_once import AtOnceState, AtOnceStore, QuietHours
from digests.storage.deliveries.plan import Plan, StoredRendering
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.wishes.wishes import WishStore

_BATCH = 500
_LOCAL_DAY = timedelta(hours=26)
"""The longest that a local day may have begun ago, with an hour to spare for the clock's change."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What all places of a run share. Those with quiet hours that ended get what came since `since_quiet` began."""

    now: datetime
    since: IngestNumber
    since_quiet: Mapping[QuietHours, IngestNumber]
    news: News
    renderings: dict[tuple[Choice, DigestStyle], StoredRendering]

    def begins(self, place: Place) -> IngestNumber:
        """Return the ingest number after which articles are new to a place."""
        ended = self.since_quiet.get(QuietHours(place.timezone, place.quiet), self.since)
        return max(place.window_from, min(self.since, ended))


class AtOncePlanner:
    """Plans deliveries of what watches found. Any method may raise StorageError."""

    def __init__(
        self,
        store: AtOnceStore,
        wishes: WishStore,
        deliveries: DeliveryStore,
        articles: ArticleStore,
        news: NewsReader,
        writer: DigestWriter,
        most_a_day: int,
    ) -> None:
        self._store = store
        self._wishes = wishes
        self._deliveries = deliveries
        self._articles = articles
        self._news = news
        self._writer = writer
        self._most_a_day = most_a_day
        self._running = asyncio.Lock()

    async def plan(self, now: datetime) -> int:
        """Plan a delivery for each place whose watches at once found anything, and return how many those are."""
        async with self._running:
            state = await self._store.state()
            if state.mark is None or state.at is None or not self._most_a_day:
                # What was there before is no news.
                if state.mark != state.until:
                    await self._store.finish(state.until, now)
                return 0
            since_quiet = await self._since_quiet(state, state.at, now)
            if state.until <= state.mark and not since_quiet:
                return 0
            planned, is_complete = await self._plan(state.mark, since_quiet, now)
            # A place that had a digest meanwhile may have got less than was new: it is looked at once more.
            if is_complete:
                await self._store.finish(max(state.mark, state.until), now)
            return planned

    async def _since_quiet(self, state: AtOnceState, at: datetime, now: datetime) -> Mapping[QuietHours, IngestNumber]:
        """Return those quiet hours that ended since the last run, with where the ingest was when they began."""
        ended: dict[QuietHours, IngestNumber] = {}
        for hours in await self._store.quiet_hours():
            begin, end = last_quiet(now, hours.timezone, hours.quiet)
            if at < end:
                ended[hours] = await self._articles.ingest_before(begin)
        return ended

    async def _plan(
        self, since: IngestNumber, since_quiet: Mapping[QuietHours, IngestNumber], now: datetime
    ) -> tuple[int, bool]:
        """Return how many deliveries were planned, and whether all that were to be."""
        ids = set(await self._store.watching(since))
        earliest = min(since_quiet.values(), default=since)
        if since_quiet:
            ids.update(await self._store.watching(min(since, earliest), only_quiet=True))
        if not ids:
            return 0, True
        news = await self._news.read(min(since, earliest))
        run = _Run(now, since, since_quiet, news, {})
        planned, is_complete = 0, True
        for batch in batches(sorted(ids), _BATCH):
            choices = await self._choose(batch, run)
            plans = await self._write(choices, run)
            made = await self._deliveries.commit_at_once(plans, _articles_of(choices), now) if plans else ()
            planned += len(made)
            is_complete &= len(made) == len(plans)
        return planned, is_complete

    async def _choose(self, ids: Sequence[PlaceId], run: _Run) -> list[tuple[Place, Choice]]:
        """Return what each of these places is sent now; those that are sent nothing are left out."""
        places = [place for place in await self._store.places(ids) if not _is_quiet(place, run.now)]
        ids = [place.id for place in places]
        wishes = await self._wishes.of_places(ids, run.now)
        sent = await self._news.sent_to(ids, run.news, run.news.until)
        sent_at = await self._store.sent_since(ids, run.now - _LOCAL_DAY)
        choices = []
        for place in places:
            most = self._most_a_day - _number_today(sent_at.get(place.id, ()), place, run.now)
            if most > 0:
                mine = wishes.get(place.id, ())
                choice = _choice(place, mine, most, sent.get(place.id, NOTHING_SENT), run)
                if choice.items:
                    choices.append((place, choice))
        return choices

    async def _write(self, choices: Sequence[tuple[Place, Choice]], run: _Run) -> list[Plan]:
        wanted = {article for _, choice in choices for article in choice.items}
        items = items_of(await self._articles.get(sorted(wanted)), run.news.articles_by_story)
        plans = []
        for place, choice in choices:
            if not any(article in items for article in choice.items):
                # All of it was withdrawn meanwhile.
                continue
            style = DigestStyle(Layout.LIST, place.language, place.timezone, is_at_once=True)
            rendering = run.renderings.get((choice, style))
            if rendering is None:
                rendering = self._writer.digest(choice, items, style, None, run.now)
                run.renderings[choice, style] = rendering
            window = Window(place.window_from, place.window_from)
            plans.append(Plan(place.id, window, run.now, None, rendering, moves=False, is_news=False))
        return plans


def _choice(place: Place, wishes: Iterable[Wish], most: int, sent: AlreadySent, run: _Run) -> Choice:
    """Return what the watches at once of a place found that it does not mute and was not sent."""
    # At once comes what watches for words find, even where a list that was taken in says otherwise.
    holding = [
        wish
        for wish in wishes
        if wish.kind is WishKind.MUTE or (wish.kind is WishKind.WATCH and wish.at_once and wish.query is not None)
    ]
    wants = run.news.wishes.wants((), BETWEEN_WISHES.join(filter(None, map(packed, holding))))
    conditions = Conditions(most, since=run.begins(place), sent_stories=sent.stories, sent_at_once=sent.at_once)
    # What is more waits for the digest: there is no button for it here.
    return replace(chosen(run.news.pool, select(run.news.pool, wants, conditions), wants.unnamed), rest=())


def _articles_of(choices: Iterable[tuple[Place, Choice]]) -> dict[PlaceId, tuple[ArticleId, ...]]:
    return {place.id: choice.items for place, choice in choices}


def _is_quiet(place: Place, now: datetime) -> bool:
    return after_quiet(now, place.timezone, place.quiet) > now


def _number_today(sent_at: Iterable[datetime], place: Place, now: datetime) -> int:
    zone = ZoneInfo(place.timezone)
    today = now.astimezone(zone).date()
    return sum(at.astimezone(UTC).astimezone(zone).date() == today for at in sent_at)
