"""Afterwards: an announcement is edited, taken back, sent again; its outcomes are listed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from telegram import InputFile
from telegram.error import BadRequest

from bot.handlers.announcements.card import too_long
from bot.handlers.announcements.choices import refused_text, too_long_text
from bot.handlers.announcements.drafts import Drafts
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.announcements.report import Reports
from bot.handlers.context import Talk
from bot.handlers.services import House
from bot.keyboards.announcements import act_keyboard, back_keyboard, edit_keyboard, sure_keyboard
from bot.markup import Html
from bot.render.announcement_draft import duration
from bot.render.announcement_report import act_text
from bot.render.outcomes_csv import outcomes_csv
from digests.announcements.edit import to_edit
from digests.errors import InvalidInput
from digests.model.announcement import Act, Announcement
from digests.model.delivery import DeliveryState
from digests.model.ids import AnnouncementId

Deed = Callable[[Talk, Announcement, str], Awaitable[None]]


class Changes:
    """What any admin may do with copies that are out, whoever wrote them."""

    def __init__(self, house: House, reporter: Reporter, drafts: Drafts, reports: Reports) -> None:
        self._house = house
        self._reporter = reporter
        self._drafts = drafts
        self._reports = reports
        self.deeds: dict[str, Deed] = {
            "edit": self._edit,
            "edit!": self._edit_for_good,
            "recall": self._recall,
            "recall!": self._recall_for_good,
            "resend": self._resend,
            "resend!": self._resend_for_good,
            "halt": self._halt,
            "csv": self._csv,
        }

    async def _edit(self, talk: Talk, one: Announcement, value: str) -> None:
        if not value and len(one.contents) > 1:
            await self._reports.question(
                talk, talk.words.html("✏️ Whose text shall change?"), edit_keyboard(one, talk.words)
            )
            return
        language = next(iter(one.contents)) if not value else value.removeprefix("-")
        try:
            to_edit(one, language)
        except InvalidInput:
            await talk.answer(
                talk.words.say("A copied message can't be changed. You can take it back and send another."), alert=True
            )
            return
        asked = talk.pressed.message_id if talk.pressed else None
        await self._drafts.listen(
            talk, {"announcement": one.id, "field": "edit", "language": language, "message": asked}
        )
        text = talk.words.html("✏️ Send me the new text. Everybody who has it will see it change.")
        await self._reports.question(talk, text, back_keyboard(one.id, talk.words))

    async def rewritten(self, talk: Talk, data: dict[str, object]) -> None:
        """The new text, shown and asked about before it goes anywhere."""
        if not talk.is_admin:
            return
        one = await self._house.announcements.get(AnnouncementId(int(str(data["announcement"]))))
        language, message = str(data.get("language", "")), talk.update.effective_message
        html = (message.text_html if message and message.text else message.caption_html if message else "") or ""
        if not html:
            await talk.reply(talk.words.html("I can change the text only: please send me one."))
            return
        content = replace(to_edit(one, language), html=html)
        if limit := too_long(content):
            await talk.reply(too_long_text(limit, talk.words))
            return
        try:
            await talk.house.shower.show(
                talk.chat.id, replace(one, contents={**one.contents, language: content}).part(language)
            )
        except BadRequest as error:
            await talk.reply(refused_text(error.message, talk.words))
            return
        await self._drafts.listen(talk, {"announcement": one.id, "field": "edited", "language": language, "html": html})
        sent = await self._house.announcer.copies_out(one, language)
        text = talk.words.count_html(
            "☝️ So it will read. {n} copy is out already; changing it takes about {time}.",
            "☝️ So it will read. {n} copies are out already; changing them takes about {time}.",
            sent,
            time=duration(sent / self._house.settings.telegram.rate, talk.words),
        )
        await talk.reply(text, sure_keyboard(one.id, talk.words.say("✅ Yes, change it"), "edit!", talk.words))
        if asked := data.get("message"):
            await self._reports.answered(talk, one, int(str(asked)))

    async def _edit_for_good(self, talk: Talk, one: Announcement, _value: str) -> None:
        dialog = await self._house.people.dialog(talk.chat.id, talk.user.id)
        data = dialog.data if dialog is not None else {}
        language = str(data.get("language", ""))
        if data.get("field") != "edited" or data.get("announcement") != one.id:
            await talk.answer(talk.words.say("Please press “Edit” once more."), alert=True)
            return
        await self._drafts.listen(talk, None)
        act = await self._house.changer.edit(one.id, language, str(data["html"]), talk.user.id, talk.now)
        if act is None:
            await self._reports.too_late(talk, one)
            return
        await self._begun(talk, await self._house.announcements.get(one.id), act)

    async def _recall(self, talk: Talk, one: Announcement, _value: str) -> None:
        progress = await self._house.announcer.progress(one)
        sent, unsure = progress.of(DeliveryState.SENT), progress.of(DeliveryState.UNCERTAIN)
        if not sent:
            await talk.answer(talk.words.say("There is no copy to take back."), alert=True)
            return
        lines = [
            talk.words.count_html(
                "↩️ <b>Take it back from {n} chat?</b>", "↩️ <b>Take it back from {n} chats?</b>", sent
            ),
            talk.words.html(
                "Within 48 hours a copy is deleted. Later it can only be changed: it then says that it was withdrawn."
            ),
        ]
        if unsure:
            lines.append(talk.words.html("{n} more may have come without our knowing; those stay.", n=f"{unsure:,}"))
        await self._reports.question(
            talk,
            Html("\n".join(lines)),
            sure_keyboard(one.id, talk.words.say("✅ Yes, take it back"), "recall!", talk.words),
        )

    async def _recall_for_good(self, talk: Talk, one: Announcement, _value: str) -> None:
        act = await self._house.changer.recall(one, talk.user.id, talk.now)
        if act is None:
            await self._reports.too_late(talk, one)
            return
        await self._begun(talk, await self._house.announcements.get(one.id), act)

    async def _begun(self, talk: Talk, one: Announcement, act: Act) -> None:
        """A message of its own counts."""
        await self._house.audit(talk.user.id, str(act.kind), announcement=one.id)
        await self._reports.show(talk, one)
        async with self._reporter.turn(one):
            text = act_text(one, act, await self._house.changer.progress(act), talk.words)
            message = await talk.reply(text, act_keyboard(one.id, talk.words, running=True))
            await self._house.changer.report_to(act, talk.chat.id, message)
        self._house.wake("follow")

    async def _halt(self, talk: Talk, one: Announcement, _value: str) -> None:
        """The rest of an edit or a recall is left as it is."""
        await self._house.changer.halt(one.id)
        await self._house.audit(talk.user.id, "halt", announcement=one.id)
        await talk.answer(talk.words.say("Stopped; the rest stays as it is."))
        if await self._house.upkeep.settle(talk.now, self._reporter):
            self._house.wake("follow")

    async def _resend(self, talk: Talk, one: Announcement, _value: str) -> None:
        again = await self._house.announcer.to_resend(one.id)
        if not again:
            await talk.answer(talk.words.say("There is nobody to send it to again."), alert=True)
            return
        failed, unsure = again.get(DeliveryState.FAILED, 0), again.get(DeliveryState.UNCERTAIN, 0)
        lines = [
            talk.words.count_html(
                "🔁 <b>Send it again to {n} chat?</b>", "🔁 <b>Send it again to {n} chats?</b>", failed + unsure
            ),
            talk.words.html("failed: {failed} · uncertain: {unsure}", failed=f"{failed:,}", unsure=f"{unsure:,}"),
        ]
        if unsure:
            lines.append(talk.words.html("⚠️ An uncertain one may have come: that chat would have it twice."))
        keyboard = sure_keyboard(one.id, talk.words.say("✅ Yes, send it"), "resend!", talk.words)
        await self._reports.question(talk, Html("\n".join(lines)), keyboard)

    async def _resend_for_good(self, talk: Talk, one: Announcement, _value: str) -> None:
        number = await self._house.announcer.resend(one.id, talk.now)
        await self._house.audit(talk.user.id, "resend", announcement=one.id, chats=number)
        self._house.wake("deliver")
        await self._reports.show(talk, one)

    async def _csv(self, talk: Talk, one: Announcement, _value: str) -> None:
        rows = await self._house.announcer.outcomes(one.id)
        await self._house.audit(talk.user.id, "csv", announcement=one.id)
        file = InputFile(outcomes_csv(rows).encode("utf-8-sig"), filename=f"announcement-{one.id}.csv")
        await talk.house.bot.send_document(talk.chat.id, file)
