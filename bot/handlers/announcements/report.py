"""The report of an announcement that was confirmed: shown, and given way to a question."""

from __future__ import annotations

from datetime import datetime

from telegram import InlineKeyboardMarkup

from bot.handlers.announcements.card import Cards
from bot.handlers.announcements.drafts import Drafts
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.context import Talk
from bot.handlers.services import House
from bot.i18n import Speech, speech
from bot.keyboards.announcements import refresh_keyboard
from bot.markup import Html
from bot.render.announcement_report import as_of, scheduled_text
from digests.errors import NotFound
from digests.model.announcement import Announcement, AnnouncementState
from digests.model.ids import AnnouncementId


class Reports:
    """Shows reports to whoever asks; `Reporter` keeps up to date the one that an admin opened last.

    All others say of when they are, and can be refreshed: many messages that count would take the announcement's own
    share of Telegram's rate.
    """

    def __init__(self, house: House, reporter: Reporter, cards: Cards, drafts: Drafts) -> None:
        self._house = house
        self._reporter = reporter
        self._cards = cards
        self._drafts = drafts

    async def back(self, talk: Talk, number: int) -> bool:
        """Shows the report again in place of a question; False for a draft, whose card is something else."""
        try:
            one = await self._house.announcements.get(AnnouncementId(number))
        except NotFound:
            return False
        if one.state is AnnouncementState.DRAFT:
            return False
        if not await self.may_read(talk, one):
            return True
        await self._house.people.set_dialog(talk.chat.id, talk.user.id, None, talk.now)
        await self.show(talk, one)
        return True

    async def may_read(self, talk: Talk, one: Announcement) -> bool:
        """Return whether it is theirs or they are an admin, after telling an editor why not."""
        if talk.is_admin or one.author_id == talk.user.id:
            return True
        if one.state is AnnouncementState.DRAFT:
            await self._drafts.say_whose(talk, one)
        else:
            await talk.answer(talk.words.say("Only an admin can do that."), alert=True)
        return False

    async def show(self, talk: Talk, one: Announcement) -> None:
        """The report in place of the message that was pressed, which from now on is the one that counts."""
        async with self._reporter.turn(one):
            one = await self._house.announcements.get(one.id)
            await talk.show(*await self._report(talk, one))
            if talk.pressed is not None:
                await self._counts_in(talk, one, talk.pressed.message_id)

    async def reply(self, talk: Talk, one: Announcement) -> None:
        """The report at the end of the chat."""
        async with self._reporter.turn(one):
            one = await self._house.announcements.get(one.id)
            message = await talk.reply(*await self._report(talk, one))
            await self._counts_in(talk, one, message)

    async def _counts_in(self, talk: Talk, one: Announcement, message: int) -> None:
        if not talk.is_admin:
            return
        await self._house.announcements.report_to(one.id, talk.chat.id, message)
        self._reporter.counts(one, talk.chat.id, message)
        if one.report_chat and one.report_message and (one.report_chat, one.report_message) != (talk.chat.id, message):
            await self._leave(one, one.report_chat, one.report_message, talk.now)

    async def _leave(self, one: Announcement, chat: int, message: int, now: datetime) -> None:
        """It counts no more, and says so."""
        place = await self._house.places.find(chat)
        words, zone = speech(place.language if place else "en"), place.timezone if place else "UTC"
        text = as_of(await self._text(one, now, zone, words), now, zone, words)
        keyboard = refresh_keyboard(one.id, words, await self._reporter.keyboard(one, words))
        self._reporter.leave(chat, message, text, keyboard)

    async def question(self, talk: Talk, text: Html, keyboard: InlineKeyboardMarkup) -> None:
        """In place of the report."""
        if talk.pressed is not None:
            self._reporter.asks(talk.chat.id, talk.pressed.message_id)
        await talk.show(text, keyboard)

    async def answered(self, talk: Talk, one: Announcement, message: int) -> None:
        """The report again in place of a question that was answered with a text."""
        async with self._reporter.turn(one):
            one = await self._house.announcements.get(one.id)
            self._reporter.put(talk.chat.id, message, *await self._report(talk, one))
            await self._counts_in(talk, one, message)

    async def too_late(self, talk: Talk, one: Announcement) -> None:
        """Another admin, or the end, was faster."""
        await talk.answer(talk.words.say("It has gone on meanwhile; here is how it stands."), alert=True)
        await self.show(talk, one)

    async def _report(self, talk: Talk, one: Announcement) -> tuple[Html, InlineKeyboardMarkup]:
        words, zone = talk.words, talk.place.timezone
        text = await self._text(one, talk.now, zone, words)
        if talk.is_admin:
            return text, await self._reporter.keyboard(one, words)
        return as_of(text, talk.now, zone, words), refresh_keyboard(one.id, words)

    async def _text(self, one: Announcement, now: datetime, zone: str, words: Speech) -> Html:
        if one.state is AnnouncementState.SCHEDULED:
            reach = await self._house.announcer.reach(one, now)
            names = await self._cards.category_names(one)
            return scheduled_text(one, reach.chats, names, zone, words)
        return await self._reporter.text(one, await self._house.announcer.progress(one), now, words)
