"""Which handler a button leads to, and whether a press may act.

Telegram vouches for who pressed and where, but not for what the button said.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Generic, TypeVar

from telegram import Message

from bot.callbacks import Button, MissedButton, MoreButton, SourcesButton, TryMagazineButton
from bot.handlers.context import Context
from bot.handlers.rights import GroupRole, ephemeral_number, question_of, refusal
from digests.model.ids import DeliveryId
from digests.model.role import Role, is_at_least
from digests.storage.deliveries.plans import DeliveryStore

ButtonT = TypeVar("ButtonT", bound=Button)
ServicesT = TypeVar("ServicesT")
PressHandler = Callable[[Context, ButtonT], Awaitable[None]]


FOR_ALL = (MoreButton, MissedButton, SourcesButton, TryMagazineButton)
"""The buttons below a digest that go once they were pressed, so that what they bring is for all who read it."""


class InGroup(Enum):
    """Who may press a button in a group. A handler that changes something checks for the group's admins itself."""

    NOBODY = auto()
    """It belongs in a private chat."""
    ASKER = auto()
    """For whoever sent the command that its message answers, and for the group's admins."""
    ASKER_OF_LIST = auto()
    """The same, but others are told to ask for a list of their own."""
    EVERYBODY = auto()
    """It is below a digest, which belongs to all who read it."""


@dataclass(frozen=True, slots=True)
class PressRoute(Generic[ButtonT]):
    """A row of the table of buttons. `role` is the least that it needs: None for what every reader may press."""

    kind: type[ButtonT]
    run: PressHandler[ButtonT]
    role: Role | None
    in_group: InGroup

    def is_for(self, context: Context) -> bool:
        """Return whether whoever pressed has the role, and the button belongs in this kind of chat."""
        return is_at_least(context.role, self.role) and (context.is_private or self.in_group is not InGroup.NOBODY)


class PressTable:
    """The handler of each kind of button."""

    def __init__(self) -> None:
        self._routes: dict[type[Button], PressRoute[Any]] = {}

    def add(
        self,
        kind: type[ButtonT],
        run: PressHandler[ButtonT],
        *,
        role: Role | None = None,
        in_group: InGroup = InGroup.ASKER,
    ) -> None:
        """Register the handler of a kind of button. Raises ValueError for a kind that already has one."""
        if kind in self._routes:
            raise ValueError(f"{kind.__name__} has two handlers")
        self._routes[kind] = PressRoute(kind, run, role, in_group)

    def of(self, services: ServicesT) -> RoomPresses[ServicesT]:
        """Return the table for a room to fill whose handlers work with these services."""
        return RoomPresses(self, services)

    def require(self, kinds: Iterable[type[Button]]) -> None:
        """Raise ValueError if any of the kinds has no handler."""
        missing = [kind.__name__ for kind in kinds if kind not in self._routes]
        if missing:
            raise ValueError(f"no handler for {', '.join(missing)}")

    def route(self, pressed: Button) -> PressRoute[Any]:
        """Return the route of a button whose kind has a handler. Raises KeyError for another."""
        return self._routes[type(pressed)]


class RoomPresses(Generic[ServicesT]):
    """Adds the handlers of one room, which take its services before the button."""

    def __init__(self, table: PressTable, services: ServicesT) -> None:
        self._table = table
        self._services = services

    def add(
        self,
        kind: type[ButtonT],
        run: Callable[[Context, ServicesT, ButtonT], Awaitable[None]],
        *,
        role: Role | None = None,
        in_group: InGroup = InGroup.ASKER,
    ) -> None:
        """Register the handler of a kind of button, as `PressTable.add` does."""
        services = self._services

        async def press(context: Context, pressed: ButtonT) -> None:
            await run(context, services, pressed)

        self._table.add(kind, press, role=role, in_group=in_group)


async def may_act(
    context: Context, route: PressRoute[Any], pressed: Button, data: str, deliveries: DeliveryStore
) -> bool:
    """Return whether the press may act, after telling whoever pressed why not.

    A modified client can send any data with any message, so the data must be on the keyboard that Telegram sends
    along.
    """
    if context.pressed is not None:
        return await _may_act_on(context, route, context.pressed, data)
    if (
        context.is_private
        or await _is_of_a_topic(context, pressed, data)
        or await _is_of_a_digest(context, pressed, deliveries)
    ):
        return True
    await context.answer(
        context.t("This message is too old for its buttons. Please send the command again."), alert=True
    )
    return False


async def _may_act_on(context: Context, route: PressRoute[Any], message: Message, data: str) -> bool:
    if not carries(message, data):
        await context.answer(older_text(context))
        return False
    if context.is_private or route.in_group is InGroup.EVERYBODY or _asked(context, message):
        return True
    group_role = await context.group_role()
    if group_role is GroupRole.ADMIN:
        return True
    if route.in_group is InGroup.ASKER_OF_LIST:
        text = context.t("This list belongs to whoever asked for it. Send the command to get your own.")
    else:
        text = refusal(group_role, context.t)
    await context.answer(text, alert=True)
    return False


def older_text(context: Context) -> str:
    """Return the answer to a button that leads nowhere, or nowhere for whoever pressed it."""
    return context.t("This button is from an older message. /settings, /categories and /help have today's.")


def carries(message: Message, data: str) -> bool:
    """Return whether the message has a button with this data."""
    rows = message.reply_markup.inline_keyboard if message.reply_markup is not None else ()
    return any(button.callback_data == data for row in rows for button in row)


def _asked(context: Context, message: Message) -> bool:
    """Return whether the message answers a command of whoever pressed: in a group it is a reply to it.

    One that only they see answers nobody else.
    """
    if ephemeral_number(message):
        return True
    question = question_of(message)
    return (
        question is not None
        and question.sender_chat is None
        and question.from_user is not None
        and question.from_user.id == context.user.id
    )


async def _is_of_a_topic(context: Context, pressed: Button, data: str) -> bool:
    """Return whether the message that is gone was in the topic that the button names, for an admin of the group.

    What else was on the message, and who asked for it, is not known any more; an admin may do all of it by commands.
    What a digest brings is told by its messages.
    """
    if isinstance(pressed, MoreButton | SourcesButton):
        return False
    return context.data != data and await context.group_role() is GroupRole.ADMIN


async def _is_of_a_digest(context: Context, pressed: Button, deliveries: DeliveryStore) -> bool:
    """Return whether the message that is gone was the digest that the button names.

    If so, the context's place becomes the digest's, since only that still tells the topic. The button can't be removed
    any more, so only admins may press it: others would fill the chat with it.
    """
    query = context.update.callback_query
    gone = query.message if query is not None else None
    if gone is None or not isinstance(pressed, MoreButton | SourcesButton):
        return False
    if await context.group_role() is not GroupRole.ADMIN:
        return False
    delivery = await deliveries.get(DeliveryId(pressed.delivery))
    if delivery is None or delivery.place.chat_id != context.chat.id:
        return False
    if all(part.message_id != gone.message_id for part in delivery.parts):
        return False
    context.place, context.thread_id = delivery.place, delivery.place.thread_id
    return True
