"""Charts: what may be drawn, round numbers along them, and pictures of any numbers and names."""

from __future__ import annotations

import io
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from digests.media.charts import MOST_SERIES, Chart, ChartKind, ChartPanel, Series
from digests.media.drawing.axes import labelled, number_label, round_ticks
from digests.media.work import draw_chart


def drawn(*panels: ChartPanel, title: str = "统计", subtitle: str = "", empty: str = "—") -> Image.Image:
    """Return the picture of a chart."""
    image = Image.open(io.BytesIO(draw_chart(Chart(title, panels, subtitle, empty))))
    assert image.format == "PNG"
    assert image.width == 1080
    return image.convert("RGB")


def has_colour(image: Image.Image, colour: str) -> bool:
    """Return whether a good part of a picture has about this colour; a palette may move it a little."""
    wanted = tuple(bytes.fromhex(colour.removeprefix("#")))
    near = [
        number
        for number, pixel in image.getcolors(1 << 20) or []
        if isinstance(pixel, tuple) and max(abs(a - b) for a, b in zip(pixel, wanted, strict=True)) <= 8
    ]
    return sum(near) > 20


@pytest.mark.parametrize(
    ("largest", "ticks"),
    [
        (0, (0, 1)),
        (1, (0, 1)),
        (2, (0, 1, 2)),
        (7, (0, 2, 4, 6, 8)),
        (48, (0, 10, 20, 30, 40, 50)),
        (12_000, (0, 5000, 10_000, 15_000)),
    ],
)
def test_axes_have_round_numbers(largest: float, ticks: tuple[int, ...]) -> None:
    assert round_ticks(largest) == ticks


@given(st.floats(0, 1e12))
def test_an_axis_holds_every_number_with_few_steps(largest: float) -> None:
    ticks = round_ticks(largest)
    assert ticks[0] == 0
    assert ticks[-1] >= largest
    assert 2 <= len(ticks) <= 7
    assert len({after - before for before, after in itertools.pairwise(ticks)}) == 1


@given(st.integers(1, 2000), st.floats(100, 2000), st.floats(1, 300), st.floats(0, 50))
def test_labels_stand_apart_and_the_last_is_shown(count: int, room: float, width: float, gap: float) -> None:
    shown = labelled(count, room, width, gap)
    assert shown[-1] == count - 1
    slot = room / count
    assert all((after - before) * slot >= width + gap - 1e-6 for before, after in itertools.pairwise(shown))


def test_numbers_are_short() -> None:
    assert [number_label(value) for value in (0, 950, 12_000, 1_500_000, 2.5)] == ["0", "950", "12,000", "1.5M", "2.5"]


@pytest.mark.parametrize(
    ("labels", "series", "said"),
    [
        (("a",), (Series("s", (1, 2)),), "2 values of 's' for 1 labels"),
        (("a",), (Series("s", (float("nan"),)),), "not a finite number"),
        (("a",), tuple(Series(str(number), (1,)) for number in range(MOST_SERIES + 1)), "at most 8 series"),
    ],
)
def test_what_cannot_be_drawn_is_said_at_once(labels: tuple[str, ...], series: tuple[Series, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ChartPanel("t", ChartKind.LINES, labels, series)


def test_too_much_for_a_picture_is_said_at_once() -> None:
    with pytest.raises(ValueError, match="at most 30 rows"):
        ChartPanel("t", ChartKind.ROWS, ("a",) * 31, (Series("", (1,) * 31),))
    with pytest.raises(ValueError, match="1 to 6 panels"):
        Chart("t", ())


def test_each_series_has_its_colour() -> None:
    series = (Series("a", (5, 5, 5)), Series("b", (3, 4, 5)))
    for kind in ChartKind:
        image = drawn(ChartPanel("t", kind, ("x", "y", "z"), series))
        assert has_colour(image, "#0072b2"), kind
        assert has_colour(image, "#e69f00"), kind


@pytest.mark.parametrize("kind", ChartKind)
def test_a_single_day_and_no_numbers_are_drawn(kind: ChartKind) -> None:
    assert has_colour(drawn(ChartPanel("t", kind, ("11-26",), (Series("", (3,)),))), "#0072b2")
    for panel in (
        ChartPanel("t", kind, (), ()),
        ChartPanel("t", kind, ("a",), (Series("", (None,)),)),
        ChartPanel("t", kind, (), (Series("", ()),)),
    ):
        assert not has_colour(drawn(panel), "#0072b2")


def test_days_of_which_nothing_is_known_are_gaps() -> None:
    known = drawn(ChartPanel("t", ChartKind.LINES, tuple("abcde"), (Series("", (5, 5, 5, 5, 5)),)))
    gap = drawn(ChartPanel("t", ChartKind.LINES, tuple("abcde"), (Series("", (5, None, None, None, 5)),)))

    def blue(image: Image.Image) -> int:
        return sum(number for number, pixel in image.getcolors(1 << 20) or [] if pixel == (0, 114, 178))

    assert blue(gap) < blue(known) / 2


_VALUES = st.one_of(st.none(), st.integers(-5, 10**13), st.floats(0, 1e9))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(ChartKind), st.lists(st.tuples(st.text(max_size=300), _VALUES, _VALUES), max_size=30), st.text())
def test_any_names_and_numbers_can_be_drawn(
    kind: ChartKind, rows: list[tuple[str, float | None, float | None]], name: str
) -> None:
    labels = tuple(label for label, _, _ in rows)
    series = (Series(name, tuple(row[1] for row in rows)), Series("b", tuple(row[2] for row in rows)))
    drawn(ChartPanel(name, kind, labels, series), title=name, subtitle=name, empty=name)
