"""Look-ups: the latest, a category's latest, a search, a digest now, and the rest of a digest."""

from __future__ import annotations

from dataclasses import replace

from telegram import InlineKeyboardMarkup

from bot.callbacks import Browse, Callback, Found, Listing, Missed, More, Subscribe
from bot.handlers.context import Talk
from bot.handlers.readers.categories import named, show_level
from bot.keyboards.base import Row, button, choice_keyboard
from bot.keyboards.digest import more_keyboard
from bot.keyboards.search import found_keyboard, listing_keyboard
from bot.markup import Html, safe_url
from bot.render.digest import listing
from bot.telegram.messages import picture_preview
from digests.model.article import Article
from digests.model.ids import CategoryId, DeliveryId
from digests.model.place import PlaceState
from digests.search.query import MAX_CHARACTERS
from digests.search.ranking import Cursor, Order
from digests.storage.articles.categories import show_path
from digests.storage.search.pages import COUNTED


async def digest(talk: Talk) -> None:
    """/digest: what is new, now; the next slot brings none of it again."""
    if not await talk.house.subscriptions.of(talk.place):
        if await talk.may_change():
            await show_level(talk, Browse(setup=1), intro=True)
        return
    # In a group it moves everybody's window, so it is a setting.
    if not await talk.may_change():
        return
    delivery = await talk.house.subscriptions.digest_now(talk.place, talk.now)
    if delivery is not None:
        await talk.house.courier.deliver_due([delivery])
        return
    since = talk.words.moment(min(talk.place.window_from_at, talk.now), talk.place.timezone)
    text = talk.words.html("Nothing new in your categories since {since}. /latest shows the newest.", since=since)
    if talk.place.state in (PlaceState.PAUSED, PlaceState.STOPPED):
        text = Html(text + "\n" + talk.words.html("Your daily digest is off; /resume brings it back."))
    await talk.reply(text)


async def latest(talk: Talk) -> None:
    await _show_listing(talk, Listing("l"))


async def category(talk: Talk) -> None:
    if not talk.text:
        await show_level(talk, Browse())
        return
    found = await named(talk, talk.text)
    if found:
        await _show_listing(talk, Listing("c", found.id))


async def search(talk: Talk) -> None:
    """/search WORDS, or plain words in a private chat."""
    words = " ".join(talk.text.split())[:MAX_CHARACTERS]
    if not words:
        await talk.reply(talk.words.html("Write what you are looking for, such as <code>/search moon</code>."))
        return
    await _show_found(talk, words, Found(""))


async def found_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, Found)
    words = await talk.house.people.lookup(talk.chat.id, callback.search)
    if words is None:
        await talk.show(talk.words.html("That search is too old. Please write it again."))
        return
    await _show_found(talk, words, callback)


async def listing_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, Listing)
    await _show_listing(talk, callback)


async def _show_listing(talk: Talk, page: Listing) -> None:
    tree = await talk.house.categories.readers_tree()
    wanted, extra = None, list[Row]()
    heading = talk.words.html("🕘 <b>Latest</b>")
    if page.kind == "c":
        found = tree.get(CategoryId(page.key))
        if found is None:
            await talk.show(talk.words.html("That category is not there any more. /categories shows all of them."))
            return
        wanted = tree.with_descendants([found.id])
        heading = talk.words.html("🗂 <b>{path}</b>", path=show_path(found.path))
        if not await talk.house.subscriptions.is_followed(talk.place, found):
            extra = [[button(talk.words.say("➕ Subscribe"), Subscribe(found.id))]]
    size = talk.house.settings.search.page_size
    articles, total = await talk.house.articles.latest(wanted, size, page.offset)
    if not articles:
        heading = Html(heading + "\n" + talk.words.html("No articles here yet."))
    await _show_page(talk, page, heading, articles, total, extra)


async def _show_found(talk: Talk, words: str, page: Found) -> None:
    size = talk.house.settings.search.page_size
    result = await talk.house.lookup.find(
        words,
        await talk.house.categories.readers_tree(),
        size,
        order=Order.NEWEST if page.newest else Order.BEST,
        start=Cursor(page.tier - 1, page.document) if page.tier else None,
        backwards=bool(page.back),
    )
    if not result.hits:
        await _nothing_found(talk, words, result.unknown)
        return
    html, *_ = listing(
        _found_heading(talk, words, result.found.total),
        [hit.article for hit in result.hits],
        talk.words,
        talk.place.timezone,
        talk.now,
        {hit.article.id: hit.line for hit in result.hits},
        await talk.house.articles.others([hit.article for hit in result.hits]),
    )
    if not page.search and result.found.total > 1:
        # A single hit has no button that would need the words again.
        page = replace(page, search=await talk.house.people.keep_lookup(talk.chat.id, words, talk.now))
    await talk.show(html, found_keyboard(page, result.found, size, talk.words))


