"""A wish on a screen of its own: what it does, what can be changed about it, its end, and the way back."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.callbacks import EndWishButton, RestoreWishButton, SetAtOnceButton, SetMuteButton, WishButton
from bot.handlers.context import Context
from bot.handlers.services import ReaderServices
from bot.keyboards.wishes import ended_keyboard, wish_keyboard
from bot.render.wishes import ended_html, kept_away_html, matches_html, refusal_html, wish_html, wish_label
from bot.text.markup import LINE_BREAK, Html
from digests.model.wish import Matter, Subject, Wish, WishId, WishKind
from digests.model.wish_text import parse_wish_text, wish_text
from digests.readers.place_wishes import WishRefused, words_subject

MOST_HOURS = 10 * 365 * 24
"""Beyond ten years a mute is for good."""


async def wish_rows(
    context: Context, services: ReaderServices, kind: WishKind, length: int
) -> list[tuple[str, WishButton]]:
    """Return a button for each of the place's wishes of a kind, whose name is shortened to `length`."""
    tree = await services.categories.readers_tree()
    return [
        (wish_label(wish, tree, context.t, context.place.timezone, length), WishButton(wish.id))
        for wish in await services.wishes.of(context.place)
        if wish.kind is kind
    ]


async def show_wish(
    context: Context,
    services: ReaderServices,
    wish: Wish,
    *,
    page: int = 0,
    note: Html | None = None,
    anew: bool = False,
) -> None:
    """Show a wish with what can be changed about it, and above it a `note` on what was just done.

    With `anew` it is a message of its own, so that the article stays below which a button was pressed.
    """
    html = wish_html(wish, await services.categories.readers_tree(), context.t, context.place.timezone)
    parts = [html if note is None else note + LINE_BREAK + html]
    if wish.kind in (WishKind.WATCH, WishKind.MUTE):
        try:
            parts.append(await reach_html(context, services, wish.kind, wish.subject))
        except WishRefused as error:
            # It was fine when it was made; since then a category went, or everything is about it.
            parts.append(refused_html(context, services, error))
    may_be_at_once = may_tell_at_once(services, wish.kind, wish.subject)
    keyboard = wish_keyboard(wish, page, context.t, may_be_at_once=may_be_at_once)
    await (context.reply if anew else context.show)((LINE_BREAK + LINE_BREAK).join(parts), keyboard)


def may_tell_at_once(services: ReaderServices, kind: WishKind, subject: Subject) -> bool:
    """Return whether what such a wish finds may come at once: what watches for words find, if the operator likes."""
    return kind is WishKind.WATCH and subject.matter is Matter.WORDS and bool(services.most_at_once)


async def reach_html(context: Context, services: ReaderServices, kind: WishKind, subject: Subject) -> Html:
    """Return what a watch or a mute about this would have found in the last week.

    Raises:
        WishRefused: These words can't be wished for.
    """
    shown = kept_away_html if kind is WishKind.MUTE else matches_html
    if subject.matter is not Matter.WORDS:
        return shown(await services.subjects.came_lately(subject, context.now), (), context.t)
    sample = await services.wishes.sample(subject.value, context.now)
    return shown(sample.total, sample.articles, context.t)


def refused_html(context: Context, services: ReaderServices, error: WishRefused) -> Html:
    """Return why a wish was refused, and what to do instead."""
    return refusal_html(error.reason, error.what, services.wishes.most, context.t)


async def add_wish(
    context: Context,
    services: ReaderServices,
    kind: WishKind,
    subject: Subject,
    *,
    until: datetime | None = None,
    at_once: bool = False,
    most: int = 0,
    anew: bool = False,
) -> Wish | None:
    """Store a wish and return it; None where it was refused, after telling the reader why, `anew` as in `show_wish`.

    A watch is reason enough for digests to begin.
    """
    try:
        wish = await services.wishes.add(
            context.place, kind, subject, context.now, until=until, at_once=at_once, most=most
        )
    except WishRefused as error:
        await (context.reply if anew else context.show)(refused_html(context, services, error))
        return None
    if kind is WishKind.WATCH:
        await services.subscriptions.wake(context.place, context.now)
    return wish


