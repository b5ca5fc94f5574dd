"""Choosing categories in the tree: its levels to browse and tick, a filter by letters, and what is popular."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from bot.callbacks import (
    GREETED,
    TICK,
    UNTICK,
    AskLettersButton,
    BrowseButton,
    CategorySourcesButton,
    FilteredButton,
    FollowPopularButton,
    ToggleButton,
    ToggleFoundButton,
    UndoPopularButton,
)
from bot.handlers.context import Context
from bot.handlers.readers.settings import times_of
from bot.handlers.services import ReaderServices
from bot.keyboards.categories import asking_keyboard, filter_keyboard, level_keyboard, sources_keyboard
from bot.text.markup import LINE_BREAK, Html
from digests.model.category_activity import CategoryView
from digests.model.category_tree import Category, fold_name
from digests.model.dialogs import AwaitedReply, Question
from digests.model.ids import CategoryId
from digests.model.place import PlaceKind
from digests.model.subscription import is_followed
from digests.model.timezones import zone_label
from digests.model.wish import Matter, WishKind
from digests.storage.articles.categories import show_path

_LETTERS = 24
"""Bytes of letters that a button carries beside the ids of a category and of a place."""
_IDS = 20
"""Bytes of each list of ids that a button carries."""


async def browse(context: Context, services: ReaderServices, pressed: BrowseButton) -> None:
    """Show the level of the tree that the button names."""
    await show_level(context, services, pressed)


async def show_level(
    context: Context,
    services: ReaderServices,
    at: BrowseButton,
    *,
    intro: bool = False,
    followed: Collection[CategoryId] | None = None,
    undo: UndoPopularButton | None = None,
) -> None:
    """Show one level of the tree, with a tick for each category; `intro` begins the set-up in a new message.

    `followed` is what the place follows, where that is known already; `undo` is offered.
    """
    view, t = await services.categories.view(context.now), context.t
    if not len(view.tree):
        await context.show(t.html("There are no articles yet. Please check back a little later."))
        return
    if followed is None:
        followed = await services.subscriptions.of(context.place)
    time_label = t("⏰ {time} ({zone})", time=times_of(context.place), zone=zone_label(context.place.timezone))
    keyboard = level_keyboard(view, at, followed, t, time_label=time_label, undo=undo)
    text = _heading(context, view, at, followed) + _legend(context, view, at)
    await (context.reply if intro else context.show)(text, keyboard)


def _heading(context: Context, view: CategoryView, at: BrowseButton, followed: Collection[CategoryId]) -> Html:
    t = context.t
    above = view.tree.get(CategoryId(at.parent)) if at.parent else None
    if above is not None:
        path = t.html("🗂 <b>{path}</b>", path=show_path(above.path))
        return path + LINE_BREAK + _what_is_followed(context, view, above, followed)
    if at.setup:
        how = t.html("Tick what interests you (› opens a category), check the time, then press Done.")
        return how if at.setup == GREETED else greeting_html(context) + "\n\n" + how
    return t.html("🗂 <b>Categories</b>\nTick what you want in your digest; › opens a category.")


def _legend(context: Context, view: CategoryView, at: BrowseButton) -> Html:
    """Return what the numbers mean in buttons that are too narrow to say it; nothing where they say nothing new."""
    level = view.children(CategoryId(at.parent) if at.parent else None)
    if not any(category.id in view.new and view.tree.children(category.id) for category in level):
        return Html("")
    return LINE_BREAK + context.t.html("<i>The numbers: articles, and +new ones today.</i>")


def _what_is_followed(context: Context, view: CategoryView, above: Category, followed: Collection[CategoryId]) -> Html:
    """Return how much of a branch is followed: all, a part, or nothing."""
    t, tree = context.t, view.tree
    if is_followed(tree, followed, above.id):
        return t.html("✅ You follow all of it, and whatever is added. Untick what you don't want.")
    below = tree.children(above.id)
    ticked = sum(is_followed(tree, followed, category.id) for category in below)
    if ticked:
        return t.html("☑️ You follow {ticked} of {all} here.", ticked=ticked, all=len(below))
    if tree.with_descendants([above.id]).intersection(followed):
        return t.html("☑️ You follow a part of it.")
    return t.html("Tick what you want in your digest.")


def greeting_html(context: Context) -> Html:
    """Return the greeting of a new reader, or of a group."""
    return context.t.html(
        "👋 <b>Hello, {name}!</b>\nI send you one carefully made news digest a day: only what you choose, "
        "nothing twice.",
        name=context.user.first_name if context.place.kind is PlaceKind.PRIVATE else context.place.title,
    )


async def toggle(context: Context, services: ReaderServices, pressed: ToggleButton) -> None:
    """Tick or untick a category, and show its level again. A double tap changes nothing."""
    if await context.may_change():
        followed = await _toggled(context, services, pressed.category, pressed.to, setup=pressed.setup)
        await show_level(
            context, services, BrowseButton(pressed.parent, pressed.page, pressed.setup), followed=followed
        )


async def toggle_found(context: Context, services: ReaderServices, pressed: ToggleFoundButton) -> None:
    """Tick or untick a category among those that were found, and show them again."""
    if await context.may_change():
        followed = await _toggled(context, services, pressed.category, pressed.to, setup=pressed.setup)
        await _show_found(context, services, FilteredButton(pressed.typed, pressed.page, pressed.setup), followed)


async def _toggled(
    context: Context, services: ReaderServices, category_id: int, to: int, *, setup: int
) -> Collection[CategoryId] | None:
    """Tick or untick a category, say what changed, and return what is followed then; None where it is gone."""
    tree, t = await services.categories.readers_tree(), context.t
    category = tree.get(CategoryId(category_id))
    if category is None:
        await context.answer(t("That category no longer exists. These are today's."))
        return None
    if to not in (TICK, UNTICK):
        # Buttons of older messages don't say which of the two they mean.
        to = UNTICK if await services.subscriptions.is_followed(context.place, category) else TICK
    if to == TICK:
        ticks = await services.subscriptions.tick(context.place, context.now, on=[category.id], in_setup=bool(setup))
        if ticks.change:
            await context.answer(t("+ {name}", name=category.name))
        return ticks.followed
    ticks = await services.subscriptions.tick(context.place, context.now, off=[category.id])
    branch = next((tree.get(ended) for ended in ticks.change.ended if ended != category.id), None)
    if branch is not None:
        await context.answer(t("– {name}. The rest of {branch} stays.", name=category.name, branch=branch.name))
    elif ticks.change:
        await context.answer(t("– {name}", name=category.name))
    return ticks.followed


# The filter


async def ask_letters(context: Context, services: ReaderServices, pressed: AskLettersButton) -> None:
    """Ask for letters of a category's name, or stop asking and show the tree again."""
    t, people = context.t, services.people
    if not pressed.asks:
        await people.set_dialog(context.chat.id, context.user.id, None, context.now)
        await show_level(context, services, BrowseButton(pressed.parent, setup=pressed.setup))
    elif not context.is_private:
        # Groups talk among themselves, and their messages are not sent to bots.
        await context.answer(t("Write /categories and a part of the name, such as: /categories sci"), alert=True)
    else:
        question = AwaitedReply(Question.CATEGORIES, str(pressed.setup), context.place.id)
        await people.set_dialog(context.chat.id, context.user.id, question, context.now)
        text = t.html("🔎 <b>Which category?</b>\nWrite me a part of its name: I look through all of them.")
        await context.show(text, asking_keyboard(pressed.parent, pressed.setup, t))


