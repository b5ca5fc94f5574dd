"""Keyboards below lists of articles: their pages, and what a search can be narrowed to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardMarkup

from bot.callbacks import CATEGORY, DAYS, LANGUAGE, SOURCE, FilterButton, ListingButton, NarrowButton
from bot.callbacks import FoundButton as FoundPage
from bot.i18n import Translator
from bot.keyboards.articles import item_rows
from bot.keyboards.base import LABEL, ButtonRow, button, pager
from bot.render.search import days_text
from bot.render.shorten import shorten
from digests.model.article import Article
from digests.model.category_tree import CategoryTree
from digests.search.narrowing import Narrowing, Offers
from digests.search.ranking import Cursor
from digests.storage.search.port import COUNTED, HitIds

_SHORT = 18
"""Characters of a name of which two share a row."""
ICONS = {CATEGORY: "🗂", SOURCE: "📰", LANGUAGE: "🌐", DAYS: "📅"}


@dataclass(frozen=True, slots=True)
class SearchState:
    """The page of a search that is shown, what it is narrowed to, and to what it can be."""

    page: FoundPage
    narrowing: Narrowing
    offers: Offers
    tree: CategoryTree


def listing_keyboard(
    kind: str,
    key: int,
    offset: int,
    size: int,
    total: int,
    extra: Iterable[ButtonRow] = (),
    articles: Sequence[Article] = (),
) -> InlineKeyboardMarkup | None:
    """Return the numbers of the `articles` shown, their pages, then the `extra` rows; None if there is nothing."""
    pages = -(-total // size)
    rows = item_rows(articles)
    rows.extend(pager(offset // size, pages, lambda number: ListingButton(kind, key, number * size)))
    rows.extend(extra)
    return InlineKeyboardMarkup(rows) if rows else None


def value_of(name: str) -> str:
    """Return what a button carries for a name, which may be longer than a button."""
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def found_keyboard(
    state: SearchState, articles: Sequence[Article], found: HitIds, size: int, t: Translator
) -> InlineKeyboardMarkup | None:
    """Return the numbers of the articles, the neighbouring pages, the other order, and what narrows the search.

    The neighbouring pages begin at the ends of this page.
    """
    rows = [*item_rows(articles), *_pages(state.page, found, size)]
    page = state.page
    buttons: ButtonRow = []
    if found.total > 1:
        label = t("⭐ Best first") if page.newest else t("🕘 Newest first")
        buttons.append(button(label, FoundPage(page.search, int(not page.newest))))
    buttons += _filters(state, t)
    rows.extend(_in_pairs(buttons))
    return InlineKeyboardMarkup(rows) if rows else None


def narrowed_rows(state: SearchState, t: Translator) -> list[ButtonRow]:
    """Return the buttons that end what a search is narrowed to."""
    return _in_pairs(_active(state, t))


def choice_rows(state: SearchState, kind: str, t: Translator) -> list[ButtonRow]:
    """Return the values of one kind to which a search can be narrowed, and the way back."""
    page, offers = state.page, state.offers
    named: list[tuple[str, str]] = []
    match kind:
        case "c":
            categories = [found for found in map(state.tree.get, offers.categories) if found is not None]
            named = [(category.name, str(category.id)) for category in categories]
        case "s":
            named = [(source, value_of(source)) for source in offers.sources]
        case "l":
            named = [(t.language_name(language), value_of(language)) for language in offers.languages]
        case "d":
            named = [(days_text(days, t), str(days)) for days in offers.days]
        case _:
            pass
    buttons = [
        button(shorten(name, LABEL), NarrowButton(page.search, kind, value, page.newest)) for name, value in named
    ]
    back = button(t("‹ Back"), FoundPage(page.search, page.newest))
    return [*_in_pairs(buttons), [back]]


def _pages(page: FoundPage, found: HitIds, size: int) -> list[ButtonRow]:
    row: ButtonRow = []
    pages = -(-found.total // size)
    if page.page > 1 and found.first is not None:
        row.append(button("‹", _beside(page, found.first, -1)))
    if found.total > size:
        row.append(button(f"{page.page} / {pages if found.total <= COUNTED else '…'}", page))
    if found.last is not None and (page.page < pages or found.total > COUNTED):
        row.append(button("›", _beside(page, found.last, 1)))
    return [row] if row else []


def _beside(page: FoundPage, end: Cursor, step: int) -> FoundPage:
    return FoundPage(page.search, page.newest, page.page + step, end.tier + 1, end.document, int(step < 0))


def _filters(state: SearchState, t: Translator) -> ButtonRow:
    offers, page = state.offers, state.page
    kinds = (
        (CATEGORY, t("Category"), offers.categories),
        (SOURCE, t("Source"), offers.sources),
        (LANGUAGE, t("Language"), offers.languages),
        (DAYS, t("Time"), offers.days),
    )
    offered = [
        button(f"{ICONS[kind]} {label}", FilterButton(page.search, kind, page.newest))
        for kind, label, values in kinds
        if values
    ]
    return [*offered, *_active(state, t)]


def _active(state: SearchState, t: Translator) -> ButtonRow:
    """Return a button for each thing that a search is narrowed to, which ends it, and one that ends several."""
    page, narrowing = state.page, state.narrowing
    category = state.tree.get(narrowing.category) if narrowing.category is not None else None
    shown = (
        (CATEGORY, category.name if category is not None else "…" if narrowing.category else ""),
        (SOURCE, narrowing.source),
        (LANGUAGE, t.language_name(narrowing.language) if narrowing.language else ""),
        (DAYS, days_text(narrowing.days, t) if narrowing.days else ""),
    )
    buttons = [
        button(f"✕ {shorten(name, LABEL)}", NarrowButton(page.search, kind, newest=page.newest))
        for kind, name in shown
        if name
    ]
    if len(buttons) > 1:
        buttons.append(button(t("✕ Clear all"), NarrowButton(page.search, newest=page.newest)))
    return buttons


def _in_pairs(buttons: ButtonRow) -> list[ButtonRow]:
    """Return the buttons in rows of two where their labels are short."""
    rows: list[ButtonRow] = []
    for shown in buttons:
        is_short = len(shown.text) <= _SHORT
        if rows and is_short and len(rows[-1]) == 1 and len(rows[-1][0].text) <= _SHORT:
            rows[-1].append(shown)
        else:
            rows.append([shown])
    return rows
