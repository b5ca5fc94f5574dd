"""Whose draft it is, and what its card waits for."""

from __future__ import annotations

from bot.handlers.context import Context
from bot.handlers.services import AnnouncementServices
from digests.errors import NotFound
from digests.model.announcement import Announcement, AnnouncementState
from digests.model.dialogs import Dialog
from digests.model.ids import AnnouncementId


class Drafts:
    """Hands out a draft to whom it belongs; tells everybody else why not."""

    def __init__(self, services: AnnouncementServices) -> None:
        self._services = services

    async def draft(self, context: Context, number: int) -> Announcement | None:
        """The draft, when it still is one and his; else he is told."""
        one = await self._own(context, number)
        if one is not None and one.state is AnnouncementState.DRAFT:
            return one
        if one is not None:
            await self._say_gone(context)
        return None

    async def _own(self, context: Context, number: int) -> Announcement | None:
        """What they wrote, a draft or not any more; else they are told."""
        try:
            one = await self._services.announcements.get(AnnouncementId(number))
        except NotFound:
            await self._say_gone(context)
            return None
        if one.author_id == context.user.id:
            return one
        await self.too_late(context, one)
        return None

    async def too_late(self, context: Context, one: Announcement) -> None:
        """Tell whoever was not fast enough: it was sent or discarded, or another took it over."""
        one = await self._services.announcements.get(one.id)
        if one.state is not AnnouncementState.DRAFT:
            await self._say_gone(context)
            return
        await self.say_whose(context, one)

    async def say_whose(self, context: Context, one: Announcement) -> None:
        """Tell somebody whose draft it is, now that it is not theirs."""
        name = await context.notifier.name_of(one.author_id)
        await context.answer(context.t("This draft now belongs to {name}.", name=name), alert=True)

    async def _say_gone(self, context: Context) -> None:
        await context.answer(context.t("This announcement has already been sent or discarded."), alert=True)

    async def listen(self, context: Context, dialog: Dialog | None) -> None:
        """Take what they write next for what the card waits for; None: not for it."""
        await self._services.people.set_dialog(context.chat.id, context.user.id, dialog, context.now)
