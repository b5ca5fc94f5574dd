"""Listings: the newest articles of all, and of one category."""

from __future__ import annotations

from bot.callbacks import ListingButton, SubscribeButton
from bot.handlers.context import Context
from bot.handlers.services import ArticleServices
from bot.keyboards.base import ButtonRow, button
from bot.keyboards.search import listing_keyboard
from bot.render.listing import listing
from bot.telegram.messages import picture_preview
from bot.text.markup import Html, safe_url
from digests.model.article import Article
from digests.model.ids import CategoryId
from digests.storage.articles.categories import show_path


async def latest(context: Context, services: ArticleServices) -> None:
    """List the newest articles."""
    await show_listing(context, services, ListingButton("l"))


async def listing_pressed(context: Context, services: ArticleServices, pressed: ListingButton) -> None:
    """Show the listing, and the page of it, that the button names."""
    await show_listing(context, services, pressed)


async def show_listing(context: Context, services: ArticleServices, page: ListingButton, *, anew: bool = False) -> None:
    """Show a page of the newest articles, of all or of one category; `anew` in a message of its own."""
    tree = await services.categories.readers_tree()
    wanted, extra = None, list[ButtonRow]()
    heading = context.t.html("🕘 <b>Latest</b>")
    if page.kind == "c":
        found = tree.get(CategoryId(page.key))
        if found is None:
            text = context.t.html("That category no longer exists. /categories shows all of them.")
            await (context.reply if anew else context.show)(text)
            return
        wanted = tree.with_descendants([found.id])
        heading = context.t.html("🗂 <b>{path}</b>", path=show_path(found.path))
        if not await services.subscriptions.is_followed(context.place, found):
            extra = [[button(context.t("+ Subscribe"), SubscribeButton(found.id))]]
    size = services.options.page_size
    articles, total = await services.articles.latest(wanted, size, page.offset)
    if not articles:
        heading = heading + "\n" + context.t.html("No articles here yet.")
    await _show_page(context, services, page, heading, articles, total, extra, anew=anew)


async def _show_page(
    context: Context,
    services: ArticleServices,
    page: ListingButton,
    heading: Html,
    articles: tuple[Article, ...],
    total: int,
    extra: list[ButtonRow],
    *,
    anew: bool,
) -> None:
    size = services.options.page_size
    keyboard = listing_keyboard(page.kind, page.key, page.offset, size, total, extra, articles)
    also = await services.articles.others(articles)
    html, *more = listing(
        heading, articles, context.t, context.place.timezone, context.now, also=also, is_numbered=True
    )
    preview = picture_preview(_picture_of(services, articles))
    await (context.reply if anew else context.show)(html, keyboard if not more else None, preview)
    for number, further in enumerate(more, 1):
        await context.reply(further, keyboard if number == len(more) else None)


def _picture_of(services: ArticleServices, articles: tuple[Article, ...]) -> str | None:
    if not services.options.shows_pictures:
        return None
    return next((url for url in (safe_url(article.thumbnail) for article in articles) if url), None)
