"""Pictures that a site shows with many of its posts."""

from __future__ import annotations

import pytest

from digests.articles.pictures.standing import picture_key, standing_pictures
from tests.unit.articles.writing import read, write

COVER, OWN = "https://img.example.com/cover.jpg", "https://img.example.com/pond.jpg"


@pytest.mark.parametrize(
    ("count", "posts", "stands"),
    [
        (3, 3, False),
        (4, 4, True),
        (4, 80, True),
        (4, 81, False),
        (11, 10_000, False),
        (12, 10_000, True),
        (1, 1, False),
    ],
)
def test_many_is_four_and_a_twentieth_or_twelve(count: int, posts: int, stands: bool) -> None:
    assert standing_pictures({COVER: count, OWN: 1}, posts) == ({picture_key(COVER)} if stands else set())


def test_sizes_and_schemes_of_one_picture_count_together() -> None:
    hosts = ("http://e.example", "https://e.example", "https://www.e.example", "https://E.example")
    counts = {f"{host}/c.jpg?w={width}": 1 for width, host in enumerate(hosts)}
    assert standing_pictures(counts, 10) == {"e.example/c.jpg"}


def test_a_program_shows_as_many_pictures_as_it_has_arguments() -> None:
    counts = {f"https://e.example/show.php?id={number}": 1 for number in range(20)}
    assert standing_pictures(counts, 20) == frozenset()


def test_a_standing_picture_gives_way_to_the_next() -> None:
    post = write(thumbnail=COVER + "?v=2", body=f"<img src='{COVER}'><p>文。</p><img src='{OWN}'>")
    assert read(post).thumbnail == COVER + "?v=2"
    assert read(post, standing={picture_key(COVER)}).thumbnail == OWN
    assert read(post, standing={picture_key(COVER), picture_key(OWN)}).thumbnail is None
    assert read(post, standing={"img.example.com/other.jpg"}).thumbnail == COVER + "?v=2"
