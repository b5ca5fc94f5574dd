"""What is set about a draft beside its text: buttons, audience, moment, manner."""

from __future__ import annotations

from dataclasses import replace

from telegram.error import BadRequest

from bot.callbacks import AudienceButton, AudiencePageButton
from bot.card_actions import CardAction
from bot.handlers.announcements.card import Cards
from bot.handlers.announcements.choices import input_error_text, refused_text
from bot.handlers.announcements.drafts import Drafts
from bot.handlers.announcements.parse import InputError, parse_buttons, parse_ids, parse_local, parse_moment
from bot.handlers.context import Context
from bot.handlers.services import AnnouncementServices
from bot.keyboards.announcements import back_keyboard
from digests.model.announcement import Announcement, Audience, Timing, When, local_time
from digests.model.dialogs import AwaitedOption, TypedOption
from digests.model.ids import CategoryId
from digests.model.schedule import parse_time
from digests.model.timezones import zone_label

_ASKED_FROM = {
    TypedOption.IDS: CardAction.AUDIENCE,
    TypedOption.AT: CardAction.WHEN,
    TypedOption.LOCAL: CardAction.WHEN,
}
"""The screen that each option was asked for on, where that is not the card itself: there leads the way back."""


class OptionScreens:
    """The card's screens that set something; some ask for a line to be typed."""

    def __init__(self, services: AnnouncementServices, cards: Cards, drafts: Drafts) -> None:
        self._services = services
        self._cards = cards
        self._drafts = drafts

    async def typed(self, context: Context, one: Announcement, option: TypedOption) -> None:
        try:
            changed = await self._read(context, one, option)
            await self._cards.fresh(context, changed)
        except InputError as error:
            await context.reply(
                input_error_text(error, context.t),
                back_keyboard(one.id, context.t, to=_ASKED_FROM.get(option, CardAction.CARD)),
            )
            return
        except BadRequest as error:
            # Only a button's address can be the cause: the rest was shown before.
            await self._services.announcements.set_buttons(one.id, one.buttons)
            await context.reply(refused_text(error.message, context.t))
            return
        await self._drafts.listen(context, None)

    async def _read(self, context: Context, one: Announcement, option: TypedOption) -> Announcement:
        store, text, zone = self._services.announcements, context.text, context.place.timezone
        if option is TypedOption.BUTTONS:
            one = replace(one, buttons=parse_buttons(text))
            await store.set_buttons(one.id, one.buttons)
        elif option is TypedOption.IDS:
            ids = parse_ids(text)
            known = await self._services.broadcaster.known(ids)
            if strangers := [str(each) for each in ids if each not in known]:
                await context.reply(context.t.html("I don't know these: {ids}", ids=", ".join(strangers[:20])))
            one = replace(one, audience=replace(one.audience, ids=ids))
            await store.set_audience(one.id, one.audience)
        else:
            if option is TypedOption.AT:
                timing = Timing(When.AT, at=parse_moment(text, zone, context.now))
            else:
                day, at = parse_local(text, context.now)
                timing = local_time(at, day)
            one = replace(one, timing=timing)
            await store.set_timing(one.id, timing)
        return one

    async def no_buttons(self, context: Context, one: Announcement, _value: str) -> None:
        await self._services.announcements.set_buttons(one.id, ())
        await self._drafts.listen(context, None)
        await self._cards.fresh(context, replace(one, buttons=()), "")

    async def set_audience(self, context: Context, one: Announcement, audience: Audience) -> None:
        await self._services.announcements.set_audience(one.id, audience)
        await self._cards.audience(context, replace(one, audience=audience))

    async def audience(self, context: Context, one: Announcement) -> None:
        await self._drafts.listen(context, None)
        await self._cards.audience(context, one)

    async def ids(self, context: Context, one: Announcement, _value: str) -> None:
        await self._drafts.listen(context, AwaitedOption(one.id, TypedOption.IDS))
        text = context.t.html(
            "🔢 Send me Telegram ids, as many as you like in one message. People can look up their own with /id."
        )
        await context.show(text, back_keyboard(one.id, context.t, to=_ASKED_FROM[TypedOption.IDS]))

    async def when(self, context: Context, one: Announcement) -> None:
        await self._drafts.listen(context, None)
        await self._cards.when(context, one)

    async def set_timing(self, context: Context, one: Announcement, timing: Timing) -> None:
        await self._services.announcements.set_timing(one.id, timing)
        await self._cards.when(context, replace(one, timing=timing))

    async def ask_moment(self, context: Context, one: Announcement, _value: str) -> None:
        await self._drafts.listen(context, AwaitedOption(one.id, TypedOption.AT))
        text = context.t.html(
            "🕘 Send me the time, such as <code>18:00</code> or <code>{day} 18:00</code>, in your time zone "
            "({zone}; change it with /timezone).",
            day=f"{context.now:%Y-%m-%d}",
            zone=zone_label(context.place.timezone),
        )
        await context.show(text, back_keyboard(one.id, context.t, to=_ASKED_FROM[TypedOption.AT]))

    async def local(self, context: Context, one: Announcement, value: str) -> None:
        if value:
            await self.set_timing(context, one, local_time(parse_time(value), None))
            return
        await self._drafts.listen(context, AwaitedOption(one.id, TypedOption.LOCAL))
        text = context.t.html(
            "🕘 Send me the time, such as <code>08:00</code> or <code>{day} 08:00</code>. Each chat gets it at "
            "that time in its own time zone, or right away where that time has passed.",
            day=f"{context.now:%Y-%m-%d}",
        )
        await context.show(text, back_keyboard(one.id, context.t, to=_ASKED_FROM[TypedOption.LOCAL]))

    async def set_options(self, context: Context, one: Announcement) -> None:
        await self._store_options(one)
        await self._cards.show(context, one)

    async def quiet(self, context: Context, one: Announcement, _value: str) -> None:
        one = replace(one, despite_quiet=not one.despite_quiet)
        await self._store_options(one)
        await self._cards.when(context, one)

    async def pay(self, context: Context, one: Announcement, _value: str) -> None:
        if not self._cards.may_pay:
            await context.answer(context.t("The paid rate is turned off."), alert=True)
            return
        await self.set_options(context, replace(one, paid=not self._cards.is_paid(one)))

    async def _store_options(self, one: Announcement) -> None:
        await self._services.announcements.set_options(
            one.id, silent=one.silent, pinned=one.pinned, paid=one.paid, despite_quiet=one.despite_quiet
        )

    async def choose(self, context: Context, callback: AudienceButton) -> None:
        one = await self._drafts.draft(context, callback.announcement)
        if one is None:
            return
        chosen = set(one.audience.categories) ^ {CategoryId(callback.category)} if callback.category else set()
        audience = replace(one.audience, categories=tuple(sorted(chosen)))
        await self._services.announcements.set_audience(one.id, audience)
        await self._cards.categories(context, replace(one, audience=audience), callback.page)

    async def turn_page(self, context: Context, callback: AudiencePageButton) -> None:
        one = await self._drafts.draft(context, callback.announcement)
        if one is not None:
            await self._cards.categories(context, one, callback.page)

    async def buttons(self, context: Context, one: Announcement) -> None:
        await self._drafts.listen(context, AwaitedOption(one.id, TypedOption.BUTTONS))
        await self._cards.buttons(context, one)
