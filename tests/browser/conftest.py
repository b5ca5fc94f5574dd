"""A browser, a simulator with three people, and pages opened in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from bot.simulator.server import Simulator
from tests.browser.chromium import find_chromium, is_required, launched
from tests.browser.scripted_bot import JumpingClock

MIA, LIN, ADMIN = 1001, 1002, 1
OpenPage = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if find_chromium() is None:
        if is_required():
            pytest.fail("Chromium is required, but not installed")
        pytest.skip("Chromium is not installed")
    async with launched() as chromium:
        yield chromium


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock(datetime(2026, 11, 24, 9, 41, tzinfo=UTC))


@pytest_asyncio.fixture(loop_scope="session")
async def simulator(clock: JumpingClock) -> AsyncIterator[Simulator]:
    server = Simulator(clock=clock, name="News Digest")
    await server.start()
    await add_people(server)
    yield server
    await server.stop()


async def add_people(simulator: Simulator) -> None:
    """Add the three people whom all tests of the page know."""
    async with aiohttp.ClientSession() as http:
        for person in (
            {"id": MIA, "first_name": "Mia", "language_code": "en"},
            {"id": LIN, "first_name": "林小满", "language_code": "zh-hans"},
            {"id": ADMIN, "first_name": "Admin", "language_code": "en"},
        ):
            async with http.post(f"{simulator.url}/sim/users", json=person) as answer:
                assert answer.status == 200, await answer.text()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, simulator: Simulator) -> AsyncIterator[OpenPage]:
    """Return a function that opens the page. Errors of its scripts fail the test, unless `fails_on_errors=False`."""
    errors: list[str] = []
    contexts: list[BrowserContext] = []

    async def open_in_new_context(
        query: str = f"user={MIA}", width: int = 1280, height: int = 860, *, fails_on_errors: bool = True
    ) -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": height}, locale="en-GB", timezone_id="UTC"
        )
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(8000)
        if fails_on_errors:
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on(
                "console", lambda line: errors.append(f"{line.text} {line.location}") if line.type == "error" else None
            )
        await page.goto(f"{simulator.url}/?{query}")
        await page.wait_for_selector("#welcome:not([hidden]), #log .message")
        return page

    yield open_in_new_context
    for context in contexts:
        await context.close()
    assert not errors
