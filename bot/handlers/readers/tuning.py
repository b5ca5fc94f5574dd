"""What a digest has in it, and when: number and order of articles, empty days, several times a day."""

from __future__ import annotations

from bot.callbacks import TICK, AddTimeButton, SetEmptyButton, SetItemsButton, SetOrderButton, SettingsButton
from bot.handlers.context import Context
from bot.handlers.readers.hours import ask_days, ask_quiet
from bot.handlers.readers.layouts import show_layouts
from bot.handlers.readers.settings import next_text, reschedule, show_least, show_settings
from bot.handlers.services import ReaderServices
from bot.keyboards.settings import ITEMS, empty_keyboard, items_keyboard, order_keyboard, times_keyboard
from bot.render.settings import empty_name, items_html, order_name
from bot.text.markup import LINE_BREAK, plain_text
from digests.model.digest import DigestOrder
from digests.model.place import PlaceState
from digests.model.schedule import MAX_TIMES, parse_time, schedule_of, show_time, show_times


async def settings_pressed(context: Context, services: ReaderServices, pressed: SettingsButton) -> None:
    """Show the screen of the setting that the button names, or all settings."""
    match pressed.what:
        case "days":
            await ask_days(context)
        case "quiet":
            await ask_quiet(context)
        case "least":
            await show_least(context)
        case "layout":
            await show_layouts(context)
        case "times":
            await _show_times(context)
        case "items":
            await _show_items(context, services)
        case "order":
            await _show_order(context)
        case "empty":
            await _show_empty(context, services)
        case _:
            await show_settings(context, services)


# How many


async def _show_items(context: Context, services: ReaderServices) -> None:
    place, t = context.place, context.t
    text = t.html("🔢 <b>How many articles?</b>\nThe rest stays behind a button; none is lost.")
    await context.show(text, items_keyboard(place.max_items, services.defaults, t))


async def max_items_pressed(context: Context, services: ReaderServices, pressed: SetItemsButton) -> None:
    """Set how many articles a digest has at most, and show the settings again."""
    if pressed.items not in (0, *ITEMS) or not await context.may_change():
        return
    if pressed.items != context.place.max_items:
        await reschedule(context, services, max_items=pressed.items)
        await context.answer(plain_text(items_html(context.place, services.defaults, context.t)))
    await show_settings(context, services)


# In what order


async def _show_order(context: Context) -> None:
    t = context.t
    text = t.html(
        "↕️ <b>What comes first?</b>\n<b>Newest first</b>: sources take turns.\n<b>By category</b>: one after the "
        "other.\n<b>Most covered first</b>: what most sources report."
    )
    await context.show(text, order_keyboard(context.place.digest_order, t))


async def order_pressed(context: Context, services: ReaderServices, pressed: SetOrderButton) -> None:
    """Set the order of articles, and show the settings again."""
    order = next((order for order in DigestOrder if order == pressed.order), None)
    if order is None or not await context.may_change():
        return
    if order is not context.place.digest_order:
        await reschedule(context, services, digest_order=order)
        await context.answer(context.t("Your next digest: {order}", order=order_name(order, context.t)))
    await show_settings(context, services)


# When nothing is new


async def _show_empty(context: Context, services: ReaderServices) -> None:
    text = context.t.html("📭 <b>What if nothing is new?</b>")
    await context.show(text, empty_keyboard(context.place.says_empty, services.defaults, context.t))


async def empty_pressed(context: Context, services: ReaderServices, pressed: SetEmptyButton) -> None:
    """Set what happens when nothing is new, and show the settings again."""
    if pressed.says > 2 or not await context.may_change():
        return
    says = {1: True, 2: False}.get(pressed.says)
    if says is not context.place.says_empty:
        await reschedule(context, services, says_empty=says)
        empty = empty_name(says, services.defaults, context.t)
        await context.answer(context.t("When nothing is new: {empty}", empty=empty))
    await show_settings(context, services)


# At what times


async def _show_times(context: Context) -> None:
    place, t = context.place, context.t
    lines = [
        t.html("⏰ <b>When should the digest arrive?</b>"),
        t.html("Tick up to {most} times a day. Any other time: <code>/time 07:45 18:00</code>", most=MAX_TIMES),
    ]
    if place.state is PlaceState.ACTIVE:
        lines.append(t.html("Next digest: <b>{next}</b>", next=next_text(context)))
    chosen = [show_time(time) for time in schedule_of(place).times]
    await context.show(LINE_BREAK.join(lines), times_keyboard(chosen, place.timezone, t))


async def add_time_pressed(context: Context, services: ReaderServices, pressed: AddTimeButton) -> None:
    """Add a time of day, or take one away; the last one stays."""
    try:
        time = parse_time(pressed.time)
    except ValueError:
        return
    if not await context.may_change():
        return
    t, before = context.t, set(schedule_of(context.place).times)
    after = before | {time} if pressed.to == TICK else before - {time}
    if not after:
        await context.answer(t("At least one time must stay. To take a break, use /pause."))
    elif len(after) > MAX_TIMES:
        await context.answer(t("At most {most} times a day: take one away first.", most=MAX_TIMES))
    elif after != before:
        await reschedule(context, services, time=show_times(sorted(after)))
        label = t("+ {name}", name=show_time(time)) if pressed.to == TICK else t("– {name}", name=show_time(time))
        await context.answer(label)
    await _show_times(context)
