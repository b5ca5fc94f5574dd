"""/announce: write it, see it as readers will, choose to whom and when, confirm. The card holds it all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from telegram import InlineKeyboardMarkup

from bot.callbacks import Callback, Card, Do
from bot.handlers.announcements.card import Cards
from bot.handlers.announcements.changes import Changes
from bot.handlers.announcements.choices import next_days, next_kind, next_language
from bot.handlers.announcements.drafts import WRITING, Drafts
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.announcements.manage import Going
from bot.handlers.announcements.options import Options
from bot.handlers.announcements.report import Reports
from bot.handlers.announcements.send import Sending
from bot.handlers.announcements.texts import Texts
from bot.handlers.context import Talk
from bot.handlers.services import House
from bot.keyboards.base import button
from bot.render.announcement_draft import title_of
from digests.model.announcement import EVERY_LANGUAGE, Announcement, Audience, Timing
from digests.storage.people import Dialog

__all__ = ["WRITING", "Announcing"]

Screen = Callable[[Talk, Announcement, str], Awaitable[None]]


class Announcing:
    """The admin's side of announcements, until they are confirmed; then `Going` takes over."""

    def __init__(self, house: House, reporter: Reporter) -> None:
        self._house = house
        self._cards = cards = Cards(house)
        self._drafts = drafts = Drafts(house)
        self._reports = Reports(house, reporter, cards, drafts)
        self._texts = Texts(house, cards, drafts)
        self.options = Options(house, cards, drafts)
        self.sending = Sending(house, reporter, cards, drafts, self._reports)
        self.changes = Changes(house, reporter, drafts, self._reports)
        self.going = Going(house, drafts, cards, self._reports, self.changes)
        self._screens = self._all_screens()

    def _all_screens(self) -> dict[str, Screen]:
        cards, texts, options, sending = self._cards, self._texts, self.options, self.sending
        return {
            "card": lambda talk, one, _: self._back(talk, one),
            "text": lambda talk, one, _: texts.all(talk, one),
            "language": texts.language,
            "show": texts.show,
            "drop": texts.drop,
            "buttons": lambda talk, one, _: options.buttons(talk, one),
            "nobuttons": options.no_buttons,
            "audience": lambda talk, one, _: options.audience(talk, one),
            "everybody": lambda talk, one, _: options.aim(talk, one, Audience()),
            "speaking": lambda talk, one, _: options.aim(talk, one, next_language(one.audience)),
            "active": lambda talk, one, _: options.aim(talk, one, next_days(one.audience)),
            "kind": lambda talk, one, _: options.aim(talk, one, next_kind(one.audience)),
            "ids": options.ids,
            "when": lambda talk, one, _: options.when(talk, one),
            "now": lambda talk, one, _: options.time(talk, one, Timing()),
            "at": options.ask_moment,
            "local": options.local,
            "quiet": options.quiet,
            "paid": options.pay,
            "sound": lambda talk, one, _: options.manner(talk, replace(one, silent=not one.silent)),
            "pin": lambda talk, one, _: options.manner(talk, replace(one, pinned=not one.pinned)),
            "test": lambda talk, one, _: cards.test(talk, one),
            "test!": sending.test,
            "ready": sending.ready,
            "discard": sending.ask_discard,
            "go": lambda talk, one, _: sending.go(talk, one),
        }

    async def begin(self, talk: Talk) -> None:
        """/announce, or /announce TEXT."""
        if not talk.is_private:
            await talk.reply(talk.words.html("Please write announcements in our private chat."))
            return
        if talk.text:
            await self._texts.take(talk, None, EVERY_LANGUAGE)
            return
        await self._drafts.listen(talk, {})
        drafts = (await self._house.announcements.drafts(talk.user.id))[-3:]
        rows = [
            [button(talk.words.say("📝 Go on with “{title}”", title=title_of(one, talk.words)), Card(one.id, "open"))]
            for one in reversed(drafts)
        ]
        rows.append([button(talk.words.say("Cancel"), Do("cancel"))])
        await talk.reply(
            talk.words.html(
                "📣 <b>New announcement</b>\n"
                "Send me its text, with bold, links and all; a photo, an album, a file or a message that you forward "
                "to me is fine too. You will see it before anybody else does."
            ),
            InlineKeyboardMarkup(rows),
        )

    async def written(self, talk: Talk, dialog: Dialog) -> bool:
        """A message that answers what the card asked for; False when it is none of ours after all."""
        data = dialog.data
        if data.get("field") in ("edit", "edited"):
            await self.changes.rewritten(talk, data)
            return True
        one = await self._drafts.draft(talk, int(data["announcement"])) if "announcement" in data else None
        if one is None and "announcement" in data:
            await self._drafts.listen(talk, None)
            return True
        match data.get("field", "text"):
            case "album":
                return await self._texts.album_item(talk, one, data)
            case "buttons" | "ids" | "at" | "local" as field if one is not None:
                await self.options.typed(talk, one, str(field))
            case _:
                await self._texts.take(talk, one, str(data.get("language", EVERY_LANGUAGE)))
        return True

    async def pressed(self, talk: Talk, callback: Callback) -> None:
        assert isinstance(callback, Card)
        screen = self._screens.get(callback.what)
        if callback.what == "card" and await self._reports.back(talk, callback.announcement):
            return
        if screen is None:
            await self.going.pressed(talk, callback)
            return
        if callback.what == "go" and not talk.is_admin:
            await talk.answer(talk.words.say("Only an admin can do that."), alert=True)
            return
        one = await self._drafts.draft(talk, callback.announcement)
        if one is not None:
            await screen(talk, one, callback.value)

    async def _back(self, talk: Talk, one: Announcement) -> None:
        await self._drafts.listen(talk, None)
        await self._cards.show(talk, one)
