"""The buttons that do without a screen or a list: what a command does, or to close what is shown."""

from __future__ import annotations

from bot.callbacks import ActionButton
from bot.handlers.context import Action, Talk
from bot.handlers.readers import schedule, search, start


async def pressed(talk: Talk, callback: ActionButton) -> None:
    """Take the action that the button names; one that is not known any more does nothing."""
    action = ACTIONS.get(callback.what)
    if action is not None:
        await action(talk)


async def _close(talk: Talk) -> None:
    await talk.remove()


async def _cancel(talk: Talk) -> None:
    await talk.house.people.set_dialog(talk.chat.id, talk.user.id, None, talk.now)
    await talk.show(talk.words.html("Cancelled."))


ACTIONS: dict[str, Action] = {
    "digest": search.digest,
    "latest": search.latest,
    "menu": start.menu,
    "pause": schedule.pause,
    "resume": schedule.resume,
    "erase": schedule.erase_asked,
    "erase!": schedule.erase,
    "close": _close,
    "cancel": _cancel,
}
