"""Mosaics and covers as they look, beside stored pictures; and what becomes of missing pictures and odd words.

`DRAW_LOOKS=1 pytest tests/unit/media/test_mosaic.py` draws the stored pictures anew: look at them before they are kept.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from digests.media import fonts
from digests.media.drawing import lettering
from digests.media.drawing.mosaic import MOST_BYTES
from digests.media.drawing.tiles import ground_of
from digests.media.folder import LARGE, SMALL, PictureGoneError, picture_path
from digests.media.work import draw_mosaic
from digests.model.mosaic import CoverText, Mosaic, Tile, recipe_of
from tests.factories.drawn_pictures import keep_pictures, opened, scene

_LOOKS = Path(__file__).parent / "looks"
_STORED_WIDTH = 270
_CELL = 15
_TOLERANCE = 40
"""How far the mean of a cell of 15 pixels may be off, of 255: a number that is missing makes 100."""
_WORDS = CoverText(
    "每日摘要 · Digest",
    "2026年11月26日 星期四",
    ("灯塔守夜人：「星火」发布了 5.0 版", "A faster Python, and what it brings"),
)


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have a machine without any font."""
    monkeypatch.setattr(fonts, "_NOTO", Path("/nowhere"))
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    lettering.forget_fonts()
    yield
    lettering.forget_fonts()


def tiles(folder: Path, count: int) -> tuple[Tile, ...]:
    """Keep so many pictures, and return tiles of them."""
    keys = keep_pictures(folder, *[scene(number) for number in range(count)])
    return tuple(Tile(number + 1, key) for number, key in enumerate(keys))


def drawn(folder: Path, of: tuple[Tile, ...], words: CoverText | None = None) -> Image.Image:
    """Return the picture of a mosaic."""
    data = draw_mosaic(Mosaic("k", recipe_of(of), words), folder)
    assert len(data) <= MOST_BYTES
    image = opened(data)
    assert (image.format, image.mode, image.width) == ("JPEG", "RGB", 1080)
    assert "exif" not in image.info
    return image


