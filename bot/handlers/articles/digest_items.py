"""The items of a digest, one by one: a button below it gives way to one for each, and comes back."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.callbacks import DigestItemsButton
from bot.handlers.context import Context
from bot.handlers.services import ArticleServices
from bot.keyboards.digest import items_closed, items_opened
from bot.render.article import short_title
from digests.model.ids import DeliveryId
from digests.model.layout import Layout

_NUMBERED = (Layout.GALLERY,)
"""The layouts that show the numbers which the buttons have."""
_MOST_NAMED = 24
"""Items with a row of their own; more would be a keyboard of several screens."""


async def items_pressed(context: Context, services: ArticleServices, pressed: DigestItemsButton) -> None:
    """Show below the digest a button for each item that readers still see, or put them away again."""
    delivery = await services.deliveries.get(DeliveryId(pressed.delivery))
    if delivery is None or delivery.place.chat_id != context.chat.id or context.pressed is None:
        await context.answer(context.t("This digest is too old to show more. /latest shows the newest."))
        return
    keyboard = context.pressed.reply_markup or InlineKeyboardMarkup([])
    if not pressed.open:
        await context.set_keyboard(items_closed(keyboard, delivery.id, context.t))
        return
    rendering = await services.deliveries.rendering(delivery.rendering)
    ids = rendering.items if rendering is not None else ()
    articles = {article.id: article for article in await services.articles.get(ids)}
    if rendering is None or not articles:
        await context.answer(context.t("This digest is too old to show more. /latest shows the newest."))
        return
    has_names = rendering.layout not in _NUMBERED and len(ids) <= _MOST_NAMED
    items = [
        (number, article_id, short_title(articles[article_id], context.t, 60) if has_names else "")
        for number, article_id in enumerate(ids, 1)
        if article_id in articles
    ]
    await context.set_keyboard(items_opened(keyboard, delivery.id, items, context.t))
