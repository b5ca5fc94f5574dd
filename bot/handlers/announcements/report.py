"""The report of a confirmed announcement: shown, or replaced by a question."""

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
from bot.render.announcement_report import as_of, scheduled_text
from bot.text.markup import Html
from digests.errors import NotFound
from digests.model.announcement import Announcement, AnnouncementState
from digests.model.ids import AnnouncementId, MessageRef


class Reports:
    """Shows reports to whoever asks; `Reporter` keeps the one that an admin opened last live.

    All others are dated, and can be refreshed: many live messages would use up the announcement's own share of
    Telegram's rate.
    """

    def __init__(self, services: AnnouncementServices, reporter: Reporter, cards: Cards, drafts: Drafts) -> None:
        self._services = services
        self._reporter = reporter
        self._cards = cards
        self._drafts = drafts

    async def back(self, context: Context, number: int) -> bool:
        """Replace a question with the report.

        Return False for a draft, which has a card and no report, and for an announcement that no longer exists.
        """
        try:
            announcement = await self._services.announcements.get(AnnouncementId(number))
        except NotFound:
            return False
        if announcement.state is AnnouncementState.DRAFT:
            return False
        if not await self.may_read(context, announcement):
            return True
        await self._services.people.set_dialog(context.chat.id, context.user.id, None, context.now)
        await self.show(context, announcement)
        return True

    async def may_read(self, context: Context, announcement: Announcement) -> bool:
        """Return whether it is theirs or they are an admin, after telling an editor why not."""
        if context.is_admin or announcement.author_id == context.user.id:
            return True
        if announcement.state is AnnouncementState.DRAFT:
            await self._drafts.say_whose(context, announcement)
        else:
            await context.answer(context.t("Only an admin can do that."), alert=True)
        return False

    async def show(self, context: Context, announcement: Announcement) -> None:
        """Show the report in place of the pressed message, which is the live one from now on."""
        async with self._reporter.lock(announcement):
            announcement = await self._services.announcements.get(announcement.id)
            await context.show(*await self._report(context, announcement))
            if context.pressed is not None:
                await self._counts_in(context, announcement, context.pressed.message_id)

    async def reply(self, context: Context, announcement: Announcement) -> None:
        """Send the report to the end of the chat."""
        async with self._reporter.lock(announcement):
            announcement = await self._services.announcements.get(announcement.id)
            message = await context.reply(*await self._report(context, announcement))
            await self._counts_in(context, announcement, message)

    async def _counts_in(self, context: Context, announcement: Announcement, message: int) -> None:
        """Make an admin's message the live one, and date the one that was live before."""
        if not context.is_admin:
            return
        report = MessageRef(context.chat.id, message)
        await self._services.announcements.report_to(announcement.id, report)
        self._reporter.counts(announcement, context.chat.id, message)
        if announcement.report is not None and announcement.report != report:
            await self._leave(context, announcement, *announcement.report)

    async def _leave(self, context: Context, announcement: Announcement, chat: int, message: int) -> None:
        """Date the report in a message that is no longer live."""
        t, zone = await context.notifier.translator_of(chat), await context.notifier.zone_of(chat)
        text = as_of(await self._text(announcement, context.now, zone, t), context.now, zone, t)
        keyboard = refresh_keyboard(announcement.id, t, await self._reporter.keyboard(announcement, t))
        self._reporter.leave(chat, message, text, keyboard)

    async def question(self, context: Context, text: Html, keyboard: InlineKeyboardMarkup) -> None:
        """Replace the report with a question."""
        if context.pressed is not None:
            chat, message = context.chat.id, context.pressed.message_id
            self._reporter.asks(chat, message)
            # The counts may be shown by another process; the way back makes it the live message again.
            await self._services.announcements.report_no_more(MessageRef(chat, message))
        await context.show(text, keyboard)

    async def answered(self, context: Context, announcement: Announcement, message: int) -> None:
        """Show the report again in place of a question that was answered with a text."""
        async with self._reporter.lock(announcement):
            announcement = await self._services.announcements.get(announcement.id)
            self._reporter.put(context.chat.id, message, *await self._report(context, announcement))
            await self._counts_in(context, announcement, message)

    async def too_late(self, context: Context, announcement: Announcement) -> None:
        """Tell somebody that another admin, or the end, was faster, and show the report."""
        await context.answer(context.t("Its status has changed. Here is the current state."), alert=True)
        await self.show(context, announcement)

    async def _report(self, context: Context, announcement: Announcement) -> tuple[Html, InlineKeyboardMarkup]:
        t, zone = context.t, context.place.timezone
        text = await self._text(announcement, context.now, zone, t)
        if context.is_admin:
            return text, await self._reporter.keyboard(announcement, t)
        return as_of(text, context.now, zone, t), refresh_keyboard(announcement.id, t)

    async def _text(self, announcement: Announcement, now: datetime, zone: str, t: Translator) -> Html:
        if announcement.state is AnnouncementState.SCHEDULED:
            reach = await self._services.broadcaster.reach(announcement, now)
            names = await self._cards.category_names(announcement)
            return scheduled_text(announcement, reach.chats, names, zone, t)
        return await self._reporter.text(announcement, await self._services.broadcaster.progress(announcement), now, t)
