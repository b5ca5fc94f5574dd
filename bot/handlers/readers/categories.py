"""The category tree: browse it, tick and name categories, and list those that are followed."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup

from bot.callbacks import (
    GREETED,
    TICK,
    UNTICK,
    BrowseButton,
    ListingButton,
    SubscribeButton,
    ToggleButton,
)
from bot.handlers.articles.listings import show_listing
from bot.handlers.context import Context
from bot.handlers.readers.settings import times_of
from bot.handlers.services import ReaderServices
from bot.keyboards.base import choice_keyboard
from bot.keyboards.categories import category_keyboard
from bot.markup import Html
from digests.model.category_tree import Category
from digests.model.ids import CategoryId
from digests.model.place import PlaceKind
from digests.model.timezones import zone_label
from digests.storage.articles.categories import show_path


async def categories(context: Context, services: ReaderServices) -> None:
    """Show the top of the tree, or the level of the category that /categories names."""
    if not context.text:
        await show_level(context, services, BrowseButton())
        return
    found = await named(context, services, context.text)
    if found:
        await show_level(context, services, BrowseButton(parent=found.id))


async def category(context: Context, services: ReaderServices) -> None:
    """List the newest articles of the category that /category names; without a name, show the tree."""
    if not context.text:
        await show_level(context, services, BrowseButton())
        return
    found = await named(context, services, context.text)
    if found:
        await show_listing(context, services.look_up, ListingButton("c", found.id))


async def browse(context: Context, services: ReaderServices, pressed: BrowseButton) -> None:
    """Show the level of the tree that the button names."""
    await show_level(context, services, pressed)


async def toggle(context: Context, services: ReaderServices, pressed: ToggleButton) -> None:
    """Tick or untick a category, and show its level again. A double tap changes nothing."""
    if not await context.may_change():
        return
    category = await _category(context, services, pressed.category)
    if category is None:
        return
    subscriptions, place = services.subscriptions, context.place
    # Buttons of older messages don't say whether they tick or untick.
    unticks = pressed.to == UNTICK or (pressed.to != TICK and await subscriptions.is_followed(place, category))
    if unticks:
        if await subscriptions.unfollow(place, category, context.now):
            await context.answer(context.t("– {name}", name=category.name))
    elif await subscriptions.follow(place, category, context.now, in_setup=bool(pressed.setup)):
        await context.answer(context.t("+ {name}", name=category.name))
    await show_level(context, services, BrowseButton(pressed.parent, pressed.page, pressed.setup))


async def _category(context: Context, services: ReaderServices, category_id: int) -> Category | None:
    """Return the category that a button names, after telling the reader where it no longer exists."""
    category = (await services.categories.readers_tree()).get(CategoryId(category_id))
    if category is None:
        await context.answer(context.t("That category no longer exists."))
    return category


async def show_level(context: Context, services: ReaderServices, at: BrowseButton, *, intro: bool = False) -> None:
    """Show one level of the tree, with a tick for each category; `intro` begins the set-up in a new message."""
    tree = await services.categories.readers_tree()
    chosen = await services.subscriptions.of(context.place)
    t = context.t
    time_label = t("⏰ {time} ({zone})", time=times_of(context.place), zone=zone_label(context.place.timezone))
    keyboard = category_keyboard(tree, at.parent, at.page, chosen, t, setup=at.setup, time_label=time_label)
    if not len(tree):
        await context.show(t.html("There are no articles yet. Please check back a little later."))
        return
    above = tree.get(CategoryId(at.parent)) if at.parent else None
    if above is not None:
        text = t.html("<b>{path}</b>\nTick what you want in your digest.", path=show_path(above.path))
    elif at.setup:
        text = _how_to_choose(context)
        if at.setup != GREETED:
            text = greeting_html(context) + "\n\n" + text
    else:
        text = t.html("🗂 <b>Categories</b>\nTick what you want in your digest; › opens a category.")
    await (context.reply if intro else context.show)(text, keyboard)


def greeting_html(context: Context) -> Html:
    """Return the greeting of a new reader, or of a group."""
    return context.t.html(
        "👋 <b>Hello, {name}!</b>\nI send you one carefully made news digest a day: only what you choose, "
        "nothing twice.",
        name=context.user.first_name if context.place.kind is PlaceKind.PRIVATE else context.place.title,
    )


def _how_to_choose(context: Context) -> Html:
    return context.t.html("Tick what interests you (› opens a category), check the time, then press Done.")


async def named(
    context: Context,
    services: ReaderServices,
    name: str,
    *,
    then: type[SubscribeButton] | type[ListingButton] = ListingButton,
) -> Category | None:
    """Return the category that `name` means.

    Where it means several, or none, offer the reader a choice (its buttons are of the kind `then`) and return None.
    """
    tree = await services.categories.readers_tree()
    found = tree.find(name)
    if len(found) == 1:
        return found[0]
    if found:
        text = context.t.html("Which <b>{name}</b> do you mean?", name=name[:100])
        await context.reply(text, _choice(found[:8], then))
        return None
    near = tree.near(name)
    if near:
        text = context.t.html("I don't know the category “{name}”. Did you mean one of these?", name=name[:100])
        await context.reply(text, _choice(near, then))
    else:
        await context.reply(
            context.t.html("I don't know the category “{name}”. /categories shows all of them.", name=name[:100])
        )
    return None


def _choice(found: Sequence[Category], then: type[SubscribeButton] | type[ListingButton]) -> InlineKeyboardMarkup:
    return choice_keyboard(
        [
            (
                show_path(category.path),
                SubscribeButton(category.id) if then is SubscribeButton else ListingButton("c", category.id),
            )
            for category in found
        ]
    )
