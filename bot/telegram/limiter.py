"""Makes every call of PTB's bot pass the throttle."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from telegram._utils.types import JSONDict
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.runtime.work_permits import backlog_check, permit_given_up
from bot.telegram.answers import LONGEST_FLOOD
from bot.telegram.throttle import Throttle

logger = logging.getLogger(__name__)

BULK = {"bulk": True}
"""As `rate_limit_args`: the call goes to many, may be overtaken, and its caller deals with 429."""

AnswerT = TypeVar("AnswerT")

_COUNTED = ("send", "copy", "forward", "edit")
_UNCOUNTED = {"sendChatAction"}
_TRIES = 4
_PATIENCE_SECONDS = 90.0


class Limiter(BaseRateLimiter[dict[str, bool]]):
    """Makes messages pass the throttle, and retries an answer to a person after a 429."""

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle

    async def initialize(self) -> None:
        """Do nothing: there is nothing to open."""

    async def shutdown(self) -> None:
        """Do nothing: there is nothing to close."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, bool | JSONDict | list[JSONDict]]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: dict[str, bool] | None,
    ) -> bool | JSONDict | list[JSONDict]:
        """Make PTB's request when its turn has come; a request that shows nothing in a chat does not wait."""
        chat = data.get("chat_id")
        bulk = bool(rate_limit_args and rate_limit_args.get("bulk"))
        # In bulk everything counts, deleting and pinning too.
        if chat is None or endpoint in _UNCOUNTED or not (bulk or endpoint.startswith(_COUNTED)):
            return await callback(*args, **kwargs)
        return await self.in_turn(lambda: callback(*args, **kwargs), chat, endpoint, bulk=bulk)

    async def in_turn(
        self, call: Callable[[], Awaitable[AnswerT]], chat: int | str, endpoint: str, *, bulk: bool = False
    ) -> AnswerT:
        """Make a call when the throttle lets it pass, and again after a 429 unless it is `bulk`."""
        for attempt in range(_TRIES):
            with permit_given_up():
                await self._throttle.pass_(chat, bulk=bulk, has_backlog=backlog_check())
                await self._throttle.leave(bulk=bulk)
            try:
                return await call()
            except RetryAfter as refusal:
                seconds = seconds_of(refusal)
                self._throttle.refused(chat, seconds)
                if bulk or attempt == _TRIES - 1 or seconds > _PATIENCE_SECONDS:
                    raise
                logger.info("told to wait", extra={"endpoint": endpoint, "seconds": seconds})
                with permit_given_up():
                    await asyncio.sleep(seconds)
        raise AssertionError("the last try either returns or raises")


def seconds_of(refusal: RetryAfter) -> float:
    """Return the seconds to wait, which PTB gives as a number or, on request, as a timedelta; never absurdly many."""
    value: int | timedelta = refusal.retry_after
    return float(min(value.total_seconds() if isinstance(value, timedelta) else value, LONGEST_FLOOD))
