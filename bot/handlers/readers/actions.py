"""Buttons without a screen or a list of their own: they run a command, or close what is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.callbacks import ActionButton
from bot.handlers.articles import listings
from bot.handlers.context import Context
from bot.handlers.readers import digests, lists, own_data, schedule, settings, start
from bot.handlers.services import ReaderServices


async def action_pressed(context: Context, services: ReaderServices, pressed: ActionButton) -> None:
    """Take the action that the button names; ignore one that no longer exists."""
    action = ACTIONS.get(pressed.what)
    if action is not None:
        await action(context, services)


async def _latest(context: Context, services: ReaderServices) -> None:
    await listings.latest(context, services.look_up)


async def _close(context: Context, _services: ReaderServices) -> None:
    await context.close()


async def _cancel(context: Context, services: ReaderServices) -> None:
    await services.people.set_dialog(context.chat.id, context.user.id, None, context.now)
    await context.show(context.t.html("Cancelled."))


ACTIONS: dict[str, Callable[[Context, ReaderServices], Awaitable[None]]] = {
    "digest": digests.digest,
    "latest": _latest,
    "menu": start.menu,
    "settings": settings.settings_below,
    "pause": schedule.pause,
    "resume": schedule.resume,
    "erase": own_data.forget,
    "erase!": own_data.forget_confirmed,
    "export": own_data.export,
    "list": lists.list_confirmed,
    "close": _close,
    "cancel": _cancel,
}
