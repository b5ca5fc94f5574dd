"""The methods that edit messages: editMessageText, -Caption, -Media, -ReplyMarkup, and editEphemeralMessage-."""

from __future__ import annotations

import time

from bot.simulator.botapi.access import editable_message
from bot.simulator.botapi.call import Call
from bot.simulator.botapi.ephemeral import find_ephemeral
from bot.simulator.botapi.keyboards import check_buttons, read_reply_markup
from bot.simulator.botapi.media import resolve_media
from bot.simulator.botapi.message_text import read_body, read_given, require_caption, require_text
from bot.simulator.botapi.previews import fetch_preview, read_preview_options
from bot.simulator.botapi.rich_message import read_rich_message, resolve_rich
from bot.simulator.refusal import bad_request, forbidden
from bot.simulator.state.chats import Message
from bot.simulator.text.formatted import Json

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


async def edit_message_text(call: Call) -> Json:
    """Replace the content of a text or rich message with a text or a rich message, and its keyboard."""
    if not call.text("text"):
        # A server from before 10.1 does not know the parameter.
        if call.has("rich_message") and call.world.knows_rich_messages:
            return await _edit_rich(call)
        raise bad_request("Message text is empty")
    preview = read_preview_options(call)
    parsed = read_body(call)
    markup = read_reply_markup(call, inline_only=True)
    message = _find_own(call)
    body = require_text(parsed)
    _check_has_text(message)
    _check_may_edit(call, message, markup)
    call.world.ledger.dropped_entities += parsed.dropped
    if (message.body, message.markup, message.preview) == (body, markup, preview):
        raise bad_request(_NOT_MODIFIED)
    message.preview_fails, message.preview_photo = await fetch_preview(call, body, preview)
    message.body, message.preview, message.rich = body, preview, None
    return _finish(call, message, markup)


async def _edit_rich(call: Call) -> Json:
    parsed = read_rich_message(call)
    markup = read_reply_markup(call, inline_only=True)
    message = _find_own(call)
    _check_has_text(message)
    rich = await resolve_rich(call, parsed)
    _check_may_edit(call, message, markup)
    if (message.rich, message.markup) == (rich, markup):
        raise bad_request(_NOT_MODIFIED)
    message.rich, message.body, message.preview = rich, None, None
    return _finish(call, message, markup)


def _check_has_text(message: Message) -> None:
    if message.media or (message.body is None and message.rich is None):
        raise bad_request("there is no text in the message to edit")


def edit_message_caption(call: Call) -> Json:
    """Change the caption and keyboard of a photo or document."""
    parsed = read_body(call, "caption")
    markup = read_reply_markup(call, inline_only=True)
    message = _find_own(call)
    caption = require_caption(parsed)
    if not message.media:
        raise bad_request("there is no caption in the message to edit")
    _check_may_edit(call, message, markup)
    above = call.flag("show_caption_above_media")
    if (message.body, message.markup, message.above) == (caption, markup, above):
        raise bad_request(_NOT_MODIFIED)
    message.body, message.above = caption, above
    return _finish(call, message, markup)


async def edit_message_media(call: Call) -> Json:
    """Replace the photo or document of a message, with its caption and keyboard."""
    item = call.json("media", "input media")
    if not isinstance(item, dict):
        raise bad_request("Can't parse InputMedia: expected an Object" if item else 'Parameter "media" is required')
    kind = item.get("type")
    if kind not in ("photo", "document"):
        raise bad_request(f'Can\'t parse InputMedia: type "{kind}" is unsupported')
    if not item.get("media"):
        raise bad_request("Can't parse InputMedia: media not found")
    parsed = read_given(str(item.get("caption") or ""), str(item.get("parse_mode") or ""), item.get("caption_entities"))
    markup = read_reply_markup(call, inline_only=True)
    message = _find_own(call)
    caption = require_caption(parsed)
    media, picture = await resolve_media(call, kind, str(item["media"]))
    _check_may_edit(call, message, markup)
    if (message.body, message.markup, message.media) == (caption, markup, media):
        raise bad_request(_NOT_MODIFIED)
    message.body, message.media, message.picture, message.rich = caption, media, picture, None
    return _finish(call, message, markup)


def edit_message_reply_markup(call: Call) -> Json:
    """Change the keyboard of a message."""
    markup = read_reply_markup(call, inline_only=True)
    message = _find_own(call)
    _check_may_edit(call, message, markup)
    if message.markup == markup:
        raise bad_request(_NOT_MODIFIED)
    return _finish(call, message, markup)


async def edit_ephemeral_message_text(call: Call) -> bool:
    """Replace the text of an ephemeral message, and its keyboard."""
    if not call.text("text"):
        raise bad_request("Message text is empty")
    preview = read_preview_options(call)
    parsed = read_body(call)
    markup = read_reply_markup(call, inline_only=True)
    message = find_ephemeral(call)
    body = require_text(parsed)
    _check_has_text(message)
    _check_may_edit(call, message, markup)
    if (message.body, message.markup, message.preview) == (body, markup, preview):
        raise bad_request(_NOT_MODIFIED)
    message.preview_fails, message.preview_photo = await fetch_preview(call, body, preview)
    message.body, message.preview = body, preview
    return _finish_ephemeral(call, message, markup)


def edit_ephemeral_message_reply_markup(call: Call) -> bool:
    """Change the keyboard of an ephemeral message."""
    markup = read_reply_markup(call, inline_only=True)
    message = find_ephemeral(call)
    _check_may_edit(call, message, markup)
    if message.markup == markup:
        raise bad_request(_NOT_MODIFIED)
    return _finish_ephemeral(call, message, markup)


def _finish_ephemeral(call: Call, message: Message, markup: Json | None) -> bool:
    message.markup = markup
    call.world.mark_edited(message)
    call.world.count_bad_links(message)
    return True


def _find_own(call: Call) -> Message:
    """Return the message that the call names, if the bot may edit it."""
    if not call.has("chat_id") and not call.number("message_id"):
        if not call.has("inline_message_id"):
            raise bad_request("Message identifier is not specified")
        raise bad_request("MESSAGE_ID_INVALID")
    message = editable_message(call)
    is_own = message.sender is call.world.bot or (
        message.chat.type == "channel" and message.sender is None and message.chat.is_admin(call.world.bot.id)
    )
    if not is_own or message.service or message.origin:
        raise bad_request("message can't be edited")
    return message


def _check_may_edit(call: Call, message: Message, markup: Json | None) -> None:
    chat = message.chat
    call.world.rates.check(chat.id, time.monotonic(), paid=call.flag("allow_paid_broadcast"))
    if chat.user is not None and chat.user.blocked:
        raise forbidden("bot was blocked by the user")
    check_buttons(markup, chat)


def _finish(call: Call, message: Message, markup: Json | None) -> Json:
    message.markup = markup
    call.world.mark_edited(message)
    call.world.count_bad_links(message)
    if call.logged is not None:
        call.logged.message_id = message.id
    return message.as_json()
