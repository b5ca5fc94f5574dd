"""More of the digest's schedule: days, quiet hours, sound, and the least number of items worth a message."""

from __future__ import annotations

from typing import Unpack
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardMarkup

from bot.callbacks import (
    TICK,
    UNTICK,
    ActionButton,
    SetDaysButton,
    SetLeastButton,
    SetQuietButton,
    SetSoundButton,
    SettingsButton,
    TimesButton,
    TopicsButton,
    ZonesButton,
)
from bot.handlers.context import Context
from bot.handlers.readers.layouts import show_layouts
from bot.handlers.services import ReaderServices
from bot.i18n import Translator
from bot.keyboards.base import button
from bot.keyboards.schedule import days_keyboard, least_keyboard, quiet_keyboard
from bot.markup import LINE_BREAK, Html
from bot.render.layout_words import layout_name
from digests.errors import InvalidInput
from digests.model.place import EVERY_DAY, Place, PlaceState
from digests.model.schedule import next_slot_of, parse_quiet, parse_weekdays, schedule_of, show_quiet, show_time
from digests.model.timezones import zone_label
from digests.subscriptions import ScheduleChange


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
    await _show(context)


async def tune_pressed(context: Context, services: ReaderServices, pressed: SettingsButton) -> None:
    """Show the screen of the setting that the button names, or all settings."""
    views = {"days": _show_days, "quiet": _show_quiet, "least": _show_least, "layout": show_layouts}
    await views.get(pressed.what, _show)(context)


async def settings_below(context: Context, services: ReaderServices) -> None:
    """Show the settings in a message of their own: the button is below a digest, which stays."""
    await context.reply(*_screen(context))


async def _show(context: Context) -> None:
    await context.show(*_screen(context))


def _screen(context: Context) -> tuple[Html, InlineKeyboardMarkup]:
    place, t = context.place, context.t
    quiet = place.quiet.replace("-", "–") if place.quiet else t("none")
    lines = [
        t.html("⚙️ <b>Your digest</b>"),
        t.html("⏰ Arrives {schedule}", schedule=schedule_html(place, t))
        if place.state is PlaceState.ACTIVE
        else t.html("⏰ Time: {schedule}", schedule=schedule_html(place, t)),
        t.html("🌙 Quiet hours: {quiet}", quiet=quiet),
        t.html("🔕 Arrives silently") if place.silent else t.html("🔔 Arrives with a sound"),
        t.count_html(
            "📏 Sent when there is at least {n} new article",
            "📏 Sent when there are at least {n} new articles",
            place.least_items,
        ),
        t.html("🖼 Layout: {layout}", layout=layout_name(place.layout, t)),
    ]
    if place.state is not PlaceState.ACTIVE:
        lines.append(_rests(place, t))
    sound = t("🔔 With a sound") if place.silent else t("🔕 Without a sound")
    keyboard = InlineKeyboardMarkup(
        [
            [button(t("⏰ Time"), TimesButton()), button(f"🌍 {zone_label(place.timezone)}", ZonesButton())],
            [button(t("📅 Days"), SettingsButton("days")), button(t("🌙 Quiet hours"), SettingsButton("quiet"))],
            [button(sound, SetSoundButton(int(place.silent))), button(t("📏 Minimum"), SettingsButton("least"))],
            [button(t("🖼 Layout"), SettingsButton("layout"))],
            *([[button(t("💬 A topic for each category"), TopicsButton())]] if context.may_have_topics else []),
            [button(t("Close"), ActionButton("close"))],
        ]
    )
    return LINE_BREAK.join(lines), keyboard


def _rests(place: Place, t: Translator) -> Html:
    """Return why no digest comes, and what brings it back."""
    match place.state:
        case PlaceState.NEW:
            return t.html("💤 Starts once you have chosen what you want: /start")
        case PlaceState.PAUSED if place.resume_at is not None:
            return t.html("⏸ Paused until {until}", until=t.moment(place.resume_at, place.timezone))
        case PlaceState.PAUSED:
            return t.html("⏸ Paused. /resume turns it back on.")
        case _:
            return t.html("⏹ Stopped. /start turns it back on.")


async def reschedule(context: Context, services: ReaderServices, **changed: Unpack[ScheduleChange]) -> None:
    """Change the digest's schedule, and put the changed place into the context."""
    context.place = await services.subscriptions.reschedule(context.place, context.now, **changed)


