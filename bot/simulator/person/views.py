"""Views of users, chats, messages and events: the JSON shapes that `routes` describes."""

from __future__ import annotations

import time

from bot.simulator.botapi.previews import preview_view
from bot.simulator.rich.plain import blocks_to_text, text_of
from bot.simulator.state.chats import Chat, Message
from bot.simulator.state.events import Event
from bot.simulator.state.users import User
from bot.simulator.state.world import World
from bot.simulator.text.formatted import Json
from bot.simulator.text.html_view import entities_to_html, safe_href

_CONTENT_FIELDS = (
    "text", "caption", "entities", "caption_entities", "photo", "document", "rich_message", "reply_markup",
)  # fmt: skip


def user_view(user: User) -> Json:
    """Return a USER."""
    return {
        **user.as_json(),
        "blocked": user.blocked,
        "deactivated": user.deactivated,
        "started": user.started,
        "rich": user.rich,
    }


def chat_view(world: World, chat: Chat, user: User) -> Json:
    """Return a CHAT as the user sees it."""
    seen = (message for message in reversed(chat.messages.values()) if message.is_seen_by(user))
    last = next((message for message in seen if not message.deleted), None)
    blocked = chat.is_private and user.blocked
    return {
        "id": chat.id,
        "type": chat.type,
        "title": world.bot.full_name() if chat.is_private else chat.title,
        "unread": chat.unread.get(user.id, 0),
        "last_message": message_view(last, user) if last is not None else None,
        "is_forum": chat.is_forum or chat.has_topics,
        "topics": topics_view(chat),
        "status": chat.status_of(user.id),
        "bot": "kicked" if blocked else chat.status_of(world.bot.id),
        "typing": chat.typing_until > time.monotonic(),
        "members": chat.count_members(),
        "keyboard": keyboard_view(chat.reply_keyboard(user)),
        "migrated_to": chat.migrated_to,
    }


def keyboard_view(markup: Json | None) -> list[list[Json]]:
    """Return the rows of a reply keyboard: the texts of its buttons, and the request of one that asks for a chat."""
    rows = (markup or {}).get("keyboard")
    if not isinstance(rows, list):
        return []
    return [[{"text": button["text"], "request": button.get("request_chat")} for button in row] for row in rows]


def topics_view(chat: Chat) -> list[Json]:
    """Return the chat's topics that are not deleted, General first; none unless it is a forum."""
    if not (chat.is_forum or chat.has_topics):
        return []
    general: Json = {"thread": 0, "name": "General", "closed": False}
    return [general, *(topic.as_json() for topic in chat.topics.values() if not topic.deleted)]


def message_view(message: Message, user: User | None) -> Json:
    """Return a MESSAGE as the user sees it; of a deleted one, nothing of its content."""
    shown = message.as_json()
    shown |= {
        "seq": message.seq,
        "message_id": message.id,
        "order": message.order,
        "ephemeral": message.receiver is not None,
        "html": "",
        "outgoing": user is not None and user in (message.sender, message.author),
        "edited": bool(message.edit_date),
        "deleted": message.deleted,
        "silent": message.silent,
        "pinned": message.id in message.chat.pinned,
        "buttons": [],
        "preview": None,
        "photo_url": None,
        "file": None,
        "rich": None,
        "rich_text": "",
        "service": _describe_service(message),
    }
    if message.deleted:
        for name in _CONTENT_FIELDS:
            shown.pop(name, None)
        return shown
    shown["buttons"] = [[button_view(button) for button in row] for row in message.inline_keyboard]
    if message.body is not None:
        shown["html"] = entities_to_html(message.body)
    if message.rich is not None:
        _add_rich(message.rich, shown, "shown" if user is None else user.rich)
    if not message.media and not message.preview_fails:
        shown["preview"] = preview_view(message.body, message.preview)
    if message.preview_photo is not None and isinstance(shown["preview"], dict):
        photo = message.preview_photo
        shown["preview"] |= {
            "photo_url": f"/sim/files/{photo['file_id']}",
            "width": photo["width"],
            "height": photo["height"],
        }
    _add_files(message, shown)
    return shown


def _add_rich(rich: Json, shown: Json, client: str) -> None:
    """Add a rich message as the user's client shows it: of one that shows none, nothing but the keyboard."""
    shown["rich"] = client
    if client == "shown":
        blocks: list[Json] = list(rich["blocks"])  # type: ignore[call-overload]
        shown["rich_text"] = blocks_to_text(blocks)
    else:
        shown.pop("rich_message")


def event_view(event: Event, user: User) -> Json:
    """Return an EVENT as the user sees it."""
    shown: Json = {"seq": event.seq, "type": event.type, "chat": event.chat_id or None, **(event.extra or {})}
    if event.message is not None:
        shown["message"] = message_view(event.message, user)
    return shown


def button_view(button: Json) -> Json:
    """Return a button of a keyboard or of a rich message, as `person.routes` describes those of a MESSAGE."""
    shown: Json = {"text": text_of(button["text"]), "kind": "other"}
    if "callback_data" in button:
        shown |= {"kind": "callback", "data": button["callback_data"]}
    elif "url" in button:
        href = safe_href(str(button["url"]))
        shown |= {"kind": "url", "url": href} if href else {}
    elif "switch_inline_query" in button or "switch_inline_query_current_chat" in button:
        query = button.get("switch_inline_query", button.get("switch_inline_query_current_chat"))
        shown |= {"kind": "inline", "query": query}
    elif isinstance(copied := button.get("copy_text"), dict):
        shown |= {"kind": "copy", "copy": copied.get("text", "")}
    if button.get("style"):
        shown["style"] = button["style"]
    return shown


def _add_files(message: Message, shown: Json) -> None:
    photo, document = message.media.get("photo"), message.media.get("document")
    if isinstance(photo, list):
        shown["photo_url"] = safe_href(message.picture) if message.picture else f"/sim/files/{photo[-1]['file_id']}"
    if isinstance(document, dict):
        url = safe_href(message.picture) if message.picture else f"/sim/files/{document['file_id']}"
        shown["file"] = {"name": document["file_name"], "size": document["file_size"], "url": url}


def _describe_service(message: Message) -> str | None:
    """Describe a service message in one sentence; return None for all others."""
    actor = message.sender.full_name() if message.sender else message.chat.title
    for name, value in message.service.items():
        match name:
            case "new_chat_members" if isinstance(value, list):
                names = ", ".join(str(member["first_name"]) for member in value)
                is_joining = message.sender is not None and value[0]["id"] == message.sender.id
                return f"{names} joined" if is_joining else f"{actor} added {names}"
            case "left_chat_member" if isinstance(value, dict):
                leaver = str(value["first_name"])
                is_leaving = message.sender is not None and value["id"] == message.sender.id
                return f"{leaver} left" if is_leaving else f"{actor} removed {leaver}"
            case "group_chat_created" | "supergroup_chat_created" | "channel_chat_created":
                return f"{actor} created “{message.chat.title}”"
            case "pinned_message":
                return f"{actor} pinned a message"
            case "chat_shared" if isinstance(value, dict):
                return f"{actor} chose “{value.get('title', value['chat_id'])}”"
            case "migrate_to_chat_id":
                return "The group became a supergroup"
            case "migrate_from_chat_id":
                return "This supergroup was a group"
            case "forum_topic_created" if isinstance(value, dict):
                return f"{actor} opened the topic “{value['name']}”"
            case "forum_topic_closed":
                return f"{actor} closed the topic"
            case "forum_topic_reopened":
                return f"{actor} reopened the topic"
            case _:
                pass
    return None
