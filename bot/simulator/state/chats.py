"""Chats and their messages, as they are stored and as the Bot API shows them: they refer to each other.

A chat knows who is in it and with what rights, and its topics.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.simulator.state.people import User
from bot.simulator.text.formatted import Formatted, Json, entity_json

PERMISSIONS = (
    "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
    "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
    "can_add_web_page_previews", "can_react_to_messages", "can_edit_tag", "can_change_info", "can_invite_users",
    "can_pin_messages", "can_manage_topics",
)  # fmt: skip
_ADMIN_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members", "can_promote_members",
    "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
)  # fmt: skip
_CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages", "can_manage_direct_messages")
_GROUP_RIGHTS = ("can_pin_messages", "can_manage_topics", "can_manage_tags")
INSIDE = ("creator", "administrator", "member")


@dataclass(slots=True)
class Topic:
    thread: int
    name: str
    closed: bool = False
    deleted: bool = False

    def as_json(self) -> Json:
        return {"thread": self.thread, "name": self.name, "closed": self.closed}


@dataclass(slots=True, eq=False)
class Chat:
    """`members`: user id -> creator, administrator, member, left or kicked. A private chat's id is its user's."""

    id: int
    type: str
    title: str = ""
    user: User | None = None
    username: str = ""
    is_forum: bool = False
    members: dict[int, str] = field(default_factory=dict)
    permissions: dict[str, bool] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    unread: dict[int, int] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    last_id: int = 0
    migrated_to: int | None = None
    is_deleted: bool = False
    hides_members: bool = False
    discussion: Chat | None = None
    """Of a channel: the group into which its posts are forwarded."""
    typing_until: float = 0.0

    @property
    def is_private(self) -> bool:
        return self.user is not None

    def as_json(self) -> Json:
        """Telegram's Chat."""
        if self.user is not None:
            return {"id": self.id, "type": "private", **self.user.names()}
        shown: Json = {"id": self.id, "type": self.type, "title": self.title}
        if self.username:
            shown["username"] = self.username
        if self.is_forum:
            shown["is_forum"] = True
        return shown

    def status_of(self, user_id: int) -> str:
        return self.members.get(user_id, "left")

    def is_admin(self, user_id: int) -> bool:
        return self.status_of(user_id) in ("creator", "administrator")

    def is_inside(self, user_id: int) -> bool:
        return self.status_of(user_id) in INSIDE

    def allows(self, permission: str, user_id: int) -> bool:
        """Whether a member may do this; permissions bind no admins."""
        return self.is_admin(user_id) or self.permissions.get(permission, True)

    def count_members(self) -> int:
        return 2 if self.is_private else sum(1 for status in self.members.values() if status in INSIDE)

    def member_json(self, user: User) -> Json:
        """Telegram's ChatMember."""
        status = self.status_of(user.id)
        shown: Json = {"user": user.as_json(), "status": status}
        match status:
            case "creator":
                shown["is_anonymous"] = False
            case "administrator":
                rights = _ADMIN_RIGHTS + (_CHANNEL_RIGHTS if self.type == "channel" else _GROUP_RIGHTS)
                shown |= {"can_be_edited": False, "is_anonymous": False} | dict.fromkeys(rights, True)
            case "kicked":
                shown["until_date"] = 0
            case _:
                pass
        return shown

    def permissions_json(self) -> Json:
        return {name: self.permissions.get(name, True) for name in PERMISSIONS}


@dataclass(slots=True, eq=False)
class Message:
    """`media` and `service` hold further fields just as Telegram names them (photo, new_chat_members ...)."""

    chat: Chat
    id: int
    date: int
    sender: User | None
    body: Formatted | None = None
    media: Json = field(default_factory=dict)
    service: Json = field(default_factory=dict)
    markup: Json | None = None
    preview: Json | None = None
    thread: int = 0
    reply_to: Message | None = None
    above: bool = False
    silent: bool = False
    protected: bool = False
    album: str = ""
    origin: Json | None = None
    edit_date: int = 0
    deleted: bool = False
    seq: int = 0
    picture: str = ""
    """What the bot gave as its photo or document: an address, or nothing for an upload."""
    mentioned: dict[int, Json] | None = None
    sender_chat: Chat | None = None
    """In whose name it was written, where that is no person."""
    author: User | None = None
    """Who wrote it in another's name; the bot does not learn of it."""
    spoiler: bool = False
    is_automatic_forward: bool = False

    @property
    def text(self) -> str:
        """The text or the caption."""
        return self.body.text if self.body else ""

    @property
    def inline_keyboard(self) -> list[list[Json]]:
        rows = (self.markup or {}).get("inline_keyboard")
        return rows if isinstance(rows, list) else []

    def as_json(self, *, with_reply: bool = True) -> Json:
        """Telegram's Message."""
        shown: Json = {"message_id": self.id, "date": self.date, "chat": self.chat.as_json()}
        if self.sender is not None:
            shown["from"] = self.sender.as_json()
        speaker = self.chat if self.chat.type == "channel" else self.sender_chat
        if speaker is not None:
            shown["sender_chat"] = speaker.as_json()
        if self.thread and self.chat.is_forum:
            shown |= {"message_thread_id": self.thread, "is_topic_message": True}
        shown |= self.media
        shown |= self.service
        self._show_body(shown)
        answered = self.reply_to or self._topic_root()
        if answered is not None and not answered.deleted and with_reply:
            shown["reply_to_message"] = answered.as_json(with_reply=False)
        if self.inline_keyboard:
            shown["reply_markup"] = self.markup
        self._show_marks(shown)
        return shown

    def _topic_root(self) -> Message | None:
        """To Telegram each message in a topic answers the one that tells of the topic's beginning."""
        if not self.thread or not self.chat.is_forum or self.id == self.thread:
            return None
        return self.chat.messages.get(self.thread)

    def inaccessible_json(self) -> Json:
        """Telegram's InaccessibleMessage: all that a press tells of a message that is gone."""
        return {"chat": self.chat.as_json(), "message_id": self.id, "date": 0}

    def _show_body(self, shown: Json) -> None:
        if self.body is None or not self.body.text:
            return
        names = ("caption", "caption_entities") if self.media else ("text", "entities")
        shown[names[0]] = self.body.text
        if self.body.entities:
            shown[names[1]] = [entity_json(one, self.mentioned) for one in self.body.entities]

    def _show_marks(self, shown: Json) -> None:
        optional: Json = {
            "link_preview_options": self.preview,
            "show_caption_above_media": self.above,
            "has_media_spoiler": self.spoiler,
            "is_automatic_forward": self.is_automatic_forward,
            "has_protected_content": self.protected,
            "media_group_id": self.album,
            "edit_date": self.edit_date,
            "forward_origin": self.origin,
        }
        shown |= {name: value for name, value in optional.items() if value}
