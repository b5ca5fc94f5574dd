"""Cards of articles: one in a message of its own, what is kept of it, and what leads on from it."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.helpers import create_deep_linked_url

from bot.callbacks import (
    TICK,
    ArticleButton,
    ListingButton,
    OpenCategoryButton,
    SaveButton,
    StoryButton,
)
from bot.handlers.articles.listings import show_listing
from bot.handlers.articles.stories import show_stories
from bot.handlers.context import Context
from bot.handlers.services import ArticleServices
from bot.keyboards.articles import article_keyboard, save_button, share_button
from bot.keyboards.base import carried_by
from bot.render.card import card_html, gone_text
from bot.telegram.messages import picture_preview
from bot.text.markup import safe_url
from digests.model.article import Article
from digests.model.category_tree import Category
from digests.model.ids import ArticleId
from digests.model.saved import MOST_SAVED, SaveOutcome


def article_link(context: Context, article: ArticleId) -> str:
    """Return the link that opens the article's card in a private chat with the bot."""
    return create_deep_linked_url(context.client.bot.username, f"a_{article}")


async def article_pressed(context: Context, services: ArticleServices, pressed: ArticleButton) -> None:
    """Show the card of the article that the button names, in a message of its own; a double tap shows one."""
    if not services.recent.is_repeated(context.update):
        await show_card(context, services, ArticleId(pressed.article))


async def show_card(context: Context, services: ArticleServices, article_id: ArticleId) -> bool:
    """Send an article's card; where no reader sees the article any more, say so and return False."""
    article = await readable(context, services, article_id)
    if article is None:
        return False
    also = (await services.articles.others([article])).get(article.id, ())
    photo = await services.photos.of(article.picture) if services.options.shows_pictures else None
    preview = picture_preview(safe_url(article.thumbnail) if services.options.shows_pictures else None)
    html = card_html(article, context.t, context.place.timezone, context.now, also)
    await context.reply(html, await _keyboard(context, services, article, has_story=bool(also)), preview, photo)
    return True


async def readable(context: Context, services: ArticleServices, article_id: ArticleId) -> Article | None:
    """Return an article that readers see; None, after saying so, for one that they don't see any more."""
    found = await services.articles.get([article_id])
    if not found:
        await context.answer(gone_text(context.t), alert=True)
    return found[0] if found else None


async def _keyboard(
    context: Context, services: ArticleServices, article: Article, *, has_story: bool
) -> InlineKeyboardMarkup:
    bot = context.client.bot
    share = share_button(
        article.id, article_link(context, article.id), context.t, inline=bool(bot.supports_inline_queries)
    )
    # In a group many see the card, and what one of them keeps is nobody else's business.
    saved = context.is_private and await services.reading_list.keeps(context.user.id, article.id)
    categories = await _categories(services, article)
    return article_keyboard(article, categories, share, context.t, saved=saved, has_story=has_story)


async def _categories(services: ArticleServices, article: Article) -> list[Category]:
    tree = await services.categories.readers_tree()
    ids = (await services.articles.categories_of([article.id])).get(article.id, ())
    found = [category for category_id in ids if (category := tree.get(category_id)) is not None]
    return sorted(found, key=lambda category: category.id != article.category_id)


async def save_pressed(context: Context, services: ArticleServices, pressed: SaveButton) -> None:
    """Keep the article for whoever pressed, or keep it no longer; the card says so where nobody else sees it."""
    article, t = ArticleId(pressed.article), context.t
    if pressed.to == TICK:
        outcome = await services.reading_list.save(context.user.id, article, context.now)
        if outcome in (SaveOutcome.FULL, SaveOutcome.GONE):
            text = gone_text(t) if outcome is SaveOutcome.GONE else full_text(context)
            await context.answer(text, alert=True)
            return
        is_new = outcome is SaveOutcome.SAVED
        text = t("🔖 Saved. /saved shows all.") if is_new else t("You have saved it already. /saved shows all.")
        await context.answer(text)
    else:
        removed = await services.reading_list.remove(context.user.id, article)
        await context.answer(t("No longer saved.") if removed is not None else t("It was not saved any more."))
    if context.is_private and context.pressed is not None:
        shown = save_button(article, saved=pressed.to == TICK, t=t)
        await context.set_keyboard(_with_save(context.pressed.reply_markup, shown))


def _with_save(keyboard: InlineKeyboardMarkup | None, shown: InlineKeyboardButton) -> InlineKeyboardMarkup:
    """Return a card's keyboard with its button to save replaced."""
    rows = keyboard.inline_keyboard if keyboard is not None else ()
    return InlineKeyboardMarkup([[shown if _saves(button) else button for button in row] for row in rows])


def _saves(button: InlineKeyboardButton) -> bool:
    return isinstance(carried_by(button), SaveButton)


def full_text(context: Context) -> str:
    """Return what is said to somebody who keeps as many articles as they may."""
    return context.t(
        "You have saved {n} articles, which is all I can keep. Remove some in /saved, or export them first.",
        n=context.t.number(MOST_SAVED),
    )


async def story_pressed(context: Context, services: ArticleServices, pressed: StoryButton) -> None:
    """Send the whole story of the article: who reports it, and when."""
    if services.recent.is_repeated(context.update):
        return
    article = await readable(context, services, ArticleId(pressed.article))
    if article is None:
        return
    if article.story is None:
        await context.answer(context.t("Only one source covers this by now."))
        return
    await show_stories(context, services, context.t.html("🗞 <b>Who else covers it</b>"), [article.story])


async def category_pressed(context: Context, services: ArticleServices, pressed: OpenCategoryButton) -> None:
    """Send the newest articles of the category that the button names."""
    if not services.recent.is_repeated(context.update):
        await show_listing(context, services, ListingButton("c", pressed.category), anew=True)
