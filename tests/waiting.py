"""Waiting for what the program does by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from time import monotonic

_PAUSE = 0.005


async def until(
    condition: Callable[[], bool | Awaitable[bool]],
    seconds: float = 20,
    *,
    pause: float = _PAUSE,
    failure: Callable[[], str] = lambda: "",
) -> None:
    """Wait until the condition holds; it may be a coroutine function, and is looked at every `pause` seconds.

    However busy the machine is: the seconds only bound how long a test that fails takes.

    Raises:
        AssertionError: The condition did not hold in time. `failure` adds what is known of why.
    """
    end = monotonic() + seconds
    while True:
        holds = condition()
        if await holds if isawaitable(holds) else holds:
            return
        assert monotonic() < end, f"waited in vain for {seconds:g} s: {condition.__qualname__} {failure()}"
        await asyncio.sleep(pause)
