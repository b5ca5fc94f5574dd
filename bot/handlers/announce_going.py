"""Announcements that were confirmed: watch, pause, cancel; afterwards edit, take back, send again, list outcomes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from telegram import InlineKeyboardMarkup, InputFile
from telegram.error import BadRequest

from bot.announcement_csv import outcomes_csv
from bot.callbacks import Announcements, Callback, Card, Do
from bot.handlers.announce_card import Cards, too_long
from bot.handlers.house import House
from bot.handlers.reporting import Reporter
from bot.handlers.talk import Talk
from bot.keyboards import PAGE, button
from bot.keyboards_announce import act_keyboard, edit_keyboard, list_keyboard, sure_keyboard
from bot.render.announced import act_text, list_line, scheduled_text
from bot.render.announcing import STATE_MARKS, duration, title_of
from bot.render.markup import Html
from bot.telegram.contents import show_part
from digests.announcement import EVERY_LANGUAGE, ActKind, Announcement
from digests.delivery.announce import family, rendering
from digests.errors import NotFound
from digests.storage.people import Dialog
from digests.types import AnnouncementId, AnnouncementState, DeliveryState

Deed = Callable[[Talk, Announcement, str], Awaitable[None]]
_WRITING = "announcement"


class Going:
    """What any admin may do with an announcement that was confirmed, whoever wrote it."""

    def __init__(self, house: House, reporter: Reporter, cards: Cards) -> None:
        self._house = house
        self._reporter = reporter
        self._cards = cards
        self._deeds: dict[str, Deed] = {
            "take": self._take_over,
            "unschedule": self._unschedule,
            "pause": self._pause,
            "resume": self._resume,
            "cancel": self._cancel,
            "cancel!": self._cancel_for_good,
            "edit": self._edit,
            "edit!": self._edit_for_good,
            "recall": self._recall,
            "recall!": self._recall_for_good,
            "resend": self._resend,
            "resend!": self._resend_for_good,
            "halt": self._halt,
            "csv": self._csv,
        }

    async def pressed(self, talk: Talk, callback: Card) -> None:
        try:
            one = await self._house.announcements.get(AnnouncementId(callback.announcement))
        except NotFound:
            await talk.answer(talk.words.say("This announcement was sent or discarded already."), alert=True)
            return
        if callback.what == "open":
            await self._open(talk, one)
            return
        deed = self._deeds.get(callback.what)
        if deed is None or not talk.is_admin:
            await talk.answer(talk.words.say("Only an admin can do that."), alert=True)
            return
        await deed(talk, one, callback.value)

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

    async def _question(self, talk: Talk, text: Html, keyboard: InlineKeyboardMarkup) -> None:
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

    async def _open(self, talk: Talk, one: Announcement) -> None:
        """From a list: the card of an own draft, a look at another's, or the report."""
        if one.state is AnnouncementState.DRAFT:
            if one.author_id == talk.user.id:
                await self._house.people.set_dialog(talk.chat.id, talk.user.id, None, talk.now)
                await self._cards.fresh(talk, one)
                return
            name = await self._house.name_of(one.author_id)
            if not talk.is_admin:
                await talk.answer(talk.words.say("This draft is {name}’s now.", name=name), alert=True)
                return
            await show_part(talk.house.bot, talk.chat.id, one.part(EVERY_LANGUAGE))
            keyboard = InlineKeyboardMarkup(
                [
                    [button(talk.words.say("✍️ Take it over"), Card(one.id, "take"))],
                    [button(talk.words.say("Close"), Do("close"))],
                ]
            )
            await talk.reply(talk.words.html("☝️ A draft of {name}.", name=name), keyboard)
            return
        async with self._reporter.turn(one):
            text, keyboard_or_none = await self._report(talk, await self._house.announcements.get(one.id))
            message = await talk.reply(text, keyboard_or_none)
            if talk.is_admin:
                await self._counts_in(talk, one, message.message_id)

    # Before and while it goes

    async def _take_over(self, talk: Talk, one: Announcement, _value: str) -> None:
        if not await self._house.announcements.take_over(one.id, talk.user.id):
            await talk.answer(talk.words.say("This announcement was sent or discarded already."), alert=True)
            return
        await self._house.audit(talk.user.id, "take", announcement=one.id, author=one.author_id)
        await self._cards.fresh(talk, await self._house.announcements.get(one.id))

    async def _unschedule(self, talk: Talk, one: Announcement, _value: str) -> None:
        if not await self._house.announcements.take_back(one.id):
            await self._too_late(talk, one)
            return
        if one.author_id != talk.user.id:
            await self._house.announcements.take_over(one.id, talk.user.id)
        await self._house.audit(talk.user.id, "unschedule", announcement=one.id)
        await self._cards.fresh(talk, await self._house.announcements.get(one.id))

    async def _pause(self, talk: Talk, one: Announcement, _value: str) -> None:
        if not await self._house.announcer.pause(one.id):
            await self._too_late(talk, one)
            return
        await self._house.audit(talk.user.id, "pause", announcement=one.id)
        await self.show(talk, one)

    async def _resume(self, talk: Talk, one: Announcement, _value: str) -> None:
        if not await self._house.announcer.resume(one.id, talk.now):
            await self._too_late(talk, one)
            return
        self._house.wake("deliver")
        await self._house.audit(talk.user.id, "resume", announcement=one.id)
        await self.show(talk, one)

    async def _cancel(self, talk: Talk, one: Announcement, _value: str) -> None:
        """It stands still at once; whether for good is asked then."""
        if one.state is AnnouncementState.SCHEDULED:
            await self._cancel_for_good(talk, one, "")
            return
        await self._pause(talk, one, "")

    async def _cancel_for_good(self, talk: Talk, one: Announcement, _value: str) -> None:
        if not await self._house.announcer.stop(one.id, talk.now):
            await self._too_late(talk, one)
            return
        await self._house.audit(talk.user.id, "cancel", announcement=one.id)
        await self.show(talk, one)

    async def _too_late(self, talk: Talk, one: Announcement) -> None:
        """Another admin, or the end, was faster."""
        await talk.answer(talk.words.say("It has gone on meanwhile; here is how it stands."), alert=True)
        await self.show(talk, one)

    # Afterwards

    async def _edit(self, talk: Talk, one: Announcement, value: str) -> None:
        if not value and len(one.contents) > 1:
            await self._question(talk, talk.words.html("✏️ Whose text shall change?"), edit_keyboard(one, talk.words))
            return
        language = next(iter(one.contents)) if not value else value.removeprefix("-")
        content = one.contents.get(language)
        if content is None or content.copy_of is not None:
            await talk.answer(
                talk.words.say("A copied message can't be changed. You can take it back and send another."), alert=True
            )
            return
        await self._listen(talk, {"announcement": one.id, "field": "edit", "language": language})
        text = talk.words.html("✏️ Send me the new text. Everybody who has it will see it change.")
        await self._question(talk, text, sure_back(one.id, talk))

    async def rewritten(self, talk: Talk, data: dict[str, object]) -> None:
        """The new text, shown and asked about before it goes anywhere."""
        if not talk.is_admin:
            return
        one = await self._house.announcements.get(AnnouncementId(int(str(data["announcement"]))))
        language, message = str(data.get("language", "")), talk.update.effective_message
        content = one.contents.get(language)
        html = (message.text_html if message and message.text else message.caption_html if message else "") or ""
        if content is None or not html:
            await talk.reply(talk.words.html("I can change the text only: please send me one."))
            return
        content = replace(content, html=html)
        if limit := too_long(content):
            await talk.reply(
                talk.words.html("That is too long: Telegram takes {limit} characters here.", limit=f"{limit:,}")
            )
            return
        try:
            await show_part(
                talk.house.bot, talk.chat.id, replace(one, contents={**one.contents, language: content}).part(language)
            )
        except BadRequest as error:
            await talk.reply(talk.words.html("Telegram does not take that: {reason}", reason=error.message))
            return
        await self._listen(talk, {"announcement": one.id, "field": "edited", "language": language, "html": html})
        sent = await self._house.announcer.rows.out(one.id, family(one, language))
        text = talk.words.count_html(
            "☝️ So it will read. {n} copy is out already; changing it takes about {time}.",
            "☝️ So it will read. {n} copies are out already; changing them takes about {time}.",
            sent,
            time=duration(sent / self._house.settings.telegram.rate, talk.words),
        )
        await talk.reply(text, sure_keyboard(one.id, talk.words.say("✅ Yes, change it"), "edit!", talk.words))

    async def _edit_for_good(self, talk: Talk, one: Announcement, _value: str) -> None:
        dialog = await self._house.people.dialog(talk.chat.id, talk.user.id)
        data = dialog.data if dialog is not None else {}
        language = str(data.get("language", ""))
        content = one.contents.get(language)
        if data.get("field") != "edited" or data.get("announcement") != one.id or content is None:
            await talk.answer(talk.words.say("Please press “Edit” once more."), alert=True)
            return
        await self._listen(talk, None)
        await self._house.announcements.rewrite(one.id, language, replace(content, html=str(data["html"])))
        one = await self._house.announcements.get(one.id)
        new = rendering(one, language)
        acts = self._house.follow_up.acts
        await acts.keep(new, talk.now)
        await self._begin_act(talk, one, ActKind.EDIT, new.key)

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
        await self._question(
            talk,
            Html("\n".join(lines)),
            sure_keyboard(one.id, talk.words.say("✅ Yes, take it back"), "recall!", talk.words),
        )

    async def _recall_for_good(self, talk: Talk, one: Announcement, _value: str) -> None:
        if one.state in (AnnouncementState.SENDING, AnnouncementState.PAUSED):
            await self._house.announcer.stop(one.id, talk.now)
            one = await self._house.announcements.get(one.id)
        await self._begin_act(talk, one, ActKind.RECALL, None)

    async def _begin_act(self, talk: Talk, one: Announcement, kind: ActKind, key: str | None) -> None:
        """Begins it; a message of its own counts."""
        acts = self._house.follow_up.acts
        act = await acts.begin(one.id, kind, talk.user.id, talk.now, key)
        await acts.catch_up(act, talk.now)
        await self._house.audit(talk.user.id, str(kind), announcement=one.id)
        await self.show(talk, one)
        async with self._reporter.turn(one):
            text = act_text(one, act, await acts.progress(act.id), talk.words)
            message = await talk.reply(text, act_keyboard(one.id, talk.words, running=True))
            await acts.report_to(act.id, talk.chat.id, message.message_id)
        self._house.wake("follow")

    async def _halt(self, talk: Talk, one: Announcement, _value: str) -> None:
        """The rest of an edit or a recall is left as it is."""
        await self._house.follow_up.acts.stop(one.id)
        await self._house.audit(talk.user.id, "halt", announcement=one.id)
        await talk.answer(talk.words.say("Stopped; the rest stays as it is."))
        await self._reporter.report_all(talk.now)

    async def _resend(self, talk: Talk, one: Announcement, _value: str) -> None:
        again = await self._house.announcer.rows.to_resend(one.id)
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
        await self._question(talk, Html("\n".join(lines)), keyboard)

    async def _resend_for_good(self, talk: Talk, one: Announcement, _value: str) -> None:
        number = await self._house.announcer.resend(one.id, talk.now)
        await self._house.audit(talk.user.id, "resend", announcement=one.id, chats=number)
        self._house.wake("deliver")
        await self.show(talk, one)

    async def _csv(self, talk: Talk, one: Announcement, _value: str) -> None:
        rows = await self._house.announcer.rows.outcomes(one.id)
        await self._house.audit(talk.user.id, "csv", announcement=one.id)
        file = InputFile(outcomes_csv(rows).encode("utf-8-sig"), filename=f"announcement-{one.id}.csv")
        await talk.house.bot.send_document(talk.chat.id, file)

    # All of them

    async def listing(self, talk: Talk) -> None:
        """/announcements"""
        if not talk.is_private:
            await talk.reply(talk.words.html("Please do that in our private chat."))
            return
        await self._list(talk, 0)

    async def turned(self, talk: Talk, callback: Callback) -> None:
        assert isinstance(callback, Announcements)
        await self._list(talk, callback.page)

    async def _list(self, talk: Talk, page: int) -> None:
        words = talk.words
        author = None if talk.is_admin else talk.user.id
        found, total = await self._house.announcements.page(page * PAGE, PAGE, author)
        if not found:
            await talk.show(words.html("There are no announcements yet. /announce writes one."))
            return
        zone, progress = talk.place.timezone, self._house.announcer.progress
        heading = words.html("📣 <b>Announcements</b>")
        recalled = self._house.follow_up.acts.recalled
        lines = [
            heading,
            *[list_line(one, await progress(one), zone, words, taken_back=await recalled(one.id)) for one in found],
        ]
        labels = [(one.id, f"{STATE_MARKS[one.state]} № {one.id} · {title_of(one, words)}") for one in found]
        await talk.show(Html("\n\n".join(lines)), list_keyboard(labels, page, -(-total // PAGE), words))

    async def _listen(self, talk: Talk, data: dict[str, object] | None) -> None:
        dialog = Dialog(_WRITING, data) if data is not None else None
        await self._house.people.set_dialog(talk.chat.id, talk.user.id, dialog, talk.now)


def sure_back(one: int, talk: Talk) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[button(talk.words.say("‹ Back"), Card(one, "card"))]])
