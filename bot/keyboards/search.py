"""Keyboards below lists of articles: their pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from telegram import InlineKeyboardMarkup

from bot.callbacks import FoundButton as FoundPage
from bot.callbacks import (
    ListingButton,
)
from bot.i18n import Translator
from bot.keyboards.articles import item_rows
from bot.keyboards.base import ButtonRow, button, pager
from digests.model.article import Article
from digests.search.ranking import Cursor
from digests.storage.search.index import HitIds
from digests.storage.search.pages import COUNTED


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


def found_keyboard(page: FoundPage, found: HitIds, size: int, t: Translator) -> InlineKeyboardMarkup | None:
    """Return the neighbouring pages, which begin at the ends of this page, and the other order."""
    row: ButtonRow = []
    pages = -(-found.total // size)
    if page.page > 1 and found.first is not None:
        row.append(button("‹", _beside(page, found.first, -1)))
    if found.total > size:
        row.append(button(f"{page.page} / {pages if found.total <= COUNTED else '…'}", page))
    if found.last is not None and (page.page < pages or found.total > COUNTED):
        row.append(button("›", _beside(page, found.last, 1)))
    rows = [row] if row else []
    if found.total > 1:
        label = t("⭐ Best first") if page.newest else t("🕘 Newest first")
        rows.append([button(label, FoundPage(page.search, int(not page.newest)))])
    return InlineKeyboardMarkup(rows) if rows else None


def _beside(page: FoundPage, end: Cursor, step: int) -> FoundPage:
    return FoundPage(page.search, page.newest, page.page + step, end.tier + 1, end.document, int(step < 0))
