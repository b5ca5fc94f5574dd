"""Announcements that were confirmed: list them, watch one, pause, cancel. `Changes` is for what comes afterwards."""

from __future__ import annotations

from dataclasses import replace

from telegram import InlineKeyboardMarkup
from telegram.error import BadRequest

from bot.callbacks import Announcements, Callback, Card, Do
from bot.handlers.announcements.card import Cards
from bot.handlers.announcements.changes import Changes, Deed
from bot.handlers.announcements.choices import refused_text
from bot.handlers.announcements.drafts import Drafts
from bot.handlers.announcements.report import Reports
from bot.handlers.context import Talk
from bot.handlers.services import House
from bot.keyboards.announcements import cancel_keyboard, list_keyboard, sure_keyboard
from bot.keyboards.base import PAGE, button
from bot.markup import Html
from bot.render.announcement_draft import STATE_MARKS, title_of
from bot.render.announcement_report import list_line
from digests.errors import NotFound
from digests.model.announcement import EVERY_LANGUAGE, Announcement, AnnouncementState
from digests.model.ids import AnnouncementId


class Going:
    """What any admin may do with an announcement that was confirmed, whoever wrote it."""

    def __init__(self, house: House, drafts: Drafts, cards: Cards, reports: Reports, changes: Changes) -> None:
        self._house = house
        self._drafts = drafts
        self._cards = cards
        self._reports = reports
        self._deeds: dict[str, Deed] = {
            "take": self._take_over,
            "unschedule": self._unschedule,
            "pause": self._pause,
            "resume": self._resume,
            "cancel": self._cancel,
            "cancel!": self._cancel_for_good,
            **changes.deeds,
        }

    async def pressed(self, talk: Talk, callback: Card) -> None:
        try:
            one = await self._house.announcements.get(AnnouncementId(callback.announcement))
        except NotFound:
            await talk.answer(talk.words.say("This announcement was sent or discarded already."), alert=True)
            return
        if callback.what == "open":
            if await self._reports.may_read(talk, one):
                await self._open(talk, one)
            return
        deed = self._deeds.get(callback.what)
        if deed is None or not talk.is_admin:
            await talk.answer(talk.words.say("Only an admin can do that."), alert=True)
            return
        await deed(talk, one, callback.value)

    async def _open(self, talk: Talk, one: Announcement) -> None:
        """From a list: the card of an own draft, a look at another's, or the report."""
        if one.state is AnnouncementState.DRAFT:
            if one.author_id == talk.user.id:
                await self._drafts.listen(talk, None)
                await self._cards.open(talk, one)
                return
            name = await self._house.name_of(one.author_id)
            await self._preview(talk, one)
            keyboard = InlineKeyboardMarkup(
                [
                    [button(talk.words.say("✍️ Take it over"), Card(one.id, "take"))],
                    [button(talk.words.say("Close"), Do("close"))],
                ]
            )
            await talk.reply(talk.words.html("☝️ A draft of {name}.", name=name), keyboard)
            return
        await self._reports.reply(talk, one)

    async def _preview(self, talk: Talk, one: Announcement) -> None:
        try:
            await talk.house.shower.show(talk.chat.id, one.part(EVERY_LANGUAGE))
        except BadRequest as error:
            await talk.reply(refused_text(error.message, talk.words))

    async def _take_over(self, talk: Talk, one: Announcement, _value: str) -> None:
        if not await self._house.announcements.take_over(one.id, talk.user.id, author=one.author_id):
            await self._drafts.too_late(talk, one)
            return
        await self._house.audit(talk.user.id, "take", announcement=one.id, author=one.author_id)
        await self._cards.open(talk, await self._house.announcements.get(one.id))

    async def _unschedule(self, talk: Talk, one: Announcement, _value: str) -> None:
        by = talk.user.id if one.author_id != talk.user.id else None
        if not await self._house.announcements.take_back(one.id, by=by):
            await self._reports.too_late(talk, one)
            return
        await self._house.audit(talk.user.id, "unschedule", announcement=one.id)
        one = await self._house.announcements.get(one.id)
        await self._cards.open(talk, one)
        if talk.pressed is not None and talk.pressed.message_id != one.card:
            # A report that was opened from the list: "scheduled" is true no more.
            await self._cards.forget(talk, replace(one, previews=(), card=talk.pressed.message_id))

    async def _pause(self, talk: Talk, one: Announcement, _value: str) -> None:
        if not await self._house.announcer.pause(one.id):
            await self._reports.too_late(talk, one)
            return
        await self._house.audit(talk.user.id, "pause", announcement=one.id)
        await self._reports.show(talk, one)

    async def _resume(self, talk: Talk, one: Announcement, _value: str) -> None:
        if not await self._house.announcer.resume(one.id, talk.now):
            await self._reports.too_late(talk, one)
            return
        self._house.wake("deliver")
        await self._house.audit(talk.user.id, "resume", announcement=one.id)
        await self._reports.show(talk, one)

    async def _cancel(self, talk: Talk, one: Announcement, _value: str) -> None:
        """It stands still at once, where it is on its way; whether for good is asked then."""
        if one.state is AnnouncementState.SCHEDULED:
            text = talk.words.html(
                "⏹ <b>Cancel it?</b>\nNobody has got it yet. To send it later or otherwise, change it instead."
            )
            keyboard = sure_keyboard(one.id, talk.words.say("⏹ Yes, cancel it"), "cancel!", talk.words)
            await self._reports.question(talk, text, keyboard)
            return
        if not await self._house.announcer.pause(one.id):
            await self._reports.too_late(talk, one)
            return
        await self._house.audit(talk.user.id, "pause", announcement=one.id)
        left = (await self._house.announcer.progress(one)).open
        text = talk.words.count_html(
            "⏹ <b>Cancel it?</b>\n{n} chat has not got it yet. Nothing leaves while you decide.",
            "⏹ <b>Cancel it?</b>\n{n} chats have not got it yet. Nothing leaves while you decide.",
            left,
        )
        await self._reports.question(talk, text, cancel_keyboard(one.id, talk.words))

    async def _cancel_for_good(self, talk: Talk, one: Announcement, _value: str) -> None:
        if not await self._house.announcer.stop(one.id, talk.now):
            await self._reports.too_late(talk, one)
            return
        await self._house.audit(talk.user.id, "cancel", announcement=one.id)
        await self._reports.show(talk, one)

    async def listing(self, talk: Talk) -> None:
        """/announcements"""
        if await talk.may_do_here():
            await self._list(talk, 0)

    async def turned(self, talk: Talk, callback: Callback) -> None:
        assert isinstance(callback, Announcements)
        await self._list(talk, callback.page)

    async def _list(self, talk: Talk, page: int) -> None:
        words = talk.words
        author = None if talk.is_admin else talk.user.id
        found, total = await self._house.announcements.page(page * PAGE, PAGE, author)
        if not found:
            await talk.show(words.html("There are no announcements yet. /announce writes one."))
            return
        zone, progress = talk.place.timezone, self._house.announcer.progress
        heading = words.html("📣 <b>Announcements</b>")
        recalled = self._house.changer.is_recalled
        lines = [
            heading,
            *[list_line(one, await progress(one), zone, words, taken_back=await recalled(one.id)) for one in found],
        ]
        labels = [(one.id, f"{STATE_MARKS[one.state]} № {one.id} · {title_of(one, words)}") for one in found]
        await talk.show(Html("\n\n".join(lines)), list_keyboard(labels, page, -(-total // PAGE), words))
