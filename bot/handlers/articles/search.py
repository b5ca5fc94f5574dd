"""Searches: the articles that match some words, what narrows them, and what was meant where none does."""

from __future__ import annotations

from dataclasses import replace

from telegram import InlineKeyboardMarkup, MessageEntity

from bot.callbacks import LANGUAGE, Button, FilterButton, FoundButton, ListingButton, NarrowButton
from bot.handlers.context import Context
from bot.handlers.services import ArticleServices
from bot.keyboards.base import choice_keyboard
from bot.keyboards.search import ICONS, SearchState, choice_rows, found_keyboard, narrowed_rows, value_of
from bot.render.listing import listing
from bot.render.search import found_heading, unknown_html
from bot.text.markup import Html
from digests.model.category_tree import CategoryTree
from digests.model.ids import CategoryId
from digests.readers.lookup import Page
from digests.search import narrowing as narrowed
from digests.search.narrowing import NOT_NARROWED, Narrowing, read_search, stored_search
from digests.search.query import MAX_CHARACTERS, with_filter
from digests.search.ranking import Cursor, Order
from digests.storage.articles.categories import show_path
from digests.storage.search.port import COUNTED

_MOST = 10
"""Articles on a page, which is one message with a button for each."""


async def search(context: Context, services: ArticleServices) -> None:
    """List the articles that match the words after /search, or plain words in a private chat."""
    words = " ".join(context.text.split())[:MAX_CHARACTERS]
    if not words:
        await context.reply(context.t.html("Add what you are looking for, such as <code>/search moon</code>."))
        return
    await _show_found(context, services, words, FoundButton(""))


async def found_pressed(context: Context, services: ArticleServices, pressed: FoundButton) -> None:
    """Show another page of a search, or the same in another order."""
    if (kept := await _kept(context, services, pressed.search)) is not None:
        words, narrowing = kept
        await _show_found(context, services, words, pressed, narrowing)


async def filter_pressed(context: Context, services: ArticleServices, pressed: FilterButton) -> None:
    """Show what the search can be narrowed to."""
    if (kept := await _kept(context, services, pressed.search)) is None:
        return
    words, narrowing = kept
    page = FoundButton(pressed.search, pressed.newest)
    state, result = await _look_up(context, services, words, page, narrowing)
    rows = choice_rows(state, pressed.kind, context.t)
    if len(rows) < 2:
        # Nothing is left to choose by now.
        await _show_found(context, services, words, page, narrowing)
        return
    heading = found_heading(words, result.found.total, COUNTED, context.t)
    html = heading + "\n" + context.t.html("{icon} Show only:", icon=ICONS[pressed.kind])
    await context.show(html, InlineKeyboardMarkup(rows))


async def narrow_pressed(context: Context, services: ArticleServices, pressed: NarrowButton) -> None:
    """Narrow the search to what was chosen, or end that."""
    if (kept := await _kept(context, services, pressed.search)) is None:
        return
    words, narrowing = kept
    page = FoundButton(pressed.search, pressed.newest)
    changed = await _changed(context, services, words, narrowing, pressed)
    token = await services.people.keep_lookup(context.chat.id, stored_search(words, changed), context.now)
    await _show_found(context, services, words, replace(page, search=token), changed)


async def _changed(
    context: Context, services: ArticleServices, words: str, narrowing: Narrowing, pressed: NarrowButton
) -> Narrowing:
    """Return what the search is narrowed to after the press; a value that is no choice any more changes nothing."""
    value = pressed.value
    match pressed.kind:
        case "":
            return NOT_NARROWED
        case "d":
            return replace(narrowing, days=int(value) if value in map(str, narrowed.DAYS) else 0)
        case "c":
            tree = await services.categories.readers_tree()
            category = tree.get(CategoryId(int(value))) if value.isdecimal() else None
            return replace(narrowing, category=category.id if category is not None else None)
        case "l" | "s" if not value:
            return replace(narrowing, language="") if pressed.kind == LANGUAGE else replace(narrowing, source="")
        case "l" | "s":
            state, _ = await _look_up(context, services, words, FoundButton(pressed.search), narrowing)
            names = state.offers.languages if pressed.kind == LANGUAGE else state.offers.sources
            name = next((name for name in names if value_of(name) == value), None)
            if name is None:
                return narrowing
            return replace(narrowing, language=name) if pressed.kind == LANGUAGE else replace(narrowing, source=name)
        case _:
            return narrowing


