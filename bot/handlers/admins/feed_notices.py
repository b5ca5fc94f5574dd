"""Telling the admins of feeds that bring nothing any more."""

from __future__ import annotations

from collections.abc import Sequence

from bot.handlers.access import Access
from bot.handlers.notifier import Notifier
from bot.keyboards.feeds import feed_report_keyboard
from bot.render.feed_report import MOST_NAMED, feed_report_html
from digests.feeds.reports import FeedConcern
from digests.ports import Clock


class FeedNotices:
    """Writes to each admin in their language, so that no phone rings."""

    def __init__(self, access: Access, notifier: Notifier, clock: Clock) -> None:
        self._access = access
        self._notifier = notifier
        self._clock = clock

    async def tell(self, concerns: Sequence[FeedConcern]) -> bool:
        """Tell of these feeds in a message to each, and return whether anybody got it."""
        told = False
        for admin in sorted(await self._access.admins()):
            t = await self._notifier.translator_of(admin)
            text = feed_report_html(concerns, self._clock.now(), await self._notifier.zone_of(admin), t)
            keyboard = feed_report_keyboard([concern.feed for concern in concerns[:MOST_NAMED]], t)
            told |= await self._notifier.notify(admin, text, keyboard, quietly=True)
        return told
