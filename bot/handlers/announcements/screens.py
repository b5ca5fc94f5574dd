"""/announce: write it, see it as readers will, choose to whom and when, confirm. The card holds it all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from telegram import InlineKeyboardMarkup

from bot.callbacks import ActionButton, CardButton
from bot.card_actions import CardAction
from bot.handlers.announcements.card import Cards
from bot.handlers.announcements.changes import ChangeScreens
from bot.handlers.announcements.choices import next_days, next_kind, next_language
from bot.handlers.announcements.drafts import Drafts
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.announcements.manage import ManageScreens
from bot.handlers.announcements.options import OptionScreens
from bot.handlers.announcements.report import Reports
from bot.handlers.announcements.send import SendScreens
from bot.handlers.announcements.texts import TextScreens
from bot.handlers.context import Context
from bot.handlers.services import AnnouncementServices
from bot.keyboards.base import button
from bot.render.announcement_draft import announcement_title
from digests.model.announcement import EVERY_LANGUAGE, Announcement, Audience, Timing
from digests.model.dialogs import (
    AwaitedAlbum,
    AwaitedAnnouncement,
    AwaitedEdit,
    AwaitedOption,
    AwaitedText,
    Dialog,
    UnconfirmedEdit,
)

ShowScreen = Callable[[Context, Announcement, str], Awaitable[None]]


class AnnouncementScreens:
    """The admin's side of announcements, until they are confirmed; then `ManageScreens` takes over."""

    def __init__(self, services: AnnouncementServices, reporter: Reporter) -> None:
        self._services = services
        self._cards = cards = Cards(services)
        self._drafts = drafts = Drafts(services)
        self._reports = Reports(services, reporter, cards, drafts)
        self._texts = TextScreens(services, cards, drafts)
        self.options = OptionScreens(services, cards, drafts)
        self.send = SendScreens(services, reporter, cards, drafts, self._reports)
        self.changes = ChangeScreens(services, reporter, drafts, self._reports)
        self.manage = ManageScreens(services, drafts, cards, self._reports, self.changes)
        self._screens = self._all_screens()

    def _all_screens(self) -> dict[CardAction, ShowScreen]:
        cards, texts, options, send = self._cards, self._texts, self.options, self.send
        return {
            CardAction.CARD: lambda context, one, _: self._back(context, one),
            CardAction.TEXTS: lambda context, one, _: texts.all(context, one),
            CardAction.LANGUAGE: texts.language,
            CardAction.SHOW: texts.show,
            CardAction.REMOVE_TEXT: texts.remove,
            CardAction.BUTTONS: lambda context, one, _: options.buttons(context, one),
            CardAction.NO_BUTTONS: options.no_buttons,
            CardAction.AUDIENCE: lambda context, one, _: options.audience(context, one),
            CardAction.EVERYBODY: lambda context, one, _: options.set_audience(context, one, Audience()),
            CardAction.NEXT_LANGUAGE: lambda context, one, _: options.set_audience(
                context, one, next_language(one.audience)
            ),
            CardAction.NEXT_DAYS: lambda context, one, _: options.set_audience(context, one, next_days(one.audience)),
            CardAction.NEXT_KIND: lambda context, one, _: options.set_audience(context, one, next_kind(one.audience)),
            CardAction.IDS: options.ids,
            CardAction.WHEN: lambda context, one, _: options.when(context, one),
            CardAction.NOW: lambda context, one, _: options.set_timing(context, one, Timing()),
            CardAction.AT: options.ask_moment,
            CardAction.LOCAL: options.local,
            CardAction.QUIET: options.quiet,
            CardAction.PAID: options.pay,
            CardAction.SOUND: lambda context, one, _: options.set_options(context, replace(one, silent=not one.silent)),
            CardAction.PIN: lambda context, one, _: options.set_options(context, replace(one, pinned=not one.pinned)),
            CardAction.TEST: lambda context, one, _: cards.test(context, one),
            CardAction.SEND_TEST: send.test,
            CardAction.READY: send.ready,
            CardAction.DISCARD: send.ask_discard,
            CardAction.SEND: lambda context, one, _: send.go(context, one),
        }

    async def begin(self, context: Context) -> None:
        """/announce, or /announce TEXT."""
        if context.text:
            await self._texts.receive(context, None, EVERY_LANGUAGE)
            return
        await self._drafts.listen(context, AwaitedAnnouncement())
        drafts = (await self._services.announcements.drafts(context.user.id))[-3:]
        rows = [
            [
                button(
                    context.t("📝 Continue “{title}”", title=announcement_title(one, context.t)),
                    CardButton(one.id, CardAction.OPEN),
                )
            ]
            for one in reversed(drafts)
        ]
        rows.append([button(context.t("Cancel"), ActionButton("cancel"))])
        await context.reply(
            context.t.html(
                "📣 <b>New announcement</b>\nSend me its text, with any formatting and links. A photo, an "
                "album, a file or a message you forward works too. You will see it before anyone else does."
            ),
            InlineKeyboardMarkup(rows),
        )

    async def written(self, context: Context, dialog: Dialog) -> bool:
        """Take a message for what was waited for; return False when it is not that after all."""
        match dialog:
            case AwaitedEdit() | UnconfirmedEdit():
                await self.changes.rewritten(context, dialog)
            case AwaitedAnnouncement():
                await self._texts.receive(context, None, EVERY_LANGUAGE)
            case AwaitedText() | AwaitedAlbum() | AwaitedOption():
                return await self._written_for_draft(context, dialog)
        return True

    async def _written_for_draft(self, context: Context, dialog: AwaitedText | AwaitedAlbum | AwaitedOption) -> bool:
        one = await self._drafts.draft(context, dialog.announcement)
        if one is None:
            await self._drafts.listen(context, None)
            return True
        match dialog:
            case AwaitedAlbum():
                return await self._texts.album_item(context, one, dialog)
            case AwaitedOption(option=option):
                await self.options.typed(context, one, option)
            case AwaitedText(language=language):
                await self._texts.receive(context, one, language)
        return True

    async def pressed(self, context: Context, callback: CardButton) -> None:
        screen = self._screens.get(callback.what)
        if callback.what is CardAction.CARD and await self._reports.back(context, callback.announcement):
            return
        if screen is None:
            await self.manage.pressed(context, callback)
            return
        if callback.what is CardAction.SEND and not context.is_admin:
            await context.answer(context.t("Only an admin can do that."), alert=True)
            return
        one = await self._drafts.draft(context, callback.announcement)
        if one is not None:
            await screen(context, one, callback.value)

    async def _back(self, context: Context, one: Announcement) -> None:
        await self._drafts.listen(context, None)
        await self._cards.show(context, one)