def assert_looks(image: Image.Image, name: str) -> None:
    """Assert that a picture looks as the stored one, or store it."""
    small = image.resize((_STORED_WIDTH, image.height * _STORED_WIDTH // image.width), Image.Resampling.BOX)
    file = _LOOKS / f"{name}.jpg"
    if os.environ.get("DRAW_LOOKS"):
        _LOOKS.mkdir(exist_ok=True)
        small.save(file, quality=88)
    stored = opened(file.read_bytes())
    assert stored.size == small.size
    cells = small.width // _CELL, small.height // _CELL
    off = ImageChops.difference(stored, small).resize(cells, Image.Resampling.BOX)
    assert max(off.tobytes()) < _TOLERANCE, name


@pytest.mark.parametrize("count", range(1, 10))
def test_mosaics_look_well_with_any_number_of_pictures(count: int, tmp_path: Path) -> None:
    assert_looks(drawn(tmp_path, tiles(tmp_path, count)), f"mosaic-{count}")


def test_drawn_tiles_and_pictures_of_odd_forms_look_well(tmp_path: Path) -> None:
    odd = keep_pictures(tmp_path, scene(1, 250, 900), scene(2, 900, 250), scene(3, 120, 120))
    made = (
        *tiles(tmp_path, 1),
        *[Tile(at + 10, key) for at, key in enumerate(odd)],
        Tile(5, "", "新媒体/36kr/资讯"),
        Tile(6, "", "Technology & Science"),
    )
    assert_looks(drawn(tmp_path, made), "odd-forms")


@pytest.mark.skipif(fonts.find_font() is None, reason="no font with Chinese letters is installed")
def test_covers_have_the_date_and_headlines(tmp_path: Path) -> None:
    image = drawn(tmp_path, tiles(tmp_path, 4), _WORDS)
    assert image.height <= 1350
    assert_looks(image, "cover")


def test_a_picture_that_is_gone_or_broken_is_said(tmp_path: Path) -> None:
    with pytest.raises(PictureGoneError, match="abcd is not in the folder"):
        draw_mosaic(Mosaic("k", recipe_of((Tile(1, "abcd"),))), tmp_path)
    (first,) = keep_pictures(tmp_path, scene(1))
    picture_path(tmp_path, first, LARGE).write_bytes(b"\xff\xd8\xff nothing")
    with pytest.raises(PictureGoneError, match="can't be read"):
        draw_mosaic(Mosaic("k", recipe_of((Tile(1, first),))), tmp_path)


def test_the_other_size_does_if_one_is_gone(tmp_path: Path) -> None:
    made = tiles(tmp_path, 1)
    picture_path(tmp_path, made[0].picture, LARGE).unlink()
    whole = drawn(tmp_path, made)
    assert_looks(whole, "mosaic-1")
    picture_path(tmp_path, made[0].picture, SMALL).unlink()
    with pytest.raises(PictureGoneError):
        draw_mosaic(Mosaic("k", recipe_of(made)), tmp_path)


def test_a_mosaic_goes_without_the_pictures_that_are_gone_or_broken(tmp_path: Path) -> None:
    made = tiles(tmp_path, 4)
    picture_path(tmp_path, made[0].picture, LARGE).write_bytes(b"\xff\xd8\xff nothing")
    picture_path(tmp_path, made[0].picture, SMALL).write_bytes(b"")
    for size in (LARGE, SMALL):
        picture_path(tmp_path, made[2].picture, size).unlink()
    left = draw_mosaic(Mosaic("k", recipe_of((made[1], made[3]))), tmp_path)
    assert draw_mosaic(Mosaic("k", recipe_of(made)), tmp_path) == left
    # A drawn tile alone is no mosaic.
    with pytest.raises(PictureGoneError, match=f"{made[2].picture} is not in the folder"):
        draw_mosaic(Mosaic("k", recipe_of((made[2], Tile(5, "", "Science")))), tmp_path)


def test_the_noisiest_pictures_stay_small_enough(tmp_path: Path) -> None:
    noise = [Image.merge("RGB", [Image.effect_noise((640, 360), 200) for _ in range(3)]) for _ in range(9)]
    drawn(tmp_path, tuple(Tile(at + 1, key) for at, key in enumerate(keep_pictures(tmp_path, *noise))))


def test_a_mosaic_without_tiles_or_with_too_many_is_refused(tmp_path: Path) -> None:
    for made in ((), tiles(tmp_path, 1) * 10):
        with pytest.raises(ValueError, match="1 to 9 tiles"):
            draw_mosaic(Mosaic("k", recipe_of(made)), tmp_path)


def test_a_category_has_its_colour_for_good() -> None:
    assert ground_of("科技") == ground_of("科技")
    assert len({ground_of(f"category {number}") for number in range(40)}) == 8
    assert ground_of("") not in {ground_of(f"category {number}") for number in range(40)}


@pytest.mark.parametrize(
    "words",
    [
        CoverText("", "", ()),
        CoverText("😀", "🎉", ("🚀",)),
        CoverText("a" * 10_000, "日" * 10_000, ("词" * 10_000, "w " * 5000, "ш" * 9000, "not shown")),
        CoverText("مرحبا", "שלום עולם", ("مرحبا بالعالم، عنوان طويل جدا " * 20,)),
        CoverText("\0\x1b[31m", "\u202e\u2066", ("\ud800 lone", "\U0010ffff")),
        CoverText("👨‍👩‍👧‍👦 family", "क्षत्रिय", ("ｶﾅ かな 한글", "🇨🇳 flags", "e\u0301\u0301\u0301")),
    ],
)
def test_any_words_can_be_on_a_cover(words: CoverText, tmp_path: Path) -> None:
    drawn(tmp_path, tiles(tmp_path, 2), words)


@pytest.mark.usefixtures("no_fonts")
def test_without_a_font_there_are_pictures_and_numbers_but_no_words(tmp_path: Path) -> None:
    assert fonts.find_font() is None
    made = tiles(tmp_path, 4)
    assert drawn(tmp_path, made, _WORDS).tobytes() == drawn(tmp_path, made).tobytes()
    assert_looks(drawn(tmp_path, made), "mosaic-4")
    chinese = drawn(tmp_path, (Tile(0, "", "科技"),))
    assert chinese.getpixel((540, 304)) == chinese.getpixel((100, 100))
    with pytest.raises(ValueError, match="no words"):
        draw_mosaic(Mosaic("k", "", _WORDS), tmp_path)


def test_fontconfig_that_fails_is_no_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "fc-match"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert fonts.ask_fontconfig("sans-serif") is None
    program.write_text("#!/bin/sh\nprintf '/x/Font.ttf\\t65539\\ten|zh-cn\\tTrueType'\n")
    assert fonts.ask_fontconfig("sans-serif", "zh-cn") == fonts.FontFile("/x/Font.ttf", 3)
    assert fonts.ask_fontconfig("sans-serif", "ja") is None
