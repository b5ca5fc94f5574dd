"""Searches: the articles that match some words, and what may have been meant where none does."""

from __future__ import annotations

from dataclasses import replace

from bot.callbacks import Button, FoundButton, ListingButton
from bot.handlers.context import Context
from bot.handlers.services import ArticleServices
from bot.keyboards.base import choice_keyboard
from bot.keyboards.search import found_keyboard
from bot.markup import Html
from bot.render.listing import listing
from digests.search.query import MAX_CHARACTERS
from digests.search.ranking import Cursor, Order
from digests.storage.articles.categories import show_path
from digests.storage.search.pages import COUNTED


async def search(context: Context, services: ArticleServices) -> None:
    """List the articles that match the words after /search, or plain words in a private chat."""
    words = " ".join(context.text.split())[:MAX_CHARACTERS]
    if not words:
        await context.reply(context.t.html("Add what you are looking for, such as <code>/search moon</code>."))
        return
    await _show_found(context, services, words, FoundButton(""))


async def found_pressed(context: Context, services: ArticleServices, pressed: FoundButton) -> None:
    """Show another page of a search, or the same in another order."""
    words = await services.people.lookup(context.chat.id, pressed.search)
    if words is None:
        await context.show(context.t.html("That search has expired. Please send it again."))
        return
    await _show_found(context, services, words, pressed)


async def _show_found(context: Context, services: ArticleServices, words: str, page: FoundButton) -> None:
    size = services.options.page_size
    result = await services.lookup.find(
        words,
        await services.categories.readers_tree(),
        size,
        order=Order.NEWEST if page.newest else Order.BEST,
        start=Cursor(page.tier - 1, page.document) if page.tier else None,
        backwards=bool(page.back),
    )
    if not result.hits:
        await _nothing_found(context, services, words, result.unknown)
        return
    html, *_ = listing(
        _found_heading(context, words, result.found.total),
        [hit.article for hit in result.hits],
        context.t,
        context.place.timezone,
        context.now,
        {hit.article.id: hit.line for hit in result.hits},
        await services.articles.others([hit.article for hit in result.hits]),
    )
    if not page.search and result.found.total > 1:
        # A single hit has no button that needs the words again.
        page = replace(page, search=await services.people.keep_lookup(context.chat.id, words, context.now))
    await context.show(html, found_keyboard(page, result.found, size, context.t))


def _found_heading(context: Context, words: str, total: int) -> Html:
    if total > COUNTED:
        return context.t.html(
            "🔎 <b>{words}</b> · more than {n} articles", words=words[:100], n=context.t.number(COUNTED)
        )
    return context.t.count_html(
        "🔎 <b>{words}</b> · {n} article", "🔎 <b>{words}</b> · {n} articles", total, words=words[:100]
    )


async def _nothing_found(context: Context, services: ArticleServices, words: str, unknown: tuple[str, ...]) -> None:
    """Suggest what may have been meant: another spelling, fewer words, a category of that name."""
    text = context.t.html("I found nothing for “{words}”.", words=words[:100])
    if unknown:
        named = ", ".join(unknown)[:100]
        text = text + " " + context.t.html("I don't know what “{named}” is.", named=named)
    tree = await services.categories.readers_tree()
    choices: list[tuple[str, Button]] = []
    meant = await services.lookup.suggest(words, tree)
    if meant:
        token = await services.people.keep_lookup(context.chat.id, meant, context.now)
        choices.append((f"🔎 {meant}", FoundButton(token)))
    choices.extend(
        (show_path(category.path), ListingButton("c", category.id))
        for category in tree.find(words)[:5] or tree.near(words)
    )
    if choices:
        await context.show(text + " " + context.t.html("Did you mean:"), choice_keyboard(choices))
    else:
        await context.show(text + " " + context.t.html("Try fewer or other words, or /categories."))
