"""copyMessage and forwardMessage, one and many."""

from __future__ import annotations

from bot.simulator.botapi.access import check_right, check_welcome, find_message, readable, writable
from bot.simulator.botapi.call import Call
from bot.simulator.botapi.keyboards import check_buttons, read_reply_markup
from bot.simulator.botapi.methods.sending import Draft, find_reply, post_message
from bot.simulator.botapi.texts import read_body, require_caption
from bot.simulator.refusal import bad
from bot.simulator.state.chats import Chat, Message
from bot.simulator.text.formatted import Json

_TEXT_RIGHT = "not enough rights to send text messages to the chat"


def copy_message(call: Call) -> Json:
    source = _source(call, call.number("message_id"), "message to copy")
    markup = read_reply_markup(call)
    chat, thread = writable(call)
    draft = _draft(source)
    if call.has("caption") and source.media:
        draft.body = require_caption(read_body(call, "caption"))
    reply_to = find_reply(call, chat)
    check_right(call, chat, "can_send_messages", _TEXT_RIGHT)
    check_welcome(call, chat)
    check_buttons(markup, chat)
    return {"message_id": post_message(call, chat, thread, draft, markup, reply_to).id}


def forward_message(call: Call) -> Json:
    source = _source(call, call.number("message_id"), "message to forward")
    chat, thread = writable(call)
    check_right(call, chat, "can_send_messages", _TEXT_RIGHT)
    check_welcome(call, chat)
    return _forward(call, source, chat, thread).as_json()


def copy_messages(call: Call) -> list[Json]:
    sources = _sources(call, "message to copy")
    chat, thread = writable(call)
    check_welcome(call, chat, count=len(sources))
    return [{"message_id": post_message(call, chat, thread, _draft(source)).id} for source in sources]


def forward_messages(call: Call) -> list[Json]:
    sources = _sources(call, "message to forward")
    chat, thread = writable(call)
    check_welcome(call, chat, count=len(sources))
    return [{"message_id": _forward(call, source, chat, thread).id} for source in sources]


def _forward(call: Call, source: Message, chat: Chat, thread: int) -> Message:
    message = post_message(call, chat, thread, _draft(source))
    message.origin = source.origin or _origin(source)
    return message


def _origin(source: Message) -> Json:
    if source.sender is None:
        return {"type": "channel", "date": source.date, "chat": source.chat.as_json(), "message_id": source.id}
    return {"type": "user", "date": source.date, "sender_user": source.sender.as_json()}


def _draft(source: Message) -> Draft:
    return Draft(
        source.body,
        source.media,
        source.preview,
        picture=source.picture,
        above=source.above,
        spoiler=source.spoiler,
    )


def _source(call: Call, number: int, what: str) -> Message:
    source = find_message(readable(call, "from_chat_id"), number, what)
    if source.service:
        raise bad("message can't be copied" if "copy" in what else "message can't be forwarded")
    return source


def _sources(call: Call, what: str) -> list[Message]:
    numbers = call.json("message_ids", "message_ids")
    if not isinstance(numbers, list) or not numbers:
        raise bad("Message identifiers are not specified")
    chat = readable(call, "from_chat_id")
    found = [chat.messages.get(int(number)) for number in numbers]
    kept = [one for one in found if one is not None and not one.deleted and not one.service]
    if not kept:
        raise bad("There are no messages to forward" if "forward" in what else "There are no messages to copy")
    return kept
