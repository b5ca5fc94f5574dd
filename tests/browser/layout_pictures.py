"""Pictures of the sample digest in each layout, on a phone: for the README, and for the bot's own settings."""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page

from bot.simulator.server import Simulator
from digests.model.layout import Layout
from tests.browser.sample_digest import SampleDigest
from tests.browser.sample_messages import PICTURES
from tests.factories.times import DAY, NOW
from tests.waiting import until

PHONE = (390, 844)
_SCALE = 2
_PREVIEW = (390, 440)
"""What of a digest a preview shows: its width, and its height from where it begins."""
_PREVIEW_WIDTH = 600
_GAP = 28
_BACKGROUND = {"light": "#eceae4", "dark": "#20262a"}
_CODES = {"en": "en", "zh_CN": "zh-hans"}
_LOCALES = {"en": "en-GB", "zh_CN": "zh-CN"}
_SETTLED_SECONDS = 1.0


@asynccontextmanager
async def sample_page(browser: Browser, language: str, layout: Layout, theme: str) -> AsyncIterator[tuple[Page, int]]:
    """Open the sample digest in a layout on a phone, at its beginning; the number is its first message's."""
    simulator = Simulator(name="Digest", pictures=PICTURES, clock=_StandingClock())
    await simulator.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            reader = simulator.world.add_user("Mia", started=True, language_code=_CODES[language])
            sent = await SampleDigest(language, Path(folder)).send(simulator, reader.id, layout)
        page = await open_phone(browser, simulator.url, reader.id, language, theme, scale=_SCALE)
        first = int(sent[0]["message_id"])
        await _show_from(page, first)
        yield page, first
        await page.context.close()
    finally:
        await simulator.stop()


async def open_phone(browser: Browser, url: str, reader: int, language: str, theme: str, *, scale: int = 1) -> Page:
    """Open the chat of a reader on a phone, and wait until all its pictures are there."""
    context = await browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]},
        device_scale_factor=scale,
        locale=_LOCALES[language],
        timezone_id="UTC",
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = await context.new_page()
    page.set_default_timeout(15_000)
    await page.goto(f"{url}/?user={reader}")
    await page.wait_for_selector("#log .message.in")
    await _wait_for(page, "[...document.querySelectorAll('#log img')].every(image => image.complete)")
    await _wait_for(page, "[...document.querySelectorAll('.photo')].every(photo => photo.matches('.loaded'))")
    await page.evaluate("document.fonts.ready")
    return page


async def _wait_for(page: Page, condition: str) -> None:
    """Wait until an expression is true. Playwright's own way evaluates a string in the page, which the page forbids."""

    async def holds() -> bool:
        return bool(await page.evaluate(condition))

    await until(holds, 15, pause=0.05, failure=lambda: condition)


async def take_messages(page: Page) -> bytes:
    """Return a picture of all messages of the chat, however long."""
    height = await page.evaluate("document.getElementById('log').scrollHeight")
    await page.set_viewport_size({"width": PHONE[0], "height": int(height) + 300})
    await asyncio.sleep(_SETTLED_SECONDS)
    return await page.locator("#log").screenshot()


async def take_previews(browser: Browser, language: str) -> dict[Layout, bytes]:
    """Return for each layout a picture of the beginning of the sample digest."""
    shots: dict[Layout, bytes] = {}
    for layout in Layout:
        async with sample_page(browser, language, layout, "light") as (page, message):
            shots[layout] = await _take_preview(page, message)
    return shots


async def take_screens(browser: Browser, language: str, layouts: Sequence[Layout], theme: str) -> list[bytes]:
    """Return a phone's whole screen for each layout."""
    screens: list[bytes] = []
    for layout in layouts:
        async with sample_page(browser, language, layout, theme) as (page, _message):
            screens.append(await page.screenshot())
    return screens


class _StandingClock:
    """A clock that nothing moves: the pictures have the same date whenever they are taken."""

    def now(self) -> datetime:
        return NOW

    async def next_moment(self) -> datetime | None:
        return NOW + DAY

    async def move_to_next(self) -> datetime | None:
        return None


async def _show_from(page: Page, message: int) -> None:
    """Scroll to the beginning of a message, once all pictures are there."""
    node = page.locator(f'[data-id="{message}"]')
    await node.wait_for()
    await page.evaluate(
        """id => {
            const scroll = document.getElementById("scroll");
            const node = document.querySelector(`[data-id="${id}"]`);
            scroll.scrollTop += node.getBoundingClientRect().top - scroll.getBoundingClientRect().top - 44;
        }""",
        message,
    )
    await asyncio.sleep(_SETTLED_SECONDS)


async def _take_preview(page: Page, message: int) -> bytes:
    await page.evaluate("for (const day of document.querySelectorAll('.day')) day.hidden = true")
    box = await page.locator(f'[data-id="{message}"]').bounding_box()
    assert box is not None
    width, height = _PREVIEW
    top = min(box["y"] - 10, PHONE[1] - height - 60)
    return await page.screenshot(clip={"x": 0, "y": top, "width": width, "height": height})


def write_previews(shots: Mapping[Layout, bytes], language: str, folder: Path) -> None:
    """Write the pictures that the bot's settings show: LAYOUT.LANGUAGE.jpg."""
    folder.mkdir(parents=True, exist_ok=True)
    for layout, content in shots.items():
        picture = Image.open(io.BytesIO(content)).convert("RGB")
        picture.thumbnail((_PREVIEW_WIDTH, 4 * _PREVIEW_WIDTH), Image.Resampling.LANCZOS)
        picture.save(folder / f"{layout}.{language}.jpg", quality=82, optimize=True, progressive=True)


def write_strip(screens: Sequence[bytes], theme: str, file: Path) -> None:
    """Write phones side by side."""
    phones = [Image.open(io.BytesIO(screen)).convert("RGB") for screen in screens]
    height = max(phone.height for phone in phones)
    width = sum(phone.width for phone in phones) + _GAP * (len(phones) + 1)
    strip = Image.new("RGB", (width, height + 2 * _GAP), _BACKGROUND[theme])
    at = _GAP
    for phone in phones:
        strip.paste(phone, (at, _GAP))
        at += phone.width + _GAP
    strip.thumbnail((1600, 1600), Image.Resampling.LANCZOS)
    strip.save(file, quality=84, optimize=True, progressive=True)
