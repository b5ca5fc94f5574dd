"""The methods copyMessage, copyMessages, forwardMessage and forwardMessages."""

from __future__ import annotations

from bot.simulator.botapi.access import check_may_send, check_permission, find_message, readable_chat, writable_chat
from bot.simulator.botapi.call import Call
from bot.simulator.botapi.keyboards import check_buttons, read_reply_markup
from bot.simulator.botapi.message_text import read_body, require_caption
from bot.simulator.botapi.methods.sending import NO_TEXT_RIGHT, Draft, find_reply, post_message
from bot.simulator.botapi.previews import PreviewedPage
from bot.simulator.refusal import bad_request
from bot.simulator.state.chats import Chat, Message
from bot.simulator.text.formatted import Json


def copy_message(call: Call) -> Json:
    """Copy a message, with a new caption if one is given."""
    source = _find_source(call, call.number("message_id"), "message to copy")
    markup = read_reply_markup(call)
    chat, thread = writable_chat(call)
    draft = _draft(source)
    if call.has("caption") and source.media:
        draft.body = require_caption(read_body(call, "caption"))
    reply_to = find_reply(call, chat)
    check_permission(call, chat, "can_send_messages", NO_TEXT_RIGHT)
    check_may_send(call, chat)
    check_buttons(markup, chat)
    return {"message_id": post_message(call, chat, thread, draft, markup, reply_to).id}


def forward_message(call: Call) -> Json:
    """Forward a message, which names its origin."""
    source = _find_source(call, call.number("message_id"), "message to forward")
    chat, thread = writable_chat(call)
    check_permission(call, chat, "can_send_messages", NO_TEXT_RIGHT)
    check_may_send(call, chat)
    return _forward(call, source, chat, thread).as_json()


def copy_messages(call: Call) -> list[Json]:
    """Copy many messages, skipping those that are gone."""
    sources = _find_sources(call, "message to copy")
    chat, thread = writable_chat(call)
    check_may_send(call, chat, count=len(sources))
    return [{"message_id": post_message(call, chat, thread, _draft(source)).id} for source in sources]


def forward_messages(call: Call) -> list[Json]:
    """Forward many messages, skipping those that are gone."""
    sources = _find_sources(call, "message to forward")
    chat, thread = writable_chat(call)
    check_may_send(call, chat, count=len(sources))
    return [{"message_id": _forward(call, source, chat, thread).id} for source in sources]


def _forward(call: Call, source: Message, chat: Chat, thread: int) -> Message:
    message = post_message(call, chat, thread, _draft(source))
    message.origin = source.origin or _origin_of(source)
    return message


def _origin_of(source: Message) -> Json:
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
        rich=source.rich,
        page=PreviewedPage(source.preview_fails, source.preview_photo),
    )


def _find_source(call: Call, number: int, what: str) -> Message:
    source = find_message(readable_chat(call, "from_chat_id"), number, what)
    if source.service:
        raise bad_request("message can't be copied" if "copy" in what else "message can't be forwarded")
    return source


def _find_sources(call: Call, what: str) -> list[Message]:
    numbers = call.json("message_ids", "message_ids")
    if not isinstance(numbers, list) or not numbers:
        raise bad_request("Message identifiers are not specified")
    chat = readable_chat(call, "from_chat_id")
    found = [chat.messages.get(int(number)) for number in numbers]
    sources = [message for message in found if message is not None and not message.deleted and not message.service]
    if not sources:
        raise bad_request("There are no messages to forward" if "forward" in what else "There are no messages to copy")
    return sources
