"""The end of a draft: tested, submitted to the admins, confirmed or discarded."""

from __future__ import annotations

import logging
from dataclasses import replace

from telegram import InlineKeyboardMarkup
from telegram.error import TelegramError

from bot.callbacks import CardButton, ConfirmButton, DiscardButton
from bot.callbacks.card_actions import CardAction
from bot.handlers.announcements.card import Cards
from bot.handlers.announcements.drafts import Drafts
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.announcements.report import Reports
from bot.handlers.context import Context
from bot.handlers.services import AnnouncementServices
from bot.keyboards.announcements import discard_keyboard, sure_keyboard
from bot.keyboards.base import button
from bot.render.announcement_draft import announcement_title, confirm_text
from bot.text.markup import Html
from digests.announcements.broadcast import announcement_rendering
from digests.model.announcement import Announcement, AnnouncementState, When
from digests.model.audit import AuditAct
from digests.model.ids import MessageRef

logger = logging.getLogger(__name__)


class SendScreens:
    """Turns a draft into an announcement; `Reports` shows it from then on."""

    def __init__(
        self, services: AnnouncementServices, reporter: Reporter, cards: Cards, drafts: Drafts, reports: Reports
    ) -> None:
        self._services = services
        self._reporter = reporter
        self._cards = cards
        self._drafts = drafts
        self._reports = reports

    async def test(self, context: Context, announcement: Announcement, whom: str) -> None:
        """Send the announcement, exactly as readers get it, to oneself or to all admins."""
        targets = sorted({context.user.id} | (await context.access.admins() if whom == "all" else frozenset()))
        parts = [announcement_rendering(announcement, language).parts[0] for language in announcement.contents]
        reached = 0
        for target in targets:
            try:
                for part in parts:
                    await context.client.previews.send(target, part)
                reached += 1
            except TelegramError as error:
                logger.info("a test could not be sent", extra={"user": target, "reason": error.message})
        await context.record(AuditAct.TEST, announcement=announcement.id, chats=reached)
        await context.answer(
            context.t("The test reached {reached} of {all}.", reached=reached, all=len(targets)), alert=True
        )
        await self._cards.again(context, announcement)

    async def ready(self, context: Context, announcement: Announcement, _value: str) -> None:
        """Tell the admins that an editor's draft is ready."""
        told = 0
        for admin in sorted(await context.access.admins()):
            t = await context.notifier.translator_of(admin)
            text = t.html(
                "🙋 {name} has written an announcement: “{title}”",
                name=context.user.full_name,
                title=announcement_title(announcement, t),
            )
            keyboard = InlineKeyboardMarkup([[button(t("Take a look"), CardButton(announcement.id, CardAction.OPEN))]])
            told += await context.notifier.notify(admin, text, keyboard)
        await context.record(AuditAct.READY, announcement=announcement.id)
        await context.answer(
            context.t.count("{n} admin has been notified.", "{n} admins have been notified.", told), alert=True
        )

    async def confirm(self, context: Context, pressed: ConfirmButton) -> None:
        """Ask once more, with everything that follows from a yes."""
        if not context.is_admin:
            await context.answer(context.t("Only an admin can do that."), alert=True)
            return
        announcement = await self._drafts.draft(context, pressed.announcement)
        if announcement is None or not await self._may_go(context, announcement):
            return
        reach = await self._cards.reach(context, announcement)
        text = confirm_text(
            announcement,
            reach.languages,
            self._cards.estimate(announcement, reach),
            await self._cards.category_names(announcement),
            context.place.timezone,
            context.t,
            await self._others(context, announcement),
        )
        is_now = announcement.timing.kind is When.NOW
        label = context.t("✅ Yes, send it") if is_now else context.t("✅ Yes, schedule it")
        await context.show(text, sure_keyboard(announcement.id, label, CardAction.SEND, context.t))

    async def _may_go(self, context: Context, announcement: Announcement) -> bool:
        if not (await self._cards.reach(context, announcement)).chats:
            await context.answer(context.t("This would reach nobody."), alert=True)
            return False
        if (
            announcement.timing.kind is When.AT
            and announcement.timing.at is not None
            and announcement.timing.at <= context.now
        ):
            await context.answer(context.t("That time has passed. Please choose another."), alert=True)
            return False
        return True

    async def _others(self, context: Context, announcement: Announcement) -> list[Html]:
        """Return what others are sending right now, since all share the rate."""
        said = []
        for other in await self._services.announcements.unsettled():
            if other.id == announcement.id or other.state is not AnnouncementState.SENDING:
                continue
            left = (await self._services.broadcaster.progress(other)).open
            name = await context.notifier.name_of(other.sent_by or other.author_id)
            said.append(
                context.t.html(
                    "⚠️ {name} is sending “{title}” right now ({left} chats to go), so this will take longer.",
                    name=name,
                    title=announcement_title(other, context.t),
                    left=context.t.number(left),
                )
            )
        return said

    async def go(self, context: Context, announcement: Announcement) -> None:
        """Send the announcement, or schedule it; its card becomes the live report."""
        if not await self._may_go(context, announcement):
            return
        now, store = context.now, self._services.announcements
        # One moment for all of it: an announcement for right now must not lie a millisecond ahead.
        reach = await self._services.broadcaster.reach(announcement, now)
        at = announcement.timing.at if announcement.timing.kind is When.AT and announcement.timing.at else reach.first
        report = MessageRef(context.chat.id, context.pressed.message_id) if context.pressed else None
        if not await store.confirm(
            announcement.id, at, by=context.user.id, now=now, report=report, author=context.user.id
        ):
            await self._drafts.too_late(context, announcement)
            return
        await context.record(
            AuditAct.SEND, announcement=announcement.id, chats=reach.chats, title=announcement.first.html[:80]
        )
        if at > now:
            await context.answer(context.t("Scheduled!"))
        else:
            await context.answer(context.t("On its way!"))
            await self._services.broadcaster.plan_confirmed(now)
            self._services.wake("deliver")
        await self._reports.show(context, announcement)

    async def ask_discard(self, context: Context, announcement: Announcement, _value: str) -> None:
        """Ask whether the draft is to be discarded."""
        text = context.t.html("🗑 <b>Discard this draft?</b>\nIt can't be restored.")
        await context.show(text, discard_keyboard(announcement.id, context.t))

    async def discard(self, context: Context, pressed: DiscardButton) -> None:
        """Discard the draft and its card."""
        announcement = await self._drafts.draft(context, pressed.announcement)
        if announcement is None:
            return
        if await self._services.announcements.cancel(announcement.id, author=context.user.id):
            await self._drafts.listen(context, None)
            await context.record(AuditAct.DISCARD, announcement=announcement.id)
            await self._cards.forget(context, replace(announcement, card=None))
            await context.show(context.t.html("🗑 Discarded. Nobody received it."))
        else:
            await self._drafts.too_late(context, announcement)
