"""The queue of updates for the bot, and the getUpdates request that waits for them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from bot.simulator.refusal import Refusal
from bot.simulator.text.formatted import Json

UPDATE_KINDS = (
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
    "edited_business_message", "deleted_business_messages", "guest_message", "message_reaction",
    "message_reaction_count", "inline_query", "chosen_inline_result", "callback_query", "shipping_query",
    "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member",
    "chat_join_request", "chat_boost", "removed_chat_boost", "managed_bot",
)  # fmt: skip
_OPT_IN_KINDS = ("chat_member", "message_reaction", "message_reaction_count")
_CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
_BY_WEBHOOK = "Conflict: terminated by setWebhook request"


class UpdateQueue:
    """A queue that one getUpdates request may wait for: a new one ends it with a conflict."""

    def __init__(self) -> None:
        self.waiting: deque[Json] = deque()
        self.allowed: tuple[str, ...] = ()
        self.on_new: Callable[[], None] | None = None
        self._last_id = 100_000_000
        self._poller: asyncio.Future[None] | None = None
        self._poller_is_gone: Callable[[], bool] = _never

    def allow(self, kinds: Sequence[str]) -> None:
        """Set the kinds of updates that the bot wants; an empty list: all but those that must be asked for.

        Unknown kinds are ignored, as Telegram does it.
        """
        self.allowed = tuple(kind for kind in kinds if kind in UPDATE_KINDS)

    def is_allowed(self, kind: str) -> bool:
        """Return whether the bot wants updates of this kind."""
        return kind in self.allowed if self.allowed else kind not in _OPT_IN_KINDS

    def add(self, kind: str, content: Json) -> int:
        """Queue an update, and return its id; return 0 when the bot does not want its kind."""
        if not self.is_allowed(kind):
            return 0
        self._last_id += 1
        self.waiting.append({"update_id": self._last_id, kind: content})
        self._wake()
        if self.on_new is not None:
            self.on_new()
        return self._last_id

    async def fetch(
        self, offset: int, limit: int, seconds: float, *, is_gone: Callable[[], bool] | None = None
    ) -> list[Json]:
        """Return updates from `offset` on, as getUpdates does, waiting up to `seconds` for the first.

        Raises Refusal (409) when another request takes over. `is_gone` tells whether the client has hung up: a
        request that takes over from such a client is no conflict.
        """
        self._end_poller(_CONFLICT)
        self.confirm(offset)
        if not self.waiting and seconds > 0:
            poller: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._poller, self._poller_is_gone = poller, is_gone or _never
            try:
                await asyncio.wait_for(poller, seconds)
            except TimeoutError:
                return []
            finally:
                if self._poller is poller:
                    self._poller = None
        return [self.waiting[at] for at in range(min(limit, len(self.waiting)))]

    def confirm(self, offset: int) -> None:
        """Drop the updates before `offset`; a negative offset keeps only so many of the newest."""
        if offset < 0:
            while len(self.waiting) > -offset:
                self.waiting.popleft()
            return
        while self.waiting and _update_id(self.waiting[0]) < offset:
            self.waiting.popleft()

    @property
    def is_polled(self) -> bool:
        """Whether a getUpdates request waits whose client has not hung up."""
        return self._poller is not None and not self._poller_is_gone()

    def end_polling(self) -> None:
        """End the waiting request with a conflict, because a webhook was set."""
        self._end_poller(_BY_WEBHOOK)

    def close(self) -> None:
        """Let the waiting request return without updates."""
        self._wake()

    def _end_poller(self, words: str) -> None:
        if self._poller is not None and not self._poller.done():
            if self._poller_is_gone():
                self._poller.set_result(None)
            else:
                self._poller.set_exception(Refusal(409, words))
        self._poller = None

    def _wake(self) -> None:
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(None)
        self._poller = None


def _never() -> bool:
    return False


def _update_id(update: Json) -> int:
    number = update["update_id"]
    assert isinstance(number, int)
    return number
