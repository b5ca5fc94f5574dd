"""The report of an announcement, kept up to date while it is sent, edited or taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

from telegram import InlineKeyboardMarkup

from bot.handlers.access import Access
from bot.handlers.notifier import Notifier
from bot.handlers.services import AnnouncementServices
from bot.i18n import Translator
from bot.keyboards.announcements import copy_change_keyboard, report_keyboard
from bot.render.announcement_draft import announcement_title
from bot.render.announcement_report import copy_change_text, report_text
from bot.render.reasons import reason_text, shown_reasons
from bot.telegram.messenger import Screen
from bot.telegram.screens import Screens
from bot.text.markup import LINE_BREAK, Html
from digests.model.announcement import Announcement, AnnouncementState, Progress
from digests.model.copy_change import CopyChange, CopyState
from digests.model.timezones import zone_label

_REASONS = 3
_REASONS_READ = 20


class Reporter:
    """Keeps the live messages up to date with the stored rows: the `LiveReport` of `AnnouncementUpkeep`."""

    def __init__(self, services: AnnouncementServices, access: Access, notifier: Notifier, screens: Screens) -> None:
        self._services = services
        self._access = access
        self._notifier = notifier
        self._screens = screens
        self._shown: dict[str, str] = {}
        self._asking: set[tuple[int, int]] = set()
        self._turns: dict[str, asyncio.Lock] = {}

    def lock(self, announcement: Announcement) -> asyncio.Lock:
        """Return the lock under which the announcement's state is read and shown.

        An edit can take seconds: of two at once the older might arrive last and stay, saying "on its way" long after
        the  end.
        """
        return self._turns.setdefault(f"announcement {announcement.id}", asyncio.Lock())

    def asks(self, chat: int, message: int) -> None:
        """Note that the message now holds a question, which no count may replace."""
        self._asking.add((chat, message))

    def counts(self, announcement: Announcement, chat: int, message: int) -> None:
        """Note that the message now holds the report, and is the live one."""
        self._asking.discard((chat, message))
        self._shown.pop(f"announcement {announcement.id}", None)

    def leave(self, chat: int, message: int, text: Html, keyboard: InlineKeyboardMarkup) -> None:
        """Show `text` as the last of a message that is no longer live.

        A question that it holds stays: the way back from there leads to the report as it is then.
        """
        if (chat, message) in self._asking:
            return
        self.put(chat, message, text, keyboard)

    def put(self, chat: int, message: int, text: Html, keyboard: InlineKeyboardMarkup) -> None:
        """Replace what the message holds, whatever it was."""
        key = f"put {chat} {message}"
        self._edit(key, chat, message, text, keyboard)
        self._shown.pop(key, None)

    async def show_progress(self, announcement: Announcement, now: datetime) -> None:
        """Bring the announcement's live message up to date, if there is one."""
        key = f"announcement {announcement.id}"
        async with self.lock(announcement):
            announcement = await self._services.announcements.get(announcement.id)
            await self._show(key, announcement, now)
        if announcement.finished_at is not None:
            self._shown.pop(key, None)
            self._turns.pop(key, None)

    async def _show(self, key: str, announcement: Announcement, now: datetime) -> None:
        """Edit the live message, unless it holds a question."""
        if announcement.report is None or announcement.report in self._asking:
            return
        chat, message = announcement.report
        t = await self._notifier.translator_of(chat)
        text = await self.text(announcement, await self._services.broadcaster.progress(announcement), now, t)
        self._edit(key, chat, message, text, await self.keyboard(announcement, t))

    async def text(self, announcement: Announcement, progress: Progress, now: datetime, t: Translator) -> Html:
        """Return the report of the current state: with the pace while it is sent, with failures at the end."""
        rate = left = 0.0
        more = Html("")
        if announcement.state is AnnouncementState.SENDING and progress.open:
            pace = await self._services.broadcaster.pace(announcement, now)
            rate, left = pace.rate, pace.left.total_seconds()
            if pace.waits_until is not None:
                timezone = await self._notifier.zone_of(announcement.report.chat_id) if announcement.report else "UTC"
                more = t.html(
                    "The last chats get it {when} ({zone}).",
                    when=t.moment(pace.waits_until, timezone),
                    zone=zone_label(timezone),
                )
        elif not progress.open:
            failures = await self._services.broadcaster.failures(announcement.id, _REASONS_READ)
            reasons = shown_reasons(failures, _REASONS, t)
            more = LINE_BREAK.join(t.html("  – {reason}: {n}", reason=why, n=t.number(n)) for why, n in reasons)
        recalled = await self._services.editor.is_recalled(announcement.id)
        return report_text(announcement, progress, t, rate=rate, left=left, more=more, taken_back=recalled)

    async def keyboard(self, announcement: Announcement, t: Translator) -> InlineKeyboardMarkup:
        """Return the buttons below the report as it is now."""
        recalled = await self._services.editor.is_recalled(announcement.id)
        again = 0 if recalled else await self.again(announcement)
        return report_keyboard(announcement, t, again=again, taken_back=recalled)

    async def again(self, announcement: Announcement) -> int:
        """Return to how many chats it could be sent again; to none before its end."""
        if announcement.state not in (AnnouncementState.DONE, AnnouncementState.CANCELLED):
            return 0
        return sum((await self._services.broadcaster.to_resend(announcement.id)).values())

    async def show_change(self, change: CopyChange, counts: Mapping[CopyState, int]) -> None:
        """Bring the live message of an edit or a recall up to date, if there is one."""
        announcement = await self._services.announcements.get(change.announcement_id)
        async with self.lock(announcement):
            # The live message may have been sent since the change was read.
            last = await self._services.editor.last(announcement.id)
            await self._show_change(announcement, last if last and last.id == change.id else change, counts)
        if change.finished_at is not None:
            self._shown.pop(f"act {change.id}", None)

    async def _show_change(
        self, announcement: Announcement, change: CopyChange, counts: Mapping[CopyState, int]
    ) -> None:
        if change.report is None:
            return
        t = await self._notifier.translator_of(change.report.chat_id)
        keyboard = copy_change_keyboard(announcement.id, t, running=change.finished_at is None)
        text = copy_change_text(announcement, change, counts, t)
        self._edit(f"act {change.id}", *change.report, text, keyboard)

    async def tell_paused(self, announcement: Announcement) -> None:
        """Tell all admins that the announcement was paused, so that whoever is awake can look into it."""
        for admin in sorted(await self._access.admins()):
            t = await self._notifier.translator_of(admin)
            text = t.html(
                "⏸ <b>Announcement {n} was paused automatically</b>\n“{title}”\nToo many failed: {reason}",
                n=announcement.id,
                title=announcement_title(announcement, t),
                reason=reason_text(announcement.reason, t),
            )
            await self._notifier.notify(admin, text, report_keyboard(announcement, t))

    def _edit(self, key: str, chat: int, message: int, text: Html, keyboard: InlineKeyboardMarkup) -> None:
        shown = f"{chat} {message} {text} {keyboard.to_json()}"
        if self._shown.get(key) == shown:
            return
        self._shown[key] = shown
        # Queued behind whatever else is shown there; a message that was deleted is left alone.
        self._screens.show(chat, message, Screen(text, keyboard))
