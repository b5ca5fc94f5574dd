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
from bot.handlers.announcements.screens import Announcing
from bot.handlers.command import Command, Where
from bot.handlers.context import Talk
from bot.handlers.presses import InGroup, PressTable
from bot.i18n import gettext_noop
from digests.model.role import Role


async def _announce(talk: Talk, announcing: Announcing) -> None:
    await announcing.begin(talk)


async def _announcements(talk: Talk, announcing: Announcing) -> None:
    await announcing.going.listing(talk)


ANNOUNCEMENT_COMMANDS: tuple[Command[Callable[[Talk, Announcing], Awaitable[None]]], ...] = (
    Command(
        "announce",
        _announce,
        menu=gettext_noop("Say something to readers"),
        help=gettext_noop("/announce – say something to everybody, or to those of some categories"),
        editor_help=gettext_noop("/announce – write an announcement; an admin sends it"),
        role=Role.EDITOR,
        where=Where.PRIVATE,
    ),
    Command(
        "announcements",
        _announcements,
        menu=gettext_noop("What was said, and what came of it"),
        help=gettext_noop("/announcements – what was said, and what came of it: edit it, take it back"),
        editor_help=gettext_noop("/announcements – those that you wrote"),
        role=Role.EDITOR,
        where=Where.PRIVATE,
    ),
)


def add_announcement_presses(presses: PressTable, announcing: Announcing) -> None:
    """Register the handlers of announcements' buttons. What takes an admin, and whose draft it is, they ask."""
    presses.add(CardButton, announcing.pressed, role=Role.EDITOR, in_group=InGroup.NOBODY)
    presses.add(AudienceButton, announcing.options.choose, role=Role.EDITOR, in_group=InGroup.NOBODY)
    presses.add(AudiencePageButton, announcing.options.turn, role=Role.EDITOR, in_group=InGroup.NOBODY)
    presses.add(ConfirmButton, announcing.sending.confirm, role=Role.EDITOR, in_group=InGroup.NOBODY)
    presses.add(DiscardButton, announcing.sending.discard, role=Role.EDITOR, in_group=InGroup.NOBODY)
    presses.add(AnnouncementsButton, announcing.going.turned, role=Role.EDITOR, in_group=InGroup.NOBODY)
