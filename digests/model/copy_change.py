"""Changes to the copies of announcements that were sent: edits and recalls (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digests.model.delivery import Part
from digests.model.ids import AnnouncementId, MessageRef


class CopyChangeKind(StrEnum):
    """What can be done to copies that were sent."""

    EDIT = "edit"
    RECALL = "recall"


class CopyState(StrEnum):
    """What became of the change to one chat's copy."""

    PENDING = "pending"
    EDITED = "edited"
    DELETED = "deleted"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class CopyChange:
    """An edit or a recall of all copies; its progress is counted from its own rows.

    `rendering` is the key of the new text that an edit gives them.
    """

    id: int
    announcement_id: AnnouncementId
    kind: CopyChangeKind
    by_id: int
    created_at: datetime
    rendering: str | None = None
    finished_at: datetime | None = None
    report: MessageRef | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """One place's copy, claimed for a change; `messages` are its message ids, those of an album in order."""

    act_id: int
    kind: CopyChangeKind
    delivery_id: int
    chat_id: int
    language: str
    messages: tuple[int, ...]
    sent_at: datetime
    attempts: int
    act_at: datetime
    part: Part
    new_key: str
