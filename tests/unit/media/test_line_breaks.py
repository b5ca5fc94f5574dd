"""Breaking titles into lines: at words, between Chinese characters, with no sign where it may not stand."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.media.drawing.line_breaks import break_lines


def wide(text: str) -> float:
    """Return the width of a text in which Chinese characters are twice as wide as letters."""
    return sum(2.0 if "\u2e80" <= char <= "\uffe0" else 1.0 for char in text)


@pytest.mark.parametrize(
    ("text", "width", "most", "lines"),
    [
        ("short", 20, 2, ("short",)),
        ("", 20, 2, ()),
        ("A faster Python for everybody", 16, 3, ("A faster Python", "for everybody")),
        ("A faster Python for everybody", 16, 1, ("A faster Python…",)),
        ("A faster Python for everybody", 12, 2, ("A faster", "Python for…")),
        ("incomprehensibilities", 10, 3, ("incomprehe", "nsibilitie", "s")),
        ("incomprehensibilities", 10, 1, ("incompreh…",)),
        ("灯塔守夜人的一天", 8, 3, ("灯塔守夜", "人的一天")),
        # No line begins with a pause or a closing sign, and none ends with an opening one.
        ("灯塔守夜，人的一天", 8, 3, ("灯塔守", "夜，人的", "一天")),
        ("今天（附指南）发布", 6, 4, ("今天", "（附指", "南）发", "布")),
        ("发布「星火」大模型", 6, 4, ("发布", "「星", "火」大", "模型")),
        ("Rust 1.93 发布了", 10, 2, ("Rust 1.93", "发布了")),
        ("Don’t break “this” up", 7, 4, ("Don’t", "break", "“this”", "up")),
        ("一二三四五六七八九十", 12, 1, ("一二三四五…",)),
        ("end-to-end tests", 8, 3, ("end-to-", "end", "tests")),
    ],
)
def test_titles_are_broken_as_a_typesetter_would(text: str, width: int, most: int, lines: tuple[str, ...]) -> None:
    assert break_lines(text, width, most, wide) == lines


def test_no_two_characters_are_left_alone_on_the_last_line() -> None:
    assert break_lines("灯塔守夜人稳定版发布附升级指南", 28, 2, wide) == ("灯塔守夜人稳定版发布附", "升级指南")


_TITLES = st.text(st.sampled_from("ab c，。（）「」中文字かっー-/ 1.\u0301"), max_size=60)


@given(_TITLES, st.integers(4, 30), st.integers(1, 4))
def test_lines_fit_and_hold_the_text_in_order(text: str, width: int, most: int) -> None:
    text = " ".join(text.split())
    lines = break_lines(text, width, most, wide)
    assert len(lines) <= most
    assert all(line == line.strip() and line for line in lines)
    joined = "".join(lines).replace(" ", "")
    plain = text.replace(" ", "")
    if joined.endswith("…"):
        assert plain.startswith(joined[:-1])
    else:
        assert joined == plain
    for line in lines:
        assert wide(line) <= width or len(line.rstrip("…")) <= 1 or wide(line.rstrip("…")) <= width


@given(_TITLES, st.integers(8, 30))
def test_no_line_begins_with_a_closing_sign_unless_nothing_else_is_there(text: str, width: int) -> None:
    lines = break_lines(" ".join(text.split()), width, 20, wide)
    for before, line in itertools.pairwise(lines):
        # Only a row of such signs that is longer than a line is broken before one.
        if line[0] in "，。）」ー":
            assert wide(before) > width - 4
