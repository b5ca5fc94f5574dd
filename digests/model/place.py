"""Places: a chat or one forum topic of it, with its settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digests.model.digest import DigestOrder
from digests.model.ids import CategoryId, IngestNumber, PlaceId
from digests.model.layout import Layout

EVERY_DAY = "1234567"
MOST_LEAST_ITEMS = 50
MOST_ITEMS = 50


class PlaceKind(StrEnum):
    """What kind of chat a place is in, in Telegram's words."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class PlaceState(StrEnum):
    """Whether a place gets digests: only an ACTIVE one does.

    A NEW one met the bot but has chosen nothing yet. The others keep their settings.
    """

    NEW = "new"
    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Place:
    """A chat or one forum topic of it; `thread_id` 0 is the chat itself.

    `time` is local, "07:30" or "07:30,18:00"; `weekdays` are ISO numbers, "12345"; `quiet` is "22:00-07:00" or "".
    A paused place resumes at `resume_at`. Fewer new articles than `least_items` wait for the next slot; `silent`
    digests make no sound. `refuses_magazine` is set once Telegram refused a rich message there.

    `max_items` 0 and `says_empty` None mean what the operator set for all. `has_chosen_language` is False while the
    language is that of the reader's app, and `knows_zone` while the zone is only the operator's default. A topic that
    the bot made for a category in a private chat has that category as its `topic_of`. `refuses_ephemeral` is set once
    Telegram showed everybody in a group what was for the one who asked.
    """

    id: PlaceId
    chat_id: int
    thread_id: int
    kind: PlaceKind
    title: str
    language: str
    time: str
    timezone: str
    state: PlaceState
    state_reason: str
    next_at: datetime | None
    window_from: IngestNumber
    window_from_at: datetime
    created_at: datetime
    active_at: datetime
    weekdays: str = EVERY_DAY
    quiet: str = ""
    resume_at: datetime | None = None
    least_items: int = 1
    silent: bool = False
    layout: Layout = Layout.LIST
    refuses_magazine: bool = False
    max_items: int = 0
    digest_order: DigestOrder = DigestOrder.NEWEST
    says_empty: bool | None = None
    has_chosen_language: bool = False
    knows_zone: bool = True
    refuses_ephemeral: bool = False
    topic_of: CategoryId | None = None


def layouts_for(kind: PlaceKind) -> tuple[Layout, ...]:
    """Return the layouts that digests may have in such a chat.

    The magazine is for private chats: in others some members' apps would show nothing, and no one of them can say so
    for all.
    """
    return tuple(layout for layout in Layout if layout is not Layout.MAGAZINE or kind is PlaceKind.PRIVATE)


def usable_layout(wanted: Layout, kind: PlaceKind) -> Layout:
    """Return the layout that is wanted, or the usual one where such a chat can't have it."""
    return wanted if wanted in layouts_for(kind) else Layout.GALLERY
