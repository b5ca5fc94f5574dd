"""Each layout as readers see it on a phone, beside a stored picture of it.

Where it differs, the new picture is written to build/looks: look at it, and copy it to tests/browser/looks if it is
better than the old one.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image, ImageChops, ImageStat
from playwright.async_api import Browser

from bot.simulator.server import Simulator
from digests.model.layout import Layout
from tests.browser.conftest import add_people
from tests.browser.layout_pictures import open_phone, take_messages
from tests.browser.sample_digest import SampleDigest
from tests.browser.sample_messages import PICTURES
from tests.browser.scripted_bot import JumpingClock
from tests.factories.times import NOW

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
LOOKS = Path(__file__).parent / "looks"
BUILT = Path(__file__).parents[2] / "build" / "looks"
_STORED_WIDTH = 260
_COARSE = (39, 84)
"""Fonts differ a little between machines: pictures are compared in squares of some ten pixels."""
_MOST_DIFFERENCE = 6.0
_MOST_HEIGHT_DIFFERENCE = 0.06


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock(NOW)


@pytest_asyncio.fixture(loop_scope="session")
async def simulator(clock: JumpingClock) -> AsyncIterator[Simulator]:
    server = Simulator(clock=clock, name="News Digest", pictures=PICTURES)
    await server.start()
    await add_people(server)
    yield server
    await server.stop()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("layout", list(Layout))
async def test_a_layout_looks_as_before(
    browser: Browser, simulator: Simulator, tmp_path: Path, layout: Layout, language: str, theme: str
) -> None:
    reader = simulator.world.add_user("Mia", started=True, language_code="zh-hans" if language == "zh_CN" else "en")
    await SampleDigest(language, tmp_path).send(simulator, reader.id, layout)
    page = await open_phone(browser, simulator.url, reader.id, language, theme)
    shot = Image.open(io.BytesIO(await take_messages(page))).convert("RGB")
    await page.context.close()
    assert_looks(shot, f"{layout}.{language}.{theme}.jpg")


def assert_looks(shot: Image.Image, name: str) -> None:
    """Compare a picture with the stored one of this name; what differs is written to the build folder."""
    BUILT.mkdir(parents=True, exist_ok=True)
    shot = shot.resize((_STORED_WIDTH, shot.height * _STORED_WIDTH // shot.width), Image.Resampling.LANCZOS)
    shot.save(BUILT / name, quality=70, optimize=True)
    assert (LOOKS / name).exists(), f"{name} is new: look at {BUILT / name}, and copy it to {LOOKS}"
    stored = Image.open(LOOKS / name).convert("RGB")
    assert abs(shot.height / stored.height - 1) < _MOST_HEIGHT_DIFFERENCE, f"{name}: {shot.height} pixels high"
    coarse = [picture.resize(_COARSE, Image.Resampling.BOX) for picture in (shot, stored)]
    difference = sum(ImageStat.Stat(ImageChops.difference(*coarse)).mean) / 3
    assert difference < _MOST_DIFFERENCE, f"{name} differs by {difference:.1f}: look at {BUILT / name}"
    (BUILT / name).unlink()
