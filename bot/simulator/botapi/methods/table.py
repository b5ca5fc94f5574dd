"""The methods that exist, each with its handler and its parameters as the Bot API names and types them.

The types are `i` Integer, `s` String, `b` Boolean, `c` Integer or String, `j` an object or array, `f` a file, and `m`
a file or String; `!` marks what is required. A test compares them with the Bot API's machine-readable description.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.simulator.botapi.call import Call
from bot.simulator.botapi.methods import (
    answering,
    chats,
    copying,
    editing,
    inline,
    profile,
    receiving,
    removing,
    sending,
    topics,
)

MethodHandler = Callable[[Call], object] | Callable[[Call], Awaitable[object]]

_TARGET = "business_connection_id:s chat_id:c! message_thread_id:i"
_TOPIC = "direct_messages_topic_id:i"
_PRIVATE = "receiver_user_id:i callback_query_id:s"
_FLAGS = "disable_notification:b protect_content:b"
_PAID = "allow_paid_broadcast:b message_effect_id:s"
_POST = "suggested_post_parameters:j"
_CAPTION = "caption:s parse_mode:s caption_entities:j"
_EDIT = "business_connection_id:s chat_id:c message_id:i inline_message_id:s"
_EPHEMERAL = "chat_id:c! receiver_user_id:i! ephemeral_message_id:i!"
_FORUM = "chat_id:c! message_thread_id:i!"
_MENU = "scope:j language_code:s"


@dataclass(frozen=True, slots=True)
class Method:
    """A method; `types` maps all its parameters to their types."""

    name: str
    handler: MethodHandler
    types: dict[str, str]
    required: tuple[str, ...]


def _method(name: str, handler: MethodHandler, parameters: str = "") -> Method:
    pairs = [parameter.split(":") for parameter in parameters.split()]
    types = {parameter: kind.rstrip("!") for parameter, kind in pairs}
    return Method(name, handler, types, tuple(parameter for parameter, kind in pairs if kind.endswith("!")))


_SENDING = [
    _method(
        "sendMessage",
        sending.send_message,
        f"{_TARGET} {_TOPIC} {_PRIVATE} text:s! parse_mode:s entities:j link_preview_options:j {_FLAGS} {_PAID} "
        f"{_POST} reply_parameters:j reply_markup:j",
    ),
    _method(
        "sendRichMessage",
        sending.send_rich_message,
        f"{_TARGET} {_TOPIC} rich_message:j! {_FLAGS} {_PAID} {_POST} reply_parameters:j reply_markup:j",
    ),
    _method(
        "sendPhoto",
        sending.send_photo,
        f"{_TARGET} {_TOPIC} {_PRIVATE} photo:m! {_CAPTION} show_caption_above_media:b has_spoiler:b {_FLAGS} "
        f"{_PAID} {_POST} reply_parameters:j reply_markup:j",
    ),
    _method(
        "sendDocument",
        sending.send_document,
        f"{_TARGET} {_TOPIC} {_PRIVATE} document:m! thumbnail:m {_CAPTION} disable_content_type_detection:b {_FLAGS} "
        f"{_PAID} {_POST} reply_parameters:j reply_markup:j",
    ),
    _method(
        "sendMediaGroup",
        sending.send_media_group,
        f"{_TARGET} {_TOPIC} media:j! {_FLAGS} {_PAID} reply_parameters:j",
    ),
    _method("sendChatAction", sending.send_chat_action, f"{_TARGET} action:s!"),
    _method(
        "copyMessage",
        copying.copy_message,
        f"chat_id:c! message_thread_id:i {_TOPIC} from_chat_id:c! message_id:i! video_start_timestamp:i {_CAPTION} "
        f"show_caption_above_media:b {_FLAGS} {_PAID} {_POST} reply_parameters:j reply_markup:j",
    ),
    _method(
        "forwardMessage",
        copying.forward_message,
        f"chat_id:c! message_thread_id:i {_TOPIC} from_chat_id:c! video_start_timestamp:i {_FLAGS} "
        f"message_effect_id:s {_POST} message_id:i!",
    ),
    _method(
        "copyMessages",
        copying.copy_messages,
        f"chat_id:c! message_thread_id:i {_TOPIC} from_chat_id:c! message_ids:j! {_FLAGS} remove_caption:b",
    ),
    _method(
        "forwardMessages",
        copying.forward_messages,
        f"chat_id:c! message_thread_id:i {_TOPIC} from_chat_id:c! message_ids:j! {_FLAGS}",
    ),
]
_CHANGING = [
    _method(
        "editMessageText",
        editing.edit_message_text,
        f"{_EDIT} text:s parse_mode:s entities:j link_preview_options:j rich_message:j reply_markup:j",
    ),
    _method(
        "editMessageCaption",
        editing.edit_message_caption,
        f"{_EDIT} {_CAPTION} show_caption_above_media:b reply_markup:j",
    ),
    _method("editMessageMedia", editing.edit_message_media, f"{_EDIT} media:j! reply_markup:j"),
    _method("editMessageReplyMarkup", editing.edit_message_reply_markup, f"{_EDIT} reply_markup:j"),
    _method(
        "editEphemeralMessageText",
        editing.edit_ephemeral_message_text,
        f"{_EPHEMERAL} text:s! parse_mode:s entities:j link_preview_options:j reply_markup:j",
    ),
    _method(
        "editEphemeralMessageReplyMarkup",
        editing.edit_ephemeral_message_reply_markup,
        f"{_EPHEMERAL} reply_markup:j",
    ),
    _method("deleteEphemeralMessage", removing.delete_ephemeral_message, _EPHEMERAL),
    _method("deleteMessage", removing.delete_message, "chat_id:c! message_id:i!"),
    _method("deleteMessages", removing.delete_messages, "chat_id:c! message_ids:j!"),
    _method(
        "pinChatMessage",
        removing.pin_chat_message,
        "business_connection_id:s chat_id:c! message_id:i! disable_notification:b",
    ),
    _method("unpinChatMessage", removing.unpin_chat_message, "business_connection_id:s chat_id:c! message_id:i"),
    _method("unpinAllChatMessages", removing.unpin_all_chat_messages, "chat_id:c!"),
    _method(
        "answerCallbackQuery",
        answering.answer_callback_query,
        "callback_query_id:s! text:s show_alert:b url:s cache_time:i",
    ),
    _method(
        "answerInlineQuery",
        inline.answer_inline_query,
        "inline_query_id:s! results:j! cache_time:i is_personal:b next_offset:s button:j",
    ),
]
_READING = [
    _method("getMe", profile.get_me),
    _method("logOut", profile.do_nothing),
    _method("close", profile.do_nothing),
    _method("getChat", chats.get_chat, "chat_id:c!"),
    _method("getChatMember", chats.get_chat_member, "chat_id:c! user_id:i!"),
    _method("getChatAdministrators", chats.get_chat_administrators, "chat_id:c! return_bots:b"),
    _method("getChatMemberCount", chats.get_chat_member_count, "chat_id:c!"),
    _method("createForumTopic", topics.create_forum_topic, "chat_id:c! name:s! icon_color:i icon_custom_emoji_id:s"),
    _method("editForumTopic", topics.edit_forum_topic, f"{_FORUM} name:s icon_custom_emoji_id:s"),
    _method("closeForumTopic", topics.close_forum_topic, _FORUM),
    _method("reopenForumTopic", topics.reopen_forum_topic, _FORUM),
    _method("deleteForumTopic", topics.delete_forum_topic, _FORUM),
    _method("leaveChat", chats.leave_chat, "chat_id:c!"),
    _method("getFile", receiving.get_file, "file_id:s!"),
    _method("getUpdates", receiving.get_updates, "offset:i limit:i timeout:i allowed_updates:j"),
    _method(
        "setWebhook",
        receiving.set_webhook,
        "url:s! certificate:f ip_address:s max_connections:i allowed_updates:j drop_pending_updates:b secret_token:s",
    ),
    _method("deleteWebhook", receiving.delete_webhook, "drop_pending_updates:b"),
    _method("getWebhookInfo", receiving.get_webhook_info),
]
_PROFILE = [
    _method("setMyCommands", profile.set_my_commands, f"commands:j! {_MENU}"),
    _method("getMyCommands", profile.get_my_commands, _MENU),
    _method("deleteMyCommands", profile.delete_my_commands, _MENU),
    _method("setMyName", profile.text_setter("name", "BOT_TITLE_INVALID"), "name:s language_code:s"),
    _method("getMyName", profile.text_getter("name"), "language_code:s"),
    _method(
        "setMyDescription",
        profile.text_setter("description", "BOT_DESCRIPTION_INVALID"),
        "description:s language_code:s",
    ),
    _method("getMyDescription", profile.text_getter("description"), "language_code:s"),
    _method(
        "setMyShortDescription",
        profile.text_setter("short_description", "BOT_ABOUT_INVALID"),
        "short_description:s language_code:s",
    ),
    _method("getMyShortDescription", profile.text_getter("short_description"), "language_code:s"),
]
METHODS = {method.name.lower(): method for method in (*_SENDING, *_CHANGING, *_READING, *_PROFILE)}
"""The methods by their names in lower case."""
