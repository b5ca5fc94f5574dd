"""Messages as they are stored, and as the Bot API shows them."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.simulator.chats import Chat
from bot.simulator.formatted import Formatted, Json, entity_json
from bot.simulator.people import User


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
