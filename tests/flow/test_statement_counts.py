"""How many statements of the database a reader waits for: each may take a round trip to a server far away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader
from tests.queries import counting


@pytest.fixture
async def robin(database_url: str, tmp_path: Path) -> AsyncIterator[Reader]:
    """Return a subscriber of a bot on either database."""
    async with open_harness(tmp_path, database={"url": database_url}) as harness:
        await fill(harness)
        yield await harness.subscriber()


async def fill(harness: BotHarness) -> None:
    for number in range(30):
        harness.write(f"News {number}", categories=["Science", f"Field {number}"])
    await harness.app.scan()


async def least(act: Callable[[], Awaitable[object]]) -> list[str]:
    """Return the statements until an act is answered: the fewest of three times, since more goes on beside it."""
    tries = []
    for _ in range(3):
        with counting() as statements:
            await act()
        tries.append(statements)
    return min(tries, key=len)


async def asserted(act: Callable[[], Awaitable[object]], most: int) -> None:
    statements = await least(act)
    assert len(statements) <= most, "\n".join(statements)


async def test_a_reader_waits_for_few_statements(robin: Reader) -> None:
    async def say(text: str, answer: str) -> None:
        await robin.say(text)
        await robin.wait_for(answer)

    is_silent = False

    async def toggle_sound() -> None:
        nonlocal is_silent
        await robin.press("🔔 With a sound" if is_silent else "🔕 Without a sound")
        is_silent = not is_silent

    # On SQLite who writes is looked up by five statements of 30 microseconds each.
    await asserted(lambda: say("/help", "/settings"), 6)
    await asserted(lambda: say("/latest", "News"), 9)
    await asserted(lambda: say("/search news", "News"), 12)
    await asserted(lambda: say("/settings", "Your digest"), 18)
    await asserted(toggle_sound, 18)
