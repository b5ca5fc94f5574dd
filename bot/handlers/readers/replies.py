"""What readers type after the bot asked them for it: each question has its handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.handlers.articles import saved
from bot.handlers.context import Context
from bot.handlers.readers import choosing, muting, watching, why, zones
from bot.handlers.services import ReaderServices
from digests.model.dialogs import AwaitedReply, Question

ReplyHandler = Callable[[Context, ReaderServices, str], Awaitable[None]]


async def _look_in_saved(context: Context, services: ReaderServices, _about: str) -> None:
    await saved.saved(context, services.look_up)


REPLIES: Mapping[Question, ReplyHandler] = MappingProxyType(
    {
        Question.CATEGORIES: choosing.letters_written,
        Question.SAVED: _look_in_saved,
        Question.ZONE: zones.city_typed,
        Question.WATCH: watching.propose_watch,
        Question.MUTE: muting.propose_mute,
        Question.WHY: why.why_answered,
    }
)
"""The handler of each question; it gets what the question is about, and finds the reply in `context.text`."""


async def replied(context: Context, services: ReaderServices, dialog: AwaitedReply) -> bool:
    """Hand a reply to the handler of its question, which is answered then; False where it has none any more."""
    await services.people.set_dialog(context.chat.id, context.user.id, None, context.now)
    handler = REPLIES.get(dialog.question)
    if handler is None or not context.text:
        return False
    await handler(context, services, dialog.about)
    return True
