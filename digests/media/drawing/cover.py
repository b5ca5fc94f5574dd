"""The words of a cover: the date, what it is, and up to three headlines, in real type."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

from digests.media.drawing.lettering import Type, Word, choose_type, printable, runs_right_to_left, set_word, type_for
from digests.media.drawing.line_breaks import break_lines
from digests.model.mosaic import CoverText

MOST_HEADLINES = 3
_MOST_LINES = 2
_MARGIN = 54
_PAPER, _INK, _FAINT, _ACCENT = (24, 28, 34), "#f4f6f8", "#a9b4c0", (86, 180, 233)
_DAY_SIZE, _TITLE_SIZE, _HEADLINE_SIZE = 68, 34, 44
_LINE = 1.34
_BAR = 8


@dataclass(frozen=True, slots=True)
class _Headline:
    """A headline set in lines."""

    lines: tuple[str, ...]
    type: Type
    from_right: bool


def paint_words(text: CoverText, width: int) -> Image.Image | None:
    """Return the upper part of a cover; None without a font that has Chinese letters, or without any word."""
    day_type = choose_type(_DAY_SIZE, text.language, bold=True)
    if day_type.file is None:
        return None
    room = width - 2 * _MARGIN
    day = set_word(day_type, text.day, room)
    title = set_word(choose_type(_TITLE_SIZE, text.language), text.title, room)
    headlines = [
        headline for each in text.headlines[:MOST_HEADLINES] if (headline := _set(each, room - 30, text.language)).lines
    ]
    if not (day.text or title.text or headlines):
        return None
    canvas = Image.new("RGB", (width, 1200), _PAPER)
    bottom = _draw_head(canvas, day, title)
    for headline in headlines:
        bottom = _draw_headline(canvas, headline, bottom)
    return canvas.crop((0, 0, width, bottom + _MARGIN - 14))


def _set(text: str, room: int, language: str) -> _Headline:
    kind = type_for(_HEADLINE_SIZE, text, language, bold=True)
    shown = printable(kind, text)
    return _Headline(break_lines(shown, room, _MOST_LINES, kind.width), kind, runs_right_to_left(shown))


def _draw_head(canvas: Image.Image, day: Word, title: Word) -> int:
    draw = ImageDraw.Draw(canvas)
    y = _MARGIN - 4
    for word, colour in ((title, _FAINT), (day, _INK)):
        if word.text:
            y += round(word.type.size * 1.12)
            draw.text((_MARGIN, y), word.text, colour, font=word.type.font, anchor="ls")
            y += round(word.type.size * 0.2)
    return y


def _draw_headline(canvas: Image.Image, headline: _Headline, y: int) -> int:
    """Draw a headline below `y`, a bar where it begins, and return where it ends."""
    draw = ImageDraw.Draw(canvas)
    step = round(headline.type.size * _LINE)
    top = y + 30
    right = canvas.width - _MARGIN
    bottom = top + step * len(headline.lines)
    bar = right - _BAR if headline.from_right else _MARGIN
    draw.rounded_rectangle((bar, top + 6, bar + _BAR - 1, bottom - 6), _BAR // 2, fill=_ACCENT)
    for number, line in enumerate(headline.lines):
        baseline = top + step * number + round(step * 0.76)
        at = (right - 30, baseline) if headline.from_right else (_MARGIN + 30, baseline)
        draw.text(at, line, _INK, font=headline.type.font, anchor="rs" if headline.from_right else "ls")
    return bottom
