"""When the digest comes, in which time zone, and whether it comes at all."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from telegram import InlineKeyboardMarkup

from bot.callbacks import ActionButton, BrowseButton, SetTimeButton, TimesButton
from bot.handlers.context import Context
from bot.handlers.readers.choosing import show_level
from bot.handlers.readers.settings import next_text, reschedule, when_html
from bot.handlers.services import ReaderServices
from bot.keyboards.base import button
from bot.keyboards.schedule import time_keyboard
from digests.model.place import PlaceState
from digests.model.schedule import parse_days_off, parse_times, show_times
from digests.model.timezones import city_of


async def time(context: Context, services: ReaderServices) -> None:
    """Set the times that /time names (07:30); without one, show times to choose from."""
    if not await context.may_change():
        return
    if not context.text:
        await show_times_screen(context, setup=0)
        return
    try:
        chosen = show_times(parse_times(context.text))
    except ValueError:
        await context.reply(
            context.t.html(
                "“{text}” is not a time of day that I understand. Write it like <code>/time 07:30</code> or "
                "<code>/time 8pm</code>, or several: <code>/time 07:30 18:00</code>. Or choose:",
                text=context.text[:50],
            ),
            time_keyboard(context.place.time, context.place.timezone, context.t, setup=0),
        )
        return
    await reschedule(context, services, time=chosen)
    await context.reply(when_html(context))


async def times_pressed(context: Context, services: ReaderServices, pressed: TimesButton) -> None:
    """Show the times to choose from."""
    await show_times_screen(context, setup=pressed.setup)


async def time_pressed(context: Context, services: ReaderServices, pressed: SetTimeButton) -> None:
    """Set the time that the button names; go back to the set-up where that is still going on."""
    if not await context.may_change():
        return
    try:
        chosen = show_times(parse_times(pressed.time))
    except ValueError:
        return
    await reschedule(context, services, time=chosen)
    await context.answer(chosen)
    if pressed.setup:
        await show_level(context, services, BrowseButton(setup=pressed.setup))
    else:
        await context.show(when_html(context))


async def show_times_screen(context: Context, *, setup: int) -> None:
    """Show the times to choose from."""
    local = context.now.astimezone(ZoneInfo(context.place.timezone))
    text = context.t.html(
        "⏰ <b>When should the digest arrive?</b>\nIt is now {now} in {zone}; if your clock says something "
        "else, press 🌍. Any other time, or several: <code>/time 07:45 18:00</code>",
        now=context.t.clock(local.time()),
        zone=city_of(context.place.timezone, context.t.language),
    )
    await context.show(text, time_keyboard(context.place.time, context.place.timezone, context.t, setup=setup))


async def pause(context: Context, services: ReaderServices) -> None:
    """Pause until /resume, or for as long as /pause 7d says; then one digest covers what was missed."""
    if not await context.may_change():
        return
    if context.place.state is PlaceState.NEW:
        await context.show(context.t.html("There is no digest to pause yet: /start sets one up."))
        return
    if context.text:
        await _take_break(context, services)
        return
    await services.subscriptions.pause(context.place)
    await context.show(
        context.t.html("⏸ Paused. Nothing arrives until you /resume; then one digest covers what you missed.")
    )


async def _take_break(context: Context, services: ReaderServices) -> None:
    try:
        days = parse_days_off(context.text)
    except ValueError:
        text = context.t.html(
            "I don't understand how long “{text}” is. Write it like <code>/pause 7d</code> or <code>/pause 2w</code>.",
            text=context.text[:50],
        )
        await context.reply(text)
        return
    until = await services.subscriptions.pause_for(context.place, days, context.now)
    await context.reply(
        context.t.html(
            "⏸ Paused until {until}; then one digest covers what you missed. /resume ends the break sooner.",
            until=context.t.moment(until, context.place.timezone),
        )
    )


async def resume(context: Context, services: ReaderServices) -> None:
    """Resume the digest; start the set-up where nothing has been chosen yet."""
    if not await context.may_change() or not await context.may_post():
        return
    if not await services.subscriptions.resume(context.place, context.now):
        await show_level(context, services, BrowseButton(setup=1), intro=True)
        return
    text = context.t.html("▶️ Your digest is on again; next: {next}.", next=next_text(context))
    await context.show(text)


async def stop(context: Context, services: ReaderServices) -> None:
    """Stop all messages. The settings stay unless the reader has them erased too."""
    if not await context.may_change():
        return
    await services.subscriptions.stop(context.place)
    keyboard = InlineKeyboardMarkup([[button(context.t("🗑 Delete my data too"), ActionButton("erase"))]])
    await context.reply(
        context.t.html("👋 Stopped: no more messages from me. /start brings everything back as it was."), keyboard
    )
