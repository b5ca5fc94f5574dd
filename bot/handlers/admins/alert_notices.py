"""Telling the admins that something is wrong with the bot, and that it is over."""

from __future__ import annotations

from collections.abc import Sequence

from bot.handlers.access import Access
from bot.handlers.notifier import Notifier
from bot.render.alerts import alerts_html
from digests.alerts.model import Alert
from digests.ports import Clock


class AlertNotices:
    """Writes to each admin in their language and time; without a sound in their quiet hours, and if all is well."""

    def __init__(self, access: Access, notifier: Notifier, clock: Clock) -> None:
        self._access = access
        self._notifier = notifier
        self._clock = clock

    async def tell(self, alerts: Sequence[Alert]) -> bool:
        """Tell of these alerts in one message to each, and return whether anybody got it."""
        told, now = False, self._clock.now()
        is_good_news = all(alert.is_over for alert in alerts)
        for admin in sorted(await self._access.admins()):
            t = await self._notifier.translator_of(admin)
            text = alerts_html(alerts, now, await self._notifier.zone_of(admin), t)
            quietly = is_good_news or await self._notifier.is_quiet(admin, now)
            told |= await self._notifier.notify(admin, text, quietly=quietly)
        return told
