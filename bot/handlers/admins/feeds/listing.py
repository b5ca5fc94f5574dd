"""The list of feeds: its pages, narrowed to those with trouble, those that are paused, or by words."""

from __future__ import annotations

from bot.callbacks import FeedsButton, SearchFeedsButton
from bot.handlers.context import Context
from bot.handlers.services import FeedServices
from bot.keyboards.feeds import asking_feed_keyboard, feeds_keyboard
from bot.render.feeds import FEEDS_PAGE, feeds_html
from digests.model.dialogs import AwaitedReply, Question
from digests.search.query import MAX_CHARACTERS
from digests.storage.feeds.lists import FeedFilter


async def show_feeds(context: Context, services: FeedServices, at: FeedsButton | None = None) -> None:
    """Show a page of the list; one that is not there any more becomes the last one."""
    at = at or FeedsButton()
    state = FeedFilter(at.state) if at.state in list(FeedFilter) else FeedFilter.ALL
    # What was searched for is forgotten after a while; the list itself is not.
    words = await services.people.lookup(context.chat.id, at.words) if at.words else ""
    page = await services.lists.page(state, at.page * FEEDS_PAGE, FEEDS_PAGE, words or "")
    shown = FeedsButton(state, page.offset // FEEDS_PAGE, at.words if words else "")
    html = feeds_html(
        page.feeds,
        context.t,
        context.place.timezone,
        context.now,
        total=page.total,
        words=words or "",
        is_narrowed=bool(state or words),
    )
    pages = -(-page.total // FEEDS_PAGE)
    counts = (page.every, page.trouble, page.paused)
    await context.show(html, feeds_keyboard(page.feeds, shown, pages, counts, context.t))


async def list_pressed(context: Context, services: FeedServices, pressed: FeedsButton) -> None:
    """Show another page of the list, or another part of it."""
    await show_feeds(context, services, pressed)


async def search_feeds(context: Context, services: FeedServices, text: str) -> None:
    """Show the feeds that have these words in their names or addresses."""
    words = " ".join(text.split())[:MAX_CHARACTERS]
    token = await services.people.keep_lookup(context.chat.id, words, context.now) if words else ""
    await show_feeds(context, services, FeedsButton(words=token))


async def search_asked(context: Context, services: FeedServices, _pressed: SearchFeedsButton) -> None:
    """Ask for words to look for."""
    await services.people.set_dialog(context.chat.id, context.user.id, AwaitedReply(Question.FEEDS), context.now)
    text = context.t.html("🔎 Send me a part of the name or the address of the feed.")
    await context.reply(text, asking_feed_keyboard(context.t))
