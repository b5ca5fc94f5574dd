"""Double taps on buttons that bring a new message: the second tap brings nothing.

It is a matter of moments, so nothing is lost when the program ends between two taps.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

from telegram import Update

_SECONDS = 2.0
_MOST = 10_000


class RecentPresses:
    """Knows who pressed which button of which message a moment ago."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._pressed: OrderedDict[tuple[int, str, str], float] = OrderedDict()

    def is_repeated(self, update: Update) -> bool:
        """Return whether the same person pressed the same button a moment ago, and note the press; False for others."""
        query = update.callback_query
        if query is None:
            return False
        where = f"{query.message.chat.id} {query.message.message_id}" if query.message else str(query.inline_message_id)
        key = (query.from_user.id, where, query.data or "")
        now, last = self._now(), self._pressed.pop(key, None)
        if last is not None and now - last < _SECONDS:
            self._pressed[key] = last
            return True
        self._pressed[key] = now
        if len(self._pressed) > _MOST:
            self._pressed.popitem(last=False)
        return False
