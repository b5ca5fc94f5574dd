"""What a reader wants more or less of, chosen from what an article has: its source, its categories, its words."""

from __future__ import annotations

from bot.callbacks import MuteSourceButton, TasteButton
from bot.handlers.context import Context
from bot.handlers.services import ReaderServices
from bot.render.article import source_name
from digests.model.article import Article
from digests.model.ids import ArticleId


async def taste_pressed(context: Context, services: ReaderServices, pressed: TasteButton) -> None:
    """Show what an article has of which the reader may have more or less."""
    article = await _article(context, services, pressed.article)
    if article is not None:
        await context.answer(source_name(article))


async def mute_source_pressed(context: Context, services: ReaderServices, pressed: MuteSourceButton) -> None:
    """Mute the source of an article."""
    article = await _article(context, services, pressed.article)
    if article is not None:
        await context.answer(source_name(article))


async def _article(context: Context, services: ReaderServices, article_id: int) -> Article | None:
    """Return the article that a button names, after telling the reader where there is none any more."""
    found = await services.articles.get([ArticleId(article_id)])
    if not found:
        await context.answer(context.t("This article is no longer here. /latest shows the newest."))
        return None
    return found[0]
