"""Look-ups: the latest articles, a category's latest, a search, a digest now, and the rest of a digest."""

from __future__ import annotations

from dataclasses import replace

from telegram import InlineKeyboardMarkup

from bot.callbacks import BrowseButton, Button, FoundButton, ListingButton, MissedButton, MoreButton, SubscribeButton
from bot.handlers.context import Context
from bot.handlers.readers.categories import named, show_level
from bot.handlers.services import ReaderServices
from bot.keyboards.base import ButtonRow, button, choice_keyboard
from bot.keyboards.digest import more_keyboard
from bot.keyboards.search import found_keyboard, listing_keyboard
from bot.markup import Html, safe_url
from bot.render.listing import listing
from bot.telegram.messages import picture_preview
from digests.model.article import Article
from digests.model.ids import CategoryId, DeliveryId
from digests.model.place import PlaceState
from digests.search.query import MAX_CHARACTERS
from digests.search.ranking import Cursor, Order
from digests.storage.articles.categories import show_path
from digests.storage.search.pages import COUNTED


async def digest(context: Context, services: ReaderServices) -> None:
    """Send what is new right now; the next slot repeats none of it."""
    if not await services.subscriptions.of(context.place):
        if await context.may_change():
            await show_level(context, services, BrowseButton(setup=1), intro=True)
        return
    # In a group this moves everybody's window, so it counts as a setting.
    if not await context.may_change():
        return
    delivery = await services.subscriptions.digest_now(context.place, context.now)
    if delivery is not None:
        await services.delivery_worker.deliver_due([delivery])
        return
    since = context.t.moment(min(context.place.window_from_at, context.now), context.place.timezone)
    text = context.t.html("Nothing new in your categories since {since}. /latest shows the newest.", since=since)
    if context.place.state in (PlaceState.PAUSED, PlaceState.STOPPED):
        text = text + "\n" + context.t.html("Your daily digest is off; /resume turns it back on.")
    await context.reply(text)


async def latest(context: Context, services: ReaderServices) -> None:
    """List the newest articles."""
    await _show_listing(context, services, ListingButton("l"))


async def category(context: Context, services: ReaderServices) -> None:
    """List the newest articles of the category that /category names; without a name, show the tree."""
    if not context.text:
        await show_level(context, services, BrowseButton())
        return
    found = await named(context, services, context.text)
    if found:
        await _show_listing(context, services, ListingButton("c", found.id))


async def search(context: Context, services: ReaderServices) -> None:
    """List the articles that match the words after /search, or plain words in a private chat."""
    words = " ".join(context.text.split())[:MAX_CHARACTERS]
    if not words:
        await context.reply(context.t.html("Add what you are looking for, such as <code>/search moon</code>."))
        return
    await _show_found(context, services, words, FoundButton(""))


async def found_pressed(context: Context, services: ReaderServices, pressed: FoundButton) -> None:
    """Show another page of a search, or the same in another order."""
    words = await services.people.lookup(context.chat.id, pressed.search)
    if words is None:
        await context.show(context.t.html("That search has expired. Please send it again."))
        return
    await _show_found(context, services, words, pressed)


async def listing_pressed(context: Context, services: ReaderServices, pressed: ListingButton) -> None:
    """Show the listing, and the page of it, that the button names."""
    await _show_listing(context, services, pressed)


async def _show_listing(context: Context, services: ReaderServices, page: ListingButton) -> None:
    tree = await services.categories.readers_tree()
    wanted, extra = None, list[ButtonRow]()
    heading = context.t.html("🕘 <b>Latest</b>")
    if page.kind == "c":
        found = tree.get(CategoryId(page.key))
        if found is None:
            await context.show(context.t.html("That category no longer exists. /categories shows all of them."))
            return
        wanted = tree.with_descendants([found.id])
        heading = context.t.html("🗂 <b>{path}</b>", path=show_path(found.path))
        if not await services.subscriptions.is_followed(context.place, found):
            extra = [[button(context.t("➕ Subscribe"), SubscribeButton(found.id))]]
    size = services.options.page_size
    articles, total = await services.articles.latest(wanted, size, page.offset)
    if not articles:
        heading = heading + "\n" + context.t.html("No articles here yet.")
    await _show_page(context, services, page, heading, articles, total, extra)


