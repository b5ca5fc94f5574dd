"""Keyboards of articles: below a card, and the numbers that lead to the cards of a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import (
    TICK,
    UNTICK,
    ArticleButton,
    DeepLinkButton,
    MuteSourceButton,
    OpenCategoryButton,
    SaveButton,
    SimilarButton,
    StoryButton,
    TasteButton,
)
from bot.i18n import Translator
from bot.keyboards.base import LABEL, ButtonRow, button, carried_by
from bot.limits import BUTTONS_IN_ROW
from bot.render.shorten import shorten
from bot.text.markup import safe_url
from digests.model.article import Article
from digests.model.category_tree import Category
from digests.model.ids import ArticleId

_MOST_CATEGORIES = 6
_SHORT = 18
"""Characters of a category's name of which two share a row."""
# Telegram refuses a message for a button whose address it can't read (TDLib, `LinkManager::check_link`).
_OPENABLE = re.compile(r"https?://(?P<host>[A-Za-z0-9\-.\x80-\U0010ffff]+)(?::(?P<port>[0-9]{1,5}))?(?:[/?#].*)?")


def article_keyboard(
    article: Article,
    categories: Sequence[Category],
    share: InlineKeyboardButton,
    t: Translator,
    *,
    saved: bool,
    has_story: bool,
) -> InlineKeyboardMarkup:
    """Return the buttons of an article's card.

    `saved` is whether whoever sees it has kept it: False where many see it. `share` leads to choosing a chat for it.
    """
    first: ButtonRow = []
    if (address := button_url(article.url)) is not None:
        first.append(InlineKeyboardButton(t("📖 Read"), url=address))
    first.append(save_button(article.id, saved=saved, t=t))
    rows = [first, [button(t("🔍 More like this"), SimilarButton(article.id))]]
    if has_story:
        rows.append([button(t("🗞 Who else covers it"), StoryButton(article.id))])
    rows.append([share, button(t("🔗 Link"), DeepLinkButton("a", article.id))])
    tastes = [button(t("⚖️ More or less"), TasteButton(article.id))]
    if article.source:
        tastes.append(button(t("🔇 Mute source"), MuteSourceButton(article.id)))
    rows.append(tastes)
    rows.extend(_category_rows(categories[:_MOST_CATEGORIES]))
    return InlineKeyboardMarkup(rows)


def save_button(article: ArticleId, *, saved: bool, t: Translator) -> InlineKeyboardButton:
    """Return the button that keeps an article to read later, or says that it is kept and ends that."""
    if saved:
        return button(t("🔖 Saved ✓"), SaveButton(article, UNTICK))
    return button(t("🔖 Save"), SaveButton(article, TICK))


def _category_rows(categories: Sequence[Category]) -> list[ButtonRow]:
    rows: list[ButtonRow] = []
    for category in categories:
        label = "🗂 " + shorten(category.name, LABEL)
        shown = button(label, OpenCategoryButton(category.id))
        is_short = len(category.name) <= _SHORT
        if rows and is_short and len(rows[-1]) == 1 and len(rows[-1][0].text) <= _SHORT + 2:
            rows[-1].append(shown)
        else:
            rows.append([shown])
    return rows


def share_button(article: ArticleId, link: str, t: Translator, *, inline: bool) -> InlineKeyboardButton:
    """Return the button that brings an article into another chat: as a card by `inline` mode, else as its `link`."""
    if inline:
        return InlineKeyboardButton(t("📤 Share"), switch_inline_query=f"id:{article}")
    return InlineKeyboardButton(t("📤 Share"), url=f"https://t.me/share/url?url={quote(link, safe='')}")


def item_rows(articles: Iterable[Article], first: int = 1) -> list[ButtonRow]:
    """Return numbered buttons, from `first` on, each of which opens the card of an article."""
    return numbered_rows([(number, article.id) for number, article in enumerate(articles, first)])


def numbered_rows(items: Sequence[tuple[int, ArticleId]]) -> list[ButtonRow]:
    """Return the numbers of articles as buttons that open their cards, in rows of about the same length."""
    if not items:
        return []
    rows = -(-len(items) // BUTTONS_IN_ROW)
    width = -(-len(items) // rows)
    buttons = [button(str(number), ArticleButton(article)) for number, article in items]
    return [buttons[at : at + width] for at in range(0, len(buttons), width)]


def article_on(keyboard: InlineKeyboardMarkup | None) -> ArticleId | None:
    """Return the article whose card has this keyboard; None if it is that of no card."""
    for row in keyboard.inline_keyboard if keyboard is not None else ():
        for shown in row:
            pressed = carried_by(shown)
            if isinstance(pressed, DeepLinkButton) and pressed.kind == "a":
                return ArticleId(pressed.key)
    return None


def button_url(url: str | None) -> str | None:
    """Return `url` if a button may open it; else None."""
    address = safe_url(url)
    found = _OPENABLE.fullmatch(address) if address is not None else None
    if found is None or not found["host"].strip(".") or "." not in found["host"]:
        return None
    return address if found["port"] is None or 0 < int(found["port"]) < 1 << 16 else None
