"""/start: what this is, three taps to a first digest; and the way back for those who were away."""

from __future__ import annotations

from datetime import datetime

from telegram import InlineKeyboardMarkup

from bot.callbacks import ActionButton, BrowseButton, FinishButton, SettingsButton
from bot.handlers.context import Talk
from bot.handlers.readers.categories import show_level
from bot.handlers.readers.settings import next_text, rhythm_html
from bot.keyboards.base import button
from bot.markup import Html
from digests.model.place import PlaceState
from digests.model.schedule import next_slot_of


async def start(talk: Talk) -> None:
    """The first meeting, or the menu for those who have met."""
    wanted = await talk.house.places.subscriptions(talk.place.id)
    if not wanted:
        if await talk.may_change():
            await show_level(talk, BrowseButton(setup=1), intro=True)
        return
    if talk.place.state is not PlaceState.ACTIVE:
        if not await talk.may_change():
            return
        await talk.house.places.activate(talk.place.id, _next(talk), talk.now)
        text = talk.words.html(
            "👋 <b>Welcome back!</b> Your choices are as you left them. Next digest: {next}.", next=next_text(talk)
        )
        await talk.reply(text, _menu(talk))
        return
    await menu(talk)


async def menu(talk: Talk) -> None:
    """How things stand, and what can be done."""
    wanted = await talk.house.places.subscriptions(talk.place.id)
    count = talk.words.count_html("{n} category", "{n} categories", len(wanted))
    text = talk.words.html(
        "🗞 You follow {count_html}. Your digest comes {rhythm_html}; next: {next}.",
        count_html=count,
        rhythm_html=rhythm_html(talk.place, talk.words),
        next=next_text(talk),
    )
    await talk.show(text, _menu(talk))


def _menu(talk: Talk) -> InlineKeyboardMarkup:
    words = talk.words
    return InlineKeyboardMarkup(
        [
            [
                button(words.say("📰 Digest now"), ActionButton("digest")),
                button(words.say("🕘 Latest"), ActionButton("latest")),
            ],
            [button(words.say("🗂 Categories"), BrowseButton()), button(words.say("⚙️ Settings"), SettingsButton())],
        ]
    )


async def finish(talk: Talk, _callback: FinishButton) -> None:
    """The choosing is done: the first digest comes at once, the next at its time."""
    if not await talk.may_change():
        return
    if not await talk.house.places.subscriptions(talk.place.id):
        await talk.answer(talk.words.say("Tick at least one category first."), alert=True)
        return
    await talk.house.places.activate(talk.place.id, _next(talk), talk.now, from_now=True)
    await talk.answer(talk.words.say("All set!"))
    await talk.show(_all_set(talk))
    delivery = await talk.house.planner.plan_first(talk.place.id, talk.now)
    if delivery is None:
        await talk.reply(talk.words.html("There are no articles in these categories yet; they will come."))
    else:
        await talk.house.courier.deliver_due([delivery])


def _all_set(talk: Talk) -> Html:
    return talk.words.html(
        "✅ <b>All set!</b> Your digest comes {rhythm_html}; next: {next}.\n"
        "Here is a first one with the latest. /help shows what else I can do.",
        rhythm_html=rhythm_html(talk.place, talk.words),
        next=next_text(talk),
    )


def _next(talk: Talk) -> datetime:
    return next_slot_of(talk.place, talk.now)


async def my_id(talk: Talk) -> None:
    text = talk.words.html("Your Telegram id: <code>{id}</code>", id=talk.user.id)
    if not talk.is_private:
        text = Html(text + "\n" + talk.words.html("This chat's id: <code>{id}</code>", id=talk.chat.id))
    await talk.reply(text)
