"""What a place wishes of its digest: watches, mutes, more and less of something, caps.

Who may change a group's settings is not asked here; callers ask Telegram first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digests.model.article import Article
from digests.model.place import Place
from digests.model.wish import Matter, Subject, Wish, WishId, WishKind
from digests.planning.matching import Matcher
from digests.ports import Clock
from digests.readers.lookup import narrow
from digests.search.query import Query, parse_query
from digests.search.ranking import Order
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.hidden import HiddenStore
from digests.storage.articles.read import ArticleStore
from digests.storage.search.port import COUNTED, ArticleIndex, HitIds
from digests.storage.wishes.wishes import WishStore
from digests.wishes.canonical import WishRefusal, WishRefused, canonical_words, words_subject

__all__ = ["PlaceWishes", "WishRefusal", "WishRefused", "WishSample", "words_subject"]

WEEK = timedelta(days=7)
_SHOWN = 3
MANY_MATCHES = 100
MATCHES_OF_ALL = 0.5
"""Words that found more than so many articles of the last week, and more than this share of all, are in nearly all."""


@dataclass(frozen=True, slots=True)
class WishSample:
    """What a wish for these words would have found in the last week.

    `words` is the canonical form. `total` is exact up to 1000; more means "more than 1000". `articles` are the latest.
    """

    words: str
    total: int
    articles: tuple[Article, ...]


class PlaceWishes:
    """Reads and changes the wishes of places, of which each may have `most`. Any method may raise StorageError."""

    def __init__(
        self,
        wishes: WishStore,
        index: ArticleIndex,
        articles: ArticleStore,
        categories: CategoryStore,
        hidden: HiddenStore,
        matcher: Matcher,
        clock: Clock,
        most: int,
    ) -> None:
        self.most = most
        self._matcher = matcher
        self._wishes = wishes
        self._index = index
        self._articles = articles
        self._categories = categories
        self._hidden = hidden
        self._clock = clock

    async def of(self, place: Place) -> tuple[Wish, ...]:
        """Return the wishes of a place that hold now, by kind, the oldest first."""
        return await self._wishes.of_place(place.id, self._clock.now())

    async def sample(self, words: str, now: datetime) -> WishSample:
        """Return what a wish for these words would have found in the last week.

        Raises:
            WishRefused: They are no words for a wish.
        """
        text = canonical_words(words)
        found = await self._of_last_week(text, now)
        articles = await self._articles.get(found.ids)
        return WishSample(text, found.total, articles)

    async def add(
        self,
        place: Place,
        kind: WishKind,
        subject: Subject,
        now: datetime,
        *,
        until: datetime | None = None,
        at_once: bool = False,
        most: int = 0,
    ) -> Wish:
        """Store a wish and return it. It takes the place of its opposite, and changes one that is there already.

        Only watches for words come `at_once`, and only caps have a `most`: for others, these are ignored.

        Raises:
            WishRefused: They are no words for a wish, or the place has as many as it may have.
            NotFound: The place is not known any more.
        """
        at_once = at_once and (kind, subject.matter) == (WishKind.WATCH, Matter.WORDS)
        most = most if kind is WishKind.CAP else 0
        if kind is WishKind.CAP and (subject.matter is not Matter.CATEGORY or most < 1):
            raise ValueError("A cap is a number of articles of a category.")
        if subject.matter is Matter.SOURCE and any(character < " " for character in subject.value):
            raise WishRefused(WishRefusal.NOTHING_READABLE)
        if subject.matter is Matter.WORDS:
            subject = words_subject(subject.value)
            await self._of_last_week(subject.value, now)
        wish = await self._wishes.put(
            place.id, kind, subject, now, limit=self.most, until=until, at_once=at_once, most=most
        )
        if wish.query is not None:
            await self._matcher.hold_new()
        return wish

    async def change(
        self,
        place: Place,
        wish_id: WishId,
        now: datetime,
        *,
        at_once: bool | None = None,
        most: int | None = None,
        until: datetime | None = None,
    ) -> Wish | None:
        """Change what is given of a wish, and return it; None where the place has no such wish any more."""
        given = {"at_once": at_once, "most": most, "until": until}
        changed: dict[str, object] = {name: value for name, value in given.items() if value is not None}
        return await self._wishes.change(place.id, wish_id, now, **changed)

    async def remove(self, place: Place, wish_id: WishId) -> Wish | None:
        """Delete a wish, and return it as it was, so that `add` can undo it; None where the place has no such wish."""
        return await self._wishes.remove(place.id, wish_id)

    async def _of_last_week(self, text: str, now: datetime) -> HitIds:
        """Return the latest articles of the last week that a canonical query finds, and how many it finds.

        Raises:
            WishRefused: It names a category that there is not, or nearly all articles match it.
        """
        query = parse_query(text)
        filters, unknown = narrow(query, await self._categories.readers_tree())
        if unknown:
            raise WishRefused(WishRefusal.UNKNOWN_CATEGORY, unknown[0])
        hidden = await self._hidden.all()
        filters = replace(filters, hidden_categories=hidden.categories, hidden_sources=hidden.sources)
        week = now - WEEK
        found = await self._index.find(_since(query, week), _SHOWN, order=Order.NEWEST, filters=filters)
        if found.total > MANY_MATCHES:
            # Both are counted among the latest, as far as the index counts.
            since, number = await self._articles.latest_moment(week, COUNTED)
            latest = await self._index.find(_since(query, since), 1, order=Order.NEWEST, filters=filters)
            if latest.total > max(MANY_MATCHES, MATCHES_OF_ALL * number):
                raise WishRefused(WishRefusal.MATCHES_EVERYTHING)
        return found


def _since(query: Query, moment: datetime) -> Query:
    return replace(query, after=moment if query.after is None else max(query.after, moment))
