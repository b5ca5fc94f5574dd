"""Time limits for the steps of a stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable

logger = logging.getLogger(__name__)


async def within(seconds: float, step: Awaitable[object], what: str = "") -> None:
    """Await one step of the stop, abandon it after `seconds`, and log `what` it was, if that is given."""
    try:
        async with asyncio.timeout(seconds):
            await step
    except TimeoutError:
        if what:
            logger.warning("a part did not stop in time and was abandoned", extra={"part": what})
