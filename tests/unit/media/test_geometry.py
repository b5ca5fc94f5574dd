"""Where tiles lie: all on the canvas, none over another, the lead the largest, in forms that pictures fit into."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.media.drawing.geometry import Box, arrange, crop_to, kept_share

_COUNTS = range(1, 10)


def overlap(first: Box, second: Box) -> bool:
    """Return whether two boxes have a pixel in common."""
    across = first.left < second.right and second.left < first.right
    return across and first.top < second.bottom and second.top < first.bottom


@pytest.mark.parametrize("count", _COUNTS)
@pytest.mark.parametrize("most_height", [None, 700])
def test_tiles_fill_the_canvas_and_none_lies_over_another(count: int, most_height: int | None) -> None:
    found = arrange(count, 1080, 6, most_height)
    assert len(found.tiles) == count
    for tile in found.tiles:
        assert 0 <= tile.left < tile.right <= found.width == 1080
        assert 0 <= tile.top < tile.bottom <= found.height
    grown = [Box(tile.left, tile.top, tile.right + 6, tile.bottom + 6) for tile in found.tiles]
    assert not any(overlap(first, second) for first, second in combinations(grown, 2))
    # All but the gaps is covered.
    covered = sum(tile.width * tile.height for tile in grown)
    assert 0.99 * (found.width + 6) * (found.height + 6) <= covered <= (found.width + 6) * (found.height + 6)
    assert max(tile.right for tile in found.tiles) == found.width
    assert max(tile.bottom for tile in found.tiles) == found.height


@pytest.mark.parametrize("count", _COUNTS)
def test_the_lead_is_the_largest_and_wide(count: int) -> None:
    found = arrange(count, 1080, 6)
    lead, *others = found.tiles
    assert (lead.left, lead.top) == (0, 0)
    assert lead.width >= 0.66 * found.width
    assert all(tile.width * tile.height < lead.width * lead.height for tile in others)


@pytest.mark.parametrize("count", _COUNTS)
def test_chats_show_the_whole_of_it(count: int) -> None:
    found = arrange(count, 1080, 6)
    assert 0.98 <= found.width / found.height <= 16 / 9 + 0.01
    for tile in found.tiles:
        # A usual photo, of 16:9 or 3:2, loses a quarter at most.
        assert kept_share((640, 360), (tile.width, tile.height)) >= 0.69
        assert kept_share((600, 400), (tile.width, tile.height)) >= 0.68
        assert tile.width >= 200


@given(st.sampled_from(_COUNTS), st.integers(1000, 1400))
def test_a_lower_canvas_keeps_the_order(count: int, height: int) -> None:
    found = arrange(count, 1080, 6, height)
    assert found.height <= height + 3
    tops = [tile.top for tile in found.tiles]
    assert tops == sorted(tops)


@pytest.mark.parametrize("count", [0, 10, -1])
def test_other_numbers_of_tiles_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 9 tiles"):
        arrange(count, 1080, 6)


@given(st.tuples(st.integers(1, 4000), st.integers(1, 4000)), st.tuples(st.integers(1, 2000), st.integers(1, 2000)))
def test_a_crop_has_the_tiles_form_and_is_inside_the_picture(size: tuple[int, int], tile: tuple[int, int]) -> None:
    left, top, right, bottom = crop_to(size, tile)
    assert 0 <= left < right <= size[0] + 1e-6
    assert 0 <= top < bottom <= size[1] + 1e-6
    assert (right - left) / (bottom - top) == pytest.approx(tile[0] / tile[1])
    assert 0 < kept_share(size, tile) <= 1 + 1e-9


def test_of_a_high_picture_the_upper_part_is_shown() -> None:
    assert [round(edge) for edge in crop_to((300, 900), (300, 300))] == [0, 210, 300, 510]
    assert crop_to((900, 300), (300, 300)) == (300.0, 0.0, 600.0, 300.0)
