"""Pictures of pages, made by a browser that is there for development alone."""

from __future__ import annotations

import shutil

from bot.errors import StartError
from bot.render.phone import WIDTH

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")


async def photograph(page_html: str) -> bytes:
    """Return a page as a telephone shows it, in whole, as a PNG file. It can reach nothing.

    Raises:
        StartError: without the browser, or what drives it.
    """
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        raise StartError(_missing("Playwright")) from None
    program = next((path for path in map(shutil.which, _NAMES) if path), None)
    if program is None:
        raise StartError(_missing("Chromium"))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        try:
            page = await browser.new_page(
                viewport={"width": WIDTH, "height": 120}, device_scale_factor=2, java_script_enabled=False, offline=True
            )
            await page.set_content(page_html)
            return await page.screenshot(full_page=True)
        finally:
            await browser.close()


def _missing(what: str) -> str:
    return (
        f"{what} is not installed, which a picture needs and the bot does not: install what CONTRIBUTING.md lists for "
        "development, with Chromium, or take --format html, which any browser shows."
    )
