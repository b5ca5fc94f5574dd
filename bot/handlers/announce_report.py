"""The report of an announcement that was confirmed: shown, and given way to a question."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.handlers.announce_card import Cards
from bot.handlers.house import House
from bot.handlers.reporting import Reporter
from bot.handlers.talk import Talk
from bot.render.announced import scheduled_text
from bot.render.markup import Html
from digests.announcement import Announcement
from digests.errors import NotFound
from digests.types import AnnouncementId, AnnouncementState


class Reports:
    """Shows reports to whoever asks; `Reporter` keeps them up to date."""

    def __init__(self, house: House, reporter: Reporter, cards: Cards) -> None:
        self._house = house
        self._reporter = reporter
        self._cards = cards

    async def back(self, talk: Talk, number: int) -> bool:
        """Shows the report again in place of a question; False for a draft, whose card is something else."""
        try:
            one = await self._house.announcements.get(AnnouncementId(number))
        except NotFound:
            return False
        if one.state is AnnouncementState.DRAFT:
            return False
        await self._house.people.set_dialog(talk.chat.id, talk.user.id, None, talk.now)
        await self.show(talk, one)
        return True

    async def show(self, talk: Talk, one: Announcement) -> None:
        """The report in place of the message that was pressed, which from now on is the one that counts."""
        async with self._reporter.turn(one):
            text, keyboard = await self._report(talk, await self._house.announcements.get(one.id))
            await talk.show(text, keyboard)
            if talk.pressed is not None and talk.is_admin:
                await self._counts_in(talk, one, talk.pressed.message_id)

    async def _counts_in(self, talk: Talk, one: Announcement, message: int) -> None:
        await self._house.announcements.report_to(one.id, talk.chat.id, message)
        self._reporter.counts(one, talk.chat.id, message)

    async def question(self, talk: Talk, text: Html, keyboard: InlineKeyboardMarkup) -> None:
        """In place of the report."""
        if talk.pressed is not None:
            self._reporter.asks(talk.chat.id, talk.pressed.message_id)
        await talk.show(text, keyboard)

    async def _report(self, talk: Talk, one: Announcement) -> tuple[Html, InlineKeyboardMarkup | None]:
        words = talk.words
        keyboard = await self._reporter.keyboard(one, words) if talk.is_admin else None
        if one.state is AnnouncementState.SCHEDULED:
            reach = await self._cards.reach(talk, one)
            names = await self._cards.category_names(one)
            return scheduled_text(one, reach.chats, names, talk.place.timezone, words), keyboard
        progress = await self._house.announcer.progress(one)
        return await self._reporter.text(one, progress, talk.now, words), keyboard

    async def too_late(self, talk: Talk, one: Announcement) -> None:
        """Another admin, or the end, was faster."""
        await talk.answer(talk.words.say("It has gone on meanwhile; here is how it stands."), alert=True)
        await self.show(talk, one)

    async def reply(self, talk: Talk, one: Announcement) -> None:
        """The report at the end of the chat."""
        async with self._reporter.turn(one):
            text, keyboard = await self._report(talk, await self._house.announcements.get(one.id))
            message = await talk.reply(text, keyboard)
            if talk.is_admin:
                await self._counts_in(talk, one, message.message_id)
