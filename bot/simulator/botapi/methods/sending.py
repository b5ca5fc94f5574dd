"""The methods sendMessage, sendRichMessage, sendPhoto, sendDocument, sendMediaGroup and sendChatAction."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from bot.simulator.botapi.access import check_may_send, check_permission, writable_chat
from bot.simulator.botapi.call import Call
from bot.simulator.botapi.ephemeral import read_receiver
from bot.simulator.botapi.keyboards import check_buttons, read_reply_markup
from bot.simulator.botapi.media import resolve_media
from bot.simulator.botapi.message_text import ParsedText, read_body, read_given, require_caption, require_text
from bot.simulator.botapi.previews import NO_PAGE, PreviewedPage, fetch_preview, read_preview_options
from bot.simulator.botapi.rich_message import read_rich_message, resolve_rich
from bot.simulator.refusal import Refusal, bad_request
from bot.simulator.state.chats import Chat, Message
from bot.simulator.state.users import User
from bot.simulator.text.formatted import FormattedText, Json

_ACTIONS = (
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
)  # fmt: skip
NO_TEXT_RIGHT = "not enough rights to send text messages to the chat"
_album_numbers = itertools.count(13_000_000_000_000_001)


@dataclass(slots=True)
class Draft:
    """The content of a message that is not sent yet."""

    body: FormattedText | None
    media: Json
    preview: Json | None = None
    picture: str = ""
    album: str = ""
    above: bool = False
    spoiler: bool = False
    rich: Json | None = None
    page: PreviewedPage = NO_PAGE


async def send_message(call: Call) -> Json:
    """Send a text."""
    if not call.text("text"):
        raise bad_request("Message text is empty")
    preview = read_preview_options(call)
    parsed = read_body(call)
    markup = read_reply_markup(call)
    chat, thread = writable_chat(call)
    body = require_text(parsed)
    check_permission(call, chat, "can_send_messages", NO_TEXT_RIGHT)
    draft = Draft(body, {}, preview, page=await fetch_preview(call, body, preview))
    return _send(call, chat, thread, draft, markup, parsed.dropped)


async def send_rich_message(call: Call) -> Json:
    """Send a rich message."""
    if not call.world.knows_rich_messages:
        raise Refusal(404, "Not Found")
    rich = read_rich_message(call)
    markup = read_reply_markup(call)
    chat, thread = writable_chat(call)
    check_permission(call, chat, "can_send_messages", NO_TEXT_RIGHT)
    if rich.photos:
        check_permission(call, chat, "can_send_photos", "not enough rights to send photos to the chat")
    draft = Draft(None, {}, rich=await resolve_rich(call, rich))
    return _send(call, chat, thread, draft, markup, 0)


async def send_photo(call: Call) -> Json:
    """Send a photo."""
    return await _send_media(call, "photo")


async def send_document(call: Call) -> Json:
    """Send a document."""
    return await _send_media(call, "document")


async def _send_media(call: Call, kind: str) -> Json:
    if not call.text(kind) and kind not in call.files:
        raise bad_request(f"there is no {kind} in the request")
    parsed = read_body(call, "caption")
    markup = read_reply_markup(call)
    chat, thread = writable_chat(call)
    caption = require_caption(parsed)
    check_permission(call, chat, f"can_send_{kind}s", f"not enough rights to send {kind}s to the chat")
    media, picture = await resolve_media(call, kind, call.text(kind) or f"attach://{kind}")
    above, spoiler = call.flag("show_caption_above_media"), call.flag("has_spoiler")
    draft = Draft(caption, media, picture=picture, above=above, spoiler=spoiler)
    return _send(call, chat, thread, draft, markup, parsed.dropped)


def _send(call: Call, chat: Chat, thread: int, draft: Draft, markup: Json | None, dropped: int) -> Json:
    receiver = read_receiver(call, chat)
    reply_to = find_reply(call, chat, is_ephemeral=receiver is not None)
    check_may_send(call, chat)
    check_buttons(markup, chat)
    call.world.ledger.dropped_entities += dropped
    return post_message(call, chat, thread, draft, markup, reply_to, receiver).as_json()


def post_message(
    call: Call,
    chat: Chat,
    thread: int,
    draft: Draft,
    markup: Json | None = None,
    reply_to: Message | None = None,
    receiver: User | None = None,
) -> Message:
    """Store a message of the bot, after all checks."""
    world = call.world
    mentions = draft.body and any(entity.kind == "text_mention" for entity in draft.body.entities)
    message = Message(
        chat=chat,
        id=world.next_message_id(chat) if receiver is None else world.next_ephemeral_id(chat),
        date=world.time(),
        sender=None if chat.type == "channel" else world.bot,
        receiver=receiver,
        body=draft.body,
        media=draft.media,
        markup=markup,
        preview=draft.preview,
        thread=thread,
        reply_to=reply_to,
        above=draft.above,
        spoiler=draft.spoiler,
        silent=call.flag("disable_notification"),
        protected=call.flag("protect_content"),
        album=draft.album,
        picture=draft.picture,
        mentioned=world.known_users() if mentions else None,
        rich=draft.rich,
        preview_fails=draft.page.fails,
        preview_photo=draft.page.photo,
    )
    world.post(message)
    world.count_bad_links(message)
    world.ledger.count_message(chat.id)
    if call.logged is not None:
        call.logged.message_id = message.id
    return message


def find_reply(call: Call, chat: Chat, *, is_ephemeral: bool = False) -> Message | None:
    """Return the message that the call replies to.

    A message that is gone is refused, unless the call allows to send without the reply; an ephemeral message never is.
    """
    given = call.json("reply_parameters", "reply parameters")
    number = given.get("message_id") if isinstance(given, dict) else call.number("reply_to_message_id")
    if not isinstance(number, int) or not number:
        return None
    found = chat.messages.get(number)
    if found is not None and not found.deleted:
        return found
    lenient = given.get("allow_sending_without_reply") if isinstance(given, dict) else False
    if not is_ephemeral and (lenient or call.flag("allow_sending_without_reply")):
        return None
    raise bad_request("message to be replied not found")


async def send_media_group(call: Call) -> list[Json]:
    """Send an album of photos or documents."""
    given = call.json("media", "media")
    if given is None:
        raise bad_request('Parameter "media" is required')
    if not isinstance(given, list):
        raise bad_request("Expected an Array of InputMedia")
    captions = [_read_caption(item) for item in given]
    chat, thread = writable_chat(call)
    if not given:
        raise bad_request("There are no messages to send")
    if len(given) > 10:
        raise bad_request("Too many messages to send as an album")
    if len(given) == 1:
        raise bad_request("Album must have from 2 to 10 items")
    above = {bool(item.get("show_caption_above_media")) for item in given}
    if len(above) > 1:
        raise bad_request("Parameter show_caption_above_media must be the same for all messages")
    drafts = [await _album_draft(call, chat, item, caption) for item, caption in zip(given, captions, strict=True)]
    if len({"photo" if "photo" in draft.media else "document" for draft in drafts}) > 1:
        raise bad_request("Can't use the media of the specified type in the album")
    reply_to = find_reply(call, chat)
    check_may_send(call, chat, count=len(drafts))
    album = str(next(_album_numbers))
    shown: list[Json] = []
    for draft in drafts:
        draft.album = album
        shown.append(post_message(call, chat, thread, draft, reply_to=reply_to).as_json())
    return shown


def _read_caption(item: object) -> ParsedText:
    if not isinstance(item, dict):
        raise bad_request("Can't parse InputMedia: expected an Object")
    if item.get("type") not in ("photo", "document"):
        raise bad_request(f'Can\'t parse InputMedia: type "{item.get("type")}" is unsupported')
    if not item.get("media"):
        raise bad_request("Can't parse InputMedia: media not found")
    return read_given(str(item.get("caption") or ""), str(item.get("parse_mode") or ""), item.get("caption_entities"))


async def _album_draft(call: Call, chat: Chat, item: Json, parsed: ParsedText) -> Draft:
    kind = str(item["type"])
    check_permission(call, chat, f"can_send_{kind}s", f"not enough rights to send {kind}s to the chat")
    caption = require_caption(parsed)
    call.world.ledger.dropped_entities += parsed.dropped
    media, picture = await resolve_media(call, kind, str(item["media"]))
    above, spoiler = bool(item.get("show_caption_above_media")), bool(item.get("has_spoiler"))
    return Draft(caption, media, picture=picture, above=above, spoiler=spoiler and kind == "photo")


def send_chat_action(call: Call) -> bool:
    """Show that the bot is typing, uploading a photo and so on."""
    action = call.text("action")
    if not action:
        raise bad_request('Parameter "action" is required')
    if action not in _ACTIONS:
        raise bad_request("Wrong parameter action in request")
    chat, _ = writable_chat(call)
    if chat.user is not None and (chat.user.blocked or not chat.user.started):
        # Telegram accepts actions in the chats of all users; these users don't see them.
        return True
    call.world.show_typing(chat, action)
    return True
