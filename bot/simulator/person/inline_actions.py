"""What a person does behind the bot's name in any chat: type, and choose one of the results.

Every function raises ValueError, with one sentence that says why, when the person can't do it.
"""

from __future__ import annotations

from bot.simulator.person.actions import check_may_write, reaches_bot
from bot.simulator.state.chats import Chat, Message
from bot.simulator.state.inline import InlineQuery
from bot.simulator.state.users import User
from bot.simulator.state.world import World
from bot.simulator.text.formatted import Json

MAX_QUERY = 256
MAX_OFFSET = 64


def type_inline(world: World, user: User, chat: Chat, text: str, offset: str) -> InlineQuery:
    """Type words behind the bot's name, of which the bot gets an update unless Telegram still has the answer."""
    if not world.has_inline_mode:
        raise ValueError("inline mode is switched off for this bot")
    if user.deactivated:
        raise ValueError(f"{user.full_name()} no longer has an account")
    if len(text) > MAX_QUERY:
        raise ValueError(f"Telegram's apps send at most {MAX_QUERY} characters of an inline query")
    if len(offset.encode()) > MAX_OFFSET:
        raise ValueError(f"an offset has at most {MAX_OFFSET} bytes")
    query = world.inline.add(user.id, text.strip(), offset)
    if query.answer is None:
        world.updates.add("inline_query", _query_json(query, user, chat))
    return query


def choose_result(world: World, user: User, chat: Chat, query_id: str, result_id: str, thread: int = 0) -> Message:
    """Choose a result, which the person sends into the chat "via" the bot."""
    query = world.inline.get(query_id)
    answer = query.answer if query is not None and query.user_id == user.id else None
    result = answer.result(result_id) if answer is not None else None
    if result is None:
        raise ValueError(f"{user.full_name()} was shown no result {result_id!r} of the query {query_id!r}")
    check_may_write(user, chat, thread)
    message = Message(
        chat=chat,
        id=world.next_message_id(chat),
        date=world.time(),
        sender=None if chat.type == "channel" else user,
        body=result.body,
        markup=result.markup,
        preview=result.preview,
        thread=thread,
        via_bot=world.bot,
        author=user if chat.type == "channel" else None,
    )
    if chat.user is not None:
        user.started = True
    world.post(message)
    world.count_bad_links(message)
    world.ledger.dropped_entities += result.dropped
    if reaches_bot(world, message):
        world.notify_bot(message)
    return message


def _query_json(query: InlineQuery, user: User, chat: Chat) -> Json:
    kind = chat.type if not chat.is_private else "sender" if chat.user is user else "private"
    return {"id": query.id, "from": user.as_json(), "query": query.text, "offset": query.offset, "chat_type": kind}
