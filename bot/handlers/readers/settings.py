"""More of a digest's rhythm: days, quiet hours, sound, how many items it is worth a message for."""

from __future__ import annotations

from typing import Unpack
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardMarkup

from bot.callbacks import TICK, UNTICK, Callback, Do, SetDays, SetLeast, SetQuiet, SetSound, Times, Tune, Zones
from bot.handlers.context import Talk
from bot.i18n import Speech
from bot.keyboards.base import button
from bot.keyboards.schedule import days_keyboard, least_keyboard, quiet_keyboard
from bot.markup import Html
from digests.errors import InvalidInput
from digests.model.place import EVERY_DAY, Place, PlaceState
from digests.model.schedule import next_slot_of, parse_quiet, parse_weekdays, rhythm_of, show_quiet, show_time
from digests.model.timezones import zone_label
from digests.subscriptions import ScheduleChange


def rhythm_html(place: Place, words: Speech) -> Html:
    """ "every day at 08:00 and 18:00 (Europe/Berlin)"."""
    times = times_of(place)
    if place.weekdays == EVERY_DAY:
        return words.html("every day at <b>{times}</b> ({zone})", times=times, zone=zone_label(place.timezone))
    days = words.weekdays(place.weekdays)
    return words.html("{days} at <b>{times}</b> ({zone})", days=days, times=times, zone=zone_label(place.timezone))


def times_of(place: Place) -> str:
    """As people write them: 07:30, 18:00."""
    return ", ".join(show_time(one) for one in rhythm_of(place).times)


async def settings(talk: Talk) -> None:
    """/settings: everything about the digest at one look, each with its button."""
    await _show(talk)


async def tune_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, Tune)
    views = {"days": _show_days, "quiet": _show_quiet, "least": _show_least}
    await views.get(callback.what, _show)(talk)


async def _show(talk: Talk) -> None:
    place, words = talk.place, talk.words
    quiet = place.quiet.replace("-", "–") if place.quiet else words.say("none")
    lines = [
        words.html("⚙️ <b>Your digest</b>"),
        words.html("⏰ It comes {rhythm_html}", rhythm_html=rhythm_html(place, words))
        if place.state is PlaceState.ACTIVE
        else words.html("⏰ Its time: {rhythm_html}", rhythm_html=rhythm_html(place, words)),
        words.html("🌙 Quiet hours: {quiet}", quiet=quiet),
        words.html("🔕 It makes no sound") if place.silent else words.html("🔔 It comes with a sound"),
        words.count_html("📏 It comes with {n} new article", "📏 It comes from {n} new articles on", place.least_items),
    ]
    if place.state is not PlaceState.ACTIVE:
        lines.append(_rests(place, words))
    sound = words.say("🔔 With a sound") if place.silent else words.say("🔕 Without a sound")
    keyboard = InlineKeyboardMarkup(
        [
            [button(words.say("⏰ Time"), Times()), button(f"🌍 {zone_label(place.timezone)}", Zones())],
            [button(words.say("📅 Days"), Tune("days")), button(words.say("🌙 Quiet hours"), Tune("quiet"))],
            [button(sound, SetSound(int(place.silent))), button(words.say("📏 How many"), Tune("least"))],
            [button(words.say("Close"), Do("close"))],
        ]
    )
    await talk.show(Html("\n".join(lines)), keyboard)


def _rests(place: Place, words: Speech) -> Html:
    """Why no digest comes, and what brings it."""
    match place.state:
        case PlaceState.NEW:
            return words.html("💤 It begins when you have chosen what you want: /start")
        case PlaceState.PAUSED if place.resume_at is not None:
            return words.html("⏸ Paused until {until}", until=words.moment(place.resume_at, place.timezone))
        case PlaceState.PAUSED:
            return words.html("⏸ Paused; /resume goes on.")
        case _:
            return words.html("⏹ Stopped; /start goes on.")


async def reschedule(talk: Talk, **changed: Unpack[ScheduleChange]) -> None:
    """Change the digest's schedule; what is said next shows the place after it."""
    talk.place = await talk.house.subscriptions.reschedule(talk.place, talk.now, **changed)


async def days(talk: Talk) -> None:
    """/days mon-fri; without any, days to tick."""
    if not await talk.may_change():
        return
    if not talk.text:
        await _show_days(talk)
        return
    try:
        chosen = parse_weekdays(talk.text)
    except ValueError:
        text = talk.words.html(
            "“{text}” are no days that I know. Write it like <code>/days mon-fri</code>, or tick them:",
            text=talk.text[:50],
        )
        await talk.reply(text, days_keyboard(talk.place.weekdays, talk.words))
        return
    await reschedule(talk, weekdays=chosen)
    await talk.reply(when_html(talk))


