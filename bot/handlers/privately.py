"""Commands of admins that reveal something: in a group they are answered in the private chat."""

from __future__ import annotations

from dataclasses import replace

from telegram import Chat
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden

from bot.handlers.context import Action, Talk
from bot.i18n import speech


async def answer_privately(talk: Talk, action: Action) -> None:
    """Run a command so that nobody else in a group reads its answer, and say in the group where that is."""
    if talk.is_private:
        await action(talk)
    elif await _answer_aside(talk, action):
        await talk.reply(talk.words.html("The answer is in our private chat."))
    else:
        await talk.reply(
            talk.words.html("I can't write to you in private. Open our chat, press Start, then ask again.")
        )


async def _answer_aside(talk: Talk, action: Action) -> bool:
    """Run the command in the private chat; return False where nothing can be written there."""
    place = await talk.house.places.find(talk.user.id)
    if place is None:
        return False
    chat = Chat(talk.user.id, ChatType.PRIVATE, first_name=talk.user.first_name)
    try:
        await action(replace(talk, chat=chat, place=place, words=speech(place.language)))
    except Forbidden as error:
        await talk.house.places.lose(talk.user.id, error.message)
        return False
    except BadRequest as error:
        if "chat not found" not in error.message.lower():
            raise
        return False
    return True
