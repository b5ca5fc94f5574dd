"""What the flow tests take off their measurements."""

from __future__ import annotations

import asyncio
from time import monotonic, sleep

from tests.stalls import counted_stalls


async def test_a_loop_that_stands_still_is_noticed() -> None:
    async with counted_stalls() as stalls:
        await asyncio.sleep(0.05)
        began = monotonic()
        sleep(0.3)
        await asyncio.sleep(0.05)
        ended = monotonic()
    # A busy machine may have made it longer, but not longer than all of it.
    assert 0.25 < stalls.within(began, ended) <= ended - began
    assert stalls.within(ended, ended + 1) == 0


async def test_waiting_is_no_stall() -> None:
    async with counted_stalls() as stalls:
        began = monotonic()
        await asyncio.sleep(0.3)
        ended = monotonic()
    assert ended - began - stalls.within(began, ended) > 0.2
