"""Buttons and pages, as all keyboards have them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import (
    Button,
    pack,
)
from bot.render.shorten import shorten

ButtonRow = list[InlineKeyboardButton]
PAGE = 8
LABEL = 40
TICKED = "✅"


def button(text: str, callback: Button) -> InlineKeyboardButton:
    return InlineKeyboardButton(text, callback_data=pack(callback))


def without_button(keyboard: InlineKeyboardMarkup | None, data: str | None) -> InlineKeyboardMarkup | None:
    """The keyboard that is left when a button has done what it is for."""
    rows = [[one for one in row if one.callback_data != data] for row in (keyboard.inline_keyboard if keyboard else ())]
    left = [row for row in rows if row]
    return InlineKeyboardMarkup(left) if left else None


def pager(page: int, pages: int, target: Callable[[int], Button]) -> list[ButtonRow]:
    if pages < 2:
        return []
    row: ButtonRow = []
    if page > 0:
        row.append(button("‹", target(page - 1)))
    row.append(button(f"{page + 1} / {pages}", target(page)))
    if page < pages - 1:
        row.append(button("›", target(page + 1)))
    return [row]


def choice_keyboard(choices: Sequence[tuple[str, Button]]) -> InlineKeyboardMarkup:
    """One button a row: for an ambiguous name, or near matches."""
    return InlineKeyboardMarkup([[button(shorten(label, 60), callback)] for label, callback in choices])
