"""A feed by itself: how it is, what it brought, and what can be done with it."""

from __future__ import annotations

from dataclasses import replace

from bot.callbacks import (
    TICK,
    FeedButton,
    FeedsButton,
    FullTextButton,
    LookAgainButton,
    PauseFeedButton,
    RemoveFeedButton,
    RestoreFeedButton,
)
from bot.handlers.admins.feeds.kept import keep_removed, kept_removed
from bot.handlers.admins.feeds.showing import feed_screen, show_feed, show_followed
from bot.handlers.context import Context
from bot.handlers.services import FeedServices
from bot.keyboards.feeds import back_to_feeds_keyboard, feed_keyboard, removed_keyboard, removing_keyboard
from bot.render.feed_trouble import feed_refusal_text
from bot.render.feeds import exact_moment, feed_name
from digests.feeds.book import is_left_alone, was_just_looked_at
from digests.model.audit import AuditAct
from digests.model.feed import FeedId
from digests.model.feed_refusal import FeedRefusal, FeedRefused


async def feed_pressed(context: Context, services: FeedServices, pressed: FeedButton) -> None:
    """Show the feed that the button names."""
    feed = await services.feeds.find(FeedId(pressed.feed))
    if feed is None:
        await feed_is_gone(context)
    else:
        back = FeedsButton(pressed.state, pressed.page, pressed.words)
        html = await feed_screen(context, services, feed)
        await context.show(html, feed_keyboard(feed, context.t, has_full_text=services.has_full_text, back=back))


async def feed_is_gone(context: Context) -> None:
    """Say that a feed was removed meanwhile."""
    await context.show(context.t.html("This feed was removed."), back_to_feeds_keyboard(context.t))


async def say_refused(context: Context, error: FeedRefused) -> None:
    """Say why something can't be done with a feed."""
    await context.answer(feed_refusal_text(error.reason, context.t), alert=True)


async def pause_feed_pressed(context: Context, services: FeedServices, pressed: PauseFeedButton) -> None:
    """Pause a feed, or resume it; a second press changes nothing."""
    feed_id, pauses = FeedId(pressed.feed), pressed.to == TICK
    before = await services.feeds.find(feed_id)
    try:
        feed = await (services.book.pause if pauses else services.book.resume)(feed_id)
    except FeedRefused as error:
        await say_refused(context, error)
        return
    if feed is None or before is None:
        await feed_is_gone(context)
        return
    if before.is_paused != pauses:
        await context.record(AuditAct.PAUSE_FEED if pauses else AuditAct.RESUME_FEED, title=feed_name(feed))
        services.wake_feeds()
        if not pauses:
            await show_followed(context, services, feed)
            return
    await show_feed(context, services, feed)


async def look_again_pressed(context: Context, services: FeedServices, pressed: LookAgainButton) -> None:
    """Have a feed looked at now, unless it just was, or its site asked to be left alone; then show how it is."""
    t, now = context.t, context.now
    feed = await services.feeds.find(FeedId(pressed.feed))
    if feed is None:
        await feed_is_gone(context)
        return
    state = feed.state
    is_due = state.next_look_at <= now
    if feed.is_paused:
        # By a button from before it was: none is looked at that is paused.
        await show_feed(context, services, feed)
        return
    if not is_due and is_left_alone(feed, now):
        when = exact_moment(state.next_look_at, now, context.place.timezone, t)
        await context.answer(t("The site asked me to wait. I'll look at it again: {when}", when=when), alert=True)
    elif not is_due and was_just_looked_at(feed, now):
        await context.answer(t("I have just read it."))
    else:
        if not is_due:
            feed = await services.book.look_again(feed.id) or feed
        services.wake_feeds()
        await show_followed(context, services, feed, t.html("🔄 I am reading it now …"))
        return
    await show_feed(context, services, feed)


async def full_text_pressed(context: Context, services: FeedServices, pressed: FullTextButton) -> None:
    """Read the pages of a feed's articles from now on, or no longer."""
    feed = await services.feeds.find(FeedId(pressed.feed))
    if feed is None:
        await feed_is_gone(context)
        return
    is_on = pressed.to == TICK
    if feed.is_configured:
        await say_refused(context, FeedRefused(FeedRefusal.CONFIGURED))
        return
    if is_on and not services.has_full_text:
        await context.answer(context.t("Full text is not installed here; whoever runs me can add it."), alert=True)
        return
    if feed.options.full_text != is_on:
        changed = await services.feeds.change(feed.id, options=replace(feed.options, full_text=is_on))
        if changed is None:
            await feed_is_gone(context)
            return
        feed = changed
        await context.record(AuditAct.SET_FULL_TEXT, title=feed_name(feed), is_on=is_on)
    await show_feed(context, services, feed)


async def remove_feed_pressed(context: Context, services: FeedServices, pressed: RemoveFeedButton) -> None:
    """Ask whether a feed is to be removed, or remove it and offer to undo that."""
    t, feed_id = context.t, FeedId(pressed.feed)
    if not pressed.sure:
        feed = await services.feeds.find(feed_id)
        if feed is None:
            await feed_is_gone(context)
            return
        text = t.html(
            "🗑 <b>Remove “{name}”?</b>\nNothing new comes from it any more. The articles that it brought stay.",
            name=feed_name(feed),
        )
        await context.show(text, removing_keyboard(feed, t))
        return
    try:
        removed = await services.book.remove(feed_id)
    except FeedRefused as error:
        await say_refused(context, error)
        return
    if removed is None:
        await feed_is_gone(context)
        return
    await context.record(AuditAct.REMOVE_FEED, title=feed_name(removed))
    token = await keep_removed(context, services, removed)
    keyboard = removed_keyboard(RestoreFeedButton(token), t) if token else back_to_feeds_keyboard(t)
    text = t.html("🗑 <b>{name}</b> is removed. The articles that it brought stay.", name=feed_name(removed))
    await context.show(text, keyboard)


async def restore_feed_pressed(context: Context, services: FeedServices, pressed: RestoreFeedButton) -> None:
    """Undo a removal."""
    t, removed = context.t, await kept_removed(context, services, pressed.token)
    if removed is None:
        await context.show(t.html("That was too long ago to undo."), back_to_feeds_keyboard(t))
        return
    try:
        added = await services.book.add(removed.url, removed.options, title=removed.title, kind=removed.kind)
    except FeedRefused as error:
        await say_refused(context, error)
        return
    if added.is_new:
        await context.record(AuditAct.ADD_FEED, title=feed_name(added.feed))
        services.wake_feeds()
    note = t.html("↩️ It is there again.")
    await show_followed(context, services, added.feed, note, note)
