"""Drawing a chart: a picture for a phone, in colours that the colour-blind tell apart."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from digests.media.charts import Chart, ChartKind, ChartPanel, Series
from digests.media.drawing.axes import labelled, number_label, round_ticks
from digests.media.drawing.lettering import Type, Word, choose_type, set_word

WIDTH = 1080
_MARGIN = 48
_PLOT_HEIGHT = 250
_ROW_HEIGHT = 50
"""Low: a picture that is much higher than wide is cut off in chats."""
_BAR = 34
_FINE = 2
"""Shapes are drawn so many times larger, and reduced: Pillow draws them without smooth edges."""
_PAPER, _INK, _FAINT, _GRID = "#ffffff", "#1f2933", "#5f6c7b", "#e3e8ee"
# Okabe and Ito, "Color Universal Design" (2008), the yellow darkened so that it is seen on white; then a grey.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a500", "#8a94a0")

_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Types:
    """The types that a chart is set in."""

    title: Type
    panel: Type
    label: Type


@dataclass(slots=True)
class _Sheet:
    """What is to be drawn, collected: shapes and words, the words on top."""

    types: _Types
    boxes: list[tuple[_Box, str, int]] = field(default_factory=list)
    lines: list[tuple[list[tuple[float, float]], str]] = field(default_factory=list)
    dots: list[tuple[float, float, str]] = field(default_factory=list)
    words: list[tuple[float, float, Word, str, str]] = field(default_factory=list)

    def write(self, at: tuple[float, float], word: Word, colour: str, anchor: str = "ls") -> None:
        """Put a word with its anchor there, as Pillow calls anchors: left, middle or right, and s for the baseline."""
        self.words.append((*at, word, colour, anchor))


def paint_chart(chart: Chart, language: str = "zh-CN") -> bytes:
    """Return the chart as a PNG file, 1080 pixels wide."""
    sheet = _Sheet(_Types(*[choose_type(size, language, bold=size > 30) for size in (44, 34, 28)]))
    y = _draw_head(sheet, chart)
    for panel in chart.panels:
        y = _draw_panel(sheet, panel, y, chart.empty)
    return _png(_painted(sheet, round(y + _MARGIN / 2)))


def _draw_head(sheet: _Sheet, chart: Chart) -> float:
    y = _MARGIN + 44.0
    _line_of_text(sheet, (_MARGIN, y), chart.title, sheet.types.title, _INK)
    if chart.subtitle:
        y += 44
        _line_of_text(sheet, (_MARGIN, y), chart.subtitle, sheet.types.label, _FAINT)
    return y + 28


def _line_of_text(sheet: _Sheet, at: tuple[float, float], text: str, kind: Type, colour: str) -> None:
    sheet.write(at, set_word(kind, text, WIDTH - 2 * _MARGIN), colour)


def _draw_panel(sheet: _Sheet, panel: ChartPanel, y: float, empty: str) -> float:
    """Draw a panel from `y` on, and return where it ends."""
    y += 58
    _line_of_text(sheet, (_MARGIN, y), panel.title, sheet.types.panel, _INK)
    y += 22
    if panel.is_empty:
        sheet.boxes.append(((_MARGIN, y, WIDTH - _MARGIN, y + 120), _GRID, 12))
        sheet.write((WIDTH / 2, y + 70), set_word(sheet.types.label, empty, WIDTH - 3 * _MARGIN), _FAINT, "ms")
        return y + 140
    if len(panel.series) > 1 or panel.series[0].name:
        y = _draw_legend(sheet, [series.name for series in panel.series], y)
    if panel.kind is ChartKind.ROWS:
        return _draw_rows(sheet, panel, y)
    return _draw_plot(sheet, panel, y)


def _draw_legend(sheet: _Sheet, names: Sequence[str], y: float) -> float:
    """Draw which colour is what, in as many lines as it takes."""
    kind, x, y = sheet.types.label, float(_MARGIN), y + 34
    for number, name in enumerate(names):
        word = set_word(kind, name, WIDTH / 2)
        width = 36 + word.width
        if x > _MARGIN and x + width > WIDTH - _MARGIN:
            x, y = float(_MARGIN), y + 42
        sheet.boxes.append(((x, y - 21, x + 24, y + 3), COLOURS[number], 6))
        sheet.write((x + 36, y), word, _FAINT)
        x += width + 36
    return y + 18


def _draw_rows(sheet: _Sheet, panel: ChartPanel, y: float) -> float:
    """Draw horizontal bars, each with its name and its number."""
    kind = sheet.types.label
    totals = [sum(_known(series, at) for series in panel.series) for at in range(len(panel.labels))]
    names = [set_word(kind, label, 0.4 * WIDTH) for label in panel.labels]
    numbers = [Word(number_label(total), kind) for total in totals]
    left = _MARGIN + max(name.width for name in names) + 20
    room = WIDTH - _MARGIN - left - max(number.width for number in numbers) - 16
    largest = max(*totals, 1e-9)
    for at, (name, number, total) in enumerate(zip(names, numbers, totals, strict=True)):
        middle = y + at * _ROW_HEIGHT + _ROW_HEIGHT / 2
        sheet.write((left - 20, middle + 10), name, _INK, "rs")
        x = left
        for series, colour in zip(panel.series, COLOURS, strict=False):
            width = room * _known(series, at) / largest
            if width > 0:
                sheet.boxes.append(((x, middle - _BAR / 2, x + max(width, 3), middle + _BAR / 2), colour, 4))
            x += width
        sheet.write((left + room * total / largest + 16, middle + 10), number, _FAINT)
    return y + len(panel.labels) * _ROW_HEIGHT + 10


def _known(series: Series, at: int) -> float:
    return max(0.0, series.values[at] or 0.0)


def _draw_plot(sheet: _Sheet, panel: ChartPanel, y: float) -> float:
    """Draw lines or columns over a grid with round numbers."""
    kind = sheet.types.label
    count = len(panel.labels)
    columns = [[_known(series, at) for series in panel.series] for at in range(count)]
    stacked = panel.kind is ChartKind.STACKED
    ticks = round_ticks(max(sum(column) if stacked else max(column, default=0) for column in columns))
    top, bottom = y + 26, y + 26 + _PLOT_HEIGHT
    left = _MARGIN + max(kind.width(number_label(tick)) for tick in ticks) + 18
    plot = (left, top, WIDTH - _MARGIN, bottom)
    for tick in ticks:
        height = bottom - (bottom - top) * tick / ticks[-1]
        sheet.boxes.append(((left, height - 1, plot[2], height + 1), _GRID if tick else _FAINT, 0))
        sheet.write((left - 18, height + 10), Word(number_label(tick), kind), _FAINT, "rs")
    if stacked:
        _draw_columns(sheet, columns, plot, ticks[-1])
    else:
        for series, colour in zip(panel.series, COLOURS, strict=False):
            _draw_line(sheet, series, colour, plot, ticks[-1])
    _draw_labels(sheet, panel.labels, plot)
    return bottom + 62


def _draw_columns(sheet: _Sheet, columns: Sequence[Sequence[float]], plot: _Box, largest: float) -> None:
    left, top, right, bottom = plot
    slot = (right - left) / len(columns)
    width = min(120.0, slot * 0.78 if slot > 4 else slot)
    for at, column in enumerate(columns):
        x, y = left + (at + 0.5) * slot - width / 2, bottom
        for value, colour in zip(column, COLOURS, strict=False):
            height = (bottom - top) * value / largest
            if height > 0:
                sheet.boxes.append(((x, y - max(height, 1.5), x + width, y), colour, 0))
            y -= height


def _draw_line(sheet: _Sheet, series: Series, colour: str, plot: _Box, largest: float) -> None:
    """Draw one line, with gaps where nothing is known, and a dot for what stands alone."""
    left, top, right, bottom = plot
    slot = (right - left) / len(series.values)
    run: list[tuple[float, float]] = []
    for at, value in enumerate((*series.values, None)):
        if value is not None:
            run.append((left + (at + 0.5) * slot, bottom - (bottom - top) * max(0.0, value) / largest))
        elif run:
            if len(run) > 1:
                sheet.lines.append((run, colour))
            if len(run) == 1 or len(series.values) <= 31:
                sheet.dots.extend([(*point, colour) for point in run])
            run = []


def _draw_labels(sheet: _Sheet, labels: Sequence[str], plot: _Box) -> None:
    """Write as many labels below the plot as there is room for, none of them cut at the edge."""
    left, _, right, bottom = plot
    kind = sheet.types.label
    slot = (right - left) / len(labels)
    words = [set_word(kind, label, max(slot * 0.95, 180)) for label in labels]
    widest = max(word.width for word in words)
    for at in labelled(len(words), right - left, widest, 28):
        half = words[at].width / 2
        x = min(max(left + (at + 0.5) * slot, half + 8), WIDTH - 8 - half)
        sheet.write((x, bottom + 42), words[at], _FAINT, "ms")


def _painted(sheet: _Sheet, height: int) -> Image.Image:
    large = Image.new("RGB", (WIDTH * _FINE, height * _FINE), _PAPER)
    draw = ImageDraw.Draw(large)
    for box, colour, radius in sheet.boxes:
        corners = [round(value * _FINE) for value in box]
        corners[2] = max(corners[2] - 1, corners[0])
        corners[3] = max(corners[3] - 1, corners[1])
        draw.rounded_rectangle(corners, min(radius * _FINE, (corners[2] - corners[0]) // 2), fill=colour)
    for points, colour in sheet.lines:
        draw.line([(x * _FINE, y * _FINE) for x, y in points], fill=colour, width=5 * _FINE, joint="curve")
    for x, y, colour in sheet.dots:
        draw.circle((x * _FINE, y * _FINE), 7 * _FINE, fill=colour)
    image = large.reduce(_FINE)
    draw = ImageDraw.Draw(image)
    for x, y, word, colour, anchor in sheet.words:
        if word.text:
            draw.text((x, y), word.text, font=word.type.font, fill=colour, anchor=anchor)
    return image


def _png(image: Image.Image) -> bytes:
    # Few colours: a palette takes a third of the bytes.
    file = io.BytesIO()
    image.quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, "PNG", optimize=False)
    return file.getvalue()
