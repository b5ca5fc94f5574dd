"""Digests on demand: what is new now, the rest of a digest, and one that may not have arrived."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup

from bot.callbacks import BrowseButton, MissedButton, MoreButton
from bot.handlers.context import Context
from bot.handlers.readers.choosing import show_level
from bot.handlers.rights import is_inside
from bot.handlers.services import ReaderServices
from bot.i18n import Translator
from bot.keyboards.articles import item_rows
from bot.keyboards.digest import more_keyboard, rest_link
from bot.render.listing import listing
from digests.model.article import Article
from digests.model.ids import DeliveryId
from digests.model.place import PlaceKind, PlaceState


async def digest(context: Context, services: ReaderServices) -> None:
    """Send what is new right now; the next slot repeats none of it."""
    if not await services.subscriptions.wants_anything(context.place):
        if await context.may_change():
            await show_level(context, services, BrowseButton(setup=1), intro=True)
        return
    # In a group this moves everybody's window, so it counts as a setting.
    if not await context.may_change():
        return
    if not await context.may_post():
        return
    found = [
        await services.subscriptions.digest_now(place, context.now)
        for place in await services.subscriptions.places_of(context.place)
    ]
    if planned := [delivery for delivery in found if delivery is not None]:
        await services.delivery_worker.deliver_due(planned)
        await say_where_it_went(context, services, planned[0])
        return
    since = context.t.moment(min(context.place.window_from_at, context.now), context.place.timezone)
    text = context.t.html("Nothing new in your categories since {since}. /latest shows the newest.", since=since)
    if context.place.state in (PlaceState.PAUSED, PlaceState.STOPPED):
        text = text + "\n" + context.t.html("Your daily digest is off; /resume turns it back on.")
    await context.reply(text)


async def say_where_it_went(context: Context, services: ReaderServices, planned: DeliveryId) -> None:
    """Tell somebody who manages another chat whether its digest went there: they don't see it where they are."""
    if not context.is_managing:
        return
    delivery = await services.deliveries.get(planned)
    if delivery is not None and any(part.message_id for part in delivery.parts):
        await context.reply(context.t.html("📮 Its digest has just gone there."))
    else:
        await context.reply(context.t.html("I could not post its digest yet. /manage says what I may do there."))


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
    zone = delivery.place.timezone
    pages = listing(heading, articles, context.t, zone, context.now, also=also, is_numbered=True)
    keyboard = _rest_keyboard(articles, delivery.id, pressed.offset + size, left, context.t)
    if not await context.remove_button():
        # Somebody else pressed first and has been sent it all.
        return
    for number, html in enumerate(pages, 1):
        await context.reply(html, keyboard if number == len(pages) else None)


async def rest_of_channel(context: Context, services: ReaderServices, delivery_id: DeliveryId, offset: int) -> None:
    """Send a page of the rest of a channel's digest to somebody who reads the channel, in their private chat."""
    delivery = await services.deliveries.get(delivery_id)
    is_of_channel = delivery is not None and delivery.place.kind is PlaceKind.CHANNEL
    rendering = await services.deliveries.rendering(delivery.rendering) if delivery is not None else None
    if delivery is None or rendering is None or not is_of_channel:
        await context.reply(context.t.html("This digest is too old to show more. /latest shows the newest."))
        return
    if not await is_inside(context.client.bot, delivery.place.chat_id, context.user.id):
        await context.reply(context.t.html("That is for those who are in the channel."))
        return
    end = offset + services.options.rest_size
    articles = await services.articles.get(rendering.rest[offset:end])
    left = max(0, len(rendering.rest) - end)
    heading, zone = context.t.html("📰 <b>More of your digest</b>"), context.place.timezone
    pages = listing(heading, articles, context.t, zone, context.now, is_numbered=True)
    rows = item_rows(articles)
    if left:
        rows.append([rest_link(delivery.id, end, left, context.client.bot.username, context.t)])
    for number, html in enumerate(pages, 1):
        await context.reply(html, InlineKeyboardMarkup(rows) if number == len(pages) else None)


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
    pages = listing(heading, articles, context.t, zone, context.now, is_numbered=True)
    keyboard = _rest_keyboard(articles, delivery.id, 0, rest, context.t)
    await context.answer()
    for number, html in enumerate(pages, 1):
        await context.reply(html, keyboard if number == len(pages) else None)


def _rest_keyboard(
    articles: Sequence[Article], delivery: DeliveryId, offset: int, rest: int, t: Translator
) -> InlineKeyboardMarkup | None:
    """Return the numbers of the articles shown, and a button for the `rest` of their digest, from `offset` on."""
    rows = item_rows(articles)
    if rest:
        rows.extend(list(row) for row in more_keyboard(delivery, offset, rest, t).inline_keyboard)
    return InlineKeyboardMarkup(rows) if rows else None
