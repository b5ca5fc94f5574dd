"""Keyboards to choose categories, and to show what was chosen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import (
    TICK,
    UNTICK,
    ActionButton,
    AskLettersButton,
    BrowseButton,
    CategorySourcesButton,
    FilteredButton,
    FinishButton,
    FollowPopularButton,
    FollowSourceButton,
    MuteSourceButton,
    SubscriptionsButton,
    TimesButton,
    ToggleButton,
    ToggleFoundButton,
    UndoPopularButton,
)
from bot.i18n import Translator
from bot.keyboards.base import LABEL, PAGE, TICKED, ButtonRow, button, pager
from bot.render.shorten import shorten
from digests.model.category_activity import CategorySource, CategoryView
from digests.model.category_tree import SEPARATOR, Category, CategoryTree, fold_name
from digests.model.ids import CategoryId
from digests.model.subscription import is_followed
from digests.model.wish import WishKind

_PARTLY, _NOT = "☑️", "▫️"
_BESIDE = 20
"""Characters of a name that shares its row with a second button: Telegram makes them equally wide."""


def level_keyboard(
    view: CategoryView,
    at: BrowseButton,
    chosen: Collection[CategoryId],
    t: Translator,
    *,
    time_label: str,
    undo: UndoPopularButton | None = None,
) -> InlineKeyboardMarkup:
    """Return a page of a level of the tree: each category to tick, with an arrow to the level below it.

    The first screen of a new reader begins with what is popular; `undo` takes back that all of it was ticked.
    """
    above = view.tree.get(CategoryId(at.parent)) if at.parent else None
    level = _level(view, above, at.setup)
    page, pages = _page_of(at.page, len(level))
    rows: list[ButtonRow] = []
    if above is not None:
        rows.append([_whole_branch(view.tree, above, at, page, chosen, t)])
    rows.extend(
        _category_row(view, category, at, page, chosen, t) for category in level[page * PAGE : (page + 1) * PAGE]
    )
    rows.extend(pager(page, pages, lambda number: BrowseButton(at.parent, number, at.setup)))
    if at.setup and above is None:
        rows.extend(_popular_rows(view, at.setup, chosen, undo, t))
    ways = [button(t("🔎 Filter"), AskLettersButton(at.parent, at.setup))] if len(view.tree) > PAGE else []
    if above is not None:
        if not at.setup:
            ways.append(button(t("📡 Sources"), CategorySourcesButton(above.id)))
        ways.append(button(t("‹ Back"), _back(view, above, at.setup)))
    rows.extend([ways] if ways else [])
    rows.extend(_way_on(at.setup, t, time_label))
    return InlineKeyboardMarkup(rows)


def _level(view: CategoryView, above: Category | None, setup: int) -> tuple[Category, ...]:
    return view.proposed() if setup and above is None else view.children(above.id if above else None)


def _back(view: CategoryView, category: Category, setup: int) -> BrowseButton:
    """Return the button that leads to the page of the level above on which a category is."""
    above = view.tree.get(category.parent_id) if category.parent_id is not None else None
    level = _level(view, above, setup)
    at = level.index(category) if category in level else 0
    return BrowseButton(above.id if above else 0, at // PAGE, setup)


def _page_of(page: int, count: int) -> tuple[int, int]:
    """Return a page that there is, counted from 0, and how many there are."""
    pages = max(1, -(-count // PAGE))
    return min(page, pages - 1), pages


def _whole_branch(
    tree: CategoryTree,
    above: Category,
    at: BrowseButton,
    page: int,
    chosen: Collection[CategoryId],
    t: Translator,
) -> InlineKeyboardButton:
    mark = tick_of(tree, above, chosen)
    label = t("{mark} All of {name}", mark=mark, name=shorten(above.name, LABEL))
    to = UNTICK if mark == TICKED else TICK
    return button(label, ToggleButton(above.id, at.parent, page, at.setup, to))


def _category_row(
    view: CategoryView, category: Category, at: BrowseButton, page: int, chosen: Collection[CategoryId], t: Translator
) -> ButtonRow:
    mark = tick_of(view.tree, category, chosen)
    to = UNTICK if mark == TICKED else TICK
    has_below = bool(view.tree.children(category.id))
    name = shorten(category.name, _BESIDE if has_below else LABEL)
    is_proposed = bool(at.setup) and not at.parent and category in view.popular
    beside = t("popular") if is_proposed else numbers_of(view, category, t, is_narrow=has_below)
    label = f"{mark} {name} · {beside}"
    row = [button(label, ToggleButton(category.id, at.parent, page, at.setup, to))]
    if has_below:
        row.append(button("›", BrowseButton(category.id, 0, at.setup)))
    return row


def numbers_of(view: CategoryView, category: Category, t: Translator, *, is_narrow: bool = False) -> str:
    """Return how many articles a category has, and how many of them are new: "128 · 5 new", or "128 +5"."""
    new, count = view.new.get(category.id, 0), t.number(category.count)
    if not new:
        return count
    shown = t.number(new)
    return f"{count} +{shown}" if is_narrow else t("{count} · {new} new", count=count, new=shown)


def _popular_rows(
    view: CategoryView, setup: int, chosen: Collection[CategoryId], undo: UndoPopularButton | None, t: Translator
) -> list[ButtonRow]:
    if undo is not None:
        return [[button(t("↩️ Undo"), undo)]]
    left = [category for category in view.popular if not is_followed(view.tree, chosen, category.id)]
    if len(view.popular) < 2 or not left:
        return []
    label = t.count("⭐ Follow the {n} most popular", "⭐ Follow the {n} most popular", len(view.popular))
    return [[button(label, FollowPopularButton(setup))]]


def _way_on(setup: int, t: Translator, time_label: str) -> list[ButtonRow]:
    """Return what follows choosing: in the set-up the time and the end, else the list and the way out."""
    if setup:
        return [[button(time_label, TimesButton(setup))], [button(t("✅ Done"), FinishButton())]]
    return [[button(t("My subscriptions"), SubscriptionsButton()), button(t("Close"), ActionButton("close"))]]


def filter_keyboard(
    view: CategoryView, found: Sequence[Category], at: FilteredButton, chosen: Collection[CategoryId], t: Translator
) -> InlineKeyboardMarkup:
    """Return a page of the categories that were found by their letters, from anywhere in the tree, each to tick."""
    page, pages = _page_of(at.page, len(found))
    rows = [[_found_button(view, category, at, page, chosen, t)] for category in found[page * PAGE : (page + 1) * PAGE]]
    rows.extend(pager(page, pages, lambda number: FilteredButton(at.typed, number, at.setup)))
    rows.append(
        [
            button(t("🔎 Another word"), AskLettersButton(0, at.setup)),
            button(t("✕ Clear"), BrowseButton(setup=at.setup)),
        ]
    )
    if at.setup:
        rows.append([button(t("✅ Done"), FinishButton())])
    return InlineKeyboardMarkup(rows)


def _found_button(
    view: CategoryView, category: Category, at: FilteredButton, page: int, chosen: Collection[CategoryId], t: Translator
) -> InlineKeyboardButton:
    mark = tick_of(view.tree, category, chosen)
    to = UNTICK if mark == TICKED else TICK
    label = f"{mark} {short_path(category.path)} · {numbers_of(view, category, t)}"
    return button(label, ToggleFoundButton(category.id, at.typed, page, at.setup, to))


def short_path(path: Sequence[str], limit: int = LABEL) -> str:
    """Return a path within a button's width: what is left out of it is left out at its beginning."""
    shown = shorten(path[-1], limit)
    for name in reversed(path[:-1]):
        longer = f"{name} {SEPARATOR} {shown}"
        if len(longer) > limit:
            return f"… {SEPARATOR} {shown}"
        shown = longer
    return shown


