"""/announce: write it, see it as readers will, choose to whom and when, confirm. The card holds it all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from telegram import InlineKeyboardMarkup

from bot.callbacks import ActionButton, CardButton
from bot.callbacks.card_actions import CardAction
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
    AnnouncementDialog,
    AwaitedAlbum,
    AwaitedAnnouncement,
    AwaitedEdit,
    AwaitedOption,
    AwaitedText,
    UnconfirmedEdit,
)

ShowScreen = Callable[[Context, Announcement, str], Awaitable[None]]


class AnnouncementScreens:
    """The admin's side of announcements until they are confirmed; then `ManageScreens` takes over."""

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
            CardAction.CARD: lambda context, draft, _: self._back(context, draft),
            CardAction.TEXTS: lambda context, draft, _: texts.all(context, draft),
            CardAction.LANGUAGE: texts.language,
            CardAction.SHOW: texts.show,
            CardAction.REMOVE_TEXT: texts.remove,
            CardAction.BUTTONS: lambda context, draft, _: options.buttons(context, draft),
            CardAction.NO_BUTTONS: options.no_buttons,
            CardAction.AUDIENCE: lambda context, draft, _: options.audience(context, draft),
            CardAction.EVERYBODY: lambda context, draft, _: options.set_audience(context, draft, Audience()),
            CardAction.NEXT_LANGUAGE: lambda context, draft, _: options.set_audience(
                context, draft, next_language(draft.audience)
            ),
            CardAction.NEXT_DAYS: lambda context, draft, _: options.set_audience(
                context, draft, next_days(draft.audience)
            ),
            CardAction.NEXT_KIND: lambda context, draft, _: options.set_audience(
                context, draft, next_kind(draft.audience)
            ),
            CardAction.IDS: options.ids,
            CardAction.WHEN: lambda context, draft, _: options.when(context, draft),
            CardAction.NOW: lambda context, draft, _: options.set_timing(context, draft, Timing()),
            CardAction.AT: options.ask_moment,
            CardAction.LOCAL: options.local,
            CardAction.QUIET: options.quiet,
            CardAction.PAID: options.pay,
            CardAction.SOUND: lambda context, draft, _: options.set_options(
                context, replace(draft, silent=not draft.silent)
            ),
            CardAction.PIN: lambda context, draft, _: options.set_options(
                context, replace(draft, pinned=not draft.pinned)
            ),
            CardAction.TEST: lambda context, draft, _: cards.test(context, draft),
            CardAction.SEND_TEST: send.test,
            CardAction.READY: send.ready,
            CardAction.DISCARD: send.ask_discard,
            CardAction.SEND: lambda context, draft, _: send.go(context, draft),
        }

    async def begin(self, context: Context) -> None:
        """Take the text after /announce; without one, ask for it and offer the latest drafts."""
        if context.text:
            await self._texts.receive(context, None, EVERY_LANGUAGE)
            return
        await self._drafts.listen(context, AwaitedAnnouncement())
        drafts = (await self._services.announcements.drafts(context.user.id))[-3:]
        rows = [
            [
                button(
                    context.t("📝 Continue “{title}”", title=announcement_title(announcement, context.t)),
                    CardButton(announcement.id, CardAction.OPEN),
                )
            ]
            for announcement in reversed(drafts)
        ]
        rows.append([button(context.t("Cancel"), ActionButton("cancel"))])
        await context.reply(
            context.t.html(
                "📣 <b>New announcement</b>\nSend me its text, with any formatting and links. A photo, an "
                "album, a file or a message you forward works too. You will see it before anyone else does."
            ),
            InlineKeyboardMarkup(rows),
        )

    async def written(self, context: Context, dialog: AnnouncementDialog) -> bool:
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
        announcement = await self._drafts.draft(context, dialog.announcement)
        if announcement is None:
            await self._drafts.listen(context, None)
            return True
        match dialog:
            case AwaitedAlbum():
                return await self._texts.album_item(context, announcement, dialog)
            case AwaitedOption(option=option):
                await self.options.typed(context, announcement, option)
            case AwaitedText(language=language):
                await self._texts.receive(context, announcement, language)
        return True

    async def pressed(self, context: Context, pressed: CardButton) -> None:
        """Show the screen, or take the action, that the card's button names."""
        screen = self._screens.get(pressed.what)
        if pressed.what is CardAction.CARD and await self._reports.back(context, pressed.announcement):
            return
        if screen is None:
            await self.manage.pressed(context, pressed)
            return
        if pressed.what is CardAction.SEND and not context.is_admin:
            await context.answer(context.t("Only an admin can do that."), alert=True)
            return
        announcement = await self._drafts.draft(context, pressed.announcement)
        if announcement is not None:
            await screen(context, announcement, pressed.value)

    async def _back(self, context: Context, announcement: Announcement) -> None:
        await self._drafts.listen(context, None)
        await self._cards.show(context, announcement)