async def letters_written(context: Context, services: ReaderServices, about: str) -> None:
    """Show the categories whose names have the letters that a reader wrote when asked for them."""
    setup = int(about) if about in ("1", "2") else 0
    await show_found(context, services, context.text, setup=setup)


async def show_found(context: Context, services: ReaderServices, text: str, *, setup: int = 0) -> None:
    """Show the categories with letters that somebody wrote."""
    await _show_found(context, services, FilteredButton(_as_letters(text), setup=setup))


async def filtered(context: Context, services: ReaderServices, pressed: FilteredButton) -> None:
    """Show the page of the found categories that the button names."""
    await _show_found(context, services, pressed)


async def _show_found(
    context: Context, services: ReaderServices, at: FilteredButton, followed: Collection[CategoryId] | None = None
) -> None:
    view, t = await services.categories.view(context.now), context.t
    if followed is None:
        followed = await services.subscriptions.of(context.place)
    if found := view.matching(at.typed):
        text = t.count_html(
            "🔎 <b>“{letters}”</b>: {n} category",
            "🔎 <b>“{letters}”</b>: {n} categories",
            len(found),
            letters=at.typed,
        )
    elif found := view.tree.near(at.typed):
        text = t.html("🔎 No category has “{letters}” in its name. These are similar:", letters=at.typed)
    else:
        text = t.html("🔎 No category has “{letters}” in its name. Try fewer letters.", letters=at.typed)
    await context.show(text, filter_keyboard(view, found, at, followed, t))


