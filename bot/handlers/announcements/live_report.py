"""The count while an announcement goes (and while it is changed or taken back), and the report at its end."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta

from telegram import InlineKeyboardMarkup

from bot.handlers.services import Services
from bot.i18n import Translator
from bot.keyboards.announcements import copy_change_keyboard, report_keyboard
from bot.markup import Html
from bot.render.announcement_draft import announcement_title
from bot.render.announcement_report import copy_change_text, report_text
from bot.render.reasons import reason_text, shown_reasons
from bot.telegram.messenger import Screen
from digests.errors import NotFound
from digests.model.announcement import Announcement, AnnouncementState, CopyChange, CopyState, Progress
from digests.model.audit import AuditAct
from digests.model.timezones import zone_label

logger = logging.getLogger(__name__)

_RATE_SECONDS = 10
_REASONS = 3
_REASONS_READ = 20


class Reporter:
    """Keeps the messages of announcements under way up to date, from the rows, and looks after their rows."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._shown: dict[str, str] = {}
        self._asking: set[tuple[int, int]] = set()
        self._turns: dict[str, asyncio.Lock] = {}

    def lock(self, one: Announcement) -> asyncio.Lock:
        """One at a time reads how it stands and shows that. An edit can take seconds; of two at once the older one
        might come last, and stay: "on its way", when it has long come to its end."""
        return self._turns.setdefault(f"announcement {one.id}", asyncio.Lock())

    def asks(self, chat: int, message: int) -> None:
        """The message holds a question now, which no count may take away."""
        self._asking.add((chat, message))

    def counts(self, one: Announcement, chat: int, message: int) -> None:
        """The message was made to count by whoever was asked to show it."""
        self._asking.discard((chat, message))
        self._shown.pop(f"announcement {one.id}", None)

    def leave(self, chat: int, message: int, text: Html, keyboard: InlineKeyboardMarkup) -> None:
        """The message counts no more; `text` is its last. A question that it holds stays: the way back from there
        leads to how it stands then."""
        if (chat, message) in self._asking:
            return
        self.put(chat, message, text, keyboard)

    def put(self, chat: int, message: int, text: Html, keyboard: InlineKeyboardMarkup) -> None:
        """In place of what the message holds."""
        key = f"put {chat} {message}"
        self._edit(key, chat, message, text, keyboard)
        self._shown.pop(key, None)

    async def look_after_all(self, now: datetime) -> None:
        """Keeps every row as its announcement was told to be; pauses what fails too often, and tells the admins."""
        delivery = self._services.settings.delivery
        for one in await self._services.announcements.unsettled():
            reason = await self._services.broadcaster.look_after(one, now, delivery.pause_failures, delivery.workers)
            if reason:
                one = await self._services.announcements.get(one.id)
                logger.warning("announcement paused itself", extra={"announcement": one.id, "reason": reason})
                await self._services.record(0, AuditAct.AUTOPAUSE, announcement=one.id, reason=reason)
                await self._tell_admins(one)

    async def report_all(self, now: datetime) -> None:
        """Shows how far each has come; one that has come to its end is finished and gets its report."""
        for one in await self._services.announcements.unsettled():
            await self._report(one, now)
        for change in await self._services.copy_change_worker.changes.open():
            await self._report_change(change, now)

    async def _report(self, one: Announcement, now: datetime) -> None:
        if one.planned_at is None and one.state is not AnnouncementState.CANCELLED:
            return
        progress = await self._services.broadcaster.progress(one)
        if not progress.open and await self._services.announcements.finish(one.id, now):
            logger.info("announcement done", extra={"announcement": one.id, "total": progress.total})
        key = f"announcement {one.id}"
        async with self.lock(one):
            one = await self._services.announcements.get(one.id)
            await self._show(key, one, now)
        if one.finished_at is not None:
            self._shown.pop(key, None)
            self._turns.pop(key, None)

    async def _show(self, key: str, one: Announcement, now: datetime) -> None:
        """Brings the message that counts up to date."""
        if one.report is None or one.report in self._asking:
            return
        chat, message = one.report
        t = await self._services.translator_of(chat)
        text = await self.text(one, await self._services.broadcaster.progress(one), now, t)
        self._edit(key, chat, message, text, await self.keyboard(one, t))

    async def text(self, one: Announcement, progress: Progress, now: datetime, t: Translator) -> Html:
        """The report as it stands."""
        rows = self._services.broadcaster.rows
        rate = left = 0.0
        more = Html("")
        if one.state is AnnouncementState.SENDING and progress.open:
            since = max(now - timedelta(seconds=_RATE_SECONDS), one.resumed_at or now)
            rate = await rows.settled_since(one.id, since) / max(1.0, (now - since).total_seconds())
            waiting = await rows.open_due(one.id, now)
            last = await rows.last_due(one.id)
            left = waiting / rate if rate else 0.0
            if last is not None and last > now:
                left = max(left, (last - now).total_seconds())
                place = await self._services.places.find(one.report.chat_id) if one.report else None
                timezone = place.timezone if place else "UTC"
                more = t.html(
                    "The last ones get it {when} ({zone}).",
                    when=t.moment(last, timezone),
                    zone=zone_label(timezone),
                )
        elif not progress.open:
            reasons = shown_reasons(await rows.why(one.id, _REASONS_READ), _REASONS, t)
            more = Html("\n".join(t.html("  – {reason}: {n}", reason=why, n=f"{n:,}") for why, n in reasons))
        recalled = await self._services.copy_change_worker.changes.recalled(one.id)
        return report_text(one, progress, t, rate=rate, left=left, more=more, taken_back=recalled)

    async def keyboard(self, one: Announcement, t: Translator) -> InlineKeyboardMarkup:
        recalled = await self._services.copy_change_worker.changes.recalled(one.id)
        again = 0 if recalled else await self.again(one)
        return report_keyboard(one, t, again=again, taken_back=recalled)

    async def again(self, one: Announcement) -> int:
        """To how many it could be sent again."""
        if one.state not in (AnnouncementState.DONE, AnnouncementState.CANCELLED):
            return 0
        return sum((await self._services.broadcaster.rows.to_resend(one.id)).values())

    async def _report_change(self, change: CopyChange, now: datetime) -> None:
        try:
            one = await self._services.announcements.get(change.announcement_id)
        except NotFound:
            return
        async with self.lock(one):
            # Its message may have come about meanwhile.
            current = await self._services.copy_change_worker.changes.last(one.id)
            await self._report_current(one, current if current and current.id == change.id else change, now)

    async def _report_current(self, one: Announcement, change: CopyChange, now: datetime) -> None:
        copy_changes = self._services.copy_change_worker.changes
        counts = await copy_changes.progress(change.id)
        if not counts.get(CopyState.PENDING):
            stopped = counts.get(CopyState.CANCELLED, 0)
            if not stopped and await copy_changes.catch_up(change, now):
                self._services.wake("follow")
                counts = await copy_changes.progress(change.id)
            elif await copy_changes.finish(change.id, now):
                logger.info("copies changed", extra={"announcement": one.id, "act": change.kind})
                change = replace(change, finished_at=now)
        await self._show_change(one, change, counts)
        if change.finished_at is not None:
            self._shown.pop(f"act {change.id}", None)

    async def _show_change(self, one: Announcement, change: CopyChange, counts: dict[CopyState, int]) -> None:
        if change.report is None:
            return
        t = await self._services.translator_of(change.report.chat_id)
        keyboard = copy_change_keyboard(one.id, t, running=change.finished_at is None)
        text = copy_change_text(one, change, counts, t)
        self._edit(f"act {change.id}", *change.report, text, keyboard)

    async def _tell_admins(self, one: Announcement) -> None:
        """All of them: whoever is awake can see to it."""
        for admin in sorted(await self._services.admins()):
            t = await self._services.translator_of(admin)
            text = t.html(
                "⏸ <b>Announcement {n} paused itself</b>\n“{title}”\nToo many failed: {reason}",
                n=one.id,
                title=announcement_title(one, t),
                reason=reason_text(one.reason, t),
            )
            await self._services.notify(admin, text, report_keyboard(one, t))

    def _edit(self, key: str, chat: int, message: int, text: Html, keyboard: InlineKeyboardMarkup) -> None:
        shown = f"{chat} {message} {text} {keyboard.to_json()}"
        if self._shown.get(key) == shown:
            return
        self._shown[key] = shown
        # Behind whatever the admin was shown there before; a message that is deleted is left alone.
        self._services.screens.show(chat, message, Screen(text, keyboard))
