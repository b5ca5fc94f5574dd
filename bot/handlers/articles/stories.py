"""Stories: who else covers what a digest holds, and what several sources cover right now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from telegram import InlineKeyboardMarkup

from bot.callbacks import SourcesButton
from bot.handlers.context import Context
from bot.handlers.services import ArticleServices
from bot.keyboards.articles import item_rows
from bot.render.article import story_html
from bot.render.listing import listing
from bot.render.split import Block, split
from bot.text.markup import Html, escape
from digests.model.article import Article
from digests.model.ids import DeliveryId, StoryId
from digests.search.query import MAX_CHARACTERS

_HITS = 10
_RECENT = timedelta(days=3)
_MOST_NUMBERS = 48
"""Of the buttons below stories, which are in rows of eight."""


async def story(context: Context, services: ArticleServices) -> None:
    """Show the best hit that several sources cover, with all of them; without words, the most covered stories."""
    words = " ".join(context.text.split())[:MAX_CHARACTERS]
    if not words:
        await _show_recent(context, services)
        return
    page = await services.lookup.find(words, await services.categories.readers_tree(), _HITS)
    found = [hit.article for hit in page.hits]
    if not found:
        text = context.t.html("I found nothing for “{words}”.", words=words[:100])
        await context.reply(text + " " + context.t.html("Try fewer or other words, or /categories."))
        return
    others = await services.articles.others(found)
    best = next((article for article in found if others.get(article.id)), None)
    if best is None or best.story is None:
        heading = context.t.html("🗞 <b>{words}</b> · only one source covers this", words=words[:100])
        html, *_ = listing(heading, found[:1], context.t, context.place.timezone, context.now, is_numbered=True)
        rows = InlineKeyboardMarkup(item_rows(found[:1]))
        await context.reply(html if len(found) == 1 else html + "\n\n" + _more(context, words), rows)
        return
    more = any(article.story != best.story for article in found)
    heading = context.t.html("🗞 <b>{words}</b>", words=words[:100])
    await show_stories(context, services, heading, [best.story], _more(context, words) if more else None)


def _more(context: Context, words: str) -> Html:
    return context.t.html("More about it: <code>/search {words}</code>", words=escape(words))


async def sources_pressed(context: Context, services: ArticleServices, pressed: SourcesButton) -> None:
    """Send the stories of a digest with all their articles, and remove the button."""
    delivery = await services.deliveries.get(DeliveryId(pressed.delivery))
    if delivery is None or delivery.place.chat_id != context.chat.id:
        await context.answer(context.t("This digest is too old to show more. /latest shows the newest."))
        return
    rendering = await services.deliveries.rendering(delivery.rendering)
    articles = await services.articles.get(rendering.items if rendering else ())
    if not await context.remove_button():
        return
    stories = [article.story for article in articles if article.story is not None]
    await show_stories(context, services, context.t.html("🗞 <b>Who else covers it</b>"), stories)


async def _show_recent(context: Context, services: ArticleServices) -> None:
    size = services.options.page_size
    stories = await services.articles.stories_since(context.now - _RECENT, size)
    if not stories:
        text = context.t.html("No story of the last few days is covered by several sources.")
        hint = context.t.html("Send <code>/story</code> with a few words to see who covers it.")
        await context.reply(text + "\n" + hint)
        return
    await show_stories(context, services, context.t.html("🗞 <b>Covered by several sources</b>"), stories)


async def show_stories(
    context: Context, services: ArticleServices, heading: Html, stories: Sequence[StoryId], footer: Html | None = None
) -> None:
    """Send stories with all their articles, each of which has a number, and a button below that opens its card."""
    articles_by_story = await services.articles.of_stories(stories)
    blocks = [Block(heading, keep=True)]
    shown: list[Article] = []
    for story_id in stories:
        if articles := articles_by_story.get(story_id, ()):
            blocks.extend(story_html(articles, context.t, context.place.timezone, context.now, len(shown) + 1))
            shown.extend(articles)
    if footer is not None:
        blocks.append(Block(footer))
    rows = item_rows(shown[:_MOST_NUMBERS])
    *first, last = split(blocks)
    for html in first:
        await context.reply(html)
    await context.reply(last, InlineKeyboardMarkup(rows) if rows else None)
