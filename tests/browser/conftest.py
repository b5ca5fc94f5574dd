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
            pytest.fail("Chromium is required and not there")
        pytest.skip("Chromium is not installed")
    async with launched() as one:
        yield one


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock(datetime(2026, 11, 24, 9, 41, tzinfo=UTC), takes=0.4)


@pytest_asyncio.fixture(loop_scope="session")
async def simulator(clock: JumpingClock) -> AsyncIterator[Simulator]:
    one = Simulator(clock=clock, name="News Digest")
    await one.start()
    await invite(one)
    yield one
    await one.stop()


async def invite(simulator: Simulator) -> None:
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
    """Opens the page; whatever its scripts complain about, fails the test. `quietly=False`: that is expected."""
    complaints: list[str] = []
    places: list[BrowserContext] = []

    async def opened(
        query: str = f"user={MIA}", width: int = 1280, height: int = 860, *, quietly: bool = True, **context: str
    ) -> Page:
        place = await browser.new_context(
            viewport={"width": width, "height": height},
            locale=context.pop("locale", "en-GB"),
            timezone_id="UTC",
            **context,  # type: ignore[arg-type]  # names of new_context, which has too many to repeat
        )
        places.append(place)
        page = await place.new_page()
        page.set_default_timeout(8000)
        if quietly:
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on(
                "console",
                lambda said: complaints.append(f"{said.text} {said.location}") if said.type == "error" else None,
            )
        await page.goto(f"{simulator.url}/?{query}")
        await page.wait_for_selector("#welcome:not([hidden]), #log .message")
        return page

    yield opened
    for place in places:
        await place.close()
    assert not complaints
