"""The end of a draft: tried out, handed to the admins, confirmed or discarded."""

from __future__ import annotations

import logging
from dataclasses import replace

from telegram import InlineKeyboardMarkup
from telegram.error import TelegramError

from bot.callbacks import CardButton, ConfirmButton, DiscardButton
from bot.card_actions import CardAction
from bot.handlers.announcements.card import Cards
from bot.handlers.announcements.drafts import Drafts
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.announcements.report import Reports
from bot.handlers.context import Context
from bot.handlers.services import AnnouncementServices
from bot.keyboards.announcements import discard_keyboard, sure_keyboard
from bot.keyboards.base import button
from bot.markup import Html
from bot.render.announcement_draft import announcement_title, confirm_text
from digests.announcements.broadcast import announcement_rendering
from digests.model.announcement import Announcement, AnnouncementState, When
from digests.model.audit import AuditAct
from digests.model.ids import MessageRef

logger = logging.getLogger(__name__)


class SendScreens:
    """What makes an announcement out of a draft; `Reports` shows it from then on."""

    def __init__(
        self, services: AnnouncementServices, reporter: Reporter, cards: Cards, drafts: Drafts, reports: Reports
    ) -> None:
        self._services = services
        self._reporter = reporter
        self._cards = cards
        self._drafts = drafts
        self._reports = reports

    async def test(self, context: Context, one: Announcement, whom: str) -> None:
        """The real thing, to oneself or to all admins."""
        targets = sorted({context.user.id} | (await context.access.admins() if whom == "all" else frozenset()))
        parts = [announcement_rendering(one, language).parts[0] for language in one.contents]
        reached = 0
        for target in targets:
            try:
                for part in parts:
                    await context.client.previews.send(target, part)
                reached += 1
            except TelegramError as error:
                logger.info("a test could not be sent", extra={"to": target, "reason": error.message})
        await context.record(AuditAct.TEST, announcement=one.id, chats=reached)
        await context.answer(
            context.t("The test reached {reached} of {all}.", reached=reached, all=len(targets)), alert=True
        )
        await self._cards.again(context, one)

    async def ready(self, context: Context, one: Announcement, _value: str) -> None:
        """An editor's draft is done: the admins are told."""
        told = 0
        for admin in sorted(await context.access.admins()):
            t = await context.notifier.translator_of(admin)
            text = t.html(
                "🙋 {name} has written an announcement: “{title}”",
                name=context.user.full_name,
                title=announcement_title(one, t),
            )
            keyboard = InlineKeyboardMarkup([[button(t("Take a look"), CardButton(one.id, CardAction.OPEN))]])
            told += await context.notifier.notify(admin, text, keyboard)
        await context.record(AuditAct.READY, announcement=one.id)
        await context.answer(
            context.t.count("{n} admin has been notified.", "{n} admins have been notified.", told), alert=True
        )

    async def confirm(self, context: Context, callback: ConfirmButton) -> None:
        """Asks once more, with all that follows from a yes."""
        if not context.is_admin:
            await context.answer(context.t("Only an admin can do that."), alert=True)
            return
        one = await self._drafts.draft(context, callback.announcement)
        if one is None or not await self._may_go(context, one):
            return
        reach = await self._cards.reach(context, one)
        text = confirm_text(
            one,
            reach.languages,
            self._cards.estimate(one, reach),
            await self._cards.category_names(one),
            context.place.timezone,
            context.t,
            await self._others(context, one),
        )
        is_now = one.timing.kind is When.NOW
        label = context.t("✅ Yes, send it") if is_now else context.t("✅ Yes, schedule it")
        await context.show(text, sure_keyboard(one.id, label, CardAction.SEND, context.t))

    async def _may_go(self, context: Context, one: Announcement) -> bool:
        if not (await self._cards.reach(context, one)).chats:
            await context.answer(context.t("This would reach nobody."), alert=True)
            return False
        if one.timing.kind is When.AT and one.timing.at is not None and one.timing.at <= context.now:
            await context.answer(context.t("That time has passed. Please choose another."), alert=True)
            return False
        return True

    async def _others(self, context: Context, one: Announcement) -> list[Html]:
        """What others are sending just now: both share the rate."""
        said = []
        for other in await self._services.announcements.unsettled():
            if other.id == one.id or other.state is not AnnouncementState.SENDING:
                continue
            left = (await self._services.broadcaster.progress(other)).open
            name = await context.notifier.name_of(other.sent_by or other.author_id)
            said.append(
                context.t.html(
                    "⚠️ {name} is sending “{title}” right now ({left} chats to go), so this will take longer.",
                    name=name,
                    title=announcement_title(other, context.t),
                    left=f"{left:,}",
                )
            )
        return said

    async def go(self, context: Context, one: Announcement) -> None:
        """It goes, or waits for its moment; the card becomes the message that counts."""
        if not await self._may_go(context, one):
            return
        now, store = context.now, self._services.announcements
        # Of one moment: what is to go at once must not lie a millisecond ahead.
        reach = await self._services.broadcaster.reach(one, now)
        at = one.timing.at if one.timing.kind is When.AT and one.timing.at else reach.first
        report = MessageRef(context.chat.id, context.pressed.message_id) if context.pressed else None
        if not await store.confirm(one.id, at, by=context.user.id, now=now, report=report, author=context.user.id):
            await self._drafts.too_late(context, one)
            return
        await context.record(AuditAct.SEND, announcement=one.id, chats=reach.chats, title=one.first.html[:80])
        if at > now:
            await context.answer(context.t("Scheduled!"))
        else:
            await context.answer(context.t("On its way!"))
            await self._services.broadcaster.plan_confirmed(now)
            self._services.wake("deliver")
        await self._reports.show(context, one)

    async def ask_discard(self, context: Context, one: Announcement, _value: str) -> None:
        text = context.t.html("🗑 <b>Discard this draft?</b>\nIt can't be restored.")
        await context.show(text, discard_keyboard(one.id, context.t))

    async def discard(self, context: Context, callback: DiscardButton) -> None:
        one = await self._drafts.draft(context, callback.announcement)
        if one is None:
            return
        if await self._services.announcements.cancel(one.id, author=context.user.id):
            await self._drafts.listen(context, None)
            await context.record(AuditAct.DISCARD, announcement=one.id)
            await self._cards.forget(context, replace(one, card=None))
            await context.show(context.t.html("🗑 Discarded. Nobody received it."))
        else:
            await self._drafts.too_late(context, one)
