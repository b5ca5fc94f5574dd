"""Chats and their messages, as they are stored and as the Bot API shows them.

They are in one module because they refer to each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.simulator.state.users import User
from bot.simulator.text.formatted import FormattedText, Json, entity_json

PERMISSIONS = (
    "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
    "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
    "can_add_web_page_previews", "can_react_to_messages", "can_edit_tag", "can_change_info", "can_invite_users",
    "can_pin_messages", "can_manage_topics",
)  # fmt: skip
ADMIN_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members", "can_promote_members",
    "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
)  # fmt: skip
CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages", "can_manage_direct_messages")
GROUP_RIGHTS = ("can_pin_messages", "can_manage_topics", "can_manage_tags")
MEMBER_STATUSES = ("creator", "administrator", "member")


@dataclass(slots=True)
class Topic:
    """A forum topic; `thread` is Telegram's message_thread_id."""

    thread: int
    name: str
    closed: bool = False
    deleted: bool = False

    def as_json(self) -> Json:
        """Return a TOPIC, as `person.routes` describes it."""
        return {"thread": self.thread, "name": self.name, "closed": self.closed}


@dataclass(slots=True, eq=False)
class Chat:
    """A chat of any type, with its members, topics and messages.

    `members` maps user ids to "creator", "administrator", "member", "left" or "kicked". A private chat has its user's
    id.
    """

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
    lacking: dict[int, set[str]] = field(default_factory=dict)
    """The rights that administrators were not given, by their ids."""
    last_ephemeral: int = 0
    has_topics: bool = False
    """Whether a private chat may have topics; of a supergroup `is_forum` says so."""
    discussion: Chat | None = None
    """The group into which a channel's posts are forwarded."""
    typing_until: float = 0.0

    @property
    def is_private(self) -> bool:
        """Whether this is a user's chat with the bot."""
        return self.user is not None

    def reply_keyboard(self, user: User) -> Json | None:
        """Return the reply keyboard that a user's app shows: that of the newest message with one, unless removed."""
        for message in reversed(self.messages.values()):
            markup = message.markup or {}
            if message.deleted or message.sender is user or not ("keyboard" in markup or "remove_keyboard" in markup):
                continue
            return markup if "keyboard" in markup else None
        return None

    def as_json(self) -> Json:
        """Return Telegram's Chat object."""
        if self.user is not None:
            return {"id": self.id, "type": "private", **self.user.names()}
        shown: Json = {"id": self.id, "type": self.type, "title": self.title}
        if self.username:
            shown["username"] = self.username
        if self.is_forum:
            shown["is_forum"] = True
        return shown

    def status_of(self, user_id: int) -> str:
        """Return a user's status here, "left" for those who never joined."""
        return self.members.get(user_id, "left")

    def is_admin(self, user_id: int) -> bool:
        """Return whether a user is an administrator, or the creator."""
        return self.status_of(user_id) in ("creator", "administrator")

    def has_right(self, user_id: int, right: str) -> bool:
        """Return whether a user is an administrator who has this right; the creator has all of them."""
        if not self.is_admin(user_id):
            return False
        return self.status_of(user_id) == "creator" or right not in self.lacking.get(user_id, ())

    def is_inside(self, user_id: int) -> bool:
        """Return whether a user is a member, administrators included."""
        return self.status_of(user_id) in MEMBER_STATUSES

    def allows(self, permission: str, user_id: int) -> bool:
        """Return whether a member may do this; permissions don't bind administrators."""
        return self.is_admin(user_id) or self.permissions.get(permission, True)

    def count_members(self) -> int:
        """Return the number of members, the bot included."""
        return 2 if self.is_private else sum(1 for status in self.members.values() if status in MEMBER_STATUSES)

    def member_json(self, user: User) -> Json:
        """Return Telegram's ChatMember object."""
        status = self.status_of(user.id)
        shown: Json = {"user": user.as_json(), "status": status}
        match status:
            case "creator":
                shown["is_anonymous"] = False
            case "administrator":
                shown |= {"can_be_edited": False, "is_anonymous": False}
                shown |= {right: self.has_right(user.id, right) for right in self.rights()}
            case "kicked":
                shown["until_date"] = 0
            case _:
                pass
        return shown

    def rights(self) -> tuple[str, ...]:
        """Return the names of the rights that administrators may have here."""
        return ADMIN_RIGHTS + (CHANNEL_RIGHTS if self.type == "channel" else GROUP_RIGHTS)

    def permissions_json(self) -> Json:
        """Return Telegram's ChatPermissions object."""
        return {name: self.permissions.get(name, True) for name in PERMISSIONS}


