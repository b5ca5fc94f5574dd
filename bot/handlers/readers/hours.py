"""On which days the digest comes, and in which hours nothing does."""

from __future__ import annotations

from bot.callbacks import TICK, UNTICK, SetDaysButton, SetQuietButton
from bot.handlers.context import Context
from bot.handlers.readers.settings import reschedule, show_settings, when_html
from bot.handlers.services import ReaderServices
from bot.keyboards.schedule import days_keyboard, quiet_keyboard
from digests.errors import InvalidInput
from digests.model.place import EVERY_DAY
from digests.model.schedule import parse_quiet, parse_weekdays, show_quiet


async def days(context: Context, services: ReaderServices) -> None:
    """Set the days that /days names (mon-fri); without any, show days to tick."""
    if not await context.may_change():
        return
    if not context.text:
        await ask_days(context)
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


async def ask_days(context: Context) -> None:
    """Show the days of the week to tick."""
    text = context.t.html("📅 <b>On which days should the digest arrive?</b>")
    await context.show(text, days_keyboard(context.place.weekdays, context.t))


async def days_pressed(context: Context, services: ReaderServices, pressed: SetDaysButton) -> None:
    """Set the days that the button leads to. The last day can't be unticked: that is what /pause is for."""
    chosen = _days_after(pressed, context.place.weekdays)
    if not await context.may_change():
        return
    if chosen == context.place.weekdays:
        await ask_days(context)
        return
    try:
        await reschedule(context, services, weekdays=chosen)
    except InvalidInput:
        await context.answer(context.t("At least one day must stay. To take a break, use /pause."), alert=True)
        return
    await context.answer(context.t.weekdays(context.place.weekdays))
    await ask_days(context)


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
        await ask_quiet(context)
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


async def ask_quiet(context: Context) -> None:
    """Show the quiet hours to choose from."""
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
    if chosen != context.place.quiet:
        await reschedule(context, services, quiet=chosen)
        t = context.t
        await context.answer(t("Quiet: {hours}", hours=chosen.replace("-", "–")) if chosen else t("No quiet hours"))
    await show_settings(context, services)
