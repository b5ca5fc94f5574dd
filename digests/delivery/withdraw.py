"""Takes an article out of search and lists at once, of digests that wait, and, if asked, of messages that were sent.

A recall is counted from the ledger: a delivery whose messages were edited points to the rendering without the article,
so a restart goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from digests.compose.build import build_digest
from digests.model.delivery import Delivery, DeliveryKind, DeliveryState, Part, Rendering
from digests.model.ids import ArticleId
from digests.model.layout import DigestStyle, Layout
from digests.model.mosaic import Mosaic
from digests.planning.keys import rendering_key
from digests.ports import Clock, Editor, Renderer
from digests.storage.articles.read import ArticleStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.withdrawals import Recall, Withdrawal, WithdrawalStore

logger = logging.getLogger(__name__)

_AT_ONCE = 16

MakeMosaics = Callable[[Sequence[Mosaic]], Awaitable[None]]
"""Makes mosaics, and returns once they are made or some seconds have passed."""


@dataclass(frozen=True, slots=True)
class _Edited:
    done: int
    not_done: int


class Withdrawer:
    """Withdraws articles, and brings them back. Any method may raise StorageError."""

    def __init__(
        self,
        withdrawals: WithdrawalStore,
        articles: ArticleStore,
        deliveries: DeliveryStore,
        renderer: Renderer,
        editor: Editor,
        clock: Clock,
        *,
        picture: bool,
        make_mosaics: MakeMosaics | None = None,
    ) -> None:
        self._withdrawals = withdrawals
        self._articles = articles
        self._deliveries = deliveries
        self._renderer = renderer
        self._editor = editor
        self._clock = clock
        self._picture = picture
        self._make_mosaics = make_mosaics
        self._running = asyncio.Lock()

    async def withdraw(self, article: ArticleId, *, recall: bool, report_chat: int | None) -> None:
        """Hide the article from readers. With `recall`, `recall_some` takes it out of what was sent, too."""
        now = self._clock.now()
        state = Recall.ASKED if recall else Recall.NOT_ASKED
        await self._withdrawals.withdraw(article, state, report_chat, now)
        for key in await self._withdrawals.renderings_with(article):
            waiting = await self._withdrawals.waiting_with(key)
            delivery = await self._deliveries.get(waiting) if waiting is not None else None
            old = await self._deliveries.rendering(key)
            if delivery is not None and old is not None:
                new = await self._renewed(delivery, old, article)
                await self._withdrawals.replace_waiting(key, new if new[0].items else [], now)

    async def bring_back(self, article: ArticleId) -> bool:
        """Show the article to readers again; False: it was not withdrawn."""
        return await self._withdrawals.bring_back(article)

    async def get(self, article: ArticleId) -> Withdrawal | None:
        """Return the withdrawal of an article; None: it is not withdrawn."""
        return await self._withdrawals.get(article)

    async def latest(self, limit: int) -> tuple[Withdrawal, ...]:
        """Return the newest withdrawals, the newest first."""
        return await self._withdrawals.latest(limit)

    async def count_sent(self, article: ArticleId) -> int:
        """Return how many deliveries that were sent hold the article."""
        return await self._withdrawals.count_sent(article)

    async def recall_some(self) -> tuple[Withdrawal, ...]:
        """Edit sent messages until none is left or Telegram can't be reached; return the recalls that are finished."""
        async with self._running:
            finished: list[Withdrawal] = []
            for recall in await self._withdrawals.recalling():
                if await self._recall(recall.article) and await self._withdrawals.finish(recall.article):
                    ended = await self._withdrawals.get(recall.article)
                    finished.extend([ended] if ended else [])
            return tuple(finished)

    async def _recall(self, article: ArticleId) -> bool:
        """Edit the deliveries that hold the article; return whether none does any more."""
        while batch := await self._withdrawals.sent_with(article, _AT_ONCE):
            edited = await asyncio.gather(*[self._edit_delivery(delivery, article) for delivery in batch])
            if not all(edited):
                return False
        return True

    async def _edit_delivery(self, delivery_id: int, article: ArticleId) -> bool:
        delivery = await self._deliveries.get(delivery_id)  # type: ignore[arg-type]
        old = await self._deliveries.rendering(delivery.rendering) if delivery else None
        if delivery is None or old is None:
            return True
        new = await self._without(delivery, old, article)
        mosaics = [part.mosaic for part in new.parts if part.mosaic is not None]
        if mosaics and self._make_mosaics is not None:
            await self._make_mosaics(mosaics)
        counts = await self._edit_messages(delivery, old, new)
        if counts is None:
            return False
        await self._withdrawals.note_edited(delivery, new, article, (counts.done, counts.not_done), self._clock.now())
        return True

    async def _edit_messages(self, delivery: Delivery, old: Rendering, new: Rendering) -> _Edited | None:
        """Edit a delivery's messages; None: Telegram can't be reached now. An edit that is made twice does no harm."""
        done = not_done = 0
        for row in delivery.parts:
            if row.state is not DeliveryState.SENT or row.message_id is None:
                continue
            if row.number >= len(new.parts):
                answer = await self._editor.remove(delivery, row.message_id)
            elif row.number < len(old.parts) and old.parts[row.number] == new.parts[row.number]:
                continue
            else:
                is_last = row.number == len(new.parts) - 1
                rest, items = (len(new.rest), len(new.items)) if is_last else (0, 0)
                part = new.parts[row.number]
                answer = await self._editor.edit(delivery, row.message_id, part, rest=rest, items=items)
            if answer is None:
                return None
            done, not_done = done + answer, not_done + (not answer)
        return _Edited(done, not_done)

    async def _renewed(self, delivery: Delivery, old: Rendering, article: ArticleId) -> list[Rendering]:
        """Return the rendering without the article, and its fallback if the old one has any."""
        new = await self._without(delivery, old, article)
        if not old.fallback:
            return [new]
        spare = await self._without(delivery, replace(old, layout=Layout.GALLERY), article)
        return [replace(new, fallback=spare.key), spare]

    async def _without(self, delivery: Delivery, old: Rendering, article: ArticleId) -> Rendering:
        """Return the rendering without the article, as it would have been written then."""
        left = tuple(item for item in old.items if item != article)
        rest = tuple(item for item in old.rest if item != article)
        shown = await self._articles.get(left, include_invisible=True)
        place = delivery.place
        if shown:
            also = await self._articles.others(shown)
            digest = build_digest(
                shown, rest, with_picture=self._picture, also=also, watched=old.watched, unnamed=old.unnamed
            )
            made = self._renderer.render(digest, _style_of(old, delivery), delivery.created_at)
        else:
            made = self._renderer.render_empty(place.language)
        parts: tuple[Part, ...] = made[: max(1, len(old.parts))]
        key = rendering_key(parts, [article, *left, *rest])
        watched = tuple((item, words) for item, words in old.watched if item != article)
        items = tuple(item.id for item in shown)
        return Rendering(key, parts, items, rest, old.layout, watched=watched, unnamed=old.unnamed)


def _style_of(old: Rendering, delivery: Delivery) -> DigestStyle:
    """Return the style in which a delivery's rendering was made, as far as its parts show it."""
    place = delivery.place
    return DigestStyle(
        old.layout,
        place.language,
        place.timezone,
        has_cover=any(part.mosaic is not None and part.mosaic.cover is not None for part in old.parts),
        offers_magazine=any(part.offers_magazine for part in old.parts),
        is_caption=any(part.is_caption for part in old.parts),
        is_at_once=delivery.kind is DeliveryKind.AT_ONCE,
    )
