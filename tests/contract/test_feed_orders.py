"""In whichever order two feeds and the crawler bring articles, each is one, and new once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from digests.model.feed import FeedItem
from digests.storage.articles.feed_items import forget_items
from digests.storage.database import Database
from digests.storage.migrate import migrate
from tests.contract.newsroom import FEED, OTHER, Newsroom, crawled
from tests.factories.feed_items import FERRY, KITES, PAINTER, feed_item

_TEXTS = (
    FERRY, PAINTER, KITES,
    "The mill on the hill grinds again, after its wheel was carved anew by two sisters from the village. " * 3,
    "Nine ponds froze over this week; skaters are asked to keep to the small ones until Sunday evening. " * 3,
    "银行表示，下个季度的利率不会有变化，具体安排将在周五的会议之后公布，请储户留意网点通知。" * 3,
)  # fmt: skip
_TITLES = ("Ferry: the islands again", "A painter came back", "12:00", "C++: new rules", "", "央行：利率不变")


def _link(number: int) -> str:
    return f"https://news.example/{number}"


def in_first_feed(number: int) -> FeedItem:
    """Return an item with all that there is of it."""
    picture = f"https://img.example/{number}.jpg"
    return feed_item(_TITLES[number], _link(number), _TEXTS[number].strip(), pictures=(picture,), key=f"first {number}")


def in_second_feed(number: int) -> FeedItem:
    """Return an item of another source: with a beginning of the text, or with words of its own under the same link."""
    link, title, text = _link(number) + "?utm_source=second", _TITLES[number], _TEXTS[number][:70] + "…"
    if number == 1:
        title, text = "Why he painted the wall", "42 points, 17 comments, submitted by a stranger some hours ago."
    return feed_item(title, link, text, key=f"second {number}", source="Second", categories=[("Second",)])


def in_folder(number: int) -> str:
    """Return the crawler's post of it: with its text and without a link, or the other way round."""
    body = f"<p>{_TEXTS[number]}</p>"
    if number in (1, 2, 4):
        body += f'<p>原文链接：<a href="{_link(number)}">{_link(number)}</a></p>'
    return crawled(_TITLES[number].replace(":", "_"), body, "Crawled")


REMOVED = "removed"
"""The first feed is removed, and added again."""
NUMBERS = st.lists(st.integers(0, len(_TITLES) - 1), min_size=1, max_size=len(_TITLES), unique=True)
STEPS = st.lists(st.tuples(st.sampled_from([FEED, OTHER, "folder", REMOVED]), NUMBERS), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("orders") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@given(steps=STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(steps=[("folder", [0, 1, 2, 3, 4, 5]), (FEED, [0, 1, 2, 3, 4, 5]), (OTHER, [0, 1, 2, 3, 4, 5])])
@example(steps=[(OTHER, [0, 1, 2, 3, 4, 5]), (FEED, [0, 1, 2, 3, 4, 5]), ("folder", [0, 1, 2, 3, 4, 5])])
@example(steps=[(FEED, [0, 1, 2, 3, 4, 5]), ("folder", [0, 1, 2, 3, 4, 5]), (OTHER, [0, 1, 2, 3, 4, 5])])
@example(steps=[(FEED, [0, 1, 2, 3, 4, 5]), (REMOVED, [0, 1, 2, 3, 4, 5])])
def test_nothing_is_new_twice(empty: Path, tmp_path: Path, steps: Sequence[tuple[str, Sequence[int]]]) -> None:
    asyncio.run(_bring(empty, tmp_path / "orders.db", steps))


async def _bring(empty: Path, path: Path, steps: Sequence[tuple[str, Sequence[int]]]) -> None:
    shutil.copyfile(empty, path)
    database = Database(f"sqlite:///{path}")
    room, files, brought = Newsroom(database), dict[str, str | bytes](), set[int]()
    try:
        for who, numbers in steps:
            fresh = len(set(numbers) - brought)
            assert await _step(room, files, who, numbers) == fresh
            brought |= set(numbers)
            rows = await room.rows()
            assert len(rows) == len(brought)
            # The same again changes nothing.
            assert await _step(room, files, FEED if who == REMOVED else who, numbers) == 0
            assert await room.rows() == rows
    finally:
        await database.close()
        for leftover in path.parent.glob("orders.db*"):
            leftover.unlink()


async def _step(room: Newsroom, files: dict[str, str | bytes], who: str, numbers: Sequence[int]) -> int:
    if who == REMOVED:
        async with room.database.write() as connection:
            await forget_items(connection, FEED)
    if who == "folder":
        files |= {f"{number}.md": in_folder(number) for number in numbers}
        return (await room.scan(files)).new
    item = in_second_feed if who == OTHER else in_first_feed
    return (await room.look(*map(item, numbers), feed=OTHER if who == OTHER else FEED))[0]
