"""The category tree: browse it, tick what is wanted, name it, see what is followed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from telegram import InlineKeyboardMarkup

from bot.callbacks import TICK, UNTICK, Browse, Callback, Listing, Subscribe, Subscriptions, Toggle, Unsubscribe
from bot.handlers.context import Talk
from bot.handlers.readers.settings import rhythm_html, times_of
from bot.keyboards.base import choice_keyboard
from bot.keyboards.categories import category_keyboard, subscriptions_keyboard
from bot.markup import Html
from digests.model.category_tree import Category, Tree
from digests.model.ids import CategoryId
from digests.model.place import PlaceState
from digests.model.schedule import next_slot_of
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
    """Ticks or unticks. Unticking what is followed through a parent leaves the parent's other children ticked."""
    assert isinstance(callback, Toggle)
    if not await talk.may_change():
        return
    tree = await talk.house.categories.readers_tree()
    category = tree.get(CategoryId(callback.category))
    if category is None:
        await talk.answer(talk.words.say("That category is not there any more."))
        return
    chosen = await talk.house.places.subscriptions(talk.place.id)
    through = [one for one in tree.ancestors(category.id) if one.id in chosen]
    if callback.to == (TICK if through else UNTICK):
        # It is so already: a double tap.
        pass
    elif through:
        await _untick(talk, tree, category, through[0])
        await talk.answer(talk.words.say("– {name}", name=category.name))
    else:
        await follow(talk, tree, category)
        if not callback.setup:
            await _wake(talk)
        await talk.answer(talk.words.say("+ {name}", name=category.name))
    await show_level(talk, Browse(callback.parent, callback.page, callback.setup))


async def _untick(talk: Talk, tree: Tree, category: Category, through: Category) -> None:
    """Follows instead of `through` everything in it that is not on the way down to `category`."""
    keep: list[CategoryId] = []
    line = tree.ancestors(category.id)
    for above, below in pairwise(line):
        if through.id in {one.id for one in tree.ancestors(above.id)}:
            keep.extend(child.id for child in tree.children(above.id) if child.id != below.id)
    await talk.house.places.unsubscribe(talk.place.id, [through.id])
    await talk.house.places.subscribe(talk.place.id, keep, talk.now)


async def follow(talk: Talk, tree: Tree, category: Category) -> None:
    """Subscribes; what lies below is followed through it and needs no subscription of its own."""
    below = tree.with_descendants([category.id]) - {category.id}
    await talk.house.places.unsubscribe(talk.place.id, below)
    await talk.house.places.subscribe(talk.place.id, [category.id], talk.now)


async def _wake(talk: Talk) -> None:
    """Who chooses a category outside /start wants its digest from now on."""
    if talk.place.state in (PlaceState.NEW, PlaceState.STOPPED):
        next_at = next_slot_of(talk.place, talk.now)
        await talk.house.places.activate(talk.place.id, next_at, talk.now, from_now=True)


async def show_level(talk: Talk, at: Browse, *, intro: bool = False) -> None:
    """One level of the tree, to tick."""
    tree = await talk.house.categories.readers_tree()
    chosen = await talk.house.places.subscriptions(talk.place.id)
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
    tree = await talk.house.categories.readers_tree()
    found = tree.get(CategoryId(callback.category))
    if found is None:
        await talk.answer(talk.words.say("That category is not there any more."))
    elif await talk.may_change():
        await _subscribe_to(talk, found)


async def _subscribe_to(talk: Talk, category: Category) -> None:
    tree = await talk.house.categories.readers_tree()
    chosen = await talk.house.places.subscriptions(talk.place.id)
    name = show_path(category.path)
    if any(one.id in chosen for one in tree.ancestors(category.id)):
        await talk.show(talk.words.html("You follow <b>{name}</b> already.", name=name))
        return
    await follow(talk, tree, category)
    await _wake(talk)
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
    tree = await talk.house.categories.readers_tree()
    chosen = await talk.house.places.subscriptions(talk.place.id)
    found = [one for one in tree.find(talk.text) if one.id in chosen]
    if len(found) == 1:
        await talk.house.places.unsubscribe(talk.place.id, [found[0].id])
        await talk.reply(talk.words.html("You no longer follow <b>{name}</b>.", name=show_path(found[0].path)))
        return
    text = talk.words.html("You don't follow “{name}”. This is what you follow:", name=talk.text[:100])
    await _show_subscriptions(talk, 0, text)


async def unsubscribe_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, Unsubscribe)
    if await talk.may_change():
        await talk.house.places.unsubscribe(talk.place.id, [CategoryId(callback.category)])
        await _show_subscriptions(talk, callback.page)


async def subscriptions(talk: Talk) -> None:
    await _show_subscriptions(talk, 0)


async def subscriptions_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, Subscriptions)
    await _show_subscriptions(talk, callback.page)


async def _show_subscriptions(talk: Talk, page: int, text: Html | None = None) -> None:
    tree = await talk.house.categories.readers_tree()
    chosen = await talk.house.places.subscriptions(talk.place.id)
    followed = sorted((one for one in (tree.get(one) for one in chosen) if one), key=lambda one: one.path)
    names = [(show_path(one.path), one.id) for one in followed]
    if not names:
        text = talk.words.html("You follow nothing yet. Choose what you like:")
    elif text is None:
        text = talk.words.html("<b>You follow</b>\nPress one to leave it out of your digest.")
    await talk.show(text, subscriptions_keyboard(names, page, talk.words))
