"""`srcset`, as the HTML standard reads it."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.articles.pictures.srcset import ImageSource, by_preference, read_srcset

CLOUDINARY = (
    "https://cdn.example/w_300,h_200,c_fill/kite.jpg 300w, https://cdn.example/w_900,h_600,c_fill/kite.jpg 900w"
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a.jpg", [("a.jpg", None, None)]),
        ("a.jpg 300w", [("a.jpg", 300, None)]),
        ("a.jpg, b.jpg 2x", [("a.jpg", None, None), ("b.jpg", None, 2)]),
        ("a.jpg 1x,b.jpg 2.5x", [("a.jpg", None, 1), ("b.jpg", None, 2.5)]),
        ("a.jpg 300w 200h, b.jpg 900w 600h", [("a.jpg", 300, None), ("b.jpg", 900, None)]),
        (" ,, a.jpg\n\t 300w\n, b.jpg 600w ,", [("a.jpg", 300, None), ("b.jpg", 600, None)]),
        ("a,b.jpg 300w, c,,d.jpg 600w", [("a,b.jpg", 300, None), ("c,,d.jpg", 600, None)]),
        ("a.jpg (x, y) 300w, b.jpg", [("a.jpg", 300, None), ("b.jpg", None, None)]),
        ("data:image/png;base64,AAA= 1x, b.jpg 2x", [("data:image/png;base64,AAA=", None, 1), ("b.jpg", None, 2)]),
        ("a.jpg ('", [("a.jpg", None, None)]),
        ("a.jpg -3w", [("a.jpg", None, None)]),
        (",", []),
        ("", []),
    ],
)
def test_candidates(text: str, found: list[tuple[str, float | None, float | None]]) -> None:
    assert read_srcset(text) == [ImageSource(*source) for source in found]


@pytest.mark.parametrize(
    ("text", "best"),
    [
        (CLOUDINARY, "https://cdn.example/w_900,h_600,c_fill/kite.jpg"),
        ("l.jpg 900w, s.jpg 300w", "l.jpg"),
        ("s.jpg 640w, l.jpg 1920w, camera.jpg 6000w", "l.jpg"),
        ("camera.jpg 8000w, print.jpg 4000w", "print.jpg"),
        ("s.jpg, l.jpg 2x", "l.jpg"),
        ("s.jpg 1x, l.jpg 2x, wall.jpg 8x", "l.jpg"),
        ("only.jpg", "only.jpg"),
    ],
)
def test_the_largest_that_a_message_can_use_is_preferred(text: str, best: str) -> None:
    assert by_preference(text)[0] == best


@given(st.text(alphabet="ab,() \n\t19wx.", max_size=200))
def test_any_text(text: str) -> None:
    for source in read_srcset(text):
        assert source.address
        assert source.address in text
        assert not set(source.address) & set(" \n\t")


@pytest.mark.parametrize(
    "text", ["a.jpg 1w, " * 100_000, "," * 1_000_000, "a (" * 300_000, "a" * 1_000_000, "a " * 500_000]
)
def test_a_million_characters(text: str) -> None:
    began = process_time()
    assert len(by_preference(text)) <= 100
    assert process_time() - began < 0.5
