"""The count while an announcement goes (and while it is changed or taken back), and the report at its end."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime

from telegram import InlineKeyboardMarkup

from bot.handlers.services import House
from bot.i18n import Speech
from bot.keyboards.announcements import act_keyboard, report_keyboard
from bot.markup import Html
from bot.render.announcement_draft import title_of
from bot.render.announcement_report import act_text, report_text
from bot.render.reasons import reason_text, shown_reasons
from bot.telegram.messenger import Screen
from digests.errors import NotFound
from digests.model.announcement import Act, Announcement, AnnouncementState, CopyState, Progress
from digests.model.timezones import zone_label

logger = logging.getLogger(__name__)

_REASONS = 3
_REASONS_READ = 20


class Reporter:
    """Keeps the messages of announcements under way up to date, from the rows, and looks after their rows."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._shown: dict[str, str] = {}
        self._asking: set[tuple[int, int]] = set()
        self._turns: dict[str, asyncio.Lock] = {}

    def turn(self, one: Announcement) -> asyncio.Lock:
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
        delivery = self._house.settings.delivery
        for one in await self._house.announcements.unsettled():
            reason = await self._house.announcer.look_after(one, now, delivery.pause_failures, delivery.workers)
            if reason:
                one = await self._house.announcements.get(one.id)
                logger.warning("announcement paused itself", extra={"announcement": one.id, "reason": reason})
                await self._house.audit(0, "autopause", announcement=one.id, reason=reason)
                await self._tell_admins(one)

    async def report_all(self, now: datetime) -> None:
        """Shows how far each has come; one that has come to its end is finished and gets its report."""
        for one in await self._house.announcements.unsettled():
            await self._report(one, now)
        for act in await self._house.follow_up.acts.open():
            await self._report_act(act, now)

    async def _report(self, one: Announcement, now: datetime) -> None:
        if one.planned_at is None and one.state is not AnnouncementState.CANCELLED:
            return
        progress = await self._house.announcer.progress(one)
        if not progress.open and await self._house.announcements.finish(one.id, now):
            logger.info("announcement done", extra={"announcement": one.id, "total": progress.total})
        key = f"announcement {one.id}"
        async with self.turn(one):
            one = await self._house.announcements.get(one.id)
            await self._show(key, one, now)
        if one.finished_at is not None:
            self._shown.pop(key, None)
            self._turns.pop(key, None)

    async def _show(self, key: str, one: Announcement, now: datetime) -> None:
        """Brings the message that counts up to date."""
        chat, message = one.report_chat, one.report_message
        if chat is None or message is None or (chat, message) in self._asking:
            return
        words = await self._house.words_of(chat)
        text = await self.text(one, await self._house.announcer.progress(one), now, words)
        self._edit(key, chat, message, text, await self.keyboard(one, words))

    async def text(self, one: Announcement, progress: Progress, now: datetime, words: Speech) -> Html:
        """The report as it stands."""
        rate = left = 0.0
        more = Html("")
        if one.state is AnnouncementState.SENDING and progress.open:
            pace = await self._house.announcer.pace(one, now)
            rate, left = pace.rate, pace.left.total_seconds()
            if pace.waits_until is not None:
                place = await self._house.places.find(one.report_chat) if one.report_chat else None
                timezone = place.timezone if place else "UTC"
                more = words.html(
                    "The last ones get it {when} ({zone}).",
                    when=words.moment(pace.waits_until, timezone),
                    zone=zone_label(timezone),
                )
        elif not progress.open:
            failures = await self._house.announcer.failures(one.id, _REASONS_READ)
            reasons = shown_reasons(failures, _REASONS, words)
            more = Html("\n".join(words.html("  – {reason}: {n}", reason=why, n=f"{n:,}") for why, n in reasons))
        recalled = await self._house.changer.is_recalled(one.id)
        return report_text(one, progress, words, rate=rate, left=left, more=more, taken_back=recalled)

    async def keyboard(self, one: Announcement, words: Speech) -> InlineKeyboardMarkup:
        recalled = await self._house.changer.is_recalled(one.id)
        again = 0 if recalled else await self.again(one)
        return report_keyboard(one, words, again=again, taken_back=recalled)

    async def again(self, one: Announcement) -> int:
        """To how many it could be sent again."""
        if one.state not in (AnnouncementState.DONE, AnnouncementState.CANCELLED):
            return 0
        return sum((await self._house.announcer.to_resend(one.id)).values())

    async def _report_act(self, act: Act, now: datetime) -> None:
        try:
            one = await self._house.announcements.get(act.announcement_id)
        except NotFound:
            return
        async with self.turn(one):
            # Its message may have come about meanwhile.
            current = await self._house.changer.last(one.id)
            await self._report_current(one, current if current and current.id == act.id else act, now)

    async def _report_current(self, one: Announcement, act: Act, now: datetime) -> None:
        acts = self._house.follow_up.acts
        counts = await acts.progress(act.id)
        if not counts.get(CopyState.PENDING):
            stopped = counts.get(CopyState.CANCELLED, 0)
            if not stopped and await acts.catch_up(act, now):
                self._house.wake("follow")
                counts = await acts.progress(act.id)
            elif await acts.finish(act.id, now):
                logger.info("copies changed", extra={"announcement": one.id, "act": act.kind})
                act = replace(act, finished_at=now)
        await self._show_act(one, act, counts)
        if act.finished_at is not None:
            self._shown.pop(f"act {act.id}", None)

    async def _show_act(self, one: Announcement, act: Act, counts: dict[CopyState, int]) -> None:
        if act.report_chat is None or act.report_message is None:
            return
        words = await self._house.words_of(act.report_chat)
        keyboard = act_keyboard(one.id, words, running=act.finished_at is None)
        text = act_text(one, act, counts, words)
        self._edit(f"act {act.id}", act.report_chat, act.report_message, text, keyboard)

    async def _tell_admins(self, one: Announcement) -> None:
        """All of them: whoever is awake can see to it."""
        for admin in sorted(await self._house.admins()):
            words = await self._house.words_of(admin)
            text = words.html(
                "⏸ <b>Announcement {n} paused itself</b>\n“{title}”\nToo many failed: {reason}",
                n=one.id,
                title=title_of(one, words),
                reason=reason_text(one.reason, words),
            )
            await self._house.tell(admin, text, report_keyboard(one, words))

    def _edit(self, key: str, chat: int, message: int, text: Html, keyboard: InlineKeyboardMarkup) -> None:
        shown = f"{chat} {message} {text} {keyboard.to_json()}"
        if self._shown.get(key) == shown:
            return
        self._shown[key] = shown
        # Behind whatever the admin was shown there before; a message that is deleted is left alone.
        self._house.screens.show(chat, message, Screen(text, keyboard))