@dataclass(slots=True, eq=False)
class Message:
    """A message; `media` and `service` hold fields as Telegram names them (photo, new_chat_members ...)."""

    chat: Chat
    id: int
    date: int
    sender: User | None
    body: FormattedText | None = None
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
    order: int = 0
    """Its position in the chat: ephemeral messages are numbered apart from the others."""
    picture: str = ""
    """The address that the bot gave as the photo or document; empty for an upload."""
    mentioned: dict[int, Json] | None = None
    sender_chat: Chat | None = None
    """The chat in whose name it was written."""
    author: User | None = None
    """The user who wrote it in a chat's name, which the bot does not see."""
    spoiler: bool = False
    is_automatic_forward: bool = False
    rich: Json | None = None
    """Telegram's RichMessage object; a message that has one has neither text nor media."""
    preview_fails: bool = False
    """Whether Telegram could not fetch the page of the preview, of which it then shows none."""
    receiver: User | None = None
    """The only person who sees an ephemeral message, whose id here is its ephemeral id with a minus."""
    preview_photo: Json | None = None
    """The largest PhotoSize of the picture that the preview's address is, where that is known."""
    via_bot: User | None = None
    """The bot by whose inline mode it was sent."""

    def is_seen_by(self, user: User | None) -> bool:
        """Return whether a user sees it; an ephemeral message is seen by its receiver alone."""
        return self.receiver is None or self.receiver is user

    @property
    def text(self) -> str:
        """The text or caption."""
        return self.body.text if self.body else ""

    @property
    def inline_keyboard(self) -> list[list[Json]]:
        """The rows of inline buttons."""
        rows = (self.markup or {}).get("inline_keyboard")
        return rows if isinstance(rows, list) else []

    def as_json(self, *, with_reply: bool = True) -> Json:
        """Return Telegram's Message object."""
        shown: Json = {"message_id": max(self.id, 0), "date": self.date, "chat": self.chat.as_json()}
        if self.receiver is not None:
            shown |= {"receiver_user": self.receiver.as_json(), "ephemeral_message_id": -self.id}
        if self.sender is not None:
            shown["from"] = self.sender.as_json()
        if self.via_bot is not None:
            shown["via_bot"] = self.via_bot.as_json()
        sender_chat = self.chat if self.chat.type == "channel" else self.sender_chat
        if sender_chat is not None:
            shown["sender_chat"] = sender_chat.as_json()
        if self.thread and (self.chat.is_forum or self.chat.has_topics):
            shown |= {"message_thread_id": self.thread, "is_topic_message": True}
        shown |= self.media
        shown |= self.service
        if self.rich is not None:
            shown["rich_message"] = self.rich
        self._add_body(shown)
        replied = self.reply_to or self._topic_root()
        if replied is not None and not replied.deleted and with_reply:
            shown["reply_to_message"] = replied.as_json(with_reply=False)
        if self.inline_keyboard:
            shown["reply_markup"] = self.markup
        self._add_flags(shown)
        return shown

    def _topic_root(self) -> Message | None:
        """Return the service message that opened the topic: to Telegram, every message in it is a reply to that."""
        if not self.thread or not (self.chat.is_forum or self.chat.has_topics) or self.id == self.thread:
            return None
        return self.chat.messages.get(self.thread)

    def inaccessible_json(self) -> Json:
        """Return Telegram's InaccessibleMessage object: all that a press shows of a message that is gone."""
        return {"chat": self.chat.as_json(), "message_id": self.id, "date": 0}

    def _add_body(self, shown: Json) -> None:
        if self.body is None or not self.body.text:
            return
        text_field, entities_field = ("caption", "caption_entities") if self.media else ("text", "entities")
        shown[text_field] = self.body.text
        if self.body.entities:
            shown[entities_field] = [entity_json(entity, self.mentioned) for entity in self.body.entities]

    def _add_flags(self, shown: Json) -> None:
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
