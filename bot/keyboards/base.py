"""What all keyboards share: buttons, pages, ticks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import ActionButton, Button, at_place, pack, split_place, unpack
from bot.i18n import Translator
from bot.render.shorten import shorten
from digests.model.ids import PlaceId
from digests.model.place import Place

ButtonRow = list[InlineKeyboardButton]
PAGE = 8
"""Rows of a page."""
LABEL = 40
"""Characters of a name in a button; longer ones are shortened."""
TICKED = "✅"


def button(text: str, callback: Button) -> InlineKeyboardButton:
    """Return a button that carries this."""
    return InlineKeyboardButton(text, callback_data=pack(callback))


def carried_by(shown: InlineKeyboardButton) -> Button | None:
    """Return what a button carries, without its place; None for one that is not ours, or carries nothing."""
    return unpack(split_place(shown.callback_data)[1]) if isinstance(shown.callback_data, str) else None


def without_button(keyboard: InlineKeyboardMarkup | None, data: str | None) -> InlineKeyboardMarkup | None:
    """Return the keyboard without the button that has this data; None if no other button is left."""
    shown = keyboard.inline_keyboard if keyboard else ()
    rows = [[button for button in row if button.callback_data != data] for row in shown]
    left = [row for row in rows if row]
    return InlineKeyboardMarkup(left) if left else None


def placed_keyboard(keyboard: InlineKeyboardMarkup, place: PlaceId) -> InlineKeyboardMarkup:
    """Return the keyboard with all its buttons acting on this place, but for those that name one already."""
    return InlineKeyboardMarkup([[_placed(button, place) for button in row] for row in keyboard.inline_keyboard])


def _placed(shown: InlineKeyboardButton, place: PlaceId) -> InlineKeyboardButton:
    if not isinstance(shown.callback_data, str):
        return shown
    fields = shown.to_dict() | {"callback_data": at_place(shown.callback_data, place)}
    return InlineKeyboardButton.de_json(fields, None)


def with_close(keyboard: InlineKeyboardMarkup | None, place: Place, t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard with a button that deletes its message, unless it has one."""
    rows = [list(row) for row in keyboard.inline_keyboard] if keyboard is not None else []
    close = pack(ActionButton("close"))
    if any(split_place(str(shown.callback_data))[1] == close for row in rows for shown in row):
        return InlineKeyboardMarkup(rows)
    closing = InlineKeyboardButton(t("🗑 Close"), callback_data=at_place(close, place.id) if place.thread_id else close)
    return InlineKeyboardMarkup([*rows, [closing]])


def pager(page: int, pages: int, target: Callable[[int], Button]) -> list[ButtonRow]:
    """Return a row that leads to the neighbours of a page, counted from 0; no row if there is only one page."""
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
    """Return one button per row, to choose from ambiguous names or near matches."""
    return InlineKeyboardMarkup([[button(shorten(label, 60), callback)] for label, callback in choices])
