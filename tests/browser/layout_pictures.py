"""Pictures of each layout on a phone: of the demo for the README, of the sample digest for the bot's own settings."""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page

from bot.commands.demo import Demo
from bot.simulator.person.driver import Person, ShownMessage
from bot.simulator.server import Simulator
from digests.model.layout import Layout
from tests.browser.sample_digest import SampleDigest
from tests.browser.sample_messages import PICTURES
from tests.factories.times import NOW

PHONE = (390, 844)
_SCALE = 2
_PREVIEW = (390, 500)
"""What of a digest a preview shows: its width, and its height from where it begins."""
_PREVIEW_WIDTH = 600
_GAP = 28
_BACKGROUND = {"light": "#eceae4", "dark": "#20262a"}
_CATEGORIES = {"en": ("Science", "Space", "Travel", "Cooking"), "zh_CN": ("科技", "编程", "读书", "体育")}
_WORDS = {"en": ("Done", "Your digest"), "zh_CN": ("完成", "今日摘要")}
"""The button that ends the choice of categories, and the title of a digest."""
_CODES = {"en": "en", "zh_CN": "zh-hans"}
_NAMES = {"en": "Mia", "zh_CN": "小满"}
_LOCALES = {"en": "en-GB", "zh_CN": "zh-CN"}
_FIRST_READER = 2001
_SETTLED_SECONDS = 1.0
_DRAWN_SECONDS = 5.0
"""Time to draw the mosaic of a digest."""


@dataclass(slots=True)
class LayoutShots:
    """The screenshots of each layout in each theme, at twice the size."""

    language: str
    screens: dict[tuple[Layout, str], bytes] = field(default_factory=dict)


async def take_layouts(browser: Browser, demo: Demo, language: str, layouts: Sequence[Layout]) -> LayoutShots:
    """Have a reader of this language for each layout, and take pictures of the first digests that they get.

    Somebody gets the same digest before them, so that its pictures are ready.
    """
    shots = LayoutShots(language)
    await _first_digest(demo, shots, Layout.GALLERY, _FIRST_READER)
    await asyncio.sleep(_DRAWN_SECONDS)
    for number, layout in enumerate(layouts, _FIRST_READER + 1):
        message = await _first_digest(demo, shots, layout, number)
        await _take(browser, demo, shots, layout, number, message)
    return shots


async def _first_digest(demo: Demo, shots: LayoutShots, layout: Layout, number: int) -> int:
    """Bring a new reader to a first digest in this layout, and return the id of its first message."""
    done, digest = _WORDS[shots.language]
    url = demo.simulator.url
    async with await Person.arrive(url, _NAMES[shots.language], _CODES[shots.language], user_id=number) as reader:
        await reader.say("/start")
        for label in _CATEGORIES[shots.language]:
            await reader.press(label)
        place = await demo.app.stores.places.find(reader.id)
        assert place is not None
        await demo.app.stores.places.set_schedule(place.id, demo.clock.now(), layout=layout)
        before = (await reader.last())["message_id"]
        await reader.press(done)
        await reader.wait_for(lambda message: message["message_id"] > before and _is_digest(message, digest), 20)
        return min(int(message["message_id"]) for message in await reader.messages() if _is_digest(message, digest))


def _is_digest(message: ShownMessage, title: str) -> bool:
    text = message.get("text") or message.get("caption") or message["rich_text"]
    return text.removeprefix("📰 ").startswith(title) or bool(message["photo_url"])


async def _take(browser: Browser, demo: Demo, shots: LayoutShots, layout: Layout, reader: int, message: int) -> None:
    for theme in _BACKGROUND:
        page = await open_phone(browser, demo.simulator.url, reader, shots.language, theme, scale=_SCALE)
        await _show_from(page, message)
        shots.screens[layout, theme] = await page.screenshot()
        await page.context.close()


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
    await page.wait_for_function("[...document.querySelectorAll('#log img')].every(image => image.complete)")
    await page.wait_for_function("[...document.querySelectorAll('.photo')].every(one => one.matches('.loaded'))")
    await page.evaluate("document.fonts.ready")
    return page


async def take_messages(page: Page) -> bytes:
    """Return a picture of all messages of the chat, however long."""
    height = await page.evaluate("document.getElementById('log').scrollHeight")
    await page.set_viewport_size({"width": PHONE[0], "height": int(height) + 300})
    await asyncio.sleep(_SETTLED_SECONDS)
    return await page.locator("#log").screenshot()


async def take_previews(browser: Browser, language: str) -> dict[Layout, bytes]:
    """Return for each layout a picture of the beginning of the sample digest."""
    simulator = Simulator(name="Digest", pictures=PICTURES, clock=_StandingClock())
    await simulator.start()
    shots: dict[Layout, bytes] = {}
    try:
        with tempfile.TemporaryDirectory() as folder:
            digest = SampleDigest(language, Path(folder))
            for layout in Layout:
                reader = simulator.world.add_user("Mia", started=True, language_code=_CODES[language])
                sent = await digest.send(simulator, reader.id, layout)
                page = await open_phone(browser, simulator.url, reader.id, language, "light", scale=_SCALE)
                await _show_from(page, sent[0]["message_id"])
                shots[layout] = await _take_preview(page, sent[0]["message_id"])
                await page.context.close()
    finally:
        await simulator.stop()
    return shots


class _StandingClock:
    """A clock that nothing moves: a preview has the same date whenever it is taken."""

    def now(self) -> datetime:
        return NOW

    async def next_moment(self) -> datetime | None:
        return None

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


def write_strip(shots: LayoutShots, layouts: Sequence[Layout], theme: str, file: Path) -> None:
    """Write phones side by side, one for each layout."""
    phones = [Image.open(io.BytesIO(shots.screens[layout, theme])).convert("RGB") for layout in layouts]
    height = max(phone.height for phone in phones)
    width = sum(phone.width for phone in phones) + _GAP * (len(phones) + 1)
    strip = Image.new("RGB", (width, height + 2 * _GAP), _BACKGROUND[theme])
    at = _GAP
    for phone in phones:
        strip.paste(phone, (at, _GAP))
        at += phone.width + _GAP
    strip.thumbnail((1600, 1600), Image.Resampling.LANCZOS)
    strip.save(file, quality=84, optimize=True, progressive=True)
