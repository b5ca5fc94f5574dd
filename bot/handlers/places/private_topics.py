"""A topic for each category in somebody's private chat: off until asked for, and off again after asking."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.callbacks import SettingsButton, TopicsButton
from bot.handlers.context import Context
from bot.handlers.services import PlaceServices
from bot.keyboards.base import button
from bot.text.markup import LINE_BREAK, Html


async def topics_pressed(context: Context, services: PlaceServices, pressed: TopicsButton) -> None:
    """Show whether the chat has topics, or turn them on or off; a double tap does nothing twice."""
    main = context.home
    if context.is_managing or main.thread_id:
        await context.answer(
            context.t("Topics are turned on and off in our private chat itself: /settings"), alert=True
        )
        return
    topics = services.private_topics
    is_on = bool(await topics.of(main.chat_id))
    match pressed.what:
        case "on" if not topics.is_offered:
            await context.answer(context.t("Telegram has no topics in this chat at the moment."), alert=True)
            return
        case "on" if not is_on and not await topics.turn_on(main, context.now):
            await context.answer(context.t("Follow a category first; then each gets its topic."), alert=True)
            return
        case "off" if is_on:
            await _ask(context)
            return
        case "off!" if is_on:
            await topics.turn_off(main, context.now)
        case _:
            pass
    await _show(context, services)


async def _show(context: Context, services: PlaceServices) -> None:
    t, topics = context.t, await services.private_topics.of(context.home.chat_id)
    lines: list[Html] = [t.html("💬 <b>A topic for each category</b>")]
    if topics:
        lines.append(t.count_html("It is on: {n} topic.", "It is on: {n} topics.", len(topics)))
        lines.append(
            t.html(
                "Each topic has a digest of its own; hold its name in the list to mute it. What you newly follow gets "
                "a topic with its first digest. /settings in a topic is about that topic alone."
            )
        )
        change = button(t("Turn it off"), TopicsButton("off"))
    else:
        lines.append(
            t.html(
                "Each category that you follow gets a topic in this chat, with a digest of its own and its own sound. "
                "You can turn it off again at any time."
            )
        )
        change = button(t("Turn it on"), TopicsButton("on"))
    keyboard = InlineKeyboardMarkup([[change], [button(t("‹ Back"), SettingsButton())]])
    await context.show(LINE_BREAK.join(lines), keyboard)


async def _ask(context: Context) -> None:
    t = context.t
    text = t.html(
        "Turn topics off? They are deleted with all messages in them. What you follow stays, and comes in one "
        "digest again."
    )
    keyboard = InlineKeyboardMarkup(
        [[button(t("Yes, delete the topics"), TopicsButton("off!")), button(t("No"), TopicsButton())]]
    )
    await context.show(text, keyboard)
