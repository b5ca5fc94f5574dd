"""editMessageText, editMessageCaption, editMessageMedia, editMessageReplyMarkup."""

from __future__ import annotations

import time

from bot.simulator.botapi.access import editable
from bot.simulator.botapi.call import Call
from bot.simulator.botapi.keyboards import check_buttons, read_reply_markup
from bot.simulator.botapi.media import document_of, photo_of
from bot.simulator.botapi.previews import read_preview
from bot.simulator.botapi.texts import read_body, read_given, require_caption, require_text
from bot.simulator.refusal import bad, forbidden
from bot.simulator.state.chats import Message
from bot.simulator.text.formatted import Json

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


def edit_message_text(call: Call) -> Json:
    if not call.text("text"):
        if call.has("rich_message"):
            raise bad("RICH_MESSAGE_UNSUPPORTED")
        raise bad("Message text is empty")
    preview = read_preview(call)
    reading = read_body(call)
    markup = read_reply_markup(call, inline_only=True)
    message = _own(call)
    body = require_text(reading)
    if message.body is None or message.media:
        raise bad("there is no text in the message to edit")
    _accept(call, message, markup)
    call.world.ledger.dropped_entities += reading.dropped
    if (message.body, message.markup, message.preview) == (body, markup, preview):
        raise bad(_NOT_MODIFIED)
    message.body, message.preview = body, preview
    return _edited(call, message, markup)


def edit_message_caption(call: Call) -> Json:
    reading = read_body(call, "caption")
    markup = read_reply_markup(call, inline_only=True)
    message = _own(call)
    caption = require_caption(reading)
    if not message.media:
        raise bad("there is no caption in the message to edit")
    _accept(call, message, markup)
    above = call.flag("show_caption_above_media")
    if (message.body, message.markup, message.above) == (caption, markup, above):
        raise bad(_NOT_MODIFIED)
    message.body, message.above = caption, above
    return _edited(call, message, markup)


def edit_message_media(call: Call) -> Json:
    item = call.json("media", "input media")
    if not isinstance(item, dict):
        raise bad("Can't parse InputMedia: expected an Object" if item else 'Parameter "media" is required')
    kind = item.get("type")
    if kind not in ("photo", "document"):
        raise bad(f'Can\'t parse InputMedia: type "{kind}" is unsupported')
    if not item.get("media"):
        raise bad("Can't parse InputMedia: media not found")
    reading = read_given(
        str(item.get("caption") or ""), str(item.get("parse_mode") or ""), item.get("caption_entities")
    )
    markup = read_reply_markup(call, inline_only=True)
    message = _own(call)
    caption = require_caption(reading)
    media, picture = (photo_of if kind == "photo" else document_of)(call, str(item["media"]))
    _accept(call, message, markup)
    if (message.body, message.markup, message.media) == (caption, markup, media):
        raise bad(_NOT_MODIFIED)
    message.body, message.media, message.picture = caption, media, picture
    return _edited(call, message, markup)


def edit_message_reply_markup(call: Call) -> Json:
    markup = read_reply_markup(call, inline_only=True)
    message = _own(call)
    _accept(call, message, markup)
    if message.markup == markup:
        raise bad(_NOT_MODIFIED)
    return _edited(call, message, markup)


def _own(call: Call) -> Message:
    """The bot's own message that the call names."""
    if not call.has("chat_id") and not call.number("message_id"):
        if not call.has("inline_message_id"):
            raise bad("Message identifier is not specified")
        raise bad("MESSAGE_ID_INVALID")
    message = editable(call)
    is_own = message.sender is call.world.bot or (
        message.chat.type == "channel" and message.sender is None and message.chat.is_admin(call.world.bot.id)
    )
    if not is_own or message.service or message.origin:
        raise bad("message can't be edited")
    return message


def _accept(call: Call, message: Message, markup: Json | None) -> None:
    chat = message.chat
    call.world.rates.check(chat.id, time.monotonic(), paid=call.flag("allow_paid_broadcast"))
    if chat.user is not None and chat.user.blocked:
        raise forbidden("bot was blocked by the user")
    check_buttons(markup, chat)


def _edited(call: Call, message: Message, markup: Json | None) -> Json:
    message.markup = markup
    call.world.edited(message)
    call.world.note_links(message)
    if call.entry is not None:
        call.entry.message_id = message.id
    return message.as_json()