async def days(context: Context, services: ReaderServices) -> None:
    """Set the days that /days names (mon-fri); without any, show days to tick."""
    if not await context.may_change():
        return
    if not context.text:
        await _show_days(context)
        return
    try:
        chosen = parse_weekdays(context.text)
    except ValueError:
        text = context.t.html(
            "I don't recognize “{text}” as days. Write them like <code>/days mon-fri</code>, or tick them:",
            text=context.text[:50],
        )
        await context.reply(text, days_keyboard(context.place.weekdays, context.t))
        return
    await reschedule(context, services, weekdays=chosen)
    await context.reply(when_html(context))


async def _show_days(context: Context) -> None:
    text = context.t.html("📅 <b>On which days should the digest arrive?</b>")
    await context.show(text, days_keyboard(context.place.weekdays, context.t))


async def days_pressed(context: Context, services: ReaderServices, pressed: SetDaysButton) -> None:
    """Set the days that the button leads to. The last day can't be unticked: that is what /pause is for."""
    chosen = _days_after(pressed, context.place.weekdays)
    if not await context.may_change():
        return
    try:
        await reschedule(context, services, weekdays=chosen)
    except InvalidInput:
        await context.answer(context.t("At least one day must stay. To take a break, use /pause."), alert=True)
        return
    await _show_days(context)


def _days_after(pressed: SetDaysButton, current: str) -> str:
    """Return the days that are chosen once the button has been pressed."""
    named, before = {day for day in pressed.days if day in EVERY_DAY}, set(current)
    after = {TICK: before | named, UNTICK: before - named}.get(pressed.to, named)
    return "".join(sorted(after))


async def quiet(context: Context, services: ReaderServices) -> None:
    """Set the quiet hours that /quiet names (22:00-07:00, or off); without any, show hours to choose from."""
    if not await context.may_change():
        return
    if not context.text:
        await _show_quiet(context)
        return
    try:
        off = context.text.casefold() in ("off", "none", "no", "关", "关闭", "无", "關", "關閉", "無")
        chosen = "" if off else show_quiet(parse_quiet(context.text))
    except ValueError:
        text = context.t.html(
            "I don't recognize “{text}” as hours. Write them like <code>/quiet 22:00-07:00</code>, or choose:",
            text=context.text[:50],
        )
        await context.reply(text, quiet_keyboard(context.place.quiet, context.t))
        return
    await reschedule(context, services, quiet=chosen)
    await context.reply(when_html(context))


async def _show_quiet(context: Context) -> None:
    text = context.t.html(
        "🌙 <b>When should I keep quiet?</b>\nA digest that falls into these hours arrives when they end. Other "
        "hours: <code>/quiet 22:30-06:45</code>"
    )
    await context.show(text, quiet_keyboard(context.place.quiet, context.t))


async def quiet_pressed(context: Context, services: ReaderServices, pressed: SetQuietButton) -> None:
    """Set the quiet hours that the button names, and show the settings again."""
    if not await context.may_change():
        return
    try:
        chosen = show_quiet(parse_quiet(pressed.hours)) if pressed.hours else ""
    except ValueError:
        return
    await reschedule(context, services, quiet=chosen)
    await _show(context)


async def sound_pressed(context: Context, services: ReaderServices, pressed: SetSoundButton) -> None:
    """Turn the sound on or off, and show the settings again."""
    if await context.may_change():
        await reschedule(context, services, silent=not pressed.on)
        await _show(context)


async def _show_least(context: Context) -> None:
    text = context.t.html(
        "📏 <b>How many new articles are worth a message?</b>\n"
        "If there are fewer, they wait for the next digest; none is lost."
    )
    await context.show(text, least_keyboard(context.place.least_items, context.t))


async def least_pressed(context: Context, services: ReaderServices, pressed: SetLeastButton) -> None:
    """Set how many new articles are worth a message, and show the settings again."""
    if await context.may_change():
        await reschedule(context, services, least_items=pressed.items)
        await _show(context)


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
    zone = ZoneInfo(context.place.timezone)
    local = slot.astimezone(zone)
    days = (local.date() - context.now.astimezone(zone).date()).days
    if days == 0:
        return context.t("today {time}", time=context.t.clock(local.time()))
    if days == 1:
        return context.t("tomorrow {time}", time=context.t.clock(local.time()))
    return context.t.moment(slot, context.place.timezone)
