"""The category tree: browse it, tick what is wanted, name it, see what is followed."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup

from bot.callbacks import TICK, UNTICK, Browse, Callback, Listing, Subscribe, Subscriptions, Toggle, Unsubscribe
from bot.handlers.context import Talk
from bot.handlers.readers.settings import rhythm_html, times_of
from bot.keyboards.base import choice_keyboard
from bot.keyboards.categories import category_keyboard, subscriptions_keyboard
from bot.markup import Html
from digests.model.category_tree import Category
from digests.model.ids import CategoryId
from digests.model.timezones import zone_label
from digests.storage.articles.categories import show_path


async def categories(talk: Talk) -> None:
    """/categories, or with a name: that level."""
    if not talk.text:
        await show_level(talk, Browse())
        return
    found = await named(talk, talk.text)
    if found:
        await show_level(talk, Browse(parent=found.id))


async def browse(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, Browse)
    await show_level(talk, callback)


async def toggle(talk: Talk, callback: Callback) -> None:
    """Tick or untick a category, and show its level again. A double tap changes nothing."""
    assert isinstance(callback, Toggle)
    if not await talk.may_change():
        return
    category = await _category(talk, callback.category)
    if category is None:
        return
    subscriptions, place = talk.house.subscriptions, talk.place
    # Buttons of older messages do not say which of the two they do.
    unticks = callback.to == UNTICK or (callback.to != TICK and await subscriptions.is_followed(place, category))
    if unticks:
        if await subscriptions.unfollow(place, category, talk.now):
            await talk.answer(talk.words.say("– {name}", name=category.name))
    elif await subscriptions.follow(place, category, talk.now, in_setup=bool(callback.setup)):
        await talk.answer(talk.words.say("+ {name}", name=category.name))
    await show_level(talk, Browse(callback.parent, callback.page, callback.setup))


async def _category(talk: Talk, category_id: int) -> Category | None:
    """Return the category that a button names, after saying so where it is there no more."""
    category = (await talk.house.categories.readers_tree()).get(CategoryId(category_id))
    if category is None:
        await talk.answer(talk.words.say("That category is not there any more."))
    return category


async def show_level(talk: Talk, at: Browse, *, intro: bool = False) -> None:
    """One level of the tree, to tick."""
    tree = await talk.house.categories.readers_tree()
    chosen = await talk.house.subscriptions.of(talk.place)
    words = talk.words
    time_label = words.say("⏰ {time} ({zone})", time=times_of(talk.place), zone=zone_label(talk.place.timezone))
    keyboard = category_keyboard(tree, at.parent, at.page, chosen, words, setup=bool(at.setup), time_label=time_label)
    if not len(tree):
        await talk.show(words.html("There are no articles yet. Please look in again a little later."))
        return
    above = tree.get(CategoryId(at.parent)) if at.parent else None
    if above is not None:
        text = words.html("<b>{path}</b>\nTick what you want in your digest.", path=show_path(above.path))
    elif at.setup:
        text = _intro(talk)
    else:
        text = words.html("🗂 <b>Categories</b>\nTick what you want in your digest; › shows what is inside.")
    await (talk.reply if intro else talk.show)(text, keyboard)


def _intro(talk: Talk) -> Html:
    return talk.words.html(
        "👋 <b>Hello, {name}!</b>\n"
        "I send you one well-made digest of the news a day: only what you choose, nothing twice.\n\n"
        "Tick what interests you (› shows what is inside), look at the time, then press Done.",
        name=talk.user.first_name if talk.is_private else talk.chat.title or "",
    )


async def named(talk: Talk, name: str, *, then: type[Subscribe] | type[Listing] = Listing) -> Category | None:
    """The category that `name` means. Where it means several, or none, the reader gets a choice and we None."""
    tree = await talk.house.categories.readers_tree()
    found = tree.find(name)
    if len(found) == 1:
        return found[0]
    if found:
        text = talk.words.html("Which <b>{name}</b> do you mean?", name=name[:100])
        await talk.reply(text, _choice(found[:8], then))
        return None
    near = tree.near(name)
    if near:
        text = talk.words.html("I know no category “{name}”. Did you mean one of these?", name=name[:100])
        await talk.reply(text, _choice(near, then))
    else:
        await talk.reply(
            talk.words.html("I know no category “{name}”. /categories shows all of them.", name=name[:100])
        )
    return None


def _choice(found: Sequence[Category], then: type[Subscribe] | type[Listing]) -> InlineKeyboardMarkup:
    return choice_keyboard(
        [(show_path(one.path), Subscribe(one.id) if then is Subscribe else Listing("c", one.id)) for one in found]
    )


async def subscribe(talk: Talk) -> None:
    if not talk.text:
        await show_level(talk, Browse())
        return
    if not await talk.may_change():
        return
    found = await named(talk, talk.text, then=Subscribe)
    if found:
        await _subscribe_to(talk, found)


async def subscribe_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, Subscribe)
    category = await _category(talk, callback.category)
    if category is not None and await talk.may_change():
        await _subscribe_to(talk, category)


async def _subscribe_to(talk: Talk, category: Category) -> None:
    name = show_path(category.path)
    if not await talk.house.subscriptions.follow(talk.place, category, talk.now):
        await talk.show(talk.words.html("You follow <b>{name}</b> already.", name=name))
        return
    await talk.show(
        talk.words.html(
            "✅ You now follow <b>{name}</b>. Your digest comes {rhythm_html}.",
            name=name,
            rhythm_html=rhythm_html(talk.place, talk.words),
        )
    )


async def unsubscribe(talk: Talk) -> None:
    """/unsubscribe NAME; without a name the list to choose from."""
    if not talk.text:
        await subscriptions(talk)
        return
    if not await talk.may_change():
        return
    category = await talk.house.subscriptions.unsubscribe_from(talk.place, talk.text)
    if category is not None:
        await talk.reply(talk.words.html("You no longer follow <b>{name}</b>.", name=show_path(category.path)))
        return
    text = talk.words.html("You don't follow “{name}”. This is what you follow:", name=talk.text[:100])
    await _show_subscriptions(talk, 0, text)


async def unsubscribe_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, Unsubscribe)
    if await talk.may_change():
        await talk.house.subscriptions.unsubscribe(talk.place, CategoryId(callback.category))
        await _show_subscriptions(talk, callback.page)


async def subscriptions(talk: Talk) -> None:
    await _show_subscriptions(talk, 0)


async def subscriptions_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, Subscriptions)
    await _show_subscriptions(talk, callback.page)


async def _show_subscriptions(talk: Talk, page: int, text: Html | None = None) -> None:
    followed = await talk.house.subscriptions.categories_of(talk.place)
    names = [(show_path(category.path), category.id) for category in followed]
    if not names:
        text = talk.words.html("You follow nothing yet. Choose what you like:")
    elif text is None:
        text = talk.words.html("<b>You follow</b>\nPress one to leave it out of your digest.")
    await talk.show(text, subscriptions_keyboard(names, page, talk.words))