async def find_wish(context: Context, services: ReaderServices, kind: WishKind, subject: Subject) -> Wish | None:
    """Return the place's wish of this kind about this, however words are written; None where it has none.

    Raises:
        WishRefused: These are no words for a wish.
    """
    if subject.matter is Matter.WORDS:
        subject = words_subject(subject.value)
    wishes = await services.wishes.of(context.place)
    return next((wish for wish in wishes if wish.kind is kind and wish.subject == subject), None)


async def _wish(context: Context, services: ReaderServices, wish_id: int) -> Wish | None:
    """Return the wish of this place that a button names, after telling the reader where there is none any more."""
    wish = next((wish for wish in await services.wishes.of(context.place) if wish.id == wish_id), None)
    if wish is None:
        await _tell_gone(context)
    return wish


async def _tell_gone(context: Context) -> None:
    await context.answer(context.t("That has ended already. /subscriptions shows what there is."))


async def wish_pressed(context: Context, services: ReaderServices, pressed: WishButton) -> None:
    """Show the wish that the button names."""
    wish = await _wish(context, services, pressed.wish)
    if wish is not None:
        await show_wish(context, services, wish, page=pressed.page)


async def at_once_pressed(context: Context, services: ReaderServices, pressed: SetAtOnceButton) -> None:
    """Have a watch tell at once, or only in the digest."""
    if not await context.may_change():
        return
    wish = await _wish(context, services, pressed.wish)
    if wish is None or wish.kind is not WishKind.WATCH:
        return
    at_once = bool(pressed.at_once) and may_tell_at_once(services, wish.kind, wish.subject)
    changed = None
    if at_once != wish.at_once:
        changed = await services.wishes.change(context.place, wish.id, context.now, at_once=at_once)
    await show_wish(context, services, changed or wish, page=pressed.page)


async def mute_end_pressed(context: Context, services: ReaderServices, pressed: SetMuteButton) -> None:
    """Have a mute end later or sooner, or never."""
    if not await context.may_change():
        return
    wish = await _wish(context, services, pressed.wish)
    if wish is None or wish.kind is not WishKind.MUTE:
        return
    until = end_of_mute(context, pressed.hours)
    if (changed := await add_wish(context, services, WishKind.MUTE, wish.subject, until=until)) is not None:
        await show_wish(context, services, changed, page=pressed.page)


def end_of_mute(context: Context, hours: int) -> datetime | None:
    """Return when a mute of so many hours ends; None for one that doesn't (0 hours)."""
    return context.now + timedelta(hours=hours) if 0 < hours <= MOST_HOURS else None


async def end_pressed(context: Context, services: ReaderServices, pressed: EndWishButton) -> None:
    """End the wish that the button names, and offer to have it back. A second tap changes nothing."""
    if not await context.may_change():
        return
    await end_wish(context, services, WishId(pressed.wish), pressed.page)


async def end_wish(context: Context, services: ReaderServices, wish_id: WishId, page: int) -> None:
    """End a wish of this place, and offer to have it back."""
    wish = await services.wishes.remove(context.place, wish_id)
    if wish is None:
        await _tell_gone(context)
        return
    token = await services.people.keep_lookup(context.chat.id, wish_text(wish), context.now)
    html = ended_html(wish, await services.categories.readers_tree(), context.t)
    await context.show(html, ended_keyboard(wish.kind, token, page, context.t))


async def restore_wish_pressed(context: Context, services: ReaderServices, pressed: RestoreWishButton) -> None:
    """Have a wish back as it was when it ended."""
    if not await context.may_change():
        return
    text = await services.people.lookup(context.chat.id, pressed.wish)
    ended = parse_wish_text(text) if text is not None else None
    if ended is None or (ended.until is not None and ended.until <= context.now):
        await context.show(context.t.html("That is too long ago to be undone. /subscriptions shows what there is."))
        return
    wish = await add_wish(
        context,
        services,
        ended.kind,
        ended.subject,
        until=ended.until,
        at_once=ended.at_once and may_tell_at_once(services, ended.kind, ended.subject),
        most=ended.most,
    )
    if wish is not None:
        await show_wish(context, services, wish, page=pressed.page, note=context.t.html("↩️ As it was:"))