async def _kept(context: Context, services: ArticleServices, token: str) -> tuple[str, Narrowing] | None:
    """Return the words of a stored search and what it is narrowed to; None, after offering a new one, if it is gone."""
    stored = await services.people.lookup(context.chat.id, token)
    if stored is not None:
        return read_search(stored)
    words = _words_of(context)
    if words is None:
        await context.show(context.t.html("That search has expired. Please send it again."))
        return None
    token = await services.people.keep_lookup(context.chat.id, words, context.now)
    again = choice_keyboard([(f"🔎 {words}", FoundButton(token))])
    await context.show(context.t.html("That search has expired. Search again?"), again)
    return None


def _words_of(context: Context) -> str | None:
    """Return the words above the hits of a message of ours: they are in bold, behind the sign of a search."""
    message = context.pressed
    if message is None or not (message.text or "").startswith("🔎 "):
        return None
    bold = next(iter(message.parse_entities([MessageEntity.BOLD]).items()), None)
    if bold is None or bold[0].offset != len("🔎 ".encode("utf-16-le")) // 2:
        return None
    words = " ".join(bold[1].replace("\u2060", "").split())
    return words if words and not words.endswith("…") else None


async def _look_up(
    context: Context, services: ArticleServices, words: str, page: FoundButton, narrowing: Narrowing
) -> tuple[SearchState, Page]:
    tree = await services.categories.readers_tree()
    result = await services.lookup.find(
        words,
        tree,
        min(services.options.page_size, _MOST),
        order=Order.NEWEST if page.newest else Order.BEST,
        start=Cursor(page.tier - 1, page.document) if page.tier else None,
        backwards=bool(page.back),
        narrowing=narrowing,
        now=context.now,
    )
    offers = await services.lookup.offers(result.found, tree, context.now)
    return SearchState(page, narrowing, offers, tree), result


async def _show_found(
    context: Context,
    services: ArticleServices,
    words: str,
    page: FoundButton,
    narrowing: Narrowing = NOT_NARROWED,
) -> None:
    state, result = await _look_up(context, services, words, page, narrowing)
    if not result.hits:
        await _nothing_found(context, services, words, state, result.unknown)
        return
    articles = [hit.article for hit in result.hits]
    if not page.search and result.found.total > 1:
        # A single hit has no button that needs the words again.
        token = await services.people.keep_lookup(context.chat.id, stored_search(words, narrowing), context.now)
        state = replace(state, page=replace(page, search=token))
    heading = found_heading(words, result.found.total, COUNTED, context.t)
    html, *_ = listing(
        Html("\n").join([heading, *filter(None, [unknown_html(result.unknown, context.t)])]),
        articles,
        context.t,
        context.place.timezone,
        context.now,
        {hit.article.id: hit.line for hit in result.hits},
        await services.articles.others(articles),
        is_numbered=True,
    )
    size = min(services.options.page_size, _MOST)
    await context.show(html, found_keyboard(state, articles, result.found, size, context.t))


async def _nothing_found(
    context: Context, services: ArticleServices, words: str, state: SearchState, unknown: tuple[str, ...]
) -> None:
    """Suggest what may have been meant: a known name, another spelling, fewer words, a category of that name."""
    t = context.t
    text = t.html("I found nothing for “{words}”.", words=words[:100])
    if state.narrowing:
        await context.show(text, InlineKeyboardMarkup(narrowed_rows(state, t)))
        return
    if unknown:
        text = text + " " + unknown_html(unknown, t)
    choices = await _meant(context, services, words, state.tree)
    if choices:
        await context.show(text + " " + t.html("Did you mean:"), choice_keyboard(choices))
    else:
        await context.show(text + " " + t.html("Try fewer or other words, or /categories."))


async def _meant(
    context: Context, services: ArticleServices, words: str, tree: CategoryTree
) -> list[tuple[str, Button]]:
    choices: list[tuple[str, Button]] = []

    async def add(label: str, query: str) -> None:
        choices.append((label, FoundButton(await services.people.keep_lookup(context.chat.id, query, context.now))))

    for near in await services.lookup.near_names(words):
        icon = "📰" if near.name == "source" else "🏷"
        await add(f"{icon} {near.right}", with_filter(words, near.name, near.wrong, near.right))
    if not choices and (meant := await services.lookup.suggest(words, tree)):
        await add(f"🔎 {meant}", meant)
    choices.extend(
        (show_path(category.path), ListingButton("c", category.id))
        for category in tree.find(words)[:5] or tree.near(words)
    )
    return choices
