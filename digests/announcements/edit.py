"""Announcements that are out get another text or are taken back; `FollowUp` then changes their copies."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from digests.announcements.broadcast import Announcer, rendering
from digests.errors import InvalidInput
from digests.model.announcement import Act, ActKind, Announcement, AnnouncementState, Content, CopyState
from digests.model.delivery import DeliveryState
from digests.model.ids import AnnouncementId
from digests.storage.announcements.acts import ActStore
from digests.storage.announcements.announcements import AnnouncementStore

_UNDER_WAY = (AnnouncementState.SENDING, AnnouncementState.PAUSED)


def to_edit(one: Announcement, language: str) -> Content:
    """What an edit of this language's text changes. InvalidInput where there is no text that could be changed."""
    content = one.contents.get(language)
    if content is None:
        texts = ", ".join(each or "the default" for each in one.contents)
        raise InvalidInput(f"Announcement {one.id} has no such text; it has {texts}.")
    if content.copy_of is not None:
        raise InvalidInput("A copied message can't be changed. You can take it back and send another.")
    return content


class Changer:
    """From the chat and from the command line alike. Any method may raise NotFound or StorageError."""

    def __init__(self, announcements: AnnouncementStore, announcer: Announcer, acts: ActStore) -> None:
        self._announcements = announcements
        self._announcer = announcer
        self._acts = acts

    async def edit(self, number: AnnouncementId, language: str, html: str, by: int, now: datetime) -> Act | None:
        """All copies of this language's text follow, and what is still to go goes with the new one; None where
        nothing has gone. InvalidInput: see `to_edit`."""
        content = to_edit(await self._announcements.get(number), language)
        if not await self._announcements.rewrite(number, language, replace(content, html=html)):
            return None
        new = rendering(await self._announcements.get(number), language)
        await self._acts.keep(new, now)
        return await self._begin(number, ActKind.EDIT, by, now, new.key)

    async def recall(self, one: Announcement, by: int, now: datetime) -> Act | None:
        """Every copy is taken back, and whoever has not got it does not get it; None where there is no copy."""
        if one.state in _UNDER_WAY:
            await self._announcer.stop(one.id, now)
        if not (await self._announcer.progress(one)).of(DeliveryState.SENT):
            return None
        return await self._begin(one.id, ActKind.RECALL, by, now, None)

    async def halt(self, number: AnnouncementId) -> None:
        """Leave the copies that an edit or a recall has not changed yet as they are."""
        await self._acts.stop(number)

    async def last(self, number: AnnouncementId) -> Act | None:
        """Return the last edit or recall of an announcement."""
        return await self._acts.last(number)

    async def progress(self, act: Act) -> dict[CopyState, int]:
        """Return how many copies an edit or a recall has changed and has still to change, by their state."""
        return await self._acts.progress(act.id)

    async def is_recalled(self, number: AnnouncementId) -> bool:
        """Return whether an announcement was taken back, or is just being."""
        return await self._acts.recalled(number)

    async def report_to(self, act: Act, chat_id: int, message_id: int) -> None:
        """Have the message of a chat show how far an edit or a recall has come."""
        await self._acts.report_to(act.id, chat_id, message_id)

    async def _begin(self, number: AnnouncementId, kind: ActKind, by: int, now: datetime, key: str | None) -> Act:
        act = await self._acts.begin(number, kind, by, now, key)
        await self._acts.catch_up(act, now)
        return act