async def _show_days(talk: Talk) -> None:
    text = talk.words.html("📅 <b>On which days shall the digest come?</b>")
    await talk.show(text, days_keyboard(talk.place.weekdays, talk.words))


async def days_pressed(talk: Talk, callback: Callback) -> None:
    """The last day can't be unticked: no digest at all is what /pause is for."""
    assert isinstance(callback, SetDays)
    chosen = _days_after(callback, talk.place.weekdays)
    if not await talk.may_change():
        return
    try:
        await reschedule(talk, weekdays=chosen)
    except InvalidInput:
        await talk.answer(talk.words.say("One day must stay. For a break there is /pause."), alert=True)
        return
    await _show_days(talk)


def _days_after(callback: SetDays, current: str) -> str:
    """The days that are chosen once the button has done what it stands for."""
    named, before = {day for day in callback.days if day in EVERY_DAY}, set(current)
    after = {TICK: before | named, UNTICK: before - named}.get(callback.to, named)
    return "".join(sorted(after))


async def quiet(talk: Talk) -> None:
    """/quiet 22:00-07:00 or /quiet off; without either, hours to choose from."""
    if not await talk.may_change():
        return
    if not talk.text:
        await _show_quiet(talk)
        return
    try:
        off = talk.text.casefold() in ("off", "none", "no", "关", "关闭", "无")
        chosen = "" if off else show_quiet(parse_quiet(talk.text))
    except ValueError:
        text = talk.words.html(
            "“{text}” are no hours. Write it like <code>/quiet 22:00-07:00</code>, or choose:", text=talk.text[:50]
        )
        await talk.reply(text, quiet_keyboard(talk.place.quiet, talk.words))
        return
    await reschedule(talk, quiet=chosen)
    await talk.reply(when_html(talk))


async def _show_quiet(talk: Talk) -> None:
    text = talk.words.html(
        "🌙 <b>When shall it be quiet?</b>\n"
        "What falls into these hours comes when they end. Other hours: <code>/quiet 22:30-06:45</code>"
    )
    await talk.show(text, quiet_keyboard(talk.place.quiet, talk.words))


async def quiet_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, SetQuiet)
    if not await talk.may_change():
        return
    try:
        chosen = show_quiet(parse_quiet(callback.hours)) if callback.hours else ""
    except ValueError:
        return
    await reschedule(talk, quiet=chosen)
    await _show(talk)


async def sound_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, SetSound)
    if await talk.may_change():
        await reschedule(talk, silent=not callback.on)
        await _show(talk)


async def _show_least(talk: Talk) -> None:
    text = talk.words.html(
        "📏 <b>How many new articles are worth a message?</b>\nFewer wait for the next digest; none is lost."
    )
    await talk.show(text, least_keyboard(talk.place.least_items, talk.words))


async def least_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, SetLeast)
    if await talk.may_change():
        await reschedule(talk, least_items=callback.items)
        await _show(talk)


def when_html(talk: Talk) -> Html:
    """What a change of the rhythm comes to; of a digest that does not come, that too."""
    words, rhythm = talk.words, rhythm_html(talk.place, talk.words)
    match talk.place.state:
        case PlaceState.NEW:
            return words.html(
                "⏰ Noted: {rhythm_html}. It begins when you have chosen what you want: /start", rhythm_html=rhythm
            )
        case PlaceState.PAUSED:
            return words.html("⏰ Noted: {rhythm_html}. Your digest is paused; /resume goes on.", rhythm_html=rhythm)
        case PlaceState.STOPPED | PlaceState.UNREACHABLE:
            return words.html("⏰ Noted: {rhythm_html}. Your digest is stopped; /start goes on.", rhythm_html=rhythm)
        case PlaceState.ACTIVE:
            return words.html(
                "⏰ Your digest comes {rhythm_html}; next: {next}.", rhythm_html=rhythm, next=next_text(talk)
            )


def next_text(talk: Talk) -> str:
    """The next slot in words: "today 18:00", "tomorrow 08:00"."""
    slot = next_slot_of(talk.place, talk.now)
    zone = ZoneInfo(talk.place.timezone)
    local = slot.astimezone(zone)
    days = (local.date() - talk.now.astimezone(zone).date()).days
    if days == 0:
        return talk.words.say("today {time}", time=f"{local:%H:%M}")
    if days == 1:
        return talk.words.say("tomorrow {time}", time=f"{local:%H:%M}")
    return talk.words.moment(slot, talk.place.timezone)
