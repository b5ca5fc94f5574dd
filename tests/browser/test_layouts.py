"""Digests with pictures as a newcomer meets them: the real bot in the demo, by taps on the page alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from bot.commands.demo import READER, Demo, open_demo
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with open_demo(tmp_path, 0, None, asyncio.Event()) as opened:
        assert opened is not None
        # The demo waits for its covers for some seconds only, and a busy machine takes longer.
        covers = opened.app.media.covers
        assert covers is not None
        await until(lambda: not covers.lacks(opened.clock.now()), 60)
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, demo: Demo) -> AsyncIterator[Page]:
    """A newcomer's phone, after the first digest has come."""
    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB", timezone_id="UTC")
    opened = await context.new_page()
    opened.set_default_timeout(10_000)
    await opened.goto(f"{demo.simulator.url}/?user={READER}")
    await opened.click("#start")
    for category in ("Science", "Space"):
        await tap(opened, category)
    await tap(opened, "Done")
    await expect(digests(opened)).to_have_count(1)
    yield opened
    await context.close()


def digests(page: Page) -> Locator:
    return page.locator(".message.in", has_text="Your digest ·")


async def tap(page: Page, label: str) -> None:
    """Tap the newest key with this label."""
    await page.locator(".key", has_text=label).last.click()


async def next_digest(page: Page) -> None:
    await page.click("#clock-button")
    await expect(page.locator("#clock-button")).to_be_enabled()


async def choose_layout(page: Page, name: str) -> None:
    """Open the settings, and have the digest look otherwise."""
    await page.fill("#input", "/settings")
    await page.keyboard.press("Enter")
    await tap(page, "Layout")
    await expect(page.locator(".message.in", has_text="How should your digest look?").last).to_be_visible()
    await tap(page, name)
    await expect(page.locator(".key", has_text=f"✅ {name}")).to_be_visible()


async def test_from_start_to_a_gallery(page: Page, demo: Demo) -> None:
    first = digests(page).first
    await expect(first.locator(".photo.loaded img")).to_be_visible()
    await expect(first.locator(".text")).to_contain_text("1. ")
    await next_digest(page)
    await expect(digests(page)).to_have_count(2)
    second = digests(page).last
    await expect(second.locator(".photo.loaded img")).to_be_visible()
    await expect(second.locator(".text")).to_contain_text("2. ")
    assert demo.simulator.world.ledger.uploads == {"sendPhoto": 3}, "the cover of /start, and a mosaic for each digest"
    assert demo.simulator.world.ledger.unknown_parameters == {}


async def test_another_layout_is_chosen_by_its_picture(page: Page) -> None:
    await choose_layout(page, "Headlines")
    screen = page.locator(".message.in", has_text="How should your digest look?").last
    await expect(screen.locator(".photo.loaded img")).to_be_visible()
    await expect(screen).to_contain_text("Titles alone")
    await next_digest(page)
    await expect(digests(page)).to_have_count(2)
    headlines = digests(page).last
    await expect(headlines.locator(".photo")).to_have_count(0)
    await expect(headlines.locator(".text")).not_to_contain_text("1. ")
    await choose_layout(page, "List")
    await next_digest(page)
    await expect(digests(page)).to_have_count(3)
    await expect(digests(page).last.locator(".photo.loaded img")).to_be_visible()
    await expect(digests(page).last.locator("em").first).to_be_visible()


async def bring_the_offer(page: Page) -> None:
    """Read digests until one offers the magazine."""
    for count in (2, 3, 4):
        if await page.locator(".key", has_text="Try the magazine").count():
            return
        await next_digest(page)
        await expect(digests(page)).to_have_count(count)
    await expect(page.locator(".key", has_text="Try the magazine")).to_be_visible()


async def test_the_magazine_is_tried_and_seen(page: Page) -> None:
    await bring_the_offer(page)
    shown = await digests(page).last.locator(".text a").first.inner_text()
    await tap(page, "Try the magazine")
    rich = page.locator(".rich")
    await expect(rich.locator("h2").first).to_have_text("Your digest")
    await expect(rich).to_contain_text(shown)
    await tap(page, "I can see it")
    await expect(page.locator(".message.in", has_text="From now on your digest is a magazine")).to_be_visible()
    await next_digest(page)
    await expect(page.locator(".rich")).to_have_count(2)


async def test_the_magazine_is_tried_and_blank(page: Page) -> None:
    await bring_the_offer(page)
    await page.click("#more")
    await page.get_by_role("menuitem", name="Use an app without rich messages").click()
    await tap(page, "Try the magazine")
    await expect(page.locator(".unsupported")).to_be_visible()
    before = await digests(page).count()
    await tap(page, "It is blank: back")
    await expect(page.locator(".message.in", has_text="your digest stays as it was")).to_be_visible()
    await next_digest(page)
    await expect(digests(page)).to_have_count(before + 1)
    await expect(page.locator(".unsupported")).to_have_count(1)
