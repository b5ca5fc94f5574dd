"""More like this: articles that share the words which tell most about one."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.callbacks import SimilarButton
from bot.handlers.articles.card import readable
from bot.handlers.context import Context
from bot.handlers.services import ArticleServices
from bot.keyboards.articles import item_rows
from bot.keyboards.base import pager
from bot.render.article import short_title
from bot.render.listing import listing
from digests.model.ids import ArticleId

_MOST = 10
"""Articles on a page, which is one message."""


async def similar_pressed(context: Context, services: ArticleServices, pressed: SimilarButton) -> None:
    """Show a page of articles like the one that the button names: the first in a message of its own."""
    if not pressed.page and services.recent.is_repeated(context.update):
        return
    article = await readable(context, services, ArticleId(pressed.article))
    if article is None:
        return
    t, size = context.t, min(services.options.page_size, _MOST)
    found = await services.lookup.similar(article)
    if not found:
        await context.answer(t("I found nothing else like this yet."), alert=True)
        return
    pages = -(-len(found) // size)
    page = min(max(pressed.page, 1), pages)
    shown = found[(page - 1) * size : page * size]
    heading = t.html("🔍 <b>More like this</b>\n{title}", title=short_title(article, t, 80))
    also = await services.articles.others(shown)
    html, *_ = listing(heading, shown, t, context.place.timezone, context.now, also=also, is_numbered=True)
    rows = item_rows(shown) + pager(page - 1, pages, lambda number: SimilarButton(article.id, number + 1))
    keyboard = InlineKeyboardMarkup(rows)
    await (context.show if pressed.page else context.reply)(html, keyboard)
