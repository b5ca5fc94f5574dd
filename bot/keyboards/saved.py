"""Keyboards of what people keep to read later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from telegram import InlineKeyboardMarkup

from bot.callbacks import (
    ActionButton,
    ExportSavedButton,
    RemoveSavedButton,
    RestoreSavedButton,
    SavedButton,
    SearchSavedButton,
)
from bot.i18n import Translator
from bot.keyboards.articles import numbered_rows
from bot.keyboards.base import LABEL, ButtonRow, button, pager
from bot.render.shorten import shorten
from digests.model.ids import CategoryId
from digests.model.saved import SavedEntry, SavedPage

_MOST_CATEGORIES = 6


def saved_keyboard(
    shown: SavedPage,
    page: SavedButton,
    size: int,
    categories: Sequence[tuple[CategoryId, str, int]],
    t: Translator,
    undo: RestoreSavedButton | None = None,
) -> InlineKeyboardMarkup:
    """Return the buttons of a page of what somebody keeps; `undo` brings back what was just removed.

    `categories` are those that the list can be narrowed to, each with its name and its number of articles.
    """
    rows: list[ButtonRow] = [[button(t("↩️ Undo"), undo)]] if undo is not None else []
    numbered = list(enumerate(shown.entries, 1))
    if page.removes:
        rows.extend(_removing(numbered, page))
    else:
        rows.extend(numbered_rows([(number, entry.id) for number, entry in numbered if entry.article is not None]))
    pages = -(-shown.total // size)
    rows.extend(pager(page.page, pages, lambda number: replace(page, page=number)))
    if page.removes:
        return InlineKeyboardMarkup([*rows, [button(t("‹ Back"), replace(page, removes=0))]])
    rows.extend(_narrowing(page, categories, t))
    if shown.kept:
        rows.append([button(t("🔎 Search"), SearchSavedButton()), button(t("🗑 Remove"), replace(page, removes=1))])
        rows.append([button(t("📄 Export"), ExportSavedButton())])
    return InlineKeyboardMarkup([*rows, [button(t("Close"), ActionButton("close"))]])


def _removing(entries: Sequence[tuple[int, SavedEntry]], page: SavedButton) -> list[ButtonRow]:
    found = [
        button(f"🗑 {number}", RemoveSavedButton(entry.id, page.page, page.category, page.words))
        for number, entry in entries
    ]
    return [found[at : at + 5] for at in range(0, len(found), 5)]


def _narrowing(page: SavedButton, categories: Sequence[tuple[CategoryId, str, int]], t: Translator) -> list[ButtonRow]:
    if page.category or page.words:
        return [[button(t("✕ Show all"), SavedButton())]]
    if len(categories) < 2:
        return []
    found = [
        button(f"🗂 {shorten(name, LABEL // 2)} · {t.number(number)}", SavedButton(0, category))
        for category, name, number in categories[:_MOST_CATEGORIES]
    ]
    return [found[at : at + 2] for at in range(0, len(found), 2)]


def export_keyboard(t: Translator) -> InlineKeyboardMarkup:
    """Return the forms in which somebody can take away what they keep."""
    forms = [button("Markdown", ExportSavedButton("md")), button("JSON", ExportSavedButton("json"))]
    return InlineKeyboardMarkup([forms, [button(t("‹ Back"), SavedButton())]])
