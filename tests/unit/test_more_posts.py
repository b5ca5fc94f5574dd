"""The demo's later days, whose posts are made from a list."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest

from bot.demo.more import lay_out_more, more_days
from bot.demo.posts import POSTS, later_days, lay_out
from digests.articles.reading import read_post
from digests.model.article import ParsedPost
from digests.model.picture import MANY_ARTICLES
from tests.factories.times import NOW

PICTURES = POSTS.parent / "pictures"


def test_all_days_together_last_for_a_week() -> None:
    assert len(later_days()) + len(more_days()) >= 7


@pytest.mark.parametrize("day", range(len(more_days())))
def test_each_day_has_news_in_the_categories_that_people_pick_first(tmp_path: Path, day: int) -> None:
    number = lay_out_more(tmp_path, NOW, day)
    files = list(tmp_path.rglob("*.md"))
    assert number == len(files) >= 5
    assert {file.relative_to(tmp_path).parts[2] for file in files} == {"Science", "Space", "科技", "城市", "编程"}
    for file in files:
        article = read_post(file.read_bytes(), str(file.relative_to(tmp_path)))
        assert isinstance(article, ParsedPost)
        assert article.title == file.stem
        assert article.summary
        assert article.thumbnail
        assert (PICTURES / article.thumbnail.rpartition("/")[2]).is_file()
        assert article.published_at is not None
        assert timedelta() < NOW - article.published_at < timedelta(hours=6)


def test_no_post_comes_twice() -> None:
    titles = [post["title"] for day in more_days() for post in day]
    assert len(set(titles)) == len(titles)
    assert not {file.stem for file in POSTS.rglob("*.md")} & set(titles)


def test_there_are_no_posts_after_the_last_day(tmp_path: Path) -> None:
    assert lay_out_more(tmp_path, NOW, len(more_days())) == 0
    assert list(tmp_path.iterdir()) == []


def test_no_picture_is_taken_for_its_sites_own(tmp_path: Path) -> None:
    """The bot leaves pictures out that many articles have."""
    lay_out(tmp_path, NOW)
    for day in range(len(more_days())):
        lay_out_more(tmp_path, NOW, day)
    shown = defaultdict(set)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            article = read_post(file.read_bytes(), str(file.relative_to(tmp_path)))
            assert isinstance(article, ParsedPost)
            shown[article.thumbnail].add(article.title)
    shown.pop(None, None)
    assert len(shown) > 30
    assert {picture: titles for picture, titles in shown.items() if len(titles) >= MANY_ARTICLES} == {}
