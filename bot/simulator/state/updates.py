"""The updates that wait for the bot, and the one who may fetch them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from bot.simulator.refusal import Refusal
from bot.simulator.text.formatted import Json

KINDS = (
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
    "edited_business_message", "deleted_business_messages", "guest_message", "message_reaction",
    "message_reaction_count", "inline_query", "chosen_inline_result", "callback_query", "shipping_query",
    "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member",
    "chat_join_request", "chat_boost", "removed_chat_boost", "managed_bot",
)  # fmt: skip
_NOT_BY_DEFAULT = ("chat_member", "message_reaction", "message_reaction_count")
_CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
_BY_WEBHOOK = "Conflict: terminated by setWebhook request"


class Updates:
    """A queue with one poller: a new request ends the one that waits."""

    def __init__(self) -> None:
        self.waiting: deque[Json] = deque()
        self.allowed: tuple[str, ...] = ()
        self.on_new: Callable[[], None] | None = None
        self._last_id = 100_000_000
        self._poller: asyncio.Future[None] | None = None
        self._poller_is_gone: Callable[[], bool] = _never

    def allow(self, kinds: Sequence[str]) -> None:
        """An empty list: all but those that must be asked for. Unknown kinds are passed over, as Telegram does."""
        self.allowed = tuple(kind for kind in kinds if kind in KINDS)

    def is_allowed(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in _NOT_BY_DEFAULT

    def add(self, kind: str, content: Json) -> int:
        """Stores an update, if the bot wants its kind; its id, or 0."""
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
        """What Telegram's getUpdates gives; raises Refusal (409) when another request takes over.

        `is_gone` says whether the one who asks has hung up, so that his successor takes nothing from anybody.
        """
        self._end_poller(_CONFLICT)
        self.forget(offset)
        if not self.waiting and seconds > 0:
            mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._poller, self._poller_is_gone = mine, is_gone or _never
            try:
                await asyncio.wait_for(mine, seconds)
            except TimeoutError:
                return []
            finally:
                if self._poller is mine:
                    self._poller = None
        return [self.waiting[at] for at in range(min(limit, len(self.waiting)))]

    def forget(self, offset: int) -> None:
        """Confirms what lies before `offset`; a negative one keeps only the last ones."""
        if offset < 0:
            while len(self.waiting) > -offset:
                self.waiting.popleft()
            return
        while self.waiting and _id(self.waiting[0]) < offset:
            self.waiting.popleft()

    def webhook_was_set(self) -> None:
        self._end_poller(_BY_WEBHOOK)

    def close(self) -> None:
        """Lets a request that waits go empty-handed."""
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


def _id(update: Json) -> int:
    number = update["update_id"]
    assert isinstance(number, int)
    return number
