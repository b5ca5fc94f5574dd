"""The commands and buttons about places."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.callbacks import BackToOwnButton, ForumTopicsButton, ManageButton, PickChatButton, TopicsButton
from bot.handlers.command import Command, Where
from bot.handlers.context import Context
from bot.handlers.headings import MORE
from bot.handlers.places import managing, private_topics
from bot.handlers.presses import InGroup, PressTable
from bot.handlers.services import PlaceServices
from bot.i18n import gettext_noop

PLACE_COMMANDS: tuple[Command[Callable[[Context, PlaceServices], Awaitable[None]]], ...] = (
    Command(
        "manage",
        managing.manage,
        menu=gettext_noop("Set up a group or a channel"),
        help=gettext_noop("/manage – set up a group or a channel from here"),
        heading=MORE,
        where=Where.PRIVATE,
    ),
)


def add_place_presses(presses: PressTable, services: PlaceServices) -> None:
    """Register the handlers of the buttons about places, which belong in private chats."""
    room = presses.of(services)
    room.add(ManageButton, managing.manage_pressed, in_group=InGroup.NOBODY)
    room.add(BackToOwnButton, managing.back_pressed, in_group=InGroup.NOBODY)
    room.add(PickChatButton, managing.pick_pressed, in_group=InGroup.NOBODY)
    room.add(ForumTopicsButton, managing.forum_topics_pressed, in_group=InGroup.NOBODY)
    room.add(TopicsButton, private_topics.topics_pressed, in_group=InGroup.NOBODY)