async def _show_found(context: Context, services: ReaderServices, words: str, page: FoundButton) -> None:
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
        return context.t.html("🔎 <b>{words}</b> · more than {n} articles", words=words[:100], n=f"{COUNTED:,}")
    return context.t.count_html(
        "🔎 <b>{words}</b> · {n} article", "🔎 <b>{words}</b> · {n} articles", total, words=words[:100]
    )


async def _nothing_found(context: Context, services: ReaderServices, words: str, unknown: tuple[str, ...]) -> None:
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


async def _show_page(
    context: Context,
    services: ReaderServices,
    page: ListingButton,
    heading: Html,
    articles: tuple[Article, ...],
    total: int,
    extra: list[ButtonRow],
) -> None:
    size = services.options.page_size
    keyboard = listing_keyboard(page.kind, page.key, page.offset, size, total, extra)
    also = await services.articles.others(articles)
    html, *more = listing(heading, articles, context.t, context.place.timezone, context.now, also=also)
    preview = picture_preview(_picture_of(context, services, articles))
    await context.show(html, keyboard if not more else None, preview)
    for number, further in enumerate(more, 1):
        await context.reply(further, keyboard if number == len(more) else None)


def _picture_of(context: Context, services: ReaderServices, articles: tuple[Article, ...]) -> str | None:
    if not services.options.shows_pictures:
        return None
    return next((url for url in (safe_url(article.thumbnail) for article in articles) if url), None)


async def more(context: Context, services: ReaderServices, pressed: MoreButton) -> None:
    """Send the next page of the items that max_items cut from a digest.

    The pressed button is removed, so that nothing is sent twice.
    """
    delivery = await services.deliveries.get(DeliveryId(pressed.delivery))
    if delivery is None or delivery.place.chat_id != context.chat.id:
        await context.answer(context.t("This digest is too old to show more. /latest shows the newest."))
        return
    rendering = await services.deliveries.rendering(delivery.rendering)
    rest = rendering.rest if rendering else ()
    size = services.options.rest_size
    ids = rest[pressed.offset : pressed.offset + size]
    articles = await services.articles.get(ids)
    left = max(0, len(rest) - pressed.offset - size)
    heading = context.t.html("📰 <b>More of your digest</b>")
    also = await services.articles.others(articles)
    pages = listing(heading, articles, context.t, delivery.place.timezone, context.now, also=also)
    keyboard: InlineKeyboardMarkup | None = None
    if left:
        keyboard = more_keyboard(delivery.id, pressed.offset + size, left, context.t)
    if not await context.remove_button():
        # Somebody else pressed first and has been sent it all.
        return
    for number, html in enumerate(pages, 1):
        await context.reply(html, keyboard if number == len(pages) else None)


async def missed(context: Context, services: ReaderServices, pressed: MissedButton) -> None:
    """Send the items of an earlier digest that may not have arrived."""
    delivery = await services.deliveries.get(DeliveryId(pressed.delivery))
    rendering = None
    if delivery is not None and delivery.place.chat_id == context.chat.id:
        rendering = await services.deliveries.rendering(delivery.rendering)
    if delivery is None or rendering is None:
        await context.answer(context.t("This digest is too old to show more. /latest shows the newest."))
        return
    articles = await services.articles.get(rendering.items)
    rest = len(rendering.rest)
    zone = delivery.place.timezone
    heading = context.t.html("📰 <b>Your digest from {moment}</b>", moment=context.t.moment(delivery.slot, zone))
    pages = listing(heading, articles, context.t, zone, context.now)
    keyboard = more_keyboard(delivery.id, 0, rest, context.t) if rest else None
    await context.answer()
    for number, html in enumerate(pages, 1):
        await context.reply(html, keyboard if number == len(pages) else None)
