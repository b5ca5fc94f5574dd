"""A command of the chat: what it runs, who may say it and where, and how menus and /help speak of it."""

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
    """Where a command may be said, and where it is answered."""

    ANYWHERE = auto()
    """And answered there."""
    ASIDE = auto()
    """Said anywhere, but answered in the private chat: nobody else in a group is to read the answer."""
    PRIVATE = auto()
    """Said in the private chat alone; elsewhere the bot says so."""


@dataclass(frozen=True, slots=True)
class Command(Generic[RunT_co]):
    """A row of the table of commands. All texts are messages for the catalogues.

    `role` is the least that it needs: None for what every reader may say. Whether a group's settings may be changed by
    whoever says it there is its handler's question.

    `help` is its line in /help, below `heading`; commands that share a line have the same one. What needs a role stands
    below a heading of its own, in which `editor_help` is what an editor reads instead.
    """

    name: str
    run: RunT_co
    menu: str
    help: str
    heading: str = ""
    role: Role | None = None
    where: Where = Where.ANYWHERE
    editor_help: str = ""

    def is_for(self, role: Role | None) -> bool:
        """Return whether somebody with this role may say it."""
        return is_at_least(role, self.role)

    def is_known_to(self, role: Role | None) -> bool:
        """Return whether it exists for somebody with this role.

        An admin is told that a command is the owner's; to all others what they may not say is no command at all.
        """
        return self.is_for(role) or is_at_least(role, Role.ADMIN)


def bind(
    commands: Iterable[Command[Callable[[ContextT, ServicesT], Awaitable[None]]]], services: ServicesT
) -> tuple[Command[Callable[[ContextT], Awaitable[None]]], ...]:
    """Return the commands with their services bound: they run with the context alone."""
    return tuple(_bound(command, services) for command in commands)


def _bound(
    command: Command[Callable[[ContextT, ServicesT], Awaitable[None]]], services: ServicesT
) -> Command[Callable[[ContextT], Awaitable[None]]]:
    async def run(context: ContextT) -> None:
        await command.run(context, services)

    # `replace` has no word for a type that changes with a field.
    return replace(cast("Command[Any]", command), run=run)
