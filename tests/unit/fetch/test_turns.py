"""Turns: a host at a time and apart, without a busy host's delaying anybody else's."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from time import monotonic

from digests.fetch.turns import Turns

APART = 0.1


async def use(turns: Turns, host: str, log: list[tuple[str, float, float]], seconds: float = 0.0) -> None:
    async with turns.turn(host):
        began = monotonic()
        await asyncio.sleep(seconds)
        log.append((host, began, monotonic()))


async def test_turns_with_a_host_are_apart_and_in_order() -> None:
    turns = Turns(1, 8, APART)
    log = list[tuple[str, float, float]]()
    await asyncio.gather(*(use(turns, "a", log, 0.02) for _ in range(4)))
    for (_, _, ended), (_, began, _) in pairwise(log):
        assert began - ended >= APART - 0.001


async def test_the_pause_outlives_whoever_caused_it() -> None:
    turns = Turns(1, 8, APART)
    log = list[tuple[str, float, float]]()
    await use(turns, "a", log)
    await use(turns, "a", log)
    assert log[1][1] - log[0][2] >= APART - 0.001


async def test_whoever_waits_for_a_host_holds_no_common_turn() -> None:
    turns = Turns(1, 2, 5.0)
    log = list[tuple[str, float, float]]()
    await use(turns, "slow", log)
    waiting = [asyncio.ensure_future(use(turns, "slow", log)) for _ in range(9)]
    await asyncio.gather(*(use(turns, f"host{number}", log, 0.01) for number in range(20)))
    assert [host for host, _, _ in log].count("slow") == 1, "its pause is five seconds"
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_hosts_are_forgotten_when_their_pause_is_over() -> None:
    turns = Turns(1, 8, 0.05)
    for number in range(50):
        await use(turns, f"host{number}", [])
    assert len(turns._paused) <= 51
    await asyncio.sleep(0.06)
    await use(turns, "last", [])
    assert list(turns._paused) == ["last"]
    assert turns._hosts == {}


async def test_two_at_once_are_two_at_once() -> None:
    turns = Turns(2, 8, APART)
    log = list[tuple[str, float, float]]()
    await asyncio.gather(*(use(turns, "a", log, 0.05) for _ in range(4)))
    (_, _, ended), (_, second, _), (_, third, _), _ = sorted(log, key=lambda entry: entry[1])
    assert second < ended
    assert third - ended >= APART - 0.002


async def test_a_turn_that_fails_is_followed_by_the_pause_too() -> None:
    turns = Turns(1, 8, APART)
    log = list[tuple[str, float, float]]()
    try:
        async with turns.turn("a"):
            raise OSError
    except OSError:
        ended = monotonic()
    await use(turns, "a", log)
    assert log[0][1] - ended >= APART - 0.001
