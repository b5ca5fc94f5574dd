"""What a digest is made of, on one screen: categories, sources, watches, mutes and caps, each with its edit."""

from __future__ import annotations

from collections.abc import Sequence

from bot.callbacks import (
    BrowseButton,
    Button,
    FollowAgainButton,
    FollowedButton,
    FollowSourceButton,
    SubscribeButton,
    SubscriptionsButton,
    UnsubscribeButton,
    WishButton,
)
from bot.handlers.context import Context
from bot.handlers.readers.categories import named
from bot.handlers.readers.choosing import show_level
from bot.handlers.readers.settings import schedule_html
from bot.handlers.readers.wishing import add_wish, end_wish, find_wish, show_wish
from bot.handlers.services import ReaderServices
from bot.keyboards.base import PAGE
from bot.keyboards.wishes import Row, followed_keyboard, subscriptions_keyboard, unfollowed_keyboard
from bot.render.shorten import shorten
from bot.render.wishes import counts_html, wish_label
from bot.text.markup import Html
from digests.model.category_tree import Category, fold_name
from digests.model.ids import ArticleId, CategoryId
from digests.model.wish import Matter, Subject, Wish, WishKind
from digests.storage.articles.categories import show_path

_LABEL = 30
_KINDS = (WishKind.WATCH, WishKind.MUTE, WishKind.CAP)
"""The order of what is listed."""


async def subscriptions(context: Context, services: ReaderServices) -> None:
    """List what the digest is made of, each part to be changed by a press."""
    await _show_list(context, services, 0)


async def subscriptions_pressed(context: Context, services: ReaderServices, pressed: SubscriptionsButton) -> None:
    """Show a page of what the digest is made of."""
    await _show_list(context, services, pressed.page)


async def _show_list(context: Context, services: ReaderServices, page: int, note: Html | None = None) -> None:
    t = context.t
    followed = await services.subscriptions.categories_of(context.place)
    wishes = await services.wishes.of(context.place)
    rows = await _rows(context, services, followed, wishes)
    tastes = sum(wish.kind in (WishKind.MORE, WishKind.LESS) for wish in wishes)
    if rows:
        counts = counts_html(len(followed), wishes, t)
        text = t.html("🗞 <b>What your digest is made of</b>\n{counts}\nPress a line to change it.", counts=counts)
    else:
        text = t.html("You don't follow anything yet. Choose what you like:")
    await context.show(text if note is None else note + "\n\n" + text, subscriptions_keyboard(rows, page, tastes, t))


