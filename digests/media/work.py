"""The calls to the second process. Each loads what it needs there: Pillow must not be loaded in this one."""

from __future__ import annotations

from pathlib import Path

from digests.media.charts import Chart
from digests.media.judged import Judged, Unusable
from digests.model.mosaic import Mosaic


def judge_picture(data: bytes) -> Judged | Unusable:
    """Decode a picture that anybody may have made, within bounds; shrink it, or say why it is unusable."""
    from digests.media.drawing.judge import examine

    return examine(data)


def draw_mosaic(mosaic: Mosaic, folder: Path) -> bytes:
    """Return a mosaic as a JPEG file, made of the pictures in the folder.

    Raises:
        PictureGoneError: for a picture that is no longer there, or can't be read.
        ValueError: for no tiles and no words, or for too many tiles.
    """
    from digests.media.drawing.mosaic import paint_mosaic

    return paint_mosaic(mosaic, folder)


def draw_chart(chart: Chart, language: str = "zh-CN") -> bytes:
    """Return a chart as a PNG file, 1080 pixels wide."""
    from digests.media.drawing.chart import paint_chart

    return paint_chart(chart, language)
