"""The end of a draft: tried out, handed to the admins, confirmed or discarded."""

from __future__ import annotations

import logging
from dataclasses import replace

from telegram import InlineKeyboardMarkup
from telegram.error import TelegramError

from bot.callbacks import CardButton, ConfirmButton, DiscardButton
from bot.handlers.announcements.card import Cards
from bot.handlers.announcements.drafts import Drafts
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.announcements.report import Reports
from bot.handlers.context import Talk
from bot.handlers.services import House
from bot.keyboards.announcements import discard_keyboard, sure_keyboard
from bot.keyboards.base import button
from bot.markup import Html
from bot.render.announcement_draft import confirm_text, title_of
from digests.announcements.broadcast import rendering
from digests.model.announcement import Announcement, AnnouncementState, Moment

logger = logging.getLogger(__name__)


class Sending:
    """What makes an announcement out of a draft; `Reports` shows it from then on."""

    def __init__(self, house: House, reporter: Reporter, cards: Cards, drafts: Drafts, reports: Reports) -> None:
        self._house = house
        self._reporter = reporter
        self._cards = cards
        self._drafts = drafts
        self._reports = reports

    async def test(self, talk: Talk, one: Announcement, whom: str) -> None:
        """The real thing, to oneself or to all admins."""
        targets = sorted({talk.user.id} | (await self._house.admins() if whom == "all" else frozenset()))
        parts = [rendering(one, language).parts[0] for language in one.contents]
        reached = 0
        for target in targets:
            try:
                for part in parts:
                    await talk.house.shower.show(target, part)
                reached += 1
            except TelegramError as error:
                logger.info("a test could not be sent", extra={"to": target, "reason": error.message})
        await self._house.audit(talk.user.id, "test", announcement=one.id, chats=reached)
        await talk.answer(
            talk.words.say("The test went to {reached} of {all}.", reached=reached, all=len(targets)), alert=True
        )
        await self._cards.again(talk, one)

    async def ready(self, talk: Talk, one: Announcement, _value: str) -> None:
        """An editor's draft is done: the admins are told."""
        told = 0
        for admin in sorted(await self._house.admins()):
            words = await self._house.words_of(admin)
            text = words.html(
                "🙋 {name} has written an announcement: “{title}”", name=talk.user.full_name, title=title_of(one, words)
            )
            keyboard = InlineKeyboardMarkup([[button(words.say("Look at it"), CardButton(one.id, "open"))]])
            told += await self._house.tell(admin, text, keyboard)
        await self._house.audit(talk.user.id, "ready", announcement=one.id)
        await talk.answer(talk.words.count("{n} admin was told.", "{n} admins were told.", told), alert=True)

    async def confirm(self, talk: Talk, callback: ConfirmButton) -> None:
        """Asks once more, with all that follows from a yes."""
        if not talk.is_admin:
            await talk.answer(talk.words.say("Only an admin can do that."), alert=True)
            return
        one = await self._drafts.draft(talk, callback.announcement)
        if one is None or not await self._may_go(talk, one):
            return
        reach = await self._cards.reach(talk, one)
        text = confirm_text(
            one,
            reach.languages,
            self._cards.terms(one, reach),
            await self._cards.category_names(one),
            talk.place.timezone,
            talk.words,
            await self._others(talk, one),
        )
        is_now = one.timing.kind is Moment.NOW
        label = talk.words.say("✅ Yes, send it") if is_now else talk.words.say("✅ Yes, schedule it")
        await talk.show(text, sure_keyboard(one.id, label, "go", talk.words))

    async def _may_go(self, talk: Talk, one: Announcement) -> bool:
        if not (await self._cards.reach(talk, one)).chats:
            await talk.answer(talk.words.say("That reaches nobody."), alert=True)
            return False
        if one.timing.kind is Moment.AT and one.timing.at is not None and one.timing.at <= talk.now:
            await talk.answer(talk.words.say("That moment is past. Please choose another."), alert=True)
            return False
        return True

    async def _others(self, talk: Talk, one: Announcement) -> list[Html]:
        """What others are sending just now: both share the rate."""
        said = []
        for other in await self._house.announcements.unsettled():
            if other.id == one.id or other.state is not AnnouncementState.SENDING:
                continue
            left = (await self._house.announcer.progress(other)).open
            name = await self._house.name_of(other.sent_by or other.author_id)
            said.append(
                talk.words.html(
                    "⚠️ {name} is sending “{title}” just now ({left} chats to go): it will take longer.",
                    name=name,
                    title=title_of(other, talk.words),
                    left=f"{left:,}",
                )
            )
        return said

    async def go(self, talk: Talk, one: Announcement) -> None:
        """It goes, or waits for its moment; the card becomes the message that counts."""
        if not await self._may_go(talk, one):
            return
        now, store = talk.now, self._house.announcements
        # Of one moment: what is to go at once must not lie a millisecond ahead.
        reach = await self._house.announcer.reach(one, now)
        at = one.timing.at if one.timing.kind is Moment.AT and one.timing.at else reach.first
        report = (talk.chat.id, talk.pressed.message_id) if talk.pressed else None
        if not await store.confirm(one.id, at, by=talk.user.id, now=now, report=report, author=talk.user.id):
            await self._drafts.too_late(talk, one)
            return
        await self._house.audit(talk.user.id, "send", announcement=one.id, chats=reach.chats, title=one.first.html[:80])
        if at > now:
            await talk.answer(talk.words.say("Scheduled!"))
        else:
            await talk.answer(talk.words.say("On its way!"))
            await self._house.announcer.plan_confirmed(now)
            self._house.wake("deliver")
        await self._reports.show(talk, one)

    async def ask_discard(self, talk: Talk, one: Announcement, _value: str) -> None:
        text = talk.words.html("🗑 <b>Discard this draft?</b>\nIt can't be brought back.")
        await talk.show(text, discard_keyboard(one.id, talk.words))

    async def discard(self, talk: Talk, callback: DiscardButton) -> None:
        one = await self._drafts.draft(talk, callback.announcement)
        if one is None:
            return
        if await self._house.announcements.cancel(one.id, author=talk.user.id):
            await self._drafts.listen(talk, None)
            await self._house.audit(talk.user.id, "discard", announcement=one.id)
            await self._cards.forget(talk, replace(one, card=None))
            await talk.show(talk.words.html("🗑 Discarded; nobody got it."))
        else:
            await self._drafts.too_late(talk, one)
