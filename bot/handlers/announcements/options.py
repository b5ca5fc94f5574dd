"""What is set about a draft beside its text: buttons, audience, moment, manner."""

from __future__ import annotations

from dataclasses import replace

from telegram.error import BadRequest

from bot.callbacks import Audience as AudienceOf
from bot.callbacks import AudiencePage, Callback
from bot.handlers.announcements.card import Cards
from bot.handlers.announcements.choices import explain, refused_text
from bot.handlers.announcements.drafts import Drafts
from bot.handlers.announcements.parse import InputError, parse_buttons, parse_ids, parse_local, parse_moment
from bot.handlers.context import Talk
from bot.handlers.services import House
from bot.keyboards.announcements import back_keyboard
from digests.model.announcement import Announcement, Audience, Moment, Timing, local_time
from digests.model.ids import CategoryId
from digests.model.schedule import parse_time
from digests.model.timezones import zone_label

_ASKED_FROM = {"ids": "audience", "at": "when", "local": "when"}
"""The screen that each typed field was asked for on, where that is not the card itself: there leads the way back."""


class Options:
    """The card's screens that set something; some ask for a line to be typed."""

    def __init__(self, house: House, cards: Cards, drafts: Drafts) -> None:
        self._house = house
        self._cards = cards
        self._drafts = drafts

    async def typed(self, talk: Talk, one: Announcement, field: str) -> None:
        try:
            changed = await self._read(talk, one, field)
            await self._cards.fresh(talk, changed)
        except InputError as error:
            await talk.reply(
                explain(error, talk.words), back_keyboard(one.id, talk.words, to=_ASKED_FROM.get(field, "card"))
            )
            return
        except BadRequest as error:
            # Only a button's address can be the cause: the rest was shown before.
            await self._house.announcements.label(one.id, one.buttons)
            await talk.reply(refused_text(error.message, talk.words))
            return
        await self._drafts.listen(talk, None)

    async def _read(self, talk: Talk, one: Announcement, field: str) -> Announcement:
        store, text, zone = self._house.announcements, talk.text, talk.place.timezone
        if field == "buttons":
            one = replace(one, buttons=parse_buttons(text))
            await store.label(one.id, one.buttons)
        elif field == "ids":
            ids = parse_ids(text)
            known = await self._house.announcer.known(ids)
            if strangers := [str(each) for each in ids if each not in known]:
                await talk.reply(talk.words.html("I have never met these: {ids}", ids=", ".join(strangers[:20])))
            one = replace(one, audience=replace(one.audience, ids=ids))
            await store.aim(one.id, one.audience)
        else:
            if field == "at":
                timing = Timing(Moment.AT, at=parse_moment(text, zone, talk.now))
            else:
                day, at = parse_local(text, talk.now)
                timing = local_time(at, day)
            one = replace(one, timing=timing)
            await store.time(one.id, timing)
        return one

    async def no_buttons(self, talk: Talk, one: Announcement, _value: str) -> None:
        await self._house.announcements.label(one.id, ())
        await self._drafts.listen(talk, None)
        await self._cards.fresh(talk, replace(one, buttons=()), "")

    async def aim(self, talk: Talk, one: Announcement, audience: Audience) -> None:
        await self._house.announcements.aim(one.id, audience)
        await self._cards.audience(talk, replace(one, audience=audience))

    async def audience(self, talk: Talk, one: Announcement) -> None:
        await self._drafts.listen(talk, None)
        await self._cards.audience(talk, one)

    async def ids(self, talk: Talk, one: Announcement, _value: str) -> None:
        await self._drafts.listen(talk, {"announcement": one.id, "field": "ids"})
        text = talk.words.html(
            "🔢 Send me the Telegram ids, as many as you like in one message. /id tells anyone his own."
        )
        await talk.show(text, back_keyboard(one.id, talk.words, to=_ASKED_FROM["ids"]))

    async def when(self, talk: Talk, one: Announcement) -> None:
        await self._drafts.listen(talk, None)
        await self._cards.when(talk, one)

    async def time(self, talk: Talk, one: Announcement, timing: Timing) -> None:
        await self._house.announcements.time(one.id, timing)
        await self._cards.when(talk, replace(one, timing=timing))

    async def ask_moment(self, talk: Talk, one: Announcement, _value: str) -> None:
        await self._drafts.listen(talk, {"announcement": one.id, "field": "at"})
        text = talk.words.html(
            "🕘 Send me the moment, such as <code>18:00</code> or <code>{day} 18:00</code>, by your clock ({zone}; "
            "/timezone changes it).",
            day=f"{talk.now:%Y-%m-%d}",
            zone=zone_label(talk.place.timezone),
        )
        await talk.show(text, back_keyboard(one.id, talk.words, to=_ASKED_FROM["at"]))

    async def local(self, talk: Talk, one: Announcement, value: str) -> None:
        if value:
            await self.time(talk, one, local_time(parse_time(value), None))
            return
        await self._drafts.listen(talk, {"announcement": one.id, "field": "local"})
        text = talk.words.html(
            "🕘 Send me the time, such as <code>08:00</code> or <code>{day} 08:00</code>. Each chat gets it at "
            "that time of its own clock; where that is past on that day, at once.",
            day=f"{talk.now:%Y-%m-%d}",
        )
        await talk.show(text, back_keyboard(one.id, talk.words, to=_ASKED_FROM["local"]))

    async def manner(self, talk: Talk, one: Announcement) -> None:
        await self._keep_manner(one)
        await self._cards.show(talk, one)

    async def quiet(self, talk: Talk, one: Announcement, _value: str) -> None:
        one = replace(one, despite_quiet=not one.despite_quiet)
        await self._keep_manner(one)
        await self._cards.when(talk, one)

    async def pay(self, talk: Talk, one: Announcement, _value: str) -> None:
        if not self._cards.may_pay:
            await talk.answer(talk.words.say("The paid rate is switched off."), alert=True)
            return
        await self.manner(talk, replace(one, paid=not self._cards.is_paid(one)))

    async def _keep_manner(self, one: Announcement) -> None:
        await self._house.announcements.manner(
            one.id, silent=one.silent, pinned=one.pinned, paid=one.paid, despite_quiet=one.despite_quiet
        )

    async def choose(self, talk: Talk, callback: Callback) -> None:
        assert isinstance(callback, AudienceOf)
        one = await self._drafts.draft(talk, callback.announcement)
        if one is None:
            return
        chosen = set(one.audience.categories) ^ {CategoryId(callback.category)} if callback.category else set()
        audience = replace(one.audience, categories=tuple(sorted(chosen)))
        await self._house.announcements.aim(one.id, audience)
        await self._cards.categories(talk, replace(one, audience=audience), callback.page)

    async def turn(self, talk: Talk, callback: Callback) -> None:
        assert isinstance(callback, AudiencePage)
        one = await self._drafts.draft(talk, callback.announcement)
        if one is not None:
            await self._cards.categories(talk, one, callback.page)

    async def buttons(self, talk: Talk, one: Announcement) -> None:
        await self._drafts.listen(talk, {"announcement": one.id, "field": "buttons"})
        await self._cards.buttons(talk, one)
