"""Pictures: what judging one and drawing a mosaic cost, beside plain Pillow in the same run, and what they take."""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

import psutil
from PIL import Image

from digests.media.charts import Chart, ChartKind, ChartPanel, Series
from digests.media.drawing.geometry import arrange
from digests.media.drawing.mosaic import GAP, GROUND, WIDTH
from digests.media.folder import LARGE, picture_path
from digests.media.judged import Judged
from digests.media.process import DrawingProcess
from digests.media.work import draw_chart, draw_mosaic, judge_picture
from digests.model.mosaic import CoverText, Mosaic, Tile, recipe_of
from tests.factories.drawn_pictures import encoded, keep_pictures, scene
from tests.load.figures import Figure

_TIMES = 25
_COVER = CoverText(
    "每日摘要", "2026年11月26日 星期四", ("灯塔守夜人：「星火」发布了 5.0 版", "A faster Python", "第三条")
)


async def measure_drawing() -> list[Figure]:
    """Measure drawing in this process, by its CPU time, and the second process, by its memory."""
    return [*_judging(), *_mosaics(), *await _second_process()]


def photo(width: int = 1600, height: int = 900) -> bytes:
    """Return a JPEG with the detail of a photo."""
    noise = Image.merge("RGB", [Image.effect_noise((width, height), 40) for _ in range(3)])
    return encoded(Image.blend(scene(1, width, height), noise, 0.25), quality=85)


def _cost(work: Callable[[], object]) -> float:
    """Return the CPU milliseconds of a call; the first, which loads what it needs, is not counted."""
    work()
    times = []
    for _ in range(_TIMES):
        began = process_time()
        work()
        times.append(process_time() - began)
    return 1000 * median(times)


def _judging() -> list[Figure]:
    data = photo()
    judging, plain = _cost(lambda: judge_picture(data)), _cost(lambda: _plain_thumbnails(data))
    name = f"one picture judged and shrunk (JPEG, 1,600 x 900, {len(data) / 1000:,.0f} kB)"
    return [
        Figure(name, judging, "ms", 40),
        Figure("the same beside plain Pillow (`thumbnail`, two sizes)", judging / plain, "x", 1.3),
    ]


def _plain_thumbnails(data: bytes) -> None:
    for side in (640, 320):
        image = Image.open(io.BytesIO(data))
        image.thumbnail((side, side))
        image.save(io.BytesIO(), "JPEG")


def _mosaics() -> list[Figure]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        images = [Image.open(io.BytesIO(photo(1280, 720))) for _ in range(9)]
        keys = keep_pictures(folder, *images)
        mosaic = Mosaic("k", recipe_of([Tile(number, key) for number, key in enumerate(keys, 1)]))
        cover = Mosaic("k", mosaic.recipe, _COVER)
        drawing, plain = _cost(lambda: draw_mosaic(mosaic, folder)), _cost(lambda: _plain_mosaic(folder, keys))
        return [
            Figure("a mosaic of nine, from kept pictures", drawing, "ms", 60),
            Figure("the same beside plain Pillow (`thumbnail` and `paste`)", drawing / plain, "x", 1.3),
            Figure("its file", len(draw_mosaic(mosaic, folder)) / 1000, "kB", 250),
            Figure("a cover of nine, with three headlines", _cost(lambda: draw_mosaic(cover, folder)), "ms", 100),
            Figure("a chart of 365 days, two panels", _cost(lambda: draw_chart(_chart())), "ms", 400),
        ]


def _plain_mosaic(folder: Path, keys: list[str]) -> None:
    """Put the same pictures into the same places, as plainly as it can be done."""
    arrangement = arrange(len(keys), WIDTH, GAP)
    canvas = Image.new("RGB", (arrangement.width, arrangement.height), GROUND)
    for key, box in zip(keys, arrangement.tiles, strict=True):
        image = Image.open(picture_path(folder, key, LARGE))
        image.thumbnail((box.width, box.height))
        canvas.paste(image, (box.left, box.top))
    canvas.save(io.BytesIO(), "JPEG", quality=85)


def _chart() -> Chart:
    days = tuple(f"{1 + day // 31:02d}-{1 + day % 31:02d}" for day in range(365))
    series = tuple(
        Series(name, tuple(range(number, number + 365))) for number, name in enumerate(("活跃", "暂停", "停止"))
    )
    return Chart("统计", tuple(ChartPanel("读者", kind, days, series) for kind in (ChartKind.STACKED, ChartKind.LINES)))


async def _second_process() -> list[Figure]:
    data = photo()
    drawing = DrawingProcess()
    try:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await drawing.judge(data)
        started = loop.time() - began
        before = process_time()
        for _ in range(_TIMES):
            assert isinstance(await drawing.judge(data), Judged)
        here = 1000 * (process_time() - before) / _TIMES
        assert drawing.pid is not None
        assert drawing.pid != os.getpid()
        memory = psutil.Process(drawing.pid).memory_info().rss / 1e6
    finally:
        await drawing.close()
    return [
        Figure("start of the second process, to its first judgement", started, "s", 2),
        Figure("what judging a picture there takes of the bot's own CPU", here, "ms", 5),
        Figure("memory of the second process, at work on such pictures", memory, "MB", 100),
    ]