def sources_keyboard(
    sources: Sequence[CategorySource],
    marks: Mapping[str, WishKind],
    at: CategorySourcesButton,
    t: Translator,
) -> InlineKeyboardMarkup:
    """Return a page of the sources of a category, each to follow and to mute; `marks` are wishes by folded names."""
    page, pages = _page_of(at.page, len(sources))
    rows = []
    for source in sources[page * PAGE : (page + 1) * PAGE]:
        kind = marks.get(fold_name(source.name))
        pin = "📌 " if kind is WishKind.WATCH else ""
        name = f"{pin}{shorten(source.name, _BESIDE)} · {t.number(source.count)}"
        mute = t("🔇 Muted") if kind is WishKind.MUTE else t("🔇 Mute")
        rows.append([button(name, FollowSourceButton(source.latest)), button(mute, MuteSourceButton(source.latest))])
    rows.extend(pager(page, pages, lambda number: CategorySourcesButton(at.category, number)))
    rows.append([button(t("‹ Back"), BrowseButton(at.category))])
    return InlineKeyboardMarkup(rows)


def asking_keyboard(parent: int, setup: int, t: Translator) -> InlineKeyboardMarkup:
    """Return the way back for somebody who was asked for letters."""
    return InlineKeyboardMarkup([[button(t("‹ Back"), AskLettersButton(parent, setup, asks=0))]])


def tick_of(tree: CategoryTree, category: Category, chosen: Collection[CategoryId]) -> str:
    """Return ✅ if the category or one above it is followed, ☑️ if one below it is, ▫️ otherwise."""
    if is_followed(tree, chosen, category.id):
        return TICKED
    below = tree.with_descendants([category.id])
    return _PARTLY if any(followed in below for followed in chosen) else _NOT
