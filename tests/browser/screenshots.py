"""The pictures of the README and of the bot's settings, taken in a real browser: `make screenshots`.

Look at them before they are committed.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page

from bot.commands.demo import READER, Demo, open_demo
from digests.model.layout import Layout
from tests.browser.chromium import launched
from tests.browser.layout_pictures import take_previews, take_screens, write_previews, write_strip
from tests.browser.sample_digest import SAMPLE_LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
PREVIEWS = ROOT / "bot" / "previews"
SHOWN = (Layout.GALLERY, Layout.HEADLINES, Layout.MAGAZINE)
"""The layouts that the README shows side by side."""


async def main(folder: Path, previews: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        async with open_demo(Path(scratch), 0, None, asyncio.Event()) as demo:
            assert demo is not None
            async with launched() as browser:
                await _reader(browser, demo, folder)
                await _chinese_on_a_phone(browser, demo, folder)
    async with launched() as browser:
        for language in SAMPLE_LANGUAGES:
            write_previews(await take_previews(browser, language), language, previews)
            for theme in ("light", "dark"):
                strip = await take_screens(browser, language, SHOWN, theme)
                write_strip(strip, theme, folder / f"layouts.{language}.{theme}.jpg")


async def _reader(browser: Browser, demo: Demo, folder: Path) -> None:
    page = await _open(browser, demo, READER, "en-GB", 1280, 860)
    await page.get_by_role("button", name="Start").first.click()
    for label in ("Science", "Space"):
        await page.get_by_role("button", name=label).last.click()
        await page.get_by_role("button", name=f"✅ {label}").last.wait_for()
    await _settle(page)
    await page.screenshot(path=folder / "start.png")
    await page.get_by_role("button", name="Done").last.click()
    await page.get_by_text("Your digest ·").last.wait_for()
    await _settle(page)
    await page.screenshot(path=folder / "digest.png")


async def _chinese_on_a_phone(browser: Browser, demo: Demo, folder: Path) -> None:
    demo.simulator.world.get_or_add_user(1003, first_name="林小满", language_code="zh-hans")
    page = await _open(browser, demo, 1003, "zh-CN", 390, 844)
    await page.get_by_role("button", name="开始").first.click()
    for label in ("科技", "编程"):
        await page.get_by_role("button", name=label).last.click()
    await page.get_by_role("button", name="完成").last.click()
    await page.get_by_text("今日摘要 ·").last.wait_for()
    await _settle(page)
    await page.screenshot(path=folder / "phone.png")


async def _open(browser: Browser, demo: Demo, user: int, locale: str, width: int, height: int) -> Page:
    context = await browser.new_context(viewport={"width": width, "height": height}, locale=locale, timezone_id="UTC")
    page = await context.new_page()
    page.set_default_timeout(15_000)
    await page.goto(f"{demo.simulator.url}/?user={user}")
    return page


async def _settle(page: Page) -> None:
    """Wait until all parts have arrived with their pictures, and animations have ended."""
    await asyncio.sleep(4)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    asyncio.run(main(target or PICTURES, target / "previews" if target else PREVIEWS))
