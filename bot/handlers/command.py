"""A command of the chat: what it runs, who may use it and where, and its lines in menus and /help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, Generic, TypeVar, cast

from digests.model.role import Role, is_at_least

RunT_co = TypeVar("RunT_co", covariant=True)
ContextT = TypeVar("ContextT")
ServicesT = TypeVar("ServicesT")


class Where(Enum):
    """Where a command may be used, and where it is answered."""

    ANYWHERE = auto()
    """Used anywhere, and answered there."""
    ASIDE = auto()
    """Used anywhere, but answered in the private chat, so that nobody else in a group reads the answer."""
    PRIVATE = auto()
    """Used in the private chat alone; elsewhere the bot says so."""


@dataclass(frozen=True, slots=True)
class Command(Generic[RunT_co]):
    """A row of the table of commands. All texts are messages for the catalogues.

    `role` is the least that it needs: None for what every reader may use. Its handler checks who may change the
    settings  of a group.

    `help` is its line in /help, below `heading`; commands that share a line have the same one. Commands that need a
    role  have a heading of their own, below which an editor reads `editor_help` instead.

    What `is_personal` is about whoever uses it, also while they manage another chat: what they saved, their data.
    """

    name: str
    run: RunT_co
    menu: str
    help: str
    heading: str = ""
    role: Role | None = None
    where: Where = Where.ANYWHERE
    is_personal: bool = False
    editor_help: str = ""

    @property
    def concerns_place(self) -> bool:
        """Whether it acts on the group or channel that somebody manages from their private chat."""
        return self.role is None and self.where is Where.ANYWHERE and not self.is_personal

    def is_for(self, role: Role | None) -> bool:
        """Return whether somebody with this role may use it."""
        return is_at_least(role, self.role)

    def is_known_to(self, role: Role | None) -> bool:
        """Return whether it exists for somebody with this role.

        Admins are told that a command is for owners; to everybody else, a command that they may not use is no command
        at  all.
        """
        return self.is_for(role) or is_at_least(role, Role.ADMIN)


def bind(
    commands: Iterable[Command[Callable[[ContextT, ServicesT], Awaitable[None]]]], services: ServicesT
) -> tuple[Command[Callable[[ContextT], Awaitable[None]]], ...]:
    """Return the commands with their services bound, so that they run with the context alone."""
    return tuple(_bound(command, services) for command in commands)


def _bound(
    command: Command[Callable[[ContextT, ServicesT], Awaitable[None]]], services: ServicesT
) -> Command[Callable[[ContextT], Awaitable[None]]]:
    async def run(context: ContextT) -> None:
        await command.run(context, services)

    # The type of `replace` can't express that a field changes the type parameter.
    return replace(cast("Command[Any]", command), run=run)
