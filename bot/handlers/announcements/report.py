"""The report of an announcement that was confirmed: shown, and given way to a question."""

from __future__ import annotations

from datetime import datetime

from telegram import InlineKeyboardMarkup

from bot.handlers.announcements.card import Cards
from bot.handlers.announcements.drafts import Drafts
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.context import Context
from bot.handlers.services import AnnouncementServices
from bot.i18n import Translator
from bot.keyboards.announcements import refresh_keyboard
from bot.markup import Html
from bot.render.announcement_report import as_of, scheduled_text
from digests.errors import NotFound
from digests.model.announcement import Announcement, AnnouncementState
from digests.model.ids import AnnouncementId, MessageRef


class Reports:
    """Shows reports to whoever asks; `Reporter` keeps up to date the one that an admin opened last.

    All others say of when they are, and can be refreshed: many messages that count would take the announcement's own
    share of Telegram's rate.
    """

    def __init__(self, services: AnnouncementServices, reporter: Reporter, cards: Cards, drafts: Drafts) -> None:
        self._services = services
        self._reporter = reporter
        self._cards = cards
        self._drafts = drafts

    async def back(self, context: Context, number: int) -> bool:
        """Shows the report again in place of a question; False for a draft, whose card is something else."""
        try:
            one = await self._services.announcements.get(AnnouncementId(number))
        except NotFound:
            return False
        if one.state is AnnouncementState.DRAFT:
            return False
        if not await self.may_read(context, one):
            return True
        await self._services.people.set_dialog(context.chat.id, context.user.id, None, context.now)
        await self.show(context, one)
        return True

    async def may_read(self, context: Context, one: Announcement) -> bool:
        """Return whether it is theirs or they are an admin, after telling an editor why not."""
        if context.is_admin or one.author_id == context.user.id:
            return True
        if one.state is AnnouncementState.DRAFT:
            await self._drafts.say_whose(context, one)
        else:
            await context.answer(context.t("Only an admin can do that."), alert=True)
        return False

    async def show(self, context: Context, one: Announcement) -> None:
        """The report in place of the message that was pressed, which from now on is the one that counts."""
        async with self._reporter.lock(one):
            one = await self._services.announcements.get(one.id)
            await context.show(*await self._report(context, one))
            if context.pressed is not None:
                await self._counts_in(context, one, context.pressed.message_id)

    async def reply(self, context: Context, one: Announcement) -> None:
        """The report at the end of the chat."""
        async with self._reporter.lock(one):
            one = await self._services.announcements.get(one.id)
            message = await context.reply(*await self._report(context, one))
            await self._counts_in(context, one, message)

    async def _counts_in(self, context: Context, one: Announcement, message: int) -> None:
        if not context.is_admin:
            return
        report = MessageRef(context.chat.id, message)
        await self._services.announcements.report_to(one.id, report)
        self._reporter.counts(one, context.chat.id, message)
        if one.report is not None and one.report != report:
            await self._leave(context, one, *one.report)

    async def _leave(self, context: Context, one: Announcement, chat: int, message: int) -> None:
        """Say in a message that counts no more of when it is."""
        t, zone = await context.notifier.translator_of(chat), await context.notifier.zone_of(chat)
        text = as_of(await self._text(one, context.now, zone, t), context.now, zone, t)
        keyboard = refresh_keyboard(one.id, t, await self._reporter.keyboard(one, t))
        self._reporter.leave(chat, message, text, keyboard)

    async def question(self, context: Context, text: Html, keyboard: InlineKeyboardMarkup) -> None:
        """In place of the report."""
        if context.pressed is not None:
            self._reporter.asks(context.chat.id, context.pressed.message_id)
        await context.show(text, keyboard)

    async def answered(self, context: Context, one: Announcement, message: int) -> None:
        """The report again in place of a question that was answered with a text."""
        async with self._reporter.lock(one):
            one = await self._services.announcements.get(one.id)
            self._reporter.put(context.chat.id, message, *await self._report(context, one))
            await self._counts_in(context, one, message)

    async def too_late(self, context: Context, one: Announcement) -> None:
        """Another admin, or the end, was faster."""
        await context.answer(context.t("Its status has changed. Here is the current state."), alert=True)
        await self.show(context, one)

    async def _report(self, context: Context, one: Announcement) -> tuple[Html, InlineKeyboardMarkup]:
        t, zone = context.t, context.place.timezone
        text = await self._text(one, context.now, zone, t)
        if context.is_admin:
            return text, await self._reporter.keyboard(one, t)
        return as_of(text, context.now, zone, t), refresh_keyboard(one.id, t)

    async def _text(self, one: Announcement, now: datetime, zone: str, t: Translator) -> Html:
        if one.state is AnnouncementState.SCHEDULED:
            reach = await self._services.broadcaster.reach(one, now)
            names = await self._cards.category_names(one)
            return scheduled_text(one, reach.chats, names, zone, t)
        return await self._reporter.text(one, await self._services.broadcaster.progress(one), now, t)
