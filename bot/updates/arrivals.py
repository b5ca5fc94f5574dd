"""What an update shows before it is parsed into objects: its chat, and how it may wait (pure).

Nothing here trusts the update's form. A malformed update belongs to no chat; the parser meets it again, and reports it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

_SHARED = ("group", "supergroup", "channel")
_TOO_LARGE = 1 << 53

RawUpdate = Mapping[str, Any]


class UpdateKind(Enum):
    """How an update waits for its turn."""

    MESSAGE = auto()
    ALBUM = auto()
    PRESS = auto()
    MEMBER = auto()
    MOVE = auto()
    INLINE = auto()
    """What somebody types behind the bot's name: the next letters make it worthless."""


@dataclass(slots=True, eq=False)
class Arrival:
    """An update that waits.

    `press` identifies a pressed button and what was shown with it; `answered` is set once the press was answered.
    `tries` is in how many processes that died it may have begun; `is_done` says that the database knows it as done.
    `is_over` is set once it needs no more work, and `on_over` is called then.
    """

    update_id: int
    chat_id: int
    kind: UpdateKind
    raw: RawUpdate
    query_id: str = ""
    press: tuple[object, ...] = ()
    answered: bool = False
    tries: int = 0
    is_done: bool = False
    is_over: bool = False
    on_over: Callable[[], None] | None = None

    @property
    def lane(self) -> tuple[int, bool]:
        """What it waits behind: what came before it in its chat, or from the same person in inline mode."""
        return self.chat_id, self.kind is UpdateKind.INLINE


def number_of(update: RawUpdate) -> int | None:
    """Return the update's number; None for what can't be one."""
    number = update.get("update_id")
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < _TOO_LARGE else None


def read_arrival(update: object) -> Arrival | None:
    """Return the update as it waits; None for one that does not concern the bot."""
    if not isinstance(update, Mapping) or (update_id := number_of(update)) is None:
        return None
    if isinstance(query := update.get("callback_query"), Mapping):
        return _read_press(update_id, update, query)
    if isinstance(typed := update.get("inline_query"), Mapping):
        return Arrival(update_id, _id_of(typed.get("from")), UpdateKind.INLINE, update)
    if isinstance(change := update.get("my_chat_member"), Mapping):
        return Arrival(update_id, _id_of(change.get("chat")), UpdateKind.MEMBER, update)
    message = update.get("message", update.get("edited_message"))
    if not isinstance(message, Mapping):
        # Whatever it is, the parser decides.
        return Arrival(update_id, 0, UpdateKind.MESSAGE, update)
    chat = message.get("chat")
    if "migrate_to_chat_id" in message:
        return Arrival(update_id, _id_of(chat), UpdateKind.MOVE, update)
    if not _is_for_the_bot(message, chat, is_edited="edited_message" in update):
        return None
    kind = UpdateKind.ALBUM if "media_group_id" in message else UpdateKind.MESSAGE
    return Arrival(update_id, _id_of(chat), kind, update)


def _read_press(update_id: int, update: RawUpdate, query: RawUpdate) -> Arrival:
    message, sender = query.get("message"), query.get("from")
    chat = message.get("chat") if isinstance(message, Mapping) else None
    message_id = message.get("message_id") if isinstance(message, Mapping) else None
    query_id, data = query.get("id"), query.get("data")
    press: tuple[object, ...] = ()
    if isinstance(message, Mapping) and isinstance(message_id, int) and isinstance(data, str):
        # Includes what the message showed: once that has changed, the same button may mean something else.
        press = (_id_of(sender), message_id, data, str(message.get("reply_markup")), str(message.get("text")))
    return Arrival(
        update_id,
        _id_of(chat) or _id_of(sender),
        UpdateKind.PRESS,
        update,
        query_id if isinstance(query_id, str) else "",
        press,
    )


def _is_for_the_bot(message: RawUpdate, chat: object, *, is_edited: bool) -> bool:
    """Return whether a message is for the bot: in groups and in edited messages, only commands are."""
    is_shared = isinstance(chat, Mapping) and chat.get("type") in _SHARED
    if not is_shared and not is_edited:
        return True
    words = message.get("text", message.get("caption"))
    return isinstance(words, str) and words.startswith("/")


def _id_of(value: object) -> int:
    found = value.get("id") if isinstance(value, Mapping) else None
    return found if isinstance(found, int) else 0
