"""When the digest comes, in which zone, and whether it comes at all."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from telegram import InlineKeyboardMarkup

from bot.callbacks import Browse, Callback, Do, SetTime, SetZone, Times, Zones
from bot.handlers.context import Talk
from bot.handlers.readers.categories import show_level
from bot.handlers.readers.settings import next_text, reschedule, when_html
from bot.keyboards.base import button
from bot.keyboards.schedule import time_keyboard, zone_choice, zone_keyboard
from digests.model.place import PlaceState
from digests.model.schedule import parse_days_off, parse_times, show_times
from digests.model.timezones import all_zones, read_zone, zone_label


async def time(talk: Talk) -> None:
    """/time 07:30; without a time, times to choose from."""
    if not await talk.may_change():
        return
    if not talk.text:
        await _show_times(talk, setup=False)
        return
    try:
        chosen = show_times(parse_times(talk.text))
    except ValueError:
        await talk.reply(
            talk.words.html(
                "“{text}” is no time of day. Write it like <code>/time 07:30</code>, or several: "
                "<code>/time 07:30 18:00</code>. Or choose:",
                text=talk.text[:50],
            ),
            time_keyboard(talk.place.time, talk.place.timezone, talk.words, setup=False),
        )
        return
    await reschedule(talk, time=chosen)
    await talk.reply(when_html(talk))


async def times_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, Times)
    await _show_times(talk, setup=bool(callback.setup))


async def time_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, SetTime)
    if not await talk.may_change():
        return
    try:
        chosen = show_times(parse_times(callback.time))
    except ValueError:
        return
    await reschedule(talk, time=chosen)
    await talk.answer(chosen)
    if callback.setup:
        await show_level(talk, Browse(setup=1))
    else:
        await talk.show(when_html(talk))


async def _show_times(talk: Talk, *, setup: bool) -> None:
    local = talk.now.astimezone(ZoneInfo(talk.place.timezone))
    text = talk.words.html(
        "⏰ <b>When shall the digest come?</b>\n"
        "Now it is {now} in {zone}; if your clock says something else, press 🌍. "
        "Any other time, or several: <code>/time 07:45 18:00</code>",
        now=f"{local:%H:%M}",
        zone=zone_label(talk.place.timezone),
    )
    await talk.show(text, time_keyboard(talk.place.time, talk.place.timezone, talk.words, setup=setup))


async def timezone(talk: Talk) -> None:
    """/timezone Europe/Berlin; a city or UTC+8 will do; without one, zones to choose from."""
    if not await talk.may_change():
        return
    if not talk.text:
        await _show_zones(talk, setup=False)
        return
    meant = read_zone(talk.text, talk.now)
    if meant.exact is not None:
        await reschedule(talk, timezone=meant.exact)
        await talk.reply(when_html(talk))
    elif meant.choices:
        text = talk.words.html("“{text}” is not exactly a zone that I know. Did you mean:", text=talk.text[:50])
        await talk.reply(text, zone_choice(meant.choices, talk.now, talk.words))
    else:
        text = talk.words.html(
            "I know no zone “{text}”. Write it like <code>/timezone Europe/Berlin</code> or "
            "<code>/timezone UTC+8</code>, or find your clock here:",
            text=talk.text[:50],
        )
        await talk.reply(text, zone_keyboard(talk.now, talk.place.timezone, talk.words, setup=False))


async def zones_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, Zones)
    await _show_zones(talk, setup=bool(callback.setup))


async def zone_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, SetZone)
    if callback.zone not in all_zones() or not await talk.may_change():
        return
    await reschedule(talk, timezone=callback.zone)
    await talk.answer(zone_label(callback.zone))
    if callback.setup:
        await _show_times(talk, setup=True)
    else:
        await talk.show(when_html(talk))


async def _show_zones(talk: Talk, *, setup: bool) -> None:
    text = talk.words.html(
        "🌍 <b>Where is your clock?</b>\nPress the place that shows your time. "
        "Not there? <code>/timezone Europe/Berlin</code>"
    )
    await talk.show(text, zone_keyboard(talk.now, talk.place.timezone, talk.words, setup=setup))


async def pause(talk: Talk) -> None:
    """/pause, until /resume; or /pause 7d, which ends by itself with one digest of all that came."""
    if not await talk.may_change():
        return
    if talk.place.state is PlaceState.NEW:
        await talk.show(talk.words.html("There is no digest to pause yet: /start sets one up."))
        return
    if talk.text:
        await _take_break(talk)
        return
    await talk.house.subscriptions.pause(talk.place)
    await talk.show(
        talk.words.html("⏸ Paused. Nothing comes until you /resume; then one digest tells what you missed.")
    )


async def _take_break(talk: Talk) -> None:
    try:
        days = parse_days_off(talk.text)
    except ValueError:
        text = talk.words.html(
            "“{text}” is no time that I understand. Write it like <code>/pause 7d</code> or <code>/pause 2w</code>.",
            text=talk.text[:50],
        )
        await talk.reply(text)
        return
    until = await talk.house.subscriptions.pause_for(talk.place, days, talk.now)
    await talk.reply(
        talk.words.html(
            "⏸ Paused until {until}; then one digest tells what you missed. /resume ends the break earlier.",
            until=talk.words.moment(until, talk.place.timezone),
        )
    )


async def resume(talk: Talk) -> None:
    if not await talk.may_change():
        return
    if not await talk.house.subscriptions.resume(talk.place, talk.now):
        await show_level(talk, Browse(setup=1), intro=True)
        return
    text = talk.words.html("▶️ Your digest is on again; next: {next}.", next=next_text(talk))
    await talk.show(text)


async def stop(talk: Talk) -> None:
    """No more messages; the settings stay, unless one wants them gone too."""
    if not await talk.may_change():
        return
    await talk.house.subscriptions.stop(talk.place)
    keyboard = InlineKeyboardMarkup([[button(talk.words.say("🗑 Erase my data too"), Do("erase"))]])
    await talk.reply(
        talk.words.html("👋 Stopped: no more messages from me. /start brings everything back as it was."), keyboard
    )


async def erase_asked(talk: Talk) -> None:
    keyboard = InlineKeyboardMarkup(
        [[button(talk.words.say("Yes, erase"), Do("erase!")), button(talk.words.say("No"), Do("close"))]]
    )
    await talk.show(talk.words.html("Erase your choices and everything else I know of this chat?"), keyboard)


async def erase(talk: Talk) -> None:
    if not await talk.may_change():
        return
    await talk.house.subscriptions.erase(talk.place)
    await talk.show(talk.words.html("🗑 Everything about this chat is erased. /start begins anew."))
