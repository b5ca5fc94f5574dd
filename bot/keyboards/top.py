"""The keyboard below what most sources tell."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup

from bot.callbacks import TopButton
from bot.i18n import Translator
from bot.keyboards.articles import item_rows
from bot.keyboards.base import button, pager
from digests.model.article import Article


def top_keyboard(
    articles: Sequence[Article], at: TopButton, pages: int, size: int, t: Translator
) -> InlineKeyboardMarkup:
    """Return the numbers of a page's articles, which open their cards; its neighbours; and the days to choose from."""
    rows = item_rows(articles, at.page * size + 1)
    rows.extend(pager(at.page, pages, lambda page: TopButton(at.days, page)))
    rows.append(
        [
            button(f"• {label} •" if days == at.days else label, TopButton(days))
            for days, label in ((1, t("Today")), (7, t("This week")))
        ]
    )
    return InlineKeyboardMarkup(rows)
