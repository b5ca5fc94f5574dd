"""After an announcement was sent: edit it, take it back, send it again, list its outcomes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from telegram import InputFile
from telegram.error import BadRequest

from bot.callbacks.card_actions import CardAction
from bot.handlers.announcements.card import too_long
from bot.handlers.announcements.choices import refused_text, too_long_text
from bot.handlers.announcements.drafts import Drafts
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.announcements.report import Reports
from bot.handlers.context import Context
from bot.handlers.services import AnnouncementServices
from bot.keyboards.announcements import back_keyboard, copy_change_keyboard, edit_keyboard, sure_keyboard
from bot.render.announcement_draft import duration
from bot.render.announcement_report import copy_change_text
from bot.render.outcomes_csv import outcomes_csv
from bot.text.markup import LINE_BREAK
from digests.announcements.edit import to_edit
from digests.errors import InvalidInput
from digests.model.announcement import Announcement
from digests.model.audit import AuditAct
from digests.model.copy_change import CopyChange
from digests.model.delivery import DeliveryState
from digests.model.dialogs import AwaitedEdit, UnconfirmedEdit
from digests.model.ids import MessageRef

Action = Callable[[Context, Announcement, str], Awaitable[None]]


class ChangeScreens:
    """What any admin may do with copies that are out, whoever wrote them."""

    def __init__(self, services: AnnouncementServices, reporter: Reporter, drafts: Drafts, reports: Reports) -> None:
        self._services = services
        self._reporter = reporter
        self._drafts = drafts
        self._reports = reports
        self.actions: dict[CardAction, Action] = {
            CardAction.EDIT: self._edit,
            CardAction.EDIT_CONFIRMED: self._edit_for_good,
            CardAction.RECALL: self._recall,
            CardAction.RECALL_CONFIRMED: self._recall_for_good,
            CardAction.RESEND: self._resend,
            CardAction.RESEND_CONFIRMED: self._resend_for_good,
            CardAction.HALT: self._halt,
            CardAction.CSV: self._csv,
        }

    async def _edit(self, context: Context, announcement: Announcement, value: str) -> None:
        if not value and len(announcement.contents) > 1:
            await self._reports.question(
                context, context.t.html("✏️ Which text do you want to change?"), edit_keyboard(announcement, context.t)
            )
            return
        language = next(iter(announcement.contents)) if not value else value.removeprefix("-")
        try:
            to_edit(announcement, language)
        except InvalidInput:
            await context.answer(
                context.t("A copied message can't be changed. You can take it back and send another."), alert=True
            )
            return
        asked = context.pressed.message_id if context.pressed else None
        await self._drafts.listen(context, AwaitedEdit(announcement.id, language, asked))
        text = context.t.html("✏️ Send me the new text. Everybody who has it will see it change.")
        await self._reports.question(context, text, back_keyboard(announcement.id, context.t))

    async def rewritten(self, context: Context, dialog: AwaitedEdit | UnconfirmedEdit) -> None:
        """Show the new text as readers will see it, and ask before any copy is changed."""
        if not context.is_admin:
            return
        announcement = await self._services.announcements.get(dialog.announcement)
        language, message = dialog.language, context.update.effective_message
        html = (message.text_html if message and message.text else message.caption_html if message else "") or ""
        if not html:
            await context.reply(context.t.html("I can only change the text. Please send me text."))
            return
        content = replace(to_edit(announcement, language), html=html)
        if limit := too_long(content):
            await context.reply(too_long_text(limit, context.t))
            return
        try:
            await context.client.previews.send(
                context.chat.id,
                replace(announcement, contents={**announcement.contents, language: content}).part(language),
            )
        except BadRequest as error:
            await context.reply(refused_text(error.message, context.t))
            return
        await self._drafts.listen(context, UnconfirmedEdit(announcement.id, language, html))
        sent = await self._services.broadcaster.copies_out(announcement, language)
        time = duration(sent / self._services.rates.free, context.t)
        text = context.t.count_html(
            "☝️ This is how it will read. {n} copy is already out; changing it takes about {time}.",
            "☝️ This is how it will read. {n} copies are already out; changing them takes about {time}.",
            sent,
            time=time,
        )
        await context.reply(
            text, sure_keyboard(announcement.id, context.t("✅ Yes, change it"), CardAction.EDIT_CONFIRMED, context.t)
        )
        if isinstance(dialog, AwaitedEdit) and dialog.asked_in:
            await self._reports.answered(context, announcement, dialog.asked_in)

    async def _edit_for_good(self, context: Context, announcement: Announcement, _value: str) -> None:
        dialog = await self._services.people.dialog(context.chat.id, context.user.id)
        if not isinstance(dialog, UnconfirmedEdit) or dialog.announcement != announcement.id:
            await context.answer(context.t("Please press “Edit” again."), alert=True)
            return
        await self._drafts.listen(context, None)
        change = await self._services.editor.edit(
            announcement.id, dialog.language, dialog.html, context.user.id, context.now
        )
        if change is None:
            await self._reports.too_late(context, announcement)
            return
        await self._begun(context, await self._services.announcements.get(announcement.id), change)

    async def _recall(self, context: Context, announcement: Announcement, _value: str) -> None:
        progress = await self._services.broadcaster.progress(announcement)
        sent, unsure = progress.of(DeliveryState.SENT), progress.of(DeliveryState.UNCERTAIN)
        if not sent:
            await context.answer(context.t("There are no copies to take back."), alert=True)
            return
        lines = [
            context.t.count_html("↩️ <b>Take it back from {n} chat?</b>", "↩️ <b>Take it back from {n} chats?</b>", sent),
            context.t.html(
                "Copies less than 48 hours old are deleted. Older ones can only be edited: they will say “withdrawn”."
            ),
        ]
        if unsure:
            lines.append(
                context.t.html("{n} more may have arrived unconfirmed; those stay.", n=context.t.number(unsure))
            )
        await self._reports.question(
            context,
            LINE_BREAK.join(lines),
            sure_keyboard(announcement.id, context.t("✅ Yes, take it back"), CardAction.RECALL_CONFIRMED, context.t),
        )

    async def _recall_for_good(self, context: Context, announcement: Announcement, _value: str) -> None:
        change = await self._services.editor.recall(announcement, context.user.id, context.now)
        if change is None:
            await self._reports.too_late(context, announcement)
            return
        await self._begun(context, await self._services.announcements.get(announcement.id), change)

    async def _begun(self, context: Context, announcement: Announcement, change: CopyChange) -> None:
        """Record a change that has begun, and send the live message that counts its copies."""
        await context.record(AuditAct(change.kind), announcement=announcement.id)
        await self._reports.show(context, announcement)
        async with self._reporter.lock(announcement):
            text = copy_change_text(announcement, change, await self._services.editor.progress(change), context.t)
            message = await context.reply(text, copy_change_keyboard(announcement.id, context.t, running=True))
            await self._services.editor.report_to(change, MessageRef(context.chat.id, message))
        self._services.wake("follow")

    async def _halt(self, context: Context, announcement: Announcement, _value: str) -> None:
        """Stop an edit or a recall, and leave the rest of the copies as they are."""
        await self._services.editor.halt(announcement.id)
        await context.record(AuditAct.HALT, announcement=announcement.id)
        await context.answer(context.t("Stopped; the rest stays as it is."))
        if await self._services.upkeep.settle(context.now, self._reporter):
            self._services.wake("follow")

    async def _resend(self, context: Context, announcement: Announcement, _value: str) -> None:
        again = await self._services.broadcaster.to_resend(announcement.id)
        if not again:
            await context.answer(context.t("There is nobody to send it to again."), alert=True)
            return
        failed, unsure = again.get(DeliveryState.FAILED, 0), again.get(DeliveryState.UNCERTAIN, 0)
        lines = [
            context.t.count_html(
                "🔁 <b>Send it again to {n} chat?</b>", "🔁 <b>Send it again to {n} chats?</b>", failed + unsure
            ),
            context.t.html(
                "failed: {failed} · unconfirmed: {unsure}",
                failed=context.t.number(failed),
                unsure=context.t.number(unsure),
            ),
        ]
        if unsure:
            lines.append(context.t.html("⚠️ An unconfirmed copy may have arrived; that chat would then get it twice."))
        keyboard = sure_keyboard(announcement.id, context.t("✅ Yes, send it"), CardAction.RESEND_CONFIRMED, context.t)
        await self._reports.question(context, LINE_BREAK.join(lines), keyboard)

    async def _resend_for_good(self, context: Context, announcement: Announcement, _value: str) -> None:
        number = await self._services.broadcaster.resend(announcement.id, context.now)
        await context.record(AuditAct.RESEND, announcement=announcement.id, chats=number)
        self._services.wake("deliver")
        await self._reports.show(context, announcement)

    async def _csv(self, context: Context, announcement: Announcement, _value: str) -> None:
        rows = await self._services.broadcaster.outcomes(announcement.id)
        await context.record(AuditAct.CSV, announcement=announcement.id)
        file = InputFile(outcomes_csv(rows).encode("utf-8-sig"), filename=f"announcement-{announcement.id}.csv")
        await context.client.bot.send_document(context.chat.id, file)
