"""Digests on demand: what is new now, the rest of a digest, and one that may not have arrived."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.callbacks import BrowseButton, MissedButton, MoreButton
from bot.handlers.context import Context
from bot.handlers.readers.choosing import show_level
from bot.handlers.services import ReaderServices
from bot.keyboards.digest import more_keyboard
from bot.render.listing import listing
from digests.model.ids import DeliveryId
from digests.model.place import PlaceState


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
