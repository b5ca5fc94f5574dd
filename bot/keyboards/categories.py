"""The category tree to choose from, and what was chosen."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from telegram import InlineKeyboardMarkup

from bot.callbacks import (
    TICK,
    UNTICK,
    Browse,
    Do,
    Finish,
    Subscriptions,
    Times,
    Toggle,
    Unsubscribe,
)
from bot.i18n import Speech
from bot.keyboards.base import LABEL, PAGE, TICKED, Row, button, pager
from bot.render.shorten import cut
from digests.model.category_tree import Category, Tree
from digests.model.ids import CategoryId
from digests.model.subscription import is_followed


def category_keyboard(
    tree: Tree, parent: int, page: int, chosen: Collection[CategoryId], words: Speech, *, setup: bool, time_label: str
) -> InlineKeyboardMarkup:
    """One level of the tree: each category to tick, with an arrow to what lies below it."""
    level = tree.children(CategoryId(parent) if parent else None)
    pages = max(1, -(-len(level) // PAGE))
    page = min(page, pages - 1)
    rows = [
        _category_row(tree, category, parent, page, chosen, setup=setup)
        for category in level[page * PAGE : (page + 1) * PAGE]
    ]
    rows.extend(pager(page, pages, lambda number: Browse(parent, number, int(setup))))
    if parent:
        above = tree.get(CategoryId(parent))
        back = Browse((above.parent_id if above else 0) or 0, 0, int(setup))
        rows.append([button(words.say("‹ Back"), back)])
    if setup:
        rows.append([button(time_label, Times(1))])
        rows.append([button(words.say("✅ Done"), Finish())])
    else:
        rows.append([button(words.say("My subscriptions"), Subscriptions()), button(words.say("Close"), Do("close"))])
    return InlineKeyboardMarkup(rows)


def _category_row(
    tree: Tree, category: Category, parent: int, page: int, chosen: Collection[CategoryId], *, setup: bool
) -> Row:
    mark = tick_of(tree, category, chosen)
    label = f"{mark} {cut(category.name, LABEL)} · {category.count:,}"
    to = UNTICK if mark == TICKED else TICK
    row = [button(label, Toggle(category.id, parent, page, int(setup), to))]
    if tree.children(category.id):
        row.append(button("›", Browse(category.id, 0, int(setup))))
    return row


def tick_of(tree: Tree, category: Category, chosen: Collection[CategoryId]) -> str:
    """✅ subscribed, by itself or through what it lies in; ☑️ something below it is; ▫️ neither."""
    if is_followed(tree, chosen, category.id):
        return TICKED
    below = tree.with_descendants([category.id])
    return "☑️" if any(one in below for one in chosen) else "▫️"


def subscriptions_keyboard(names: Sequence[tuple[str, CategoryId]], page: int, words: Speech) -> InlineKeyboardMarkup:
    pages = max(1, -(-len(names) // PAGE))
    page = min(page, pages - 1)
    rows = [
        [button(f"✖️ {cut(name, LABEL)}", Unsubscribe(category, page))]
        for name, category in names[page * PAGE : (page + 1) * PAGE]
    ]
    rows.extend(pager(page, pages, lambda number: Subscriptions(number)))
    rows.append([button(words.say("Add more"), Browse()), button(words.say("Close"), Do("close"))])
    return InlineKeyboardMarkup(rows)
