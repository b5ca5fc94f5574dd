"""Adding a feed: an address, what is there, its latest articles, its category, and the last question."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

from telegram import InlineKeyboardMarkup
from telegram.error import TelegramError

from bot.callbacks import AddFeedButton, AskFeedButton, FeedCategoriesButton, TryFeedButton
from bot.handlers.admins.feeds.feed import say_refused
from bot.handlers.admins.feeds.kept import (
    FeedProposal,
    is_keepable,
    keep_address,
    keep_proposal,
    kept_address,
    kept_proposal,
)
from bot.handlers.admins.feeds.placing import named_path, too_long_ago
from bot.handlers.admins.feeds.showing import feed_screen, show_feed, show_followed
from bot.handlers.context import Context, ShowNext, apology
from bot.handlers.services import FeedServices
from bot.i18n import Translator
from bot.keyboards.feeds import (
    asking_feed_keyboard,
    back_to_feeds_keyboard,
    category_choice_keyboard,
    feed_keyboard,
    feeds_found_keyboard,
    looking_keyboard,
    try_again_keyboard,
)
from bot.render.feed_adding import (
    by_http_html,
    found_html,
    found_label,
    looking_html,
    no_feed_but_route_html,
    not_found_html,
    tried_html,
)
from bot.render.feed_trouble import feed_refusal_text
from bot.render.feeds import feed_name
from bot.text.markup import LINE_BREAK, Html, escape
from digests.feeds.exploring import explore, rsshub_route
from digests.feeds.fitting import fitting_categories
from digests.feeds.results import FoundFeed, FoundFeeds, TriedFeed
from digests.model.audit import AuditAct
from digests.model.dialogs import AwaitedReply, Question
from digests.model.feed import FeedFault, FeedOptions, FeedTrouble
from digests.model.feed_input import leaves_scheme_open
from digests.model.feed_refusal import FeedRefusal, FeedRefused

logger = logging.getLogger(__name__)

_SECONDS = 120.0
"""How long all requests for one address may take together."""
_MOST_FOUND = 8
_MARKS_OF_ADDRESSES = (".", ":", "/", "@")
_FITTING = 3


async def ask_feed_pressed(context: Context, services: FeedServices, _pressed: AskFeedButton) -> None:
    """Ask for an address."""
    await ask_for_address(context, services)


async def ask_for_address(context: Context, services: FeedServices) -> None:
    """Ask for the address of a feed, or of a page that has feeds."""
    await services.people.set_dialog(context.chat.id, context.user.id, AwaitedReply(Question.FEED), context.now)
    text = context.t.html(
        "➕ <b>Add a feed</b>\nSend me the address of a site that you like to read, or of its feed, such as "
        "<code>example.org</code>."
    )
    await context.reply(text, asking_feed_keyboard(context.t))


def is_perhaps_address(text: str) -> bool:
    """Return whether somebody may mean a text as an address, rather than as words."""
    return any(mark in text for mark in _MARKS_OF_ADDRESSES)


async def address_written(context: Context, services: FeedServices, text: str) -> None:
    """Look at an address that somebody wrote. What can't be used is refused, and not repeated: it may be a secret."""
    try:
        if not is_perhaps_address(text):
            raise FeedRefused(FeedRefusal.NOT_WEB)
        address = services.book.address(text)
        if not is_keepable(address):
            raise FeedRefused(FeedRefusal.TOO_LONG)
    except FeedRefused as error:
        refusal = escape(feed_refusal_text(error.reason, context.t))
        await services.people.set_dialog(context.chat.id, context.user.id, AwaitedReply(Question.FEED), context.now)
        await context.reply(refusal, asking_feed_keyboard(context.t))
        return
    known = await services.feeds.by_url(address)
    if known is not None:
        await show_feed(context, services, known, context.t.html("☑️ I have this feed already."))
        return
    or_http = leaves_scheme_open(text)
    token = await keep_address(context, services, address, or_http=or_http)
    await _look_at(context, services, address, token, or_http=or_http)


async def try_feed_pressed(context: Context, services: FeedServices, pressed: TryFeedButton) -> None:
    """Look at the address that the button names."""
    kept = await kept_address(context, services, pressed.token)
    if kept is None:
        await too_long_ago(context)
    else:
        address, or_http = kept
        await _look_at(context, services, address, pressed.token, anew=bool(pressed.anew), or_http=or_http)


async def _look_at(
    context: Context, services: FeedServices, address: str, token: str, *, anew: bool = False, or_http: bool = False
) -> None:
    """Show that an address is looked at, and then what is there; meanwhile the chat's next update is handled."""
    key = f"feed {context.chat.id} {address}"
    async with services.background.claim(key) as is_free:
        if not is_free:
            await context.answer(context.t("I am still at it. One moment, please."))
            return
        keyboard = looking_keyboard(token, context.t)
        show = await context.show_live(looking_html(address, context.t), keyboard, anew=anew)
        services.background.begin(key, partial(_look, context, services, address, token, show, or_http=or_http))


