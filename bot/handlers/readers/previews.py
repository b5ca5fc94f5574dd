"""/preview: the next digest as it stands. Nothing is stored, and nothing of it counts as sent."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup
from telegram.error import BadRequest, InvalidToken

from bot.callbacks import ActionButton, BrowseButton, PreviewButton, SettingsButton
from bot.handlers.context import Context
from bot.handlers.readers.choosing import show_level
from bot.handlers.services import ReaderServices
from bot.keyboards.base import button
from bot.render.soon import soon_text
from bot.telegram.messages import picture_preview
from bot.text.markup import Html, safe_url
from digests.model.delivery import Part
from digests.model.place import PlaceState
from digests.planning.single import Upcoming


async def preview(context: Context, services: ReaderServices) -> None:
    """Show the next digest as it would be if it came with what there is now, and say when it comes."""
    prepared = await services.planner.prepare(context.place, context.now)
    if prepared is None or not (prepared.due.wanted or prepared.due.wishes):
        if await context.may_change():
            await show_level(context, services, BrowseButton(setup=1), intro=True)
        return
    upcoming = await services.planner.upcoming(prepared)
    if not upcoming.selection.shown or upcoming.waits:
        await context.reply(_none_html(context, upcoming), _keyboard(context, has_digest=False))
        return
    await _send_all(context, *await services.planner.upcoming_parts(upcoming, context.now))
    await context.reply(_html(context, upcoming), _keyboard(context, has_digest=True))


async def preview_pressed(context: Context, services: ReaderServices, _pressed: PreviewButton) -> None:
    """Show the next digest; a double tap shows it once."""
    if not services.look_up.recent.is_repeated(context.update):
        await preview(context, services)


async def _send_all(context: Context, parts: Sequence[Part], instead: Sequence[Part]) -> None:
    """Send the messages of a digest, or others where Telegram refuses a magazine in this chat."""
    try:
        for part in parts:
            await _send(context, part)
    except (BadRequest, InvalidToken):
        # A server that knows no rich messages answers as it does to a wrong token: 404.
        if not instead:
            raise
        for part in instead:
            await _send(context, part)


async def _send(context: Context, part: Part) -> None:
    """Send a message of the digest: in a group as every answer, elsewhere with all of its pictures."""
    if context.is_private:
        await context.client.previews.send(context.chat.id, part, context.thread_id)
    else:
        await context.reply(Html(part.html), preview=picture_preview(safe_url(part.picture)))


def _html(context: Context, upcoming: Upcoming) -> Html:
    t, place, rest = context.t, upcoming.due.place, len(upcoming.selection.rest)
    lines = [t.html("👆 <b>Your next digest as it stands</b>")]
    if rest:
        lines.append(
            t.count_html(
                "{n} more article will be behind its button.", "{n} more articles will be behind its button.", rest
            )
        )
    lines.append(_when_html(context, upcoming))
    if upcoming.at is not None and place.state is PlaceState.ACTIVE:
        lines.append(t.html("What comes until then may change it."))
    return Html("\n").join(lines)


def _when_html(context: Context, upcoming: Upcoming) -> Html:
    t, place = context.t, upcoming.due.place
    if upcoming.at is None:
        return t.html("Your digest is off now, so it comes once you /resume.")
    moment = soon_text(upcoming.at, context.now, place.timezone, t)
    if place.state is PlaceState.PAUSED:
        return t.html("It comes {moment}, when your break ends.", moment=moment)
    return t.html("It comes {moment}.", moment=moment)


def _none_html(context: Context, upcoming: Upcoming) -> Html:
    """Return that there would be no digest, and why."""
    t, place, selection = context.t, upcoming.due.place, upcoming.selection
    lines = [t.html("👀 <b>Your next digest would be empty</b>")]
    muted = len(selection.wanted) - len(selection.unmuted)
    since = t.moment(min(place.window_from_at, context.now), place.timezone)
    if upcoming.waits:
        lines = [
            t.count_html(
                "⏳ <b>Your next digest would wait</b>\nThere is {n} article so far, and it comes when there are "
                "{least}.",
                "⏳ <b>Your next digest would wait</b>\nThere are {n} articles so far, and it comes when there are "
                "{least}.",
                len(selection.ranked),
                least=place.least_items,
            )
        ]
    elif muted and muted == len(selection.wanted):
        lines.append(t.count_html("You mute the {n} new article.", "You mute all {n} new articles.", muted))
    elif selection.new:
        lines.append(t.html("What is new is of stories that you had already."))
    else:
        lines.append(t.html("Nothing new since {since}. /latest shows the newest.", since=since))
    if upcoming.at is None:
        lines.append(t.html("Your digest is off now; /resume turns it on."))
    else:
        lines.append(t.html("It is due {moment}.", moment=soon_text(upcoming.at, context.now, place.timezone, t)))
    return Html("\n").join(lines)


def _keyboard(context: Context, *, has_digest: bool) -> InlineKeyboardMarkup:
    t = context.t
    row = [button(t("📰 Send it now"), ActionButton("digest"))] if has_digest else []
    return InlineKeyboardMarkup([[*row, button(t("⚙️ Settings"), SettingsButton())]])
