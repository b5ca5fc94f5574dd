"""Calls that wait for a network for as long as there is none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from telegram.error import BadRequest, NetworkError, RetryAfter

from bot.telegram.limiter import seconds_of
from digests.model.waits import growing_wait

logger = logging.getLogger(__name__)

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0


async def patiently(call: Callable[[], Awaitable[None]]) -> None:
    """Make the call, and repeat it with growing waits while Telegram can't be reached."""
    failures = 0
    while True:
        try:
            await call()
            return
        except BadRequest:
            # PTB counts this as a network error too, but waiting does not solve it.
            raise
        except RetryAfter as error:
            logger.warning("Telegram says to wait", extra={"in": seconds_of(error)})
            await asyncio.sleep(seconds_of(error))
        except NetworkError as error:
            wait = growing_wait(failures, _FIRST_WAIT, _LONGEST_WAIT)
            failures += 1
            logger.warning("Telegram can't be reached; trying again", extra={"reason": error.message, "in": wait})
            await asyncio.sleep(wait)
