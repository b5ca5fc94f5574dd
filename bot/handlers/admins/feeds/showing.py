"""The screen of a feed, which comes up to date by itself where a look at the feed was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from bot.handlers.context import Context, ShowNext
from bot.handlers.presses import ButtonT
from bot.handlers.services import FeedServices
from bot.keyboards.feeds import feed_keyboard
from bot.render.feeds import feed_html
from bot.text.markup import Html
from digests.model.feed import Feed

_LATEST = 3
_FOLLOW_SECONDS = 60.0
_PAUSE_SECONDS = 0.5


async def feed_screen(context: Context, services: FeedServices, feed: Feed, note: Html | None = None) -> Html:
    """Return what is shown of a feed, with its latest articles."""
    latest = await services.articles.get(await services.lists.latest(feed.id, _LATEST))
    return feed_html(feed, latest, context.t, context.place.timezone, context.now, note)


async def show_feed(context: Context, services: FeedServices, feed: Feed, note: Html | None = None) -> None:
    """Show a feed, and above it a `note` on what was just done."""
    html = await feed_screen(context, services, feed, note)
    await context.show(html, feed_keyboard(feed, context.t, has_full_text=services.has_full_text))


async def show_followed(
    context: Context, services: FeedServices, feed: Feed, note: Html | None = None, note_after: Html | None = None
) -> None:
    """Show a feed that is due, with a `note`; and again, with `note_after`, as soon as it was looked at.

    Nobody waits for that longer than a minute: until then the screen says that the look is to come.
    """
    html = await feed_screen(context, services, feed, note)
    key = _key(context)
    async with services.following.claim(key, takes_over=True) as is_free:
        show = await context.show_live(html, feed_keyboard(feed, context.t, has_full_text=services.has_full_text))
        if is_free:
            services.following.begin(key, partial(_follow, context, services, feed, note_after, show))


async def _follow(context: Context, services: FeedServices, before: Feed, note: Html | None, show: ShowNext) -> None:
    try:
        async with asyncio.timeout(_FOLLOW_SECONDS):
            feed = await _looked_at(services, before)
    except TimeoutError:
        return
    # Another process may have shown something else there since.
    if feed is not None and await services.following.is_ours(_key(context)):
        html = await feed_screen(context, services, feed, note)
        show(html, feed_keyboard(feed, context.t, has_full_text=services.has_full_text))


async def _looked_at(services: FeedServices, before: Feed) -> Feed | None:
    """Return a feed once it was looked at; None if it is removed meanwhile."""
    while (feed := await services.feeds.find(before.id)) is not None:
        if feed.state.looked_at != before.state.looked_at:
            return feed
        await asyncio.sleep(_PAUSE_SECONDS)
    return None


def _key(context: Context) -> str:
    return f"{context.chat.id} {context.pressed.message_id if context.pressed is not None else 0}"


def ends_following(
    run: Callable[[Context, FeedServices, ButtonT], Awaitable[None]],
) -> Callable[[Context, FeedServices, ButtonT], Awaitable[None]]:
    """Return the handler of a button whose message shows something else from then on, so nothing follows there."""

    async def press(context: Context, services: FeedServices, pressed: ButtonT) -> None:
        await services.following.drop(_key(context))
        await run(context, services, pressed)

    return press
