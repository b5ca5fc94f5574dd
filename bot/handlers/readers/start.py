"""The set-up: from /start to a first digest in three taps, and the way back for readers who left."""

from __future__ import annotations

import asyncio
import logging

from telegram import InlineKeyboardMarkup
from telegram.error import Forbidden, TelegramError

from bot.callbacks import GREETED, ActionButton, BrowseButton, FinishButton, SettingsButton
from bot.handlers.context import Context
from bot.handlers.readers import links
from bot.handlers.readers.choosing import greeting_html, show_level
from bot.handlers.readers.digests import say_where_it_went
from bot.handlers.readers.settings import next_text, schedule_html
from bot.handlers.readers.zones import ask_for_clock
from bot.handlers.services import ReaderServices
from bot.keyboards.base import button
from bot.render.wishes import counts_html
from bot.text.markup import Html
from digests.model.place import PlaceState

logger = logging.getLogger(__name__)

_GREETING_SECONDS = 3.0


async def start(context: Context, services: ReaderServices) -> None:
    """Do what an opened link says; else set up a new reader, welcome back one who left, show the menu to the others."""
    if context.text and await links.opened(context, services):
        return
    if not await services.subscriptions.wants_anything(context.place):
        if await context.may_change():
            setup = GREETED if await _greet(context, services) else 1
            await show_level(context, services, BrowseButton(setup=setup), intro=True)
    elif context.place.state is PlaceState.ACTIVE:
        await menu(context, services)
    elif await context.may_change() and await context.may_post():
        await services.subscriptions.resume(context.place, context.now)
        text = context.t.html(
            "👋 <b>Welcome back!</b> Your choices are as you left them. Next digest: {next}.", next=next_text(context)
        )
        await context.reply(text, menu_keyboard(context))


async def _greet(context: Context, services: ReaderServices) -> bool:
    """Greet with the cover of the day, in a message of its own, since the next one changes; return whether it went.

    In a group, which did not ask for it, there is none.
    """
    if services.covers is None or not context.is_private or context.is_managing:
        return False
    cover = await services.covers.of(context.t.language, context.now)
    if cover is None:
        return False
    try:
        async with asyncio.timeout(_GREETING_SECONDS):
            await context.reply(greeting_html(context), photo=cover)
    except Forbidden:
        raise
    except (TimeoutError, TelegramError) as error:
        # The choice of categories is what matters; it comes with its own greeting.
        logger.warning("a cover was not sent", extra={"reason": type(error).__name__})
        return False
    return True


async def menu(context: Context, services: ReaderServices) -> None:
    """Show what is followed, when the digest comes, and what the reader can do."""
    wanted = await services.subscriptions.of(context.place)
    count = context.t.count_html("{n} category", "{n} categories", len(wanted))
    schedule, following = schedule_html(context.place, context.t), next_text(context)
    text = context.t.html(
        "🗞 You follow {count}. Your digest arrives {schedule}; next: {next}.",
        count=count,
        schedule=schedule,
        next=following,
    )
    if not wanted:
        # Sources and words that are watched are reason enough for a digest.
        text = context.t.html(
            "🗞 Your digest: {counts}. It arrives {schedule}; next: {next}.",
            counts=counts_html(0, await services.wishes.of(context.place), context.t),
            schedule=schedule,
            next=following,
        )
    await context.show(text, menu_keyboard(context))


def menu_keyboard(context: Context) -> InlineKeyboardMarkup:
    """Return what a reader can do, as buttons."""
    t = context.t
    return InlineKeyboardMarkup(
        [
            [button(t("📰 Digest now"), ActionButton("digest")), button(t("🕘 Latest"), ActionButton("latest"))],
            [button(t("🗂 Categories"), BrowseButton()), button(t("⚙️ Settings"), SettingsButton())],
        ]
    )


async def finish(context: Context, services: ReaderServices, _pressed: FinishButton) -> None:
    """Finish the set-up: send the first digest at once, the next at its time."""
    if not await context.may_change() or not await context.may_post():
        return
    if not await services.subscriptions.finish_setup(context.place, context.now):
        await context.answer(context.t("Tick at least one category first."), alert=True)
        return
    await context.answer(context.t("All set!"))
    if not context.is_private:
        # Whoever set a group up finds it in /manage.
        await services.managed.note(context.user.id, context.place.id, context.now)
    await context.show(_all_set(context))
    delivery = await services.subscriptions.first_digest(context.place, context.now)
    if delivery is None:
        await context.reply(
            context.t.html("There are no articles in these categories yet; you will get them as they come in.")
        )
    else:
        await services.delivery_worker.deliver_due([delivery])
        await say_where_it_went(context, services, delivery)
    if not context.is_managing:
        await ask_for_clock(context)


def _all_set(context: Context) -> Html:
    if context.is_managing:
        return context.t.html(
            "✅ <b>All set!</b> The digest arrives {schedule}; next: {next}.\n"
            "A first one with the latest goes there now.",
            schedule=schedule_html(context.place, context.t),
            next=next_text(context),
        )
    return context.t.html(
        "✅ <b>All set!</b> Your digest arrives {schedule}; next: {next}.\n"
        "Here is a first one with the latest. /help shows what else I can do.",
        schedule=schedule_html(context.place, context.t),
        next=next_text(context),
    )


async def my_id(context: Context, services: ReaderServices) -> None:
    """Send the reader's Telegram id, and in a group the group's."""
    text = context.t.html("Your Telegram id: <code>{id}</code>", id=context.user.id)
    if not context.is_private:
        text = text + "\n" + context.t.html("This chat's id: <code>{id}</code>", id=context.chat.id)
    await context.reply(text)
