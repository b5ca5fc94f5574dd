"""The commands and buttons of announcements, for editors and admins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.callbacks import (
    AnnouncementsButton,
    AudienceButton,
    AudiencePageButton,
    CardButton,
    ConfirmButton,
    DiscardButton,
)
from bot.handlers.announcements.screens import AnnouncementScreens
from bot.handlers.command import Command, Where
from bot.handlers.context import Context
from bot.handlers.presses import InGroup, PressTable
from bot.i18n import gettext_noop
from digests.model.role import Role


async def _announce(context: Context, screens: AnnouncementScreens) -> None:
    await screens.begin(context)


async def _announcements(context: Context, screens: AnnouncementScreens) -> None:
    await screens.manage.listing(context)


ANNOUNCEMENT_COMMANDS: tuple[Command[Callable[[Context, AnnouncementScreens], Awaitable[None]]], ...] = (
    Command(
        "announce",
        _announce,
        menu=gettext_noop("Write an announcement"),
        help=gettext_noop("/announce – send a message to everyone, or to readers of some categories"),
        editor_help=gettext_noop("/announce – write an announcement; an admin sends it"),
        role=Role.EDITOR,
        where=Where.PRIVATE,
    ),
    Command(
        "announcements",
        _announcements,
        menu=gettext_noop("Announcements and their results"),
        help=gettext_noop("/announcements – past announcements and their results; edit them or take them back"),
        editor_help=gettext_noop("/announcements – the ones you wrote"),
        role=Role.EDITOR,
        where=Where.PRIVATE,
    ),
)


def add_announcement_presses(presses: PressTable, screens: AnnouncementScreens) -> None:
    """Register the handlers of announcements' buttons.

    The handlers themselves check what takes an admin, and whose draft it is.
    """
    presses.add(CardButton, screens.pressed, role=Role.EDITOR, in_group=InGroup.NOBODY)
    presses.add(AudienceButton, screens.options.choose, role=Role.EDITOR, in_group=InGroup.NOBODY)
    presses.add(AudiencePageButton, screens.options.turn_page, role=Role.EDITOR, in_group=InGroup.NOBODY)
    presses.add(ConfirmButton, screens.send.confirm, role=Role.EDITOR, in_group=InGroup.NOBODY)
    presses.add(DiscardButton, screens.send.discard, role=Role.EDITOR, in_group=InGroup.NOBODY)
    presses.add(AnnouncementsButton, screens.manage.turn_page, role=Role.EDITOR, in_group=InGroup.NOBODY)
