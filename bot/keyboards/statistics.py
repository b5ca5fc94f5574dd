"""The keyboard below the numbers of some days."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.callbacks import ActionButton, StatisticsButton
from bot.i18n import Translator
from bot.keyboards.base import TICKED, button

SPANS = (7, 30, 365)


def statistics_keyboard(days: int, t: Translator) -> InlineKeyboardMarkup:
    """Return the spans of days to look at, with the current one ticked."""
    row = []
    for span in SPANS:
        label = t.count("{n} day", "{n} days", span)
        row.append(button(f"{TICKED} {label}" if span == days else label, StatisticsButton(span)))
    return InlineKeyboardMarkup([row, [button(t("Close"), ActionButton("close"))]])
