"""The keyboard by which a reader has more or less of what an article has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import (
    LESS,
    MORE,
    ActionButton,
    FollowSourceButton,
    MuteSourceButton,
    SetTasteButton,
    TastesButton,
)
from bot.i18n import Translator
from bot.keyboards.base import TICKED, button
from bot.render.shorten import shorten
from digests.model.article import Article

_MARKS = {MORE: "🔼", LESS: "🔽"}
_LABEL = 18
"""Characters of a name of which two share a row."""


@dataclass(frozen=True, slots=True)
class TasteRow:
    """Something that an article has, as `SetTasteButton` names it, and whether more or less of it is wanted."""

    label: str
    matter: str
    key: str
    more: bool
    less: bool


def taste_keyboard(
    article: Article, rows: Sequence[TasteRow], t: Translator, *, follows_source: bool, mutes_source: bool
) -> InlineKeyboardMarkup:
    """Return a row for each thing to have more or less of, and what else can be done with the article's source."""
    shown = [
        [_button(article, row, MORE, is_set=row.more), _button(article, row, LESS, is_set=row.less)] for row in rows
    ]
    if article.source:
        ways = [] if follows_source else [button(t("📌 Follow the source"), FollowSourceButton(article.id))]
        if not mutes_source:
            ways.append(button(t("🔇 Mute the source"), MuteSourceButton(article.id)))
        shown.extend([ways] if ways else [])
    shown.append([button(t("More and less"), TastesButton()), button(t("Close"), ActionButton("close"))])
    return InlineKeyboardMarkup(shown)


def _button(article: Article, row: TasteRow, to: int, *, is_set: bool) -> InlineKeyboardButton:
    label = f"{_MARKS[to]} {shorten(row.label, _LABEL)}"
    target = SetTasteButton(article.id, row.matter, row.key, 0 if is_set else to)
    return button(f"{TICKED} {label}" if is_set else label, target)