def _found_heading(talk: Talk, words: str, total: int) -> Html:
    if total > COUNTED:
        return talk.words.html("🔎 <b>{words}</b> · more than {n} articles", words=words[:100], n=f"{COUNTED:,}")
    return talk.words.count_html(
        "🔎 <b>{words}</b> · {n} article", "🔎 <b>{words}</b> · {n} articles", total, words=words[:100]
    )


async def _nothing_found(talk: Talk, words: str, unknown: tuple[str, ...]) -> None:
    """What may have been meant: another spelling, fewer words, a category of that name."""
    text = talk.words.html("I found nothing for “{words}”.", words=words[:100])
    if unknown:
        named = ", ".join(unknown)[:100]
        text = Html(text + " " + talk.words.html("I don't know what “{named}” is.", named=named))
    tree = await talk.house.categories.readers_tree()
    choices: list[tuple[str, Callback]] = []
    meant = await talk.house.lookup.suggest(words, tree)
    if meant:
        token = await talk.house.people.keep_lookup(talk.chat.id, meant, talk.now)
        choices.append((f"🔎 {meant}", Found(token)))
    choices.extend((show_path(one.path), Listing("c", one.id)) for one in tree.find(words)[:5] or tree.near(words))
    if choices:
        await talk.show(Html(text + " " + talk.words.html("Did you mean:")), choice_keyboard(choices))
    else:
        await talk.show(Html(text + " " + talk.words.html("Try fewer or other words, or /categories.")))


async def _show_page(
    talk: Talk, page: Listing, heading: Html, articles: tuple[Article, ...], total: int, extra: list[Row]
) -> None:
    size = talk.house.settings.search.page_size
    keyboard = listing_keyboard(page.kind, page.key, page.offset, size, total, extra)
    also = await talk.house.articles.others(articles)
    html, *more = listing(heading, articles, talk.words, talk.place.timezone, talk.now, also=also)
    preview = picture_preview(_picture_of(talk, articles))
    await talk.show(html, keyboard if not more else None, preview)
    for number, further in enumerate(more, 1):
        await talk.reply(further, keyboard if number == len(more) else None)


def _picture_of(talk: Talk, articles: tuple[Article, ...]) -> str | None:
    if not talk.house.settings.digest.picture:
        return None
    return next((url for url in (safe_url(one.thumbnail) for one in articles) if url), None)


async def more(talk: Talk, callback: Callback) -> None:
    """What max_items cut off, a page at a time; the pressed button goes, so that nothing comes twice."""
    assert isinstance(callback, More)
    delivery = await talk.house.deliveries.get(DeliveryId(callback.delivery))
    if delivery is None or delivery.place.chat_id != talk.chat.id:
        await talk.answer(talk.words.say("This digest is too old to show more of it. /latest shows the newest."))
        return
    rendering = await talk.house.deliveries.rendering(delivery.rendering)
    rest = rendering.rest if rendering else ()
    size = talk.house.settings.digest.max_items
    ids = rest[callback.offset : callback.offset + size]
    articles = await talk.house.articles.get(ids)
    left = max(0, len(rest) - callback.offset - size)
    heading = talk.words.html("📰 <b>More of your digest</b>")
    also = await talk.house.articles.others(articles)
    pages = listing(heading, articles, talk.words, delivery.place.timezone, talk.now, also=also)
    keyboard: InlineKeyboardMarkup | None = None
    if left:
        keyboard = more_keyboard(delivery.id, callback.offset + size, left, talk.words)
    if not await talk.drop_button():
        # Somebody was faster, and has it all.
        return
    for number, html in enumerate(pages, 1):
        await talk.reply(html, keyboard if number == len(pages) else None)


async def missed(talk: Talk, callback: Callback) -> None:
    """The items of an earlier digest of which nobody knows whether it came."""
    assert isinstance(callback, Missed)
    delivery = await talk.house.deliveries.get(DeliveryId(callback.delivery))
    rendering = None
    if delivery is not None and delivery.place.chat_id == talk.chat.id:
        rendering = await talk.house.deliveries.rendering(delivery.rendering)
    if delivery is None or rendering is None:
        await talk.answer(talk.words.say("This digest is too old to show more of it. /latest shows the newest."))
        return
    articles = await talk.house.articles.get(rendering.items)
    rest = len(rendering.rest)
    zone = delivery.place.timezone
    heading = talk.words.html("📰 <b>Your digest of {moment}</b>", moment=talk.words.moment(delivery.slot, zone))
    pages = listing(heading, articles, talk.words, zone, talk.now)
    keyboard = more_keyboard(delivery.id, 0, rest, talk.words) if rest else None
    await talk.answer()
    for number, html in enumerate(pages, 1):
        await talk.reply(html, keyboard if number == len(pages) else None)
