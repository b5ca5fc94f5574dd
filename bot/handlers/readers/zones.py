"""In which time zone the reader is: by a city's name, or by what their clock says."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardMarkup

from bot.callbacks import (
    AFTER_SETUP,
    ActionButton,
    ClockButton,
    ClocksButton,
    KeepZoneButton,
    SetZoneButton,
    TypeCityButton,
    ZonesButton,
)
from bot.handlers.context import Context
from bot.handlers.readers.schedule import show_times_screen
from bot.handlers.readers.settings import reschedule, when_html
from bot.handlers.services import ReaderServices
from bot.keyboards.base import button
from bot.keyboards.zones import cities_keyboard, clocks_keyboard, near_first, zone_choice
from bot.text.markup import Html
from digests.model.dialogs import AwaitedReply, Question
from digests.model.timezones import (
    Meaning,
    ZoneChoice,
    ZoneMatch,
    all_zones,
    city_of,
    fixed_zone,
    offsets_of_day,
    places_at,
    read_zone,
    zone_label,
)


async def timezone(context: Context, services: ReaderServices) -> None:
    """Set the zone that /timezone names exactly (Europe/Berlin, 北京); ask about anything else."""
    if not await context.may_change():
        return
    if context.text:
        await _read(context, services, setup=0)
    else:
        await _show_clocks(context, setup=0)


async def city_typed(context: Context, services: ReaderServices, about: str) -> None:
    """Take a message for the city that was asked for; `about` is the set-up's step."""
    await _read(context, services, setup=int(about) if about.isascii() and about.isdigit() else 0)


async def _read(context: Context, services: ReaderServices, *, setup: int) -> None:
    match = read_zone(context.text, context.now)
    if match.exact is not None:
        await _set(context, services, match.exact, setup=setup)
    elif match.choices:
        choices = near_first(match.choices, context.t) if match.meaning is Meaning.OFFSET else match.choices
        await context.reply(_asked(match, context), zone_choice(choices, context.now, context.t, setup=setup))
    else:
        text = context.t.html(
            "I don't know the time zone “{text}”. Write your city, such as <code>/timezone Berlin</code>, or press "
            "what your clock says:",
            text=context.text[:50],
        )
        await context.reply(text, _clocks(context, setup=setup))


def _asked(match: ZoneMatch, context: Context) -> Html:
    """Return why the choices of a match are asked about."""
    t, text = context.t, context.text[:50]
    match match.meaning:
        case Meaning.NEAR:
            return t.html("I don't know a place called exactly “{text}”. Did you mean:", text=text)
        case Meaning.SEVERAL:
            return t.html("“{text}” may be several places. Which do you mean?", text=text)
        case Meaning.OFFSET:
            return t.html(
                "Several places have the time “{text}”. Where are you? Then summer time will be right too.", text=text
            )
        case Meaning.INVERTED:
            return t.html(
                "Careful: the zone <b>{text}</b> is what everybody else calls <b>{label}</b>; its sign is the other "
                "way round. Which time is yours?",
                text=text,
                label=zone_label(match.choices[0].zone),
            )


async def zones_pressed(context: Context, services: ReaderServices, pressed: ZonesButton) -> None:
    """Ask what time it is with the reader."""
    await _show_clocks(context, setup=pressed.setup)


async def clocks_pressed(context: Context, services: ReaderServices, pressed: ClocksButton) -> None:
    """Show other clocks."""
    await _show_clocks(context, setup=pressed.setup, first=pressed.first)


async def clock_pressed(context: Context, services: ReaderServices, pressed: ClockButton) -> None:
    """Ask in which of the cities with this clock the reader is; set the zone where there is only one."""
    if pressed.offset not in offsets_of_day(context.now) or not await context.may_change():
        return
    zones = places_at(pressed.offset, context.now)
    if len({*zones} - {fixed_zone(pressed.offset)}) < 2:
        await _set(context, services, zones[0], setup=pressed.setup)
        return
    local = context.now + timedelta(minutes=pressed.offset)
    text = context.t.html(
        "🌍 <b>It is {time} where you are. Which city?</b>\nThen summer time will be right too. Not there? Write the "
        "nearest large city: <code>/timezone Berlin</code>",
        time=context.t.clock(local.time()),
    )
    await context.show(text, cities_keyboard([ZoneChoice(zone) for zone in zones], context.t, setup=pressed.setup))


async def zone_pressed(context: Context, services: ReaderServices, pressed: SetZoneButton) -> None:
    """Set the time zone that the button names; go on to the times where the set-up is still going on."""
    if pressed.zone in all_zones() and await context.may_change():
        await _set(context, services, pressed.zone, setup=pressed.setup)


async def keep_pressed(context: Context, services: ReaderServices, pressed: KeepZoneButton) -> None:
    """Keep the zone: its clock is right."""
    if await context.may_change():
        await _set(context, services, context.place.timezone, setup=pressed.setup)


async def _set(context: Context, services: ReaderServices, zone: str, *, setup: int) -> None:
    await reschedule(context, services, timezone=zone, knows_zone=True)
    if context.pressed is not None:
        await context.answer(city_of(zone, context.t.language))
    if setup and setup != AFTER_SETUP:
        await show_times_screen(context, setup=setup)
    else:
        await context.show(when_html(context))


async def type_pressed(context: Context, services: ReaderServices, pressed: TypeCityButton) -> None:
    """Wait for the name of a city."""
    if not await context.may_change():
        return
    if not context.is_private:
        await context.answer(context.t("Write your city with the command: /timezone Berlin"), alert=True)
        return
    awaited = AwaitedReply(Question.ZONE, str(pressed.setup), context.place.id)
    await services.people.set_dialog(context.chat.id, context.user.id, awaited, context.now)
    keyboard = InlineKeyboardMarkup([[button(context.t("Cancel"), ActionButton("cancel"))]])
    await context.show(context.t.html("✍️ Which city are you in, or which large city near you?"), keyboard)


async def ask_for_clock(context: Context) -> None:
    """Ask a new reader what time it is with them, where only the operator's default says so. Groups are not asked."""
    if context.is_private and not context.is_managing and not context.place.knows_zone:
        await context.reply(_question(context), _clocks(context, setup=AFTER_SETUP))


async def _show_clocks(context: Context, *, setup: int, first: int | None = None) -> None:
    await context.show(_question(context), _clocks(context, setup=setup, first=first))


def _question(context: Context) -> Html:
    local = context.now.astimezone(ZoneInfo(context.place.timezone))
    return context.t.html(
        "🕐 <b>What time is it where you are?</b>\nI go by {city}, where it is {time}. If your clock says something "
        "else, press what it says, or write your city: <code>/timezone Berlin</code>",
        city=city_of(context.place.timezone, context.t.language),
        time=context.t.clock(local.time()),
    )


def _clocks(context: Context, *, setup: int, first: int | None = None) -> InlineKeyboardMarkup:
    zone, t = context.place.timezone, context.t
    return clocks_keyboard(context.now, zone, t, setup=setup, first=first, may_type=context.is_private)
