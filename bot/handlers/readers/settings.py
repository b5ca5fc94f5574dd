"""The settings on one screen, what they lead to, and those that take one tap."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Unpack

from telegram import InlineKeyboardMarkup

from bot.callbacks import SetLeastButton, SetSoundButton
from bot.handlers.context import Context
from bot.handlers.services import ReaderServices
from bot.i18n import Translator
from bot.keyboards.schedule import least_keyboard
from bot.keyboards.settings import settings_keyboard
from bot.render.settings import SettingsView, settings_html
from bot.render.soon import soon_text
from bot.text.markup import Html
from digests.model.place import EVERY_DAY, Place, PlaceState
from digests.model.schedule import next_slot_of, schedule_of, show_time
from digests.model.timezones import zone_label
from digests.model.wish import WishKind
from digests.readers.subscriptions import ScheduleChange

_COUNTING_SECONDS = 0.03


def schedule_html(place: Place, t: Translator) -> Html:
    """Return the schedule in words, such as "every day at 08:00 and 18:00 (Europe/Berlin)"."""
    times = times_of(place)
    if place.weekdays == EVERY_DAY:
        return t.html("every day at <b>{times}</b> ({zone})", times=times, zone=zone_label(place.timezone))
    days = t.weekdays(place.weekdays)
    return t.html("{days} at <b>{times}</b> ({zone})", days=days, times=times, zone=zone_label(place.timezone))


def times_of(place: Place) -> str:
    """Return the times of the digest as people write them: "07:30, 18:00"."""
    return ", ".join(show_time(time) for time in schedule_of(place).times)


async def settings(context: Context, services: ReaderServices) -> None:
    """Show the settings, each with its button."""
    await show_settings(context, services)


async def settings_below(context: Context, services: ReaderServices) -> None:
    """Show the settings in a message of their own: the button is below a digest, which stays."""
    view = await _view(context, services)
    items = await services.subscriptions.expected(context.place, context.now)
    text = settings_html(context.place, replace(view, items=items), context.t)
    await context.reply(text, _keyboard(context))


async def show_settings(context: Context, services: ReaderServices) -> None:
    """Show all settings, with what they lead to."""
    place, t = context.place, context.t
    counting = asyncio.ensure_future(services.subscriptions.expected(place, context.now))
    try:
        view = await _view(context, services)
        await asyncio.wait([counting], timeout=_COUNTING_SECONDS)
        if context.pressed is not None and not context.pressed.photo and not counting.done():
            # What was pressed shows at once; how many articles there are may take a while in a large archive.
            await context.show(settings_html(place, view, t), _keyboard(context))
        items = await counting
    finally:
        counting.cancel()
    await context.show(settings_html(place, replace(view, items=items), t), _keyboard(context))


def _keyboard(context: Context) -> InlineKeyboardMarkup:
    return settings_keyboard(context.place, context.t, may_have_topics=context.may_have_topics)


async def _view(context: Context, services: ReaderServices) -> SettingsView:
    """Return what the settings lead to, but for the number of articles that there are now."""
    place, t = context.place, context.t
    tree = await services.categories.readers_tree()
    caps = [
        (category.name, wish.most)
        for wish in await services.wishes.of(place)
        if wish.kind is WishKind.CAP and wish.subject.category and (category := tree.get(wish.subject.category))
    ]
    return SettingsView(
        schedule=schedule_html(place, t),
        next_slot=next_text(context),
        items=None,
        caps=caps,
        defaults=services.defaults,
    )


async def reschedule(context: Context, services: ReaderServices, **changed: Unpack[ScheduleChange]) -> None:
    """Change the digest's schedule, and put the changed place into the context."""
    context.place = await services.subscriptions.reschedule(context.place, context.now, **changed)


async def sound_pressed(context: Context, services: ReaderServices, pressed: SetSoundButton) -> None:
    """Turn the sound on or off, and show the settings again."""
    if not await context.may_change():
        return
    if context.place.silent is bool(pressed.on):
        await reschedule(context, services, silent=not pressed.on)
        t = context.t
        await context.answer(t("🔔 With a sound") if pressed.on else t("🔕 Without a sound"))
    await show_settings(context, services)


async def show_least(context: Context) -> None:
    """Show the numbers of new articles that a digest can wait for."""
    text = context.t.html(
        "📏 <b>How many new articles are worth a message?</b>\n"
        "If there are fewer, they wait for the next digest; none is lost."
    )
    await context.show(text, least_keyboard(context.place.least_items, context.t))


async def least_pressed(context: Context, services: ReaderServices, pressed: SetLeastButton) -> None:
    """Set how many new articles are worth a message, and show the settings again."""
    if not await context.may_change():
        return
    if pressed.items != context.place.least_items:
        await reschedule(context, services, least_items=pressed.items)
        least = context.place.least_items
        await context.answer(context.t.count("From {n} new article on", "From {n} new articles on", least))
    await show_settings(context, services)


def when_html(context: Context) -> Html:
    """Return what a changed schedule leads to, and what to do where no digest comes at the moment."""
    t, rhythm = context.t, schedule_html(context.place, context.t)
    match context.place.state:
        case PlaceState.NEW:
            return t.html("⏰ Saved: {schedule}. It starts once you have chosen what you want: /start", schedule=rhythm)
        case PlaceState.PAUSED:
            return t.html("⏰ Saved: {schedule}. Your digest is paused; /resume turns it back on.", schedule=rhythm)
        case PlaceState.STOPPED | PlaceState.UNREACHABLE:
            return t.html("⏰ Saved: {schedule}. Your digest is stopped; /start turns it back on.", schedule=rhythm)
        case PlaceState.ACTIVE:
            return t.html("⏰ Your digest arrives {schedule}; next: {next}.", schedule=rhythm, next=next_text(context))


def next_text(context: Context) -> str:
    """Return the next slot in words, such as "today 18:00" or "tomorrow 08:00"."""
    slot = next_slot_of(context.place, context.now)
    return soon_text(slot, context.now, context.place.timezone, context.t)