async def _look(
    context: Context, services: FeedServices, address: str, token: str, show: ShowNext, *, or_http: bool
) -> None:
    """Show what is at an address, in the message that says that it is looked at."""
    t = context.t
    try:
        async with asyncio.timeout(_SECONDS):
            found = await explore(services.book, address, or_http=or_http)
        show = _noting_http(show, address, found.url if isinstance(found, TriedFeed) else found.address, t)
        if isinstance(found, TriedFeed):
            await _show_tried(context, services, found, show)
        elif found.feeds:
            html = found_html(found.address, found.feeds[:_MOST_FOUND], t)
            show(html, feeds_found_keyboard(await _choices(context, services, found.feeds), t))
        else:
            await _show_nothing(context, services, found, token, show)
    except TimeoutError:
        show(not_found_html(address, _TOO_SLOW, t), try_again_keyboard(token, t))
    except FeedRefused as error:
        show(escape(feed_refusal_text(error.reason, t)), back_to_feeds_keyboard(t))
    except TelegramError as error:
        logger.info("what was found at an address was not shown", extra={"reason": error.message})
    except Exception:
        logger.exception("an address could not be looked at")
        show(escape(apology(t)), try_again_keyboard(token, t))


def _noting_http(show: ShowNext, asked: str, taken: str, t: Translator) -> ShowNext:
    """Return what shows a result, above which stands that it came by http where https had been guessed."""
    if not (asked.startswith("https:") and taken.startswith("http:")):
        return show

    def show_noted(html: Html, keyboard: InlineKeyboardMarkup | None = None) -> None:
        show(LINE_BREAK.join([by_http_html(t), Html(), html]), keyboard)

    return show_noted


_NOTHING = FeedFault(FeedTrouble.NOT_A_FEED, "no feed")
_TOO_SLOW = FeedFault(FeedTrouble.UNREACHABLE, "too slow")


async def _choices(context: Context, services: FeedServices, feeds: Sequence[FoundFeed]) -> list[tuple[str, str]]:
    """Return the feeds of a page, each with its label and the token of its address."""
    return [
        (found_label(feed), await keep_address(context, services, feed.url))
        for feed in feeds[:_MOST_FOUND]
        if is_keepable(feed.url)
    ]


async def _show_nothing(
    context: Context, services: FeedServices, found: FoundFeeds, token: str, show: ShowNext
) -> None:
    """Show why there is no feed, or that RSSHub makes one of the page."""
    t, fault = context.t, found.fault or _NOTHING
    if route := rsshub_route(fault.words):
        choice = (route, await keep_address(context, services, route))
        show(no_feed_but_route_html(found.address, t), feeds_found_keyboard([choice], t))
    else:
        show(not_found_html(found.address, fault, t), try_again_keyboard(token, t))


async def _show_tried(context: Context, services: FeedServices, tried: TriedFeed, show: ShowNext) -> None:
    """Show a feed with its latest articles, and ask for its category."""
    t = context.t
    known = tried.known or await services.feeds.by_url(tried.url)
    if known is not None:
        html = await feed_screen(context, services, known, t.html("☑️ I have this feed already."))
        show(html, feed_keyboard(known, t, has_full_text=services.has_full_text))
        return
    if not is_keepable(tried.url):
        raise FeedRefused(FeedRefusal.TOO_LONG)
    tree = await services.categories.readers_tree()
    tags = [tag for item in tried.read.items for tag in item.post.tags]
    fitting = fitting_categories(tree, tried.read.title, tags, _FITTING)
    proposal = FeedProposal(tried.url, tried.read.title, tried.read.kind, tuple(category.id for category in fitting))
    at = FeedCategoriesButton(0, await keep_proposal(context, services, proposal))
    html = tried_html(tried, t, context.place.timezone, context.now)
    show(html, category_choice_keyboard(tree, at, tried.read.title, fitting, t))


async def add_feed_pressed(context: Context, services: FeedServices, pressed: AddFeedButton) -> None:
    """Add the feed; one that somebody else has added meanwhile stays as it is."""
    t, proposal = context.t, await kept_proposal(context, services, pressed.proposal)
    path = await named_path(context, services, pressed.category, pressed.typed)
    if proposal is None or path is None:
        await too_long_ago(context)
        return
    try:
        added = await services.book.add(
            proposal.url, FeedOptions(category=path), title=proposal.title, kind=proposal.kind
        )
    except FeedRefused as error:
        await say_refused(context, error)
        return
    if not added.is_new:
        await show_feed(context, services, added.feed, t.html("☑️ It is there already: somebody was faster."))
        return
    await context.record(AuditAct.ADD_FEED, title=feed_name(added.feed))
    services.wake_feeds()
    note = t.html("✅ Added. I am reading it now; its articles will follow in a moment.")
    await show_followed(context, services, added.feed, note, t.html("✅ Added."))
