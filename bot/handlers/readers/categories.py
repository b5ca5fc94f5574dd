"""Categories by their names, and the list of those that are followed."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup

from bot.callbacks import (
    BrowseButton,
    ListingButton,
    SubscribeButton,
)
from bot.handlers.articles.listings import show_listing
from bot.handlers.context import Context
from bot.handlers.readers.choosing import show_found, show_level
from bot.handlers.services import ReaderServices
from bot.keyboards.base import choice_keyboard
from digests.model.category_tree import Category
from digests.storage.articles.categories import show_path


async def categories(context: Context, services: ReaderServices) -> None:
    """Show the top of the tree, the level of the category that /categories names, or those with these letters."""
    if not context.text:
        await show_level(context, services, BrowseButton())
        return
    tree = await services.categories.readers_tree()
    if len(tree.find(context.text)) != 1 and tree.matching(context.text):
        await show_found(context, services, context.text)
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
