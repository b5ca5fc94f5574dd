"""Caps: at most so many articles of a category in a digest."""

from __future__ import annotations

from bot.callbacks import CapsButton, SetCapButton
from bot.handlers.context import Context
from bot.handlers.readers.wishing import add_wish, find_wish
from bot.handlers.services import ReaderServices
from bot.keyboards.settings import CAPS, cap_keyboard, caps_keyboard
from digests.model.category_tree import Category
from digests.model.ids import CategoryId
from digests.model.wish import Subject, WishKind
from digests.storage.articles.categories import show_path


async def caps_pressed(context: Context, services: ReaderServices, pressed: CapsButton) -> None:
    """Show the categories that can be capped, or the caps of the one that the button names."""
    if pressed.category:
        await _show_cap(context, services, pressed.category, pressed.page)
    else:
        await _show_caps(context, services, pressed.page)


async def _show_caps(context: Context, services: ReaderServices, page: int) -> None:
    t, tree = context.t, await services.categories.readers_tree()
    subscribed = await services.subscriptions.of(context.place)
    caps = await _caps(context, services)
    tops = {tree.ancestors(category)[0] for category in subscribed if tree.get(category) is not None}
    capped = {category for category_id in caps if (category := tree.get(category_id)) is not None}
    found = sorted(tops | capped, key=lambda category: category.path)
    if found:
        text = t.html(
            "✂️ <b>Limits</b>\nHow many articles of a category come in a digest at most. The rest stays behind its "
            "button."
        )
    else:
        text = t.html("✂️ <b>Limits</b>\nFollow a category first: /categories")
    rows = [(category.id, show_path(category.path), caps.get(category.id, 0)) for category in found]
    await context.show(text, caps_keyboard(rows, page, t))


async def _caps(context: Context, services: ReaderServices) -> dict[CategoryId, int]:
    """Return the caps of this place."""
    return {
        wish.subject.category: wish.most
        for wish in await services.wishes.of(context.place)
        if wish.kind is WishKind.CAP and wish.subject.category is not None
    }


async def _category(context: Context, services: ReaderServices, category_id: int) -> Category | None:
    """Return a category, after telling the reader where it is gone, and showing those that there are."""
    category = (await services.categories.readers_tree()).get(CategoryId(category_id))
    if category is None:
        await context.answer(context.t("That category no longer exists. These are today's."))
        await _show_caps(context, services, 0)
    return category


async def _show_cap(context: Context, services: ReaderServices, category_id: int, page: int) -> None:
    category = await _category(context, services, category_id)
    if category is not None:
        chosen = (await _caps(context, services)).get(category.id, 0)
        text = context.t.html("✂️ How many articles of <b>{name}</b> at most?", name=show_path(category.path))
        await context.show(text, cap_keyboard(category.id, chosen, page, context.t))


async def cap_pressed(context: Context, services: ReaderServices, pressed: SetCapButton) -> None:
    """Cap a category, or end its cap, and show all caps again."""
    if pressed.most not in (0, *CAPS) or not await context.may_change():
        return
    category = await _category(context, services, pressed.category)
    if category is None:
        return
    t, subject = context.t, Subject.of_category(category.id)
    wish = await find_wish(context, services, WishKind.CAP, subject)
    if pressed.most and (wish is None or wish.most != pressed.most):
        if await add_wish(context, services, WishKind.CAP, subject, most=pressed.most) is None:
            return
        await context.answer(t("At most {most} of {name}", most=pressed.most, name=category.name))
    elif not pressed.most and wish is not None:
        await services.wishes.remove(context.place, wish.id)
        await context.answer(t("{name}: no limit", name=category.name))
    await _show_caps(context, services, pressed.page)