def _as_letters(text: str) -> str:
    """Return what somebody wrote as letters that a button can carry: fewer letters find more, never less."""
    plain = "".join(" " if character == "|" else character for character in unicodedata.normalize("NFKC", text))
    plain = " ".join("".join(character for character in plain if character.isprintable()).split())
    return plain.encode()[:_LETTERS].decode(errors="ignore").strip()


# Sources


async def show_sources(context: Context, services: ReaderServices, pressed: CategorySourcesButton) -> None:
    """Show the sources of a category, each to be followed by itself or muted."""
    t, category_id = context.t, CategoryId(pressed.category)
    category = (await services.categories.readers_tree()).get(category_id)
    if category is None:
        await context.answer(t("That category no longer exists. These are today's."))
        await show_level(context, services, BrowseButton())
        return
    sources = await services.subjects.sources_in(category.id)
    marks = {
        fold_name(wish.subject.value): wish.kind
        for wish in await services.wishes.of(context.place)
        if wish.subject.matter is Matter.SOURCE and wish.kind in (WishKind.WATCH, WishKind.MUTE)
    }
    path = show_path(category.path)
    if sources:
        text = t.html("📡 <b>{path}</b>\nPress a source to get all that it writes, or mute it.", path=path)
    else:
        text = t.html("📡 <b>{path}</b>\nIts articles name no source.", path=path)
    await context.show(text, sources_keyboard(sources, marks, pressed, t))


# What others chose


async def follow_popular(context: Context, services: ReaderServices, pressed: FollowPopularButton) -> None:
    """Follow what is popular, and offer to take that back."""
    if not await context.may_change():
        return
    view, t = await services.categories.view(context.now), context.t
    ticks = await services.subscriptions.tick(
        context.place, context.now, on=[category.id for category in view.popular], in_setup=bool(pressed.setup)
    )
    if ticks.change:
        await context.answer(t("+ {names}", names=t.joined(category.name for category in view.popular)))
    undo = UndoPopularButton(_as_ids(ticks.change.begun), _as_ids(ticks.change.ended), pressed.setup)
    can_undo = bool(ticks.change) and max(len(undo.begun), len(undo.ended)) <= _IDS
    await show_level(
        context,
        services,
        BrowseButton(setup=pressed.setup),
        followed=ticks.followed,
        undo=undo if can_undo else None,
    )


async def undo_popular(context: Context, services: ReaderServices, pressed: UndoPopularButton) -> None:
    """Take back that what is popular was followed."""
    if not await context.may_change():
        return
    ticks = await services.subscriptions.tick(
        context.place,
        context.now,
        off=_ids_in(pressed.begun),
        on=_ids_in(pressed.ended),
        in_setup=bool(pressed.setup),
    )
    if ticks.change:
        await context.answer(context.t("↩️ As it was before."))
    await show_level(context, services, BrowseButton(setup=pressed.setup), followed=ticks.followed)


def _as_ids(ids: Collection[CategoryId]) -> str:
    return ".".join(str(category) for category in sorted(ids))


def _ids_in(text: str) -> list[CategoryId]:
    """Return the ids that a button carries; forged ones are no categories."""
    return [CategoryId(int(part)) for part in text.split(".") if part.isascii() and part.isdigit() and len(part) < 16]