async def _rows(
    context: Context, services: ReaderServices, followed: Sequence[Category], wishes: Sequence[Wish]
) -> list[Row]:
    """Return categories, sources, watches, mutes and caps; buttons lead back to the page that each is on."""
    tree = await services.categories.readers_tree()
    listed = [wish for wish in wishes if wish.kind not in (WishKind.MORE, WishKind.LESS)]
    ordered = sorted(listed, key=lambda wish: (_KINDS.index(wish.kind), wish.subject.matter is not Matter.SOURCE))
    labels = [f"🗂 {shorten(show_path(category.path), _LABEL)}" for category in followed]
    labels += [wish_label(wish, tree, context.t, context.place.timezone, _LABEL) for wish in ordered]
    at = [number // PAGE for number in range(len(labels))]
    targets: list[Button] = [FollowedButton(category.id, page) for category, page in zip(followed, at, strict=False)]
    targets += [WishButton(wish.id, page) for wish, page in zip(ordered, at[len(followed) :], strict=True)]
    return list(zip(labels, targets, strict=True))


async def followed_pressed(context: Context, services: ReaderServices, pressed: FollowedButton) -> None:
    """Show a category that is followed, with what can be changed about it."""
    category = (await services.categories.readers_tree()).get(CategoryId(pressed.category))
    if category is None or category.id not in await services.subscriptions.of(context.place):
        await _tell_not_followed(context)
    else:
        await _show_followed(context, services, category, pressed.page)


async def _tell_not_followed(context: Context) -> None:
    await context.answer(context.t("You don't follow that any more. /subscriptions shows what there is."))


async def _show_followed(context: Context, services: ReaderServices, category: Category, page: int) -> None:
    total = await services.subjects.came_lately(Subject.of_category(category.id), context.now)
    lately = context.t.count_html("{n} article in the last week.", "{n} articles in the last week.", total)
    heading = context.t.html("🗂 <b>{path}</b>\nComes in your digest.", path=show_path(category.path))
    await context.show(heading + " " + lately, followed_keyboard(category, page, context.t))


async def unsubscribe_pressed(context: Context, services: ReaderServices, pressed: UnsubscribeButton) -> None:
    """Unfollow the category that the button names, and offer to follow it again. A second tap changes nothing."""
    if not await context.may_change():
        return
    category_id = CategoryId(pressed.category)
    if category_id not in await services.subscriptions.of(context.place):
        await _show_list(context, services, pressed.page)
        return
    await services.subscriptions.unsubscribe(context.place, category_id)
    category = (await services.categories.readers_tree()).get(category_id)
    name = show_path(category.path) if category is not None else context.t("(a category that is gone)")
    text = context.t.html("You no longer follow <b>{name}</b>.", name=name)
    await context.show(text, unfollowed_keyboard(category_id, pressed.page, context.t))


async def follow_again_pressed(context: Context, services: ReaderServices, pressed: FollowAgainButton) -> None:
    """Follow a category again that was unfollowed a moment ago."""
    if not await context.may_change():
        return
    category = (await services.categories.readers_tree()).get(CategoryId(pressed.category))
    if category is None:
        await context.answer(context.t("That category no longer exists."))
        return
    await services.subscriptions.follow(context.place, category, context.now)
    await _show_list(context, services, pressed.page, context.t.html("↩️ You follow it again."))


async def subscribe(context: Context, services: ReaderServices) -> None:
    """Follow the category, or else the source, that /subscribe names; without a name, show the tree to choose from."""
    if not context.text:
        await show_level(context, services, BrowseButton())
        return
    if not await context.may_change():
        return
    if not (await services.categories.readers_tree()).find(context.text):
        sources = await services.subjects.sources(context.text)
        if sources:
            await _follow_source(context, services, sources[0])
            return
    found = await named(context, services, context.text, then=SubscribeButton)
    if found:
        await _subscribe_to(context, services, found)


async def follow_source_pressed(context: Context, services: ReaderServices, pressed: FollowSourceButton) -> None:
    """Follow the source of the article that the button names, whatever categories its articles are in."""
    if not await context.may_change() or services.look_up.recent.is_repeated(context.update):
        return
    found = await services.articles.get([ArticleId(pressed.article)])
    if found and found[0].source:
        await _follow_source(context, services, found[0].source)
    else:
        await context.answer(context.t("That article names no source, or is no longer here."))


async def _follow_source(context: Context, services: ReaderServices, source: str) -> None:
    subject = Subject(Matter.SOURCE, source)
    known = await find_wish(context, services, WishKind.WATCH, subject)
    if known is not None:
        await show_wish(context, services, known, note=context.t.html("You follow this source already:"), anew=True)
    elif (wish := await add_wish(context, services, WishKind.WATCH, subject, anew=True)) is not None:
        await show_wish(context, services, wish, note=context.t.html("✅ You now follow the source:"), anew=True)


async def subscribe_pressed(context: Context, services: ReaderServices, pressed: SubscribeButton) -> None:
    """Follow the category that the button names."""
    category = (await services.categories.readers_tree()).get(CategoryId(pressed.category))
    if category is None:
        await context.answer(context.t("That category no longer exists."))
    elif await context.may_change():
        await _subscribe_to(context, services, category)


async def _subscribe_to(context: Context, services: ReaderServices, category: Category) -> None:
    name = show_path(category.path)
    if not await services.subscriptions.follow(context.place, category, context.now):
        await context.show(context.t.html("You already follow <b>{name}</b>.", name=name))
        return
    await context.show(
        context.t.html(
            "✅ You now follow <b>{name}</b>. Your digest arrives {schedule}.",
            name=name,
            schedule=schedule_html(context.place, context.t),
        )
    )


async def unsubscribe(context: Context, services: ReaderServices) -> None:
    """Unfollow the category, or else the source, that /unsubscribe names; without a name, list what there is."""
    if not context.text:
        await subscriptions(context, services)
        return
    if not await context.may_change():
        return
    category = await services.subscriptions.unsubscribe_from(context.place, context.text)
    if category is not None:
        text = context.t.html("You no longer follow <b>{name}</b>.", name=show_path(category.path))
        await context.reply(text, unfollowed_keyboard(category.id, 0, context.t))
        return
    wish = await _source_followed(context, services)
    if wish is not None:
        await end_wish(context, services, wish.id, 0)
        return
    text = context.t.html("You don't follow “{name}”. This is what you follow:", name=context.text[:100])
    await _show_list(context, services, 0, text)


async def _source_followed(context: Context, services: ReaderServices) -> Wish | None:
    """Return the watch about a source of the name in `context.text`."""
    name = fold_name(context.text)
    return next(
        (
            wish
            for wish in await services.wishes.of(context.place)
            if wish.kind is WishKind.WATCH
            and wish.subject.matter is Matter.SOURCE
            and fold_name(wish.subject.value) == name
        ),
        None,
    )
