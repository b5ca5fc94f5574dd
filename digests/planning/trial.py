"""The trial of the magazine: a digest that was sent comes once more, in a form that may be refused or stay blank."""

from __future__ import annotations

from datetime import datetime, timedelta

from digests.compose.build import build_digest
from digests.model.article import Article
from digests.model.delivery import Delivery, Rendering
from digests.model.digest import Window
from digests.model.ids import DeliveryId
from digests.model.layout import DigestStyle, Layout
from digests.model.place import Place, PlaceKind
from digests.planning.keys import with_key
from digests.ports import TrialRenderer
from digests.storage.articles.read import ArticleStore
from digests.storage.deliveries.plan import Plan
from digests.storage.deliveries.plans import DeliveryStore

_MOMENT = timedelta(seconds=20)
"""Longer than the second tap of two, and shorter than a change of mind after an answer."""
_MOST_TRIED = 10
"""Digests that are looked at for articles: a refused trial and a digest that was withdrawn have none."""


class TrialPlanner:
    """Plans trials. They are deliveries, so that each is sent as a digest is, and edited when an article is withdrawn.

    Any method may raise StorageError.
    """

    def __init__(
        self, deliveries: DeliveryStore, articles: ArticleStore, renderer: TrialRenderer, *, with_picture: bool
    ) -> None:
        self._deliveries = deliveries
        self._articles = articles
        self._renderer = renderer
        self._with_picture = with_picture

    async def plan(self, place: Place, now: datetime, digest: DeliveryId | None = None) -> DeliveryId | None:
        """Plan a digest of the place as a magazine, with the question below it whether it is seen.

        Without `digest` it is the last that was sent with articles. Where the service refuses it, one sentence says so
        instead. Return the delivery, which is due at once; None where nothing of the digest is left to show, or where
        no magazine may be shown.
        """
        if place.kind is not PlaceKind.PRIVATE:
            return None
        digests = (digest,) if digest is not None else await self._deliveries.latest_digests(place.id, _MOST_TRIED)
        for delivery_id in digests:
            delivery = await self._deliveries.get(delivery_id)
            if delivery is None or delivery.place.id != place.id:
                continue
            sent = await self._deliveries.rendering(delivery.rendering)
            shown = await self._articles.get(sent.items) if sent is not None else ()
            if sent is not None and shown:
                return await self._plan(delivery, sent, shown, now)
        return None

    async def was_just_shown(self, place: Place, now: datetime) -> bool:
        """Return whether the last that the place got is a trial of a moment ago: whoever taps twice wants one."""
        for delivery_id in await self._deliveries.latest_digests(place.id, 1):
            delivery = await self._deliveries.get(delivery_id)
            if delivery is not None and abs(now - delivery.created_at) < _MOMENT:
                rendering = await self._deliveries.rendering(delivery.rendering)
                return rendering is not None and rendering.parts[-1].asks_magazine
        return False

    async def _plan(
        self, delivery: Delivery, sent: Rendering, shown: tuple[Article, ...], now: datetime
    ) -> DeliveryId | None:
        """Plan what readers may still see of a digest that was sent."""
        place = delivery.place
        also = await self._articles.others(shown)
        made = build_digest(
            shown, with_picture=self._with_picture, also=also, watched=sent.watched, unnamed=sent.unnamed
        )
        style = DigestStyle(Layout.MAGAZINE, place.language, place.timezone)
        parts, refused = self._renderer.render_trial(made, style, delivery.created_at)
        items = tuple(article.id for article in shown)
        marked = Rendering("", parts, items, layout=Layout.MAGAZINE, watched=sent.watched, unnamed=sent.unnamed)
        rendering = with_key(marked, Rendering("", refused))
        window = Window(delivery.place.window_from, delivery.place.window_from)
        planned = await self._deliveries.commit([Plan(place.id, window, now, None, rendering, is_news=False)], now)
        return planned[0] if planned else None
