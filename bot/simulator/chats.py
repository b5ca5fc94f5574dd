"""Chats: who is in them and with what rights, their topics and their messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.simulator.formatted import Json
from bot.simulator.people import User

if TYPE_CHECKING:
    from bot.simulator.messages import Message

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
