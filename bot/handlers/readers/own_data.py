"""What is kept about a chat: what that is, all of it as a file, and none of it any more."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.callbacks import ActionButton
from bot.chat_files.own import own_data_json
from bot.handlers.context import Context
from bot.handlers.services import ReaderServices
from bot.keyboards.base import button
from bot.telegram.messenger import Document
from bot.text.markup import LINE_BREAK
from digests.storage.places.own_data import KEPT_DAYS


async def privacy(context: Context, services: ReaderServices) -> None:
    """Say what is kept, for how long, and how to get or delete it."""
    t = context.t
    lines = [
        t.html("🔒 <b>What I keep</b>"),
        t.html("• this chat's id and name, its language and its settings"),
        t.html("• what is followed, watched and muted, and what you saved"),
        t.html("• which digests came: for {n} days", n=services.ledger_days)
        if services.ledger_days
        else t.html("• which digests came"),
        t.html("• the searches whose pages can still be turned: for {n} days", n=KEPT_DAYS),
        "",
        t.html("I keep nothing else that you write. It is all on the computer of whoever runs this bot."),
        "",
        t.html("/export sends you all of it as a file, /forget deletes it."),
    ]
    row = [button(t("📦 Export"), ActionButton("export")), button(t("🗑 Delete"), ActionButton("erase"))]
    await context.reply(LINE_BREAK.join(lines), InlineKeyboardMarkup([row]))


async def export(context: Context, services: ReaderServices) -> None:
    """Send all that is kept as a JSON file."""
    if not await context.may_change():
        return
    kept = await services.own_data.of(context.place.chat_id, _person_of(context))
    text = own_data_json(kept, await services.categories.tree(), context.now)
    document = Document(f"digestbot-{context.now:%Y-%m-%d}.json", text.encode())
    await context.send_file(document, context.t.html("📦 All that I keep about this chat."))


async def forget(context: Context, _services: ReaderServices) -> None:
    """Ask whether everything about this chat is to be deleted."""
    if not await context.may_change():
        return
    t = context.t
    lines = [t.html("🗑 <b>Delete everything about this chat?</b>")]
    if _person_of(context) is None:
        lines.append(t.html("No more digests come here, and all choices and settings are gone, in every topic."))
    else:
        lines.append(t.html("No more digests come; your choices, settings, saved articles and searches are gone."))
    if context.access.is_by_invitation and context.role is None:
        lines.append(t.html("To come back you would need a new invitation."))
    lines.append(t.html("This can't be undone. /export gives you a copy first; /pause only takes a break."))
    row = [button(t("Yes, delete"), ActionButton("erase!")), button(t("No"), ActionButton("close"))]
    await context.show(LINE_BREAK.join(lines), InlineKeyboardMarkup([row]))


async def forget_confirmed(context: Context, services: ReaderServices) -> None:
    """Delete everything about this chat, and say so in its last message."""
    if not await context.may_change():
        return
    await services.own_data.forget(context.place.chat_id, _person_of(context))
    await context.show(context.t.html("🗑 Everything about this chat is deleted. /start begins afresh."))


def _person_of(context: Context) -> int | None:
    """Return the person whose private chat the place is; None for a group or a channel."""
    return context.user.id if context.place.chat_id == context.user.id else None
