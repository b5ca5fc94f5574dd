"""What is set about a draft besides its text: buttons, audience, time, and how it is delivered."""

from __future__ import annotations

from dataclasses import replace

from telegram.error import BadRequest

from bot.callbacks import AudienceButton, AudiencePageButton
from bot.callbacks.card_actions import CardAction
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
"""The screen on which each option was asked for, if not on the card itself: "Back" leads there."""


class OptionScreens:
    """The card's screens that set something; some ask for a line to be typed."""

    def __init__(self, services: AnnouncementServices, cards: Cards, drafts: Drafts) -> None:
        self._services = services
        self._cards = cards
        self._drafts = drafts

    async def typed(self, context: Context, announcement: Announcement, option: TypedOption) -> None:
        """Set what was typed and show the card; say what is wrong with input that can't be used.

        The screen goes on waiting after such input.
        """
        try:
            changed = await self._read(context, announcement, option)
            await self._cards.fresh(context, changed)
        except InputError as error:
            await context.reply(
                input_error_text(error, context.t),
                back_keyboard(announcement.id, context.t, to=_ASKED_FROM.get(option, CardAction.CARD)),
            )
            return
        except BadRequest as error:
            # Only a button's address can be the cause: Telegram has accepted the rest before.
            await self._services.announcements.set_buttons(announcement.id, announcement.buttons)
            await context.reply(refused_text(error.message, context.t))
            return
        await self._drafts.listen(context, None)

    async def _read(self, context: Context, announcement: Announcement, option: TypedOption) -> Announcement:
        store, text, zone = self._services.announcements, context.text, context.place.timezone
        if option is TypedOption.BUTTONS:
            announcement = replace(announcement, buttons=parse_buttons(text))
            await store.set_buttons(announcement.id, announcement.buttons)
        elif option is TypedOption.IDS:
            ids = parse_ids(text)
            known = await self._services.broadcaster.known(ids)
            if strangers := [str(chat_id) for chat_id in ids if chat_id not in known]:
                await context.reply(context.t.html("I don't know these: {ids}", ids=", ".join(strangers[:20])))
            announcement = replace(announcement, audience=replace(announcement.audience, ids=ids))
            await store.set_audience(announcement.id, announcement.audience)
        else:
            if option is TypedOption.AT:
                timing = Timing(When.AT, at=parse_moment(text, zone, context.now))
            else:
                day, at = parse_local(text, context.now)
                timing = local_time(at, day)
            announcement = replace(announcement, timing=timing)
            await store.set_timing(announcement.id, timing)
        return announcement

    async def no_buttons(self, context: Context, announcement: Announcement, _value: str) -> None:
        """Remove the buttons below the announcement, and show the card."""
        await self._services.announcements.set_buttons(announcement.id, ())
        await self._drafts.listen(context, None)
        await self._cards.fresh(context, replace(announcement, buttons=()), "")

    async def set_audience(self, context: Context, announcement: Announcement, audience: Audience) -> None:
        """Set the audience, and show its screen."""
        await self._services.announcements.set_audience(announcement.id, audience)
        await self._cards.audience(context, replace(announcement, audience=audience))

    async def audience(self, context: Context, announcement: Announcement) -> None:
        """Show the screen of the audience."""
        await self._drafts.listen(context, None)
        await self._cards.audience(context, announcement)

    async def ids(self, context: Context, announcement: Announcement, _value: str) -> None:
        """Ask for the Telegram ids that are to get the announcement."""
        await self._drafts.listen(context, AwaitedOption(announcement.id, TypedOption.IDS))
        text = context.t.html(
            "🔢 Send me Telegram ids, as many as you like in one message. People can look up their own with /id."
        )
        await context.show(text, back_keyboard(announcement.id, context.t, to=_ASKED_FROM[TypedOption.IDS]))

    async def when(self, context: Context, announcement: Announcement) -> None:
        """Show the screen of the time."""
        await self._drafts.listen(context, None)
        await self._cards.when(context, announcement)

    async def set_timing(self, context: Context, announcement: Announcement, timing: Timing) -> None:
        """Set the time, and show its screen."""
        await self._services.announcements.set_timing(announcement.id, timing)
        await self._cards.when(context, replace(announcement, timing=timing))

    async def ask_moment(self, context: Context, announcement: Announcement, _value: str) -> None:
        """Ask for one time at which all chats get the announcement."""
        await self._drafts.listen(context, AwaitedOption(announcement.id, TypedOption.AT))
        text = context.t.html(
            "🕘 Send me the time, such as <code>18:00</code> or <code>{day} 18:00</code>, in your time zone "
            "({zone}; change it with /timezone).",
            day=f"{context.now:%Y-%m-%d}",
            zone=zone_label(context.place.timezone),
        )
        await context.show(text, back_keyboard(announcement.id, context.t, to=_ASKED_FROM[TypedOption.AT]))

    async def local(self, context: Context, announcement: Announcement, value: str) -> None:
        """Set the time on each chat's own clock; ask for one where the button names none."""
        if value:
            await self.set_timing(context, announcement, local_time(parse_time(value), None))
            return
        await self._drafts.listen(context, AwaitedOption(announcement.id, TypedOption.LOCAL))
        text = context.t.html(
            "🕘 Send me the time, such as <code>08:00</code> or <code>{day} 08:00</code>. Each chat gets it at "
            "that time in its own time zone, or right away where that time has passed.",
            day=f"{context.now:%Y-%m-%d}",
        )
        await context.show(text, back_keyboard(announcement.id, context.t, to=_ASKED_FROM[TypedOption.LOCAL]))

    async def set_options(self, context: Context, announcement: Announcement) -> None:
        """Store how the announcement is delivered, and show the card."""
        await self._store_options(announcement)
        await self._cards.show(context, announcement)

    async def quiet(self, context: Context, announcement: Announcement, _value: str) -> None:
        """Turn quiet hours on or off for this announcement, and show the screen of the time."""
        announcement = replace(announcement, despite_quiet=not announcement.despite_quiet)
        await self._store_options(announcement)
        await self._cards.when(context, announcement)

    async def pay(self, context: Context, announcement: Announcement, _value: str) -> None:
        """Turn the paid rate on or off for this announcement, and show the card."""
        if not self._cards.may_pay:
            await context.answer(context.t("The paid rate is turned off."), alert=True)
            return
        await self.set_options(context, replace(announcement, paid=not self._cards.is_paid(announcement)))

    async def _store_options(self, announcement: Announcement) -> None:
        await self._services.announcements.set_options(
            announcement.id,
            silent=announcement.silent,
            pinned=announcement.pinned,
            paid=announcement.paid,
            despite_quiet=announcement.despite_quiet,
        )

    async def choose(self, context: Context, pressed: AudienceButton) -> None:
        """Tick or untick a category of the audience; the button without a category unticks all."""
        announcement = await self._drafts.draft(context, pressed.announcement)
        if announcement is None:
            return
        chosen = set(announcement.audience.categories) ^ {CategoryId(pressed.category)} if pressed.category else set()
        audience = replace(announcement.audience, categories=tuple(sorted(chosen)))
        await self._services.announcements.set_audience(announcement.id, audience)
        await self._cards.categories(context, replace(announcement, audience=audience), pressed.page)

    async def turn_page(self, context: Context, pressed: AudiencePageButton) -> None:
        """Show another page of the categories to choose from."""
        announcement = await self._drafts.draft(context, pressed.announcement)
        if announcement is not None:
            await self._cards.categories(context, announcement, pressed.page)

    async def buttons(self, context: Context, announcement: Announcement) -> None:
        """Ask for the buttons below the announcement."""
        await self._drafts.listen(context, AwaitedOption(announcement.id, TypedOption.BUTTONS))
        await self._cards.buttons(context, announcement)
