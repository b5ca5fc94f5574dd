"""Confirmed announcements: list, watch, pause, cancel. `changes` has what can be done afterwards."""

from __future__ import annotations

from dataclasses import replace

from telegram import InlineKeyboardMarkup
from telegram.error import BadRequest

from bot.callbacks import ActionButton, AnnouncementsButton, CardButton
from bot.callbacks.card_actions import CardAction
from bot.handlers.announcements.card import Cards
from bot.handlers.announcements.changes import Action, ChangeScreens
from bot.handlers.announcements.choices import refused_text
from bot.handlers.announcements.drafts import Drafts
from bot.handlers.announcements.report import Reports
from bot.handlers.context import Context
from bot.handlers.services import AnnouncementServices
from bot.keyboards.announcements import cancel_keyboard, list_keyboard, sure_keyboard
from bot.keyboards.base import PAGE, button
from bot.render.announcement_draft import STATE_MARKS, announcement_title
from bot.render.announcement_report import list_line
from bot.text.markup import Html
from digests.errors import NotFound
from digests.model.announcement import EVERY_LANGUAGE, Announcement, AnnouncementState
from digests.model.audit import AuditAct
from digests.model.ids import AnnouncementId


class ManageScreens:
    """What any admin may do with an announcement that was confirmed, whoever wrote it."""

    def __init__(
        self, services: AnnouncementServices, drafts: Drafts, cards: Cards, reports: Reports, changes: ChangeScreens
    ) -> None:
        self._services = services
        self._drafts = drafts
        self._cards = cards
        self._reports = reports
        self._actions: dict[CardAction, Action] = {
            CardAction.TAKE_OVER: self._take_over,
            CardAction.UNSCHEDULE: self._unschedule,
            CardAction.PAUSE: self._pause,
            CardAction.RESUME: self._resume,
            CardAction.CANCEL: self._cancel,
            CardAction.CANCEL_CONFIRMED: self._cancel_for_good,
            **changes.actions,
        }

    async def pressed(self, context: Context, pressed: CardButton) -> None:
        """Take the action that the button names, if whoever pressed may; tell them where it is gone."""
        try:
            announcement = await self._services.announcements.get(AnnouncementId(pressed.announcement))
        except NotFound:
            await context.answer(context.t("This announcement has already been sent or discarded."), alert=True)
            return
        if pressed.what is CardAction.OPEN:
            if await self._reports.may_read(context, announcement):
                await self._open(context, announcement)
            return
        if not context.is_admin:
            await context.answer(context.t("Only an admin can do that."), alert=True)
            return
        await self._actions[pressed.what](context, announcement, pressed.value)

    async def _open(self, context: Context, announcement: Announcement) -> None:
        """Show what a list's button leads to: the card of an own draft, a look at another's, or the report."""
        if announcement.state is AnnouncementState.DRAFT:
            if announcement.author_id == context.user.id:
                await self._drafts.listen(context, None)
                await self._cards.open(context, announcement)
                return
            name = await context.notifier.name_of(announcement.author_id)
            await self._preview(context, announcement)
            keyboard = InlineKeyboardMarkup(
                [
                    [button(context.t("✍️ Take it over"), CardButton(announcement.id, CardAction.TAKE_OVER))],
                    [button(context.t("Close"), ActionButton("close"))],
                ]
            )
            await context.reply(context.t.html("☝️ A draft by {name}.", name=name), keyboard)
            return
        await self._reports.reply(context, announcement)

    async def _preview(self, context: Context, announcement: Announcement) -> None:
        try:
            await context.client.previews.send(context.chat.id, announcement.part(EVERY_LANGUAGE))
        except BadRequest as error:
            await context.reply(refused_text(error.message, context.t))

    async def _take_over(self, context: Context, announcement: Announcement, _value: str) -> None:
        if not await self._services.announcements.take_over(
            announcement.id, context.user.id, author=announcement.author_id
        ):
            await self._drafts.too_late(context, announcement)
            return
        await context.record(AuditAct.TAKE, announcement=announcement.id, author=announcement.author_id)
        await self._cards.open(context, await self._services.announcements.get(announcement.id))

    async def _unschedule(self, context: Context, announcement: Announcement, _value: str) -> None:
        by = context.user.id if announcement.author_id != context.user.id else None
        if not await self._services.announcements.take_back(announcement.id, by=by):
            await self._reports.too_late(context, announcement)
            return
        await context.record(AuditAct.UNSCHEDULE, announcement=announcement.id)
        announcement = await self._services.announcements.get(announcement.id)
        await self._cards.open(context, announcement)
        if context.pressed is not None and context.pressed.message_id != announcement.card:
            # A report that was opened from the list still says "scheduled".
            await self._cards.forget(context, replace(announcement, previews=(), card=context.pressed.message_id))

    async def _pause(self, context: Context, announcement: Announcement, _value: str) -> None:
        if not await self._services.broadcaster.pause(announcement.id):
            await self._reports.too_late(context, announcement)
            return
        await context.record(AuditAct.PAUSE, announcement=announcement.id)
        await self._reports.show(context, announcement)

    async def _resume(self, context: Context, announcement: Announcement, _value: str) -> None:
        if not await self._services.broadcaster.resume(announcement.id, context.now):
            await self._reports.too_late(context, announcement)
            return
        self._services.wake("deliver")
        await context.record(AuditAct.RESUME, announcement=announcement.id)
        await self._reports.show(context, announcement)

    async def _cancel(self, context: Context, announcement: Announcement, _value: str) -> None:
        """Pause at once what is being sent, then ask whether to cancel it for good."""
        if announcement.state is AnnouncementState.SCHEDULED:
            text = context.t.html(
                "⏹ <b>Cancel it?</b>\nNobody has received it yet. To send it later or differently, choose "
                "“Change it” instead."
            )
            keyboard = sure_keyboard(
                announcement.id, context.t("⏹ Yes, cancel it"), CardAction.CANCEL_CONFIRMED, context.t
            )
            await self._reports.question(context, text, keyboard)
            return
        if not await self._services.broadcaster.pause(announcement.id):
            await self._reports.too_late(context, announcement)
            return
        await context.record(AuditAct.PAUSE, announcement=announcement.id)
        left = (await self._services.broadcaster.progress(announcement)).open
        text = context.t.count_html(
            "⏹ <b>Cancel it?</b>\n{n} chat has not received it yet. Nothing is sent while you decide.",
            "⏹ <b>Cancel it?</b>\n{n} chats have not received it yet. Nothing is sent while you decide.",
            left,
        )
        await self._reports.question(context, text, cancel_keyboard(announcement.id, context.t))

    async def _cancel_for_good(self, context: Context, announcement: Announcement, _value: str) -> None:
        if not await self._services.broadcaster.stop(announcement.id, context.now):
            await self._reports.too_late(context, announcement)
            return
        await context.record(AuditAct.CANCEL, announcement=announcement.id)
        await self._reports.show(context, announcement)

    async def listing(self, context: Context) -> None:
        """Show the first page of announcements: all for admins, their own for editors."""
        await self._list(context, 0)

    async def turn_page(self, context: Context, pressed: AnnouncementsButton) -> None:
        """Show another page of announcements."""
        await self._list(context, pressed.page)

    async def _list(self, context: Context, page: int) -> None:
        t = context.t
        author = None if context.is_admin else context.user.id
        found, total = await self._services.announcements.page(page * PAGE, PAGE, author)
        if not found:
            await context.show(t.html("There are no announcements yet. Write one with /announce."))
            return
        zone, progress = context.place.timezone, self._services.broadcaster.progress
        heading = t.html("📣 <b>Announcements</b>")
        recalled = self._services.editor.is_recalled
        lines = [
            heading,
            *[
                list_line(
                    announcement, await progress(announcement), zone, t, taken_back=await recalled(announcement.id)
                )
                for announcement in found
            ],
        ]
        labels = [
            (
                announcement.id,
                f"{STATE_MARKS[announcement.state]} № {announcement.id} · {announcement_title(announcement, t)}",
            )
            for announcement in found
        ]
        await context.show(Html("\n\n").join(lines), list_keyboard(labels, page, -(-total // PAGE), t))
