"""Debian's Chromium, driven by playwright: no browser is downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

REQUIRED = "TESTS_REQUIRE_BROWSER"
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)


def find_chromium() -> str | None:
    """Return the path of Chromium; None when it is not installed."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


def is_required() -> bool:
    return os.environ.get(REQUIRED, "") not in ("", "0")


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    path = find_chromium()
    if path is None:
        raise RuntimeError("no Chromium here: apt-get install chromium fonts-noto-cjk fonts-noto-color-emoji")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()
