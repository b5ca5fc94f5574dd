"""Commands of admins that reveal something: in a group they are answered in the private chat."""

from __future__ import annotations

from dataclasses import replace

from telegram import Chat
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden

from bot.handlers.context import CommandHandler, Context
from bot.i18n import translator
from digests.storage.places.places import PlaceStore


async def answer_privately(context: Context, action: CommandHandler, places: PlaceStore) -> None:
    """Run a command so that nobody else in a group reads its answer, and say in the group where that is."""
    if context.is_private:
        await action(context)
    elif await _answer_aside(context, action, places):
        await context.reply(context.t.html("I've answered in our private chat."))
    else:
        await context.reply(
            context.t.html("I can't message you privately yet. Open our chat, press Start, then ask again.")
        )


async def _answer_aside(context: Context, action: CommandHandler, places: PlaceStore) -> bool:
    """Run the command in the private chat; return False where nothing can be written there."""
    place = await places.find(context.user.id)
    if place is None:
        return False
    chat = Chat(context.user.id, ChatType.PRIVATE, first_name=context.user.first_name)
    try:
        await action(replace(context, chat=chat, thread_id=0, place=place, t=translator(place.language)))
    except Forbidden as error:
        await places.mark_lost(context.user.id, error.message)
        return False
    except BadRequest as error:
        if "chat not found" not in error.message.lower():
            raise
        return False
    return True
