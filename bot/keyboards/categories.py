"""Keyboards to choose categories, and to show what was chosen."""

from __future__ import annotations

from collections.abc import Collection

from telegram import InlineKeyboardMarkup

from bot.callbacks import (
    TICK,
    UNTICK,
    ActionButton,
    BrowseButton,
    FinishButton,
    SubscriptionsButton,
    TimesButton,
    ToggleButton,
)
from bot.i18n import Translator
from bot.keyboards.base import LABEL, PAGE, TICKED, ButtonRow, button, pager
from bot.render.shorten import shorten
from digests.model.category_tree import Category, CategoryTree
from digests.model.ids import CategoryId
from digests.model.subscription import is_followed


def category_keyboard(
    tree: CategoryTree,
    parent: int,
    page: int,
    chosen: Collection[CategoryId],
    t: Translator,
    *,
    setup: int,
    time_label: str,
) -> InlineKeyboardMarkup:
    """Return a page of a level of the tree: each category to tick, with an arrow to the level below it.

    `setup` is that of `BrowseButton`.
    """
    level = tree.children(CategoryId(parent) if parent else None)
    pages = max(1, -(-len(level) // PAGE))
    page = min(page, pages - 1)
    rows = [
        _category_row(tree, category, parent, page, chosen, setup=setup)
        for category in level[page * PAGE : (page + 1) * PAGE]
    ]
    rows.extend(pager(page, pages, lambda number: BrowseButton(parent, number, int(setup))))
    if parent:
        above = tree.get(CategoryId(parent))
        back = BrowseButton((above.parent_id if above else 0) or 0, 0, int(setup))
        rows.append([button(t("‹ Back"), back)])
    if setup:
        rows.append([button(time_label, TimesButton(int(setup)))])
        rows.append([button(t("✅ Done"), FinishButton())])
    else:
        rows.append([button(t("My subscriptions"), SubscriptionsButton()), button(t("Close"), ActionButton("close"))])
    return InlineKeyboardMarkup(rows)


def _category_row(
    tree: CategoryTree, category: Category, parent: int, page: int, chosen: Collection[CategoryId], *, setup: int
) -> ButtonRow:
    mark = tick_of(tree, category, chosen)
    label = f"{mark} {shorten(category.name, LABEL)} · {category.count:,}"
    to = UNTICK if mark == TICKED else TICK
    row = [button(label, ToggleButton(category.id, parent, page, int(setup), to))]
    if tree.children(category.id):
        row.append(button("›", BrowseButton(category.id, 0, int(setup))))
    return row


def tick_of(tree: CategoryTree, category: Category, chosen: Collection[CategoryId]) -> str:
    """Return ✅ if the category or one above it is followed, ☑️ if one below it is, ▫️ otherwise."""
    if is_followed(tree, chosen, category.id):
        return TICKED
    below = tree.with_descendants([category.id])
    return "☑️" if any(followed in below for followed in chosen) else "▫️"
