"""Why an article came in a digest, or did not: told by the stages of selection that decide it.

An article of the window that the next digest is made from is looked up in the very selection of that digest. One that
is not in it is put through the same stages by itself: what is followed and muted now says nothing of how it was then,
but is what can be changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digests.compose.fates import Fate, fate_of
from digests.compose.pool import CandidatePool
from digests.compose.select import Selection
from digests.compose.wants import packed
from digests.model.article import Article
from digests.model.delivery import DeliveryState
from digests.model.explanation import Explanation, Reason
from digests.model.ids import ArticleId
from digests.model.place import Place
from digests.model.wish import WishKind
from digests.planning.news import News
from digests.planning.planner import Planner
from digests.planning.single import Prepared, Upcoming
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.deliveries.history import DeliveredArticle, HistoryStore
from digests.storage.wishes.wishes import WishStore

_MOST_OTHERS = 8
"""Articles of a story of which it is looked up whether they were sent."""


_BY_FATE = {
    Fate.UNWANTED: Reason.UNWANTED,
    Fate.MUTED: Reason.MUTED,
    Fate.SENT_BEFORE: Reason.PASSED,
    Fate.STORY_SENT: Reason.STORY_SENT,
    Fate.SAME_STORY: Reason.SAME_STORY,
    Fate.CAPPED: Reason.CAPPED,
    Fate.CUT: Reason.CUT,
    Fate.SHOWN: Reason.COMES,
}
_BY_STATE = {
    DeliveryState.PENDING: Reason.ON_ITS_WAY,
    DeliveryState.SENDING: Reason.ON_ITS_WAY,
    DeliveryState.FAILED: Reason.NOT_ARRIVED,
    DeliveryState.UNCERTAIN: Reason.NOT_ARRIVED,
}


@dataclass(frozen=True, slots=True)
class _Seen:
    """An article as a selection sees it."""

    news: News
    selection: Selection
    position: int

    @property
    def pool(self) -> CandidatePool:
        return self.news.pool


def _seen(article: ArticleId, news: News, selection: Selection) -> _Seen | None:
    position = news.pool.position(article)
    return _Seen(news, selection, position) if position is not None else None


class Explainer:
    """Explains digests. Any method may raise StorageError."""

    def __init__(
        self,
        planner: Planner,
        articles: ArticleStore,
        categories: CategoryStore,
        wishes: WishStore,
        history: HistoryStore,
    ) -> None:
        self._planner = planner
        self._articles = articles
        self._categories = categories
        self._wishes = wishes
        self._history = history

    async def why(self, place: Place, article_id: ArticleId, now: datetime) -> Explanation | None:
        """Return why an article came to a place or did not; None for an article that readers do not see."""
        found = await self._articles.get([article_id])
        prepared = await self._planner.prepare(place, now) if found else None
        if prepared is None:
            return None
        article = found[0]
        # Most of what is asked about is of an earlier day.
        upcoming = await self._planner.upcoming(prepared) if article.ingest > prepared.since else None
        seen = _seen(article.id, upcoming.news, upcoming.selection) if upcoming is not None else None
        is_candidate = seen is not None
        if seen is None:
            alone = await self._planner.alone(prepared.due, article.id)
            seen = _seen(article.id, alone.news, alone.selection)
        if seen is None:
            # It was withdrawn a moment ago.
            return None
        explained = await self._described(place, article, prepared, seen, now)
        sent = await self._sent(place, explained)
        if sent is not None:
            return sent
        reason = _BY_FATE[fate_of(seen.pool, seen.selection, seen.position)]
        if reason is Reason.MUTED and all(wish.kind is not WishKind.MUTE for wish in explained.wishes):
            # No wish of the place's mutes it: it is left to a topic.
            reason = Reason.IN_TOPIC
        if reason in (Reason.UNWANTED, Reason.MUTED, Reason.IN_TOPIC):
            return replace(explained, reason=reason)
        if upcoming is None or not is_candidate:
            return replace(explained, reason=await self._reason_passed(place, article))
        return await self._not_sent(place, explained, upcoming, reason)

    async def _described(
        self, place: Place, article: Article, prepared: Prepared, seen: _Seen, now: datetime
    ) -> Explanation:
        """Return what is about the article, whatever became of it."""
        tree = await self._categories.readers_tree()
        followed = [
            tree.get(category) for category in prepared.due.wanted if seen.position in seen.pool.below(category)
        ]
        about = [
            wish
            for wish in await self._wishes.of_place(place.id, prepared.at or now)
            if (effect := seen.news.wishes.effect(packed(wish))) is not None and seen.position in effect.positions
        ]
        ids = (await self._articles.categories_of([article.id])).get(article.id, ())
        inside = [tree.get(category) for category in ids]
        return Explanation(
            article,
            Reason.PASSED,
            followed=tuple(category for category in followed if category is not None),
            wishes=tuple(about),
            categories=tuple(category for category in inside if category is not None),
            items=seen.selection.max_items,
            least=place.least_items,
            came=len(seen.selection.ranked),
        )

    async def _sent(self, place: Place, explained: Explanation) -> Explanation | None:
        """Return how the article was sent, or is on its way; None if it is not."""
        article = explained.article
        at_once = await self._history.sent_at_once(place.id, article.id)
        if at_once is not None:
            return replace(explained, reason=Reason.SENT_AT_ONCE, at=at_once)
        delivered = await self._history.of_article(place.id, article.id, article.first_seen_at)
        if not delivered:
            return None
        best = _best(delivered)
        reason = _BY_STATE.get(best.state, Reason.SENT if best.is_shown else Reason.SENT_BEHIND)
        return replace(explained, reason=reason, at=best.at)

    async def _not_sent(self, place: Place, explained: Explanation, upcoming: Upcoming, reason: Reason) -> Explanation:
        """Return that the article comes, or why not, although it is new and wanted."""
        if reason in (Reason.SAME_STORY, Reason.STORY_SENT):
            is_sent = reason is Reason.STORY_SENT
            other = await self._other(place, explained.article, upcoming, is_sent=is_sent)
            return replace(explained, reason=reason, other=other, at=upcoming.at)
        waits = upcoming.waits and reason in (Reason.COMES, Reason.CAPPED, Reason.CUT)
        return replace(explained, reason=Reason.WAITS if waits else reason, at=upcoming.at)

    async def _reason_passed(self, place: Place, article: Article) -> Reason:
        """Return why an article is not among those that the next digest is made from, although it is wanted."""
        if not await self._history.is_news(article.id):
            return Reason.TOO_OLD
        if article.ingest > place.window_from:
            return Reason.LATE
        return Reason.BEFORE if article.first_seen_at < place.created_at else Reason.PASSED

    async def _other(self, place: Place, article: Article, upcoming: Upcoming, *, is_sent: bool) -> Article | None:
        """Return the article that stands for the same story: one that was sent, or that of the next digest."""
        others = (await self._articles.others([article])).get(article.id, ())[:_MOST_OTHERS]
        shown = frozenset(upcoming.news.pool.articles(upcoming.selection.ranked))
        for other in others:
            if not is_sent and other.id in shown:
                return other
            if is_sent and await self._history.of_article(place.id, other.id, other.first_seen_at):
                return other
            if is_sent and await self._history.sent_at_once(place.id, other.id) is not None:
                return other
        return None


def _best(delivered: Sequence[DeliveredArticle]) -> DeliveredArticle:
    """Return the delivery that says most: one that arrived and shows the article, the first of such."""
    return min(
        delivered, key=lambda delivery: (delivery.state is not DeliveryState.SENT, not delivery.is_shown, delivery.at)
    )
