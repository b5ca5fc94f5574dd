"""Judging pictures: every form is taken, what represents no article is dropped, nothing hostile gets through."""

from __future__ import annotations

import struct
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

import bot.demo
from digests.media.judged import Judged, Unusable
from digests.media.likeness import look_alike
from digests.media.work import judge_picture
from tests.factories.drawn_pictures import BANDS, encoded, opened, png_chunk, png_with, striped, zeros

PHOTOS = sorted((Path(bot.demo.__file__).parent / "pictures").glob("*.jpg"))


def usable(data: bytes) -> Judged:
    """Return what a usable picture was judged as."""
    judged = judge_picture(data)
    assert isinstance(judged, Judged), judged
    return judged


def reason(data: bytes) -> str:
    """Return why a picture is unusable."""
    judged = judge_picture(data)
    assert isinstance(judged, Unusable), (judged.width, judged.height)
    return judged.reason


def is_near(pixel: object, wanted: tuple[int, ...], distance: int = 12) -> bool:
    """Return whether a pixel has about this colour."""
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= distance for a, b in zip(pixel, wanted, strict=True))


def assert_striped(data: bytes, distance: int = 12) -> None:
    """Assert that a file shows `striped`."""
    image = opened(data).convert("RGB")
    for number, colour in enumerate(BANDS):
        x = (2 * number + 1) * image.width // 8
        assert is_near(image.getpixel((x, image.height // 4)), colour, distance), number
        dark = tuple(value // 2 for value in colour)
        assert is_near(image.getpixel((x, 3 * image.height // 4)), dark, distance), number


def test_copies_are_within_their_squares_and_carry_nothing_along() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    judged = usable(encoded(striped(1600, 900), exif=exif, comment="secret comment"))
    assert (judged.width, judged.height) == (1600, 900)
    assert opened(judged.large).size == (640, 360)
    assert opened(judged.small).size == (320, 180)
    for copy in (judged.large, judged.small):
        assert b"secret" not in copy
        assert "exif" not in opened(copy).info
        assert opened(copy).format == "JPEG"
        assert_striped(copy)


def test_small_pictures_are_not_enlarged() -> None:
    judged = usable(encoded(striped(200, 120)))
    assert opened(judged.large).size == opened(judged.small).size == (200, 120)
    assert opened(usable(encoded(striped(500, 400))).large).size == (500, 400)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_formats_of_the_web_are_taken(kind: str) -> None:
    assert_striped(usable(encoded(striped(), kind)).large, 24)


@pytest.mark.parametrize("mode", ["P", "RGBA", "LA", "L", "1", "I;16"])
def test_modes_of_png_are_taken(mode: str) -> None:
    if mode == "I;16":
        source = striped(mode="L")
        deep = Image.frombytes(
            "I;16", source.size, b"".join(struct.pack("<H", value * 257) for value in source.tobytes())
        )
    else:
        deep = striped().quantize(16) if mode == "P" else striped(mode=mode)
    image = opened(usable(encoded(deep, "PNG")).large).convert("L")
    grey = [Image.new("RGB", (1, 1), colour).convert("L").getpixel((0, 0)) for colour in BANDS]
    if mode != "1":
        for number, level in enumerate(grey):
            seen = image.getpixel(((2 * number + 1) * image.width // 8, image.height // 4))
            assert isinstance(seen, int | float)
            assert isinstance(level, int | float)
            assert abs(seen - level) <= 12, (number, seen, level)


def test_sixteen_bits_of_colour_are_taken() -> None:
    row = b"\0" + b"".join(struct.pack(">HHH", 257 * x, 257 * (199 - x), 257 * 128) for x in range(200))
    import zlib

    data = png_with(png_chunk(b"IDAT", zlib.compress(row * 200)), png_chunk(b"IEND", b""), bits=16)
    image = opened(usable(data).large)
    assert is_near(image.getpixel((20, 100)), (20, 179, 128))
    assert is_near(image.getpixel((180, 100)), (180, 19, 128))


@pytest.mark.parametrize("profile", [None, b"no profile at all"])
def test_print_colours_are_turned_into_a_screens(profile: bytes | None) -> None:
    # Pillow writes CMYK as Adobe does: inverted, with its marker.
    data = encoded(striped(mode="CMYK"), icc_profile=profile)
    assert b"Adobe" in data
    assert_striped(usable(data).large)


def test_wide_colours_are_turned_into_a_screens() -> None:
    from PIL import ImageCms

    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert_striped(usable(encoded(striped(), icc_profile=lab)).large)
    assert_striped(usable(encoded(striped(), icc_profile=lab[:200])).large)


@pytest.mark.parametrize("turned", range(1, 9))
def test_pictures_are_turned_as_they_are_looked_at(turned: int) -> None:
    # What undoes each: a picture that was stored turned this way is `striped` again.
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    stored = striped(800, 500) if turned == 1 else striped(800, 500).transpose(undo[turned])
    exif = Image.Exif()
    exif[0x0112] = turned
    judged = usable(encoded(stored, exif=exif))
    assert (judged.width, judged.height) == (800, 500)
    assert opened(judged.large).size == (640, 400)
    assert_striped(judged.large)


def test_broken_exif_is_no_reason_to_drop_a_picture() -> None:
    assert_striped(usable(encoded(striped(), exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40)).large)
    exif = Image.Exif()
    exif[0x0112] = 77
    assert_striped(usable(encoded(striped(), exif=exif)).large)


@pytest.mark.parametrize(("shown", "ground"), [((20, 30, 40), (242, 243, 245)), ((250, 250, 250), (43, 47, 54))])
def test_what_is_transparent_stands_on_a_ground_that_shows_it(
    shown: tuple[int, int, int], ground: tuple[int, int, int]
) -> None:
    image = Image.new("RGBA", (300, 200), (255, 0, 255, 0))
    image.paste((*shown, 255), (100, 50, 200, 150))
    for data in (encoded(image, "PNG"), encoded(image.quantize(16), "PNG"), encoded(image, "WEBP")):
        copy = opened(usable(data).large)
        assert is_near(copy.getpixel((10, 10)), ground), data[:12]
        assert is_near(copy.getpixel((150, 100)), shown), data[:12]
    assert reason(encoded(Image.new("RGBA", (300, 200), (255, 0, 0, 0)), "PNG")) == "transparent"


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "AVIF", "PNG"])
def test_of_an_animation_the_first_frame_is_taken(kind: str) -> None:
    frames = [Image.new("RGB", (400, 300), (0, 0, number)) for number in range(5)]
    data = encoded(striped(), kind, save_all=True, append_images=frames, duration=100)
    assert getattr(opened(data), "is_animated", False)
    assert_striped(usable(data).large, 24)


def test_a_phones_double_picture_is_taken() -> None:
    data = encoded(striped(), "MPO", save_all=True, append_images=[striped(200, 150)])
    assert_striped(usable(data).large)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (striped(99, 300), "smaller than 100 pixels: 99x300"),
        (Image.new("RGB", (1, 1)), "smaller than 100 pixels: 1x1"),
        (striped(90, 20), "smaller than 100 pixels: 90x20"),
        (striped(801, 200), "longer than 4 times its width: 801x200"),
        (striped(200, 801), "longer than 4 times its width: 200x801"),
        (Image.new("RGB", (300, 200), "white"), "nearly one colour"),
        (Image.new("RGB", (300, 200), (13, 14, 15)), "nearly one colour"),
        (Image.effect_noise((300, 200), 3), "nearly one colour"),
    ],
)
def test_what_represents_no_article_is_dropped(image: Image.Image, said: str) -> None:
    for kind in ("PNG", "JPEG"):
        assert reason(encoded(image, kind)) == said


def test_at_the_edge_pictures_are_kept() -> None:
    assert usable(encoded(striped(100, 400))).height == 400
    assert usable(encoded(striped(400, 100))).width == 400


def test_words_on_plain_paper_are_a_picture() -> None:
    image = Image.new("RGB", (1200, 630), "white")
    ImageDraw.Draw(image).text((80, 200), "A release of note", "black", font=ImageFont.load_default(110))
    assert usable(encoded(image)).width == 1200


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"\xef\xbb\xbf <svg width='9'/>", "an SVG drawing"),
        (b"  <!DOCTYPE html><html>", "a web page"),
        (b"<html><body>429</body></html>", "a web page"),
        (b'{"error": "no"}', "no picture"),
        (encoded(striped(), "BMP"), "a BMP picture"),
        (encoded(striped(), "TIFF"), "a TIFF picture"),
        (encoded(striped(64, 64), "ICO"), "an icon"),
        (encoded(striped(), "PDF"), "a PDF document"),
        (encoded(striped(), "EPS"), "a PostScript document"),
        (encoded(striped(), "PPM"), "no picture"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "a HEIC picture or a video"),
        (b"\0\0\0\x18ftypisom" + b"\0" * 40, "a HEIC picture or a video"),
        (b"\x89PNG\r\n\x1a\n", "cut off"),
    ],
)
def test_other_files_are_refused_with_a_reason(data: bytes, said: str) -> None:
    assert said in reason(data) or reason(data).startswith("broken PNG")


def test_a_jpeg_without_its_end_is_used_if_it_is_mostly_there() -> None:
    image = Image.blend(striped(1600, 900), Image.effect_noise((1600, 900), 60).convert("RGB"), 0.3)
    data = encoded(image)
    judged = usable(data[: int(len(data) * 0.93)])
    assert (judged.width, judged.height) == (1600, 900)
    shown = opened(judged.large)
    assert shown.width == 640
    assert 360 * 0.75 <= shown.height < 360
    # No line of what is missing is left: that would be grey.
    assert is_near(shown.crop((0, shown.height - 2, 160, shown.height)).resize((1, 1)).getpixel((0, 0)), (110, 62, 58))
    assert reason(encoded(image, progressive=True)[:-3000]) == "cut off"
    assert reason(data[: len(data) // 2]) == "cut off"
    assert reason(data[:300]).startswith(("cut off", "broken JPEG"))


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "AVIF"])
def test_other_files_without_their_end_are_refused(kind: str) -> None:
    data = encoded(Image.blend(striped(), Image.effect_noise((400, 300), 90).convert("RGB"), 0.5), kind)
    assert reason(data[: len(data) // 2]).startswith(("cut off", "broken"))


@pytest.mark.parametrize("side", [50_000, 7000])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(side: int) -> None:
    assert reason(png_with(png_chunk(b"IDAT", zeros(1)), width=side, height=side)) == "more than 40 million pixels"


@pytest.mark.parametrize("kind", [b"iTXt", b"zTXt", b"iCCP"])
def test_a_bomb_in_a_text_of_a_png_is_not_unpacked(kind: bytes) -> None:
    head = {b"iTXt": b"key\0\1\0\0\0", b"zTXt": b"key\0\0", b"iCCP": b"key\0\0"}[kind]
    data = png_with(png_chunk(kind, head + zeros(200)), png_chunk(b"IDAT", zeros(1)), png_chunk(b"IEND", b""))
    assert isinstance(judge_picture(data), Unusable)


def test_a_bomb_of_webp_and_of_gif_is_refused() -> None:
    canvas = (16_382).to_bytes(3, "little") * 2
    webp = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + canvas
    webp += b"ANIM" + struct.pack("<I", 6) + bytes(6)
    assert reason(b"RIFF" + struct.pack("<I", len(webp) + 4) + b"WEBP" + webp) == "more than 40 million pixels"
    gif = bytearray(encoded(striped(), "GIF"))
    gif[6:10] = struct.pack("<HH", 65_535, 65_535)
    assert reason(bytes(gif)) == "more than 40 million pixels"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "AVIF"]), st.data())
def test_damaged_files_never_raise(kind: str, data: st.DataObject) -> None:
    file = bytearray(encoded(striped(160, 120), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, min(len(file) - 1, 600)))
        file[at] = data.draw(st.integers(0, 255))
    judge_picture(bytes(file[: data.draw(st.integers(0, len(file)))] if data.draw(st.booleans()) else file))


@given(st.binary(max_size=300))
def test_any_bytes_are_judged(data: bytes) -> None:
    assert isinstance(judge_picture(data), Unusable)


def test_equal_pictures_have_one_key_and_others_have_others() -> None:
    photo = opened(PHOTOS[0].read_bytes())
    plain = usable(encoded(photo, "PNG"))
    assert usable(encoded(photo, "PNG", compress_level=1)).key == plain.key
    keys = {usable(path.read_bytes()).key for path in PHOTOS}
    assert len(keys) == len(PHOTOS)


def test_the_same_picture_looks_alike_at_any_size_and_quality_and_others_do_not() -> None:
    photos = [opened(path.read_bytes()).convert("RGB") for path in PHOTOS]
    likenesses = [usable(encoded(photo, quality=90)).likeness for photo in photos]
    for photo, likeness in zip(photos, likenesses, strict=True):
        again = usable(encoded(photo.resize((640, 360)), quality=70)).likeness
        assert look_alike(likeness, again)
        assert sum(look_alike(again, other) for other in likenesses) == 1


def test_flat_covers_with_other_words_do_not_look_alike() -> None:
    def cover(words: str, size: tuple[int, int] = (1200, 630)) -> str:
        image = Image.new("RGB", (1200, 630), "white")
        draw = ImageDraw.Draw(image)
        draw.text((80, 120), words, "#222222", font=ImageFont.load_default(80))
        draw.rectangle((0, 600, 1200, 630), "#3572a5")
        return usable(encoded(image.resize(size))).likeness

    covers = [cover(words) for words in ("Rust 1.80 is out", "A faster Python", "Digest of the week", "Market news")]
    for number, likeness in enumerate(covers):
        assert [look_alike(likeness, other) for other in covers].count(True) == 1, number
    assert look_alike(covers[0], cover("Rust 1.80 is out", (1000, 525)))


def test_a_picture_without_any_step_is_alike_to_itself_alone() -> None:
    def fading(colour: tuple[int, int, int]) -> str:
        image = Image.new("RGB", (300, 300))
        for y in range(300):
            image.paste(tuple(value * y // 300 for value in colour), (0, y, 300, y + 1))
        return usable(encoded(image, "PNG")).likeness

    assert look_alike(fading((255, 255, 255)), fading((255, 255, 255)))
    assert not look_alike(fading((255, 255, 255)), fading((255, 180, 40)))


def test_a_jpeg_of_very_many_scans_is_refused_before_it_is_decoded() -> None:
    data = encoded(striped(6000, 6000), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    bomb = data[:-2] + data[last:-2] * 5_000 + b"\xff\xd9"
    began = process_time()
    assert judge_picture(bomb) == Unusable("would take too long to decode")
    assert process_time() - began < 1
    assert isinstance(judge_picture(data), Judged)
