"""Who owns a draft, and what its card waits for."""

from __future__ import annotations

from bot.handlers.context import Context
from bot.handlers.services import AnnouncementServices
from digests.errors import NotFound
from digests.model.announcement import Announcement, AnnouncementState
from digests.model.dialogs import Dialog
from digests.model.ids import AnnouncementId


class Drafts:
    """Hands out drafts to their authors, and tells everybody else why not."""

    def __init__(self, services: AnnouncementServices) -> None:
        self._services = services

    async def draft(self, context: Context, number: int) -> Announcement | None:
        """Return the draft if it still is one and theirs; else tell them why not and return None."""
        announcement = await self._own(context, number)
        if announcement is not None and announcement.state is AnnouncementState.DRAFT:
            return announcement
        if announcement is not None:
            await self._say_gone(context)
        return None

    async def _own(self, context: Context, number: int) -> Announcement | None:
        """Return the announcement if they wrote it, a draft or not; else tell them why not and return None."""
        try:
            announcement = await self._services.announcements.get(AnnouncementId(number))
        except NotFound:
            await self._say_gone(context)
            return None
        if announcement.author_id == context.user.id:
            return announcement
        await self.too_late(context, announcement)
        return None

    async def too_late(self, context: Context, announcement: Announcement) -> None:
        """Tell somebody who was not fast enough: it was sent or discarded, or somebody else took it over."""
        announcement = await self._services.announcements.get(announcement.id)
        if announcement.state is not AnnouncementState.DRAFT:
            await self._say_gone(context)
            return
        await self.say_whose(context, announcement)

    async def say_whose(self, context: Context, announcement: Announcement) -> None:
        """Tell somebody who now owns the draft."""
        name = await context.notifier.name_of(announcement.author_id)
        await context.answer(context.t("This draft now belongs to {name}.", name=name), alert=True)

    async def _say_gone(self, context: Context) -> None:
        await context.answer(context.t("This announcement has already been sent or discarded."), alert=True)

    async def listen(self, context: Context, dialog: Dialog | None) -> None:
        """Take the next message for what this dialog waits for; with None, for nothing special."""
        await self._services.people.set_dialog(context.chat.id, context.user.id, dialog, context.now)
