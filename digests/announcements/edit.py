"""Announcements that were sent get another text, or are taken back; `CopyChangeWorker` then changes their copies."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from digests.announcements.broadcast import Broadcaster, announcement_rendering
from digests.errors import InvalidInput
from digests.model.announcement import Announcement, AnnouncementState, Content
from digests.model.copy_change import CopyChange, CopyChangeKind, CopyState
from digests.model.delivery import DeliveryState
from digests.model.ids import AnnouncementId, MessageRef
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.announcements.copy_changes import CopyChangeStore

_UNDER_WAY = (AnnouncementState.SENDING, AnnouncementState.PAUSED)


def to_edit(announcement: Announcement, language: str) -> Content:
    """Return what an edit of this language's text changes. Raises InvalidInput where no text can be changed."""
    content = announcement.contents.get(language)
    if content is None:
        texts = ", ".join(each or "the default" for each in announcement.contents)
        raise InvalidInput(f"Announcement {announcement.id} has no such text; it has {texts}.")
    if content.copy_of is not None:
        raise InvalidInput("A copied message can't be changed. You can take it back and send another.")
    return content


class AnnouncementEditor:
    """Edits and takes back what was sent. Any method may raise NotFound or StorageError."""

    def __init__(
        self, announcements: AnnouncementStore, broadcaster: Broadcaster, copy_changes: CopyChangeStore
    ) -> None:
        self._announcements = announcements
        self._broadcaster = broadcaster
        self._copy_changes = copy_changes

    async def edit(self, number: AnnouncementId, language: str, html: str, by: int, now: datetime) -> CopyChange | None:
        """Change all copies of this language's text, and what is still to be sent; None where nothing was sent.

        Raises InvalidInput as `to_edit` does.
        """
        content = to_edit(await self._announcements.get(number), language)
        if not await self._announcements.rewrite(number, language, replace(content, html=html)):
            return None
        new = announcement_rendering(await self._announcements.get(number), language)
        await self._copy_changes.keep(new, now)
        return await self._begin(number, CopyChangeKind.EDIT, by, now, new.key)

    async def recall(self, announcement: Announcement, by: int, now: datetime) -> CopyChange | None:
        """Take back every copy, and cancel it for all who have not got it; None where there is no copy."""
        if announcement.state in _UNDER_WAY:
            await self._broadcaster.stop(announcement.id, now)
        if not (await self._broadcaster.progress(announcement)).of(DeliveryState.SENT):
            return None
        return await self._begin(announcement.id, CopyChangeKind.RECALL, by, now, None)

    async def halt(self, number: AnnouncementId) -> None:
        """Leave the copies that an edit or a recall has not changed yet as they are."""
        await self._copy_changes.stop(number)

    async def last(self, number: AnnouncementId) -> CopyChange | None:
        """Return the last edit or recall of an announcement."""
        return await self._copy_changes.last(number)

    async def progress(self, change: CopyChange) -> dict[CopyState, int]:
        """Return how many copies an edit or a recall has changed and has still to change, by their state."""
        return await self._copy_changes.progress(change.id)

    async def is_recalled(self, number: AnnouncementId) -> bool:
        """Return whether an announcement was taken back, or is just being."""
        return await self._copy_changes.recalled(number)

    async def report_to(self, change: CopyChange, message: MessageRef) -> None:
        """Have a message show how far an edit or a recall has come."""
        await self._copy_changes.report_to(change.id, message)

    async def _begin(
        self, number: AnnouncementId, kind: CopyChangeKind, by: int, now: datetime, key: str | None
    ) -> CopyChange:
        change = await self._copy_changes.begin(number, kind, by, now, key)
        await self._copy_changes.catch_up(change, now)
        return change
