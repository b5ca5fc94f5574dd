"""/watch: words whose articles come, marked, whatever their category; what that means is shown before it begins."""

from __future__ import annotations

from bot.callbacks import WatchButton
from bot.handlers.context import Context
from bot.handlers.readers.wishing import add_wish, find_wish, refused_html, show_wish, wish_rows
from bot.handlers.services import ReaderServices
from bot.keyboards.wishes import proposed_watch_keyboard, wishes_keyboard
from bot.render.wishes import matches_html
from digests.model.wish import Matter, Subject, WishKind
from digests.readers.place_wishes import WishRefused
from digests.wishes.canonical import WishRefusal

_LABEL = 40


async def watch_words(context: Context, services: ReaderServices) -> None:
    """Show what the words after /watch would find, to be confirmed; without words, list what is watched."""
    if not context.text:
        await _show_watches(context, services)
    else:
        await propose_watch(context, services, "")


async def propose_watch(context: Context, services: ReaderServices, _about: str) -> None:
    """Show what watching the words in `context.text` would find, and ask whether to."""
    if not await context.may_change():
        return
    words = " ".join(context.text.split())
    try:
        sample = await services.wishes.sample(words, context.now)
        await _require_room(context, services, sample.words)
    except WishRefused as error:
        await context.reply(refused_html(context, services, error))
        return
    subject = Subject(Matter.WORDS, sample.words)
    known = await find_wish(context, services, WishKind.WATCH, subject)
    if known is not None:
        await show_wish(context, services, known, note=context.t.html("You watch this already:"))
        return
    token = await services.people.keep_lookup(context.chat.id, sample.words, context.now)
    heading = context.t.html("👁 <b>{words}</b>", words=words)
    if await find_wish(context, services, WishKind.MUTE, subject) is not None:
        heading = heading + "\n" + context.t.html("You mute this now; watching it ends the mute.")
    keyboard = proposed_watch_keyboard(token, context.t, may_be_at_once=bool(services.most_at_once))
    await context.reply(heading + "\n" + matches_html(sample.total, sample.articles, context.t), keyboard)


async def _require_room(context: Context, services: ReaderServices, words: str) -> None:
    """Raise WishRefused where the place can't have another wish: rather now than after it was confirmed."""
    wishes = await services.wishes.of(context.place)
    is_there = any(wish.subject == Subject(Matter.WORDS, words) for wish in wishes)
    if len(wishes) >= services.wishes.most and not is_there:
        raise WishRefused(WishRefusal.TOO_MANY)


async def watch_pressed(context: Context, services: ReaderServices, pressed: WatchButton) -> None:
    """Watch the words that were shown."""
    if not await context.may_change():
        return
    words = await services.people.lookup(context.chat.id, pressed.words)
    if words is None:
        await context.show(context.t.html("That was too long ago. Please send /watch with the words again."))
        return
    at_once = bool(pressed.at_once and services.most_at_once)
    wish = await add_wish(context, services, WishKind.WATCH, Subject(Matter.WORDS, words), at_once=at_once)
    if wish is not None:
        await show_wish(context, services, wish, note=context.t.html("✅ Watching:"))


async def _show_watches(context: Context, services: ReaderServices) -> None:
    rows = await wish_rows(context, services, WishKind.WATCH, _LABEL)
    text = context.t.html(
        "👁 <b>Watches</b>\nAn article with your words comes in your digest, marked, whatever its category, or at once "
        "if you like. Write <code>/watch moon landing</code>; all that /search understands works."
    )
    await context.reply(text, wishes_keyboard(rows, WishKind.WATCH, context.t))
