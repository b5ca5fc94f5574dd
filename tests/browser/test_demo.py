"""The demo as its visitor meets it: the real bot, the page in a real browser, and the button that moves the clock."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from bot.commands.demo import READER, open_demo

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]


async def test_each_next_day_brings_news(browser: Browser, tmp_path: Path) -> None:
    async with open_demo(tmp_path, 0, None, asyncio.Event()) as demo:
        assert demo is not None
        page = await browser.new_page(locale="en-GB", timezone_id="UTC")
        page.set_default_timeout(10_000)
        try:
            await page.goto(f"{demo.simulator.url}/?user={READER}")
            await page.click("#start")
            await page.click(".key >> text=Science")
            await expect(page.locator(".key >> text=✅ Science")).to_be_visible()
            await page.click(".key >> text=Done")
            digests = page.locator(".message.in", has_text="📰 Your digest")
            await expect(digests).to_have_count(1)
            for seen in range(1, 6):
                await page.click("#clock-button")
                await expect(page.locator("#clock-button")).to_be_enabled()
                await expect(digests).to_have_count(seen + 1)
                await expect(page.locator("#log")).not_to_contain_text("Nothing new")
        finally:
            await page.close()
