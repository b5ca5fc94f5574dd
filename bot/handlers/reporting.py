"""The count while an announcement goes, and the report at its end."""

from __future__ import annotations

import logging
from datetime import datetime

from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.render.markup import Html
from bot.telegram.client import DigestBot
from bot.telegram.sender import NO_PREVIEW
from bot.texts import Speech, speech
from digests.delivery.announce import Announcer, Progress
from digests.storage.announcements import AnnouncementStore
from digests.storage.places import PlaceStore
from digests.types import Announcement, AnnouncementId, DeliveryState

logger = logging.getLogger(__name__)

_BAR = 12


class Reporter:
    """Keeps the message of each announcement under way up to date, from the rows."""

    def __init__(
        self, bot: DigestBot, announcements: AnnouncementStore, places: PlaceStore, announcer: Announcer
    ) -> None:
        self._bot = bot
        self._announcements = announcements
        self._places = places
        self._announcer = announcer
        self._shown: dict[AnnouncementId, str] = {}

    async def report_all(self, now: datetime) -> None:
        """Shows how far each has come; one that has come to its end is finished and gets its report."""
        # One from the command line may not be planned yet: without rows it would look as if all were done.
        await self._announcer.plan_confirmed(now)
        for one in await self._announcements.sending():
            if one.send_at is None or one.send_at > now:
                continue
            progress = await self._announcer.progress(one)
            if progress.open:
                await self._show(one, progress, finished=False)
            elif await self._announcements.finish(one.id, now):
                logger.info("announcement done", extra={"announcement": one.id, "total": progress.total})
                await self._show(one, progress, finished=True)
                self._shown.pop(one.id, None)

    async def _show(self, one: Announcement, progress: Progress, *, finished: bool) -> None:
        if one.report_chat is None or one.report_message is None:
            return
        place = await self._places.find(one.report_chat)
        text = report_text(progress, speech(place.language if place else "en"), finished=finished)
        if self._shown.get(one.id) == text:
            return
        self._shown[one.id] = text
        try:
            await self._bot.edit_message_text(
                text, one.report_chat, one.report_message, parse_mode=ParseMode.HTML, link_preview_options=NO_PREVIEW
            )
        except TelegramError as error:
            # The admin may have deleted the message; the sending goes on without it.
            logger.warning("a report could not be shown", extra={"announcement": one.id, "reason": error.message})


def report_text(progress: Progress, words: Speech, *, finished: bool) -> Html:
    """A bar, and the counts by outcome."""
    share = progress.done / progress.total if progress.total else 1.0
    bar = "▓" * round(share * _BAR) + "░" * (_BAR - round(share * _BAR))
    heading = words.html("✅ <b>The announcement is out</b>") if finished else words.html("📣 <b>On its way</b>")
    lines = [
        heading,
        f"{bar} {share:.0%}",
        words.html("{done} of {total} chats", done=f"{progress.done:,}", total=f"{progress.total:,}"),
    ]
    shown = (
        (DeliveryState.SENT, words.html("sent")),
        (DeliveryState.FAILED, words.html("could not be reached")),
        (DeliveryState.UNCERTAIN, words.html("uncertain: no answer came")),
        (DeliveryState.CANCELLED, words.html("had left")),
    )
    lines.extend(f"• {name}: {progress.of(state):,}" for state, name in shown if progress.of(state))
    return Html("\n".join(lines))
