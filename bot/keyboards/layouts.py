"""Keyboards for how digests look."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup

from bot.callbacks import SetLayoutButton, SettingsButton
from bot.i18n import Translator
from bot.keyboards.base import TICKED, button
from bot.render.layout_words import layout_name
from digests.model.layout import Layout


def layout_keyboard(layouts: Sequence[Layout], current: Layout, t: Translator) -> InlineKeyboardMarkup:
    """Return the layouts to choose from, with the current one ticked."""
    buttons = [
        button(
            f"{TICKED} {layout_name(layout, t)}" if layout is current else layout_name(layout, t),
            SetLayoutButton(layout),
        )
        for layout in layouts
    ]
    rows = [buttons[start : start + 2] for start in range(0, len(buttons), 2)]
    rows.append([button(t("‹ Back"), SettingsButton())])
    return InlineKeyboardMarkup(rows)
