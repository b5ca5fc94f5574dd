"""Stories are found while articles are written, whoever writes them and in whatever order."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from digests.storage.articles.post_files import ReadPost
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.schema import story_keys
from tests.builders import NOW, parsed
from tests.contract.test_articles import read

NEWS = (
    "Ferry workers on Scotland's west coast ended a four-day strike on Thursday after their union accepted a pay deal "
    "worth 6.5% over two years. Sailings to Arran, Mull and Islay were due to resume on Friday morning. The operator "
    "said that it was relieved for the island communities, which depend on the boats for food and fuel."
)
OTHER = (
    "Norway has approved plans to build the world's first ship tunnel, which will let vessels pass under a mountain "
    "instead of sailing round one of the roughest stretches of its coast. Work should begin in 2022."
)


def told(source: str, title: str = "Ferry strike ends", text: str = NEWS, **changed: Any) -> ReadPost:
    values = {"source": source, "text": text, "summary": text[:80], "identity": f"{source} {title}"} | changed
    return read(f"{source}/{title}.md", parsed(title, **values))


async def stories(database: Database) -> list[set[str]]:
    """The sources of each story; of articles that stand alone nothing."""
    found = await ArticleStore(database).of_stories(await ArticleStore(database).stories_since(NOW - 9 * DAY, 99))
    return sorted(({one.source for one in some} for some in found.values()), key=sorted)


DAY = timedelta(days=1)


async def test_the_same_news_of_two_sources_is_one_story(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    await store.write("folder", [told("A"), told("C", "Ship tunnel approved", OTHER)], NOW)
    assert await stories(database) == []
    await store.write("folder", [told("B", "Boats are back as strike ends", "OBAN. " + NEWS)], NOW)
    assert await stories(database) == [{"A", "B"}]
    latest, _ = await articles.latest(None, 9)
    first = next(one for one in latest if one.source == "A")
    assert {one.source for one in latest if one.story == first.story} == {"A", "B"}
    assert first.story == int(first.id)
    assert [one.source for one in (await articles.of_stories([first.story]))[first.story]] == ["A", "B"]
    assert await articles.of_stories([first.story], first.ingest) == {first.story: (first,)}
    assert await articles.of_stories([]) == {}


async def test_within_one_batch_and_over_a_restart(database: Database) -> None:
    await IngestStore(database).write("folder", [told("A"), told("B")], NOW)
    await IngestStore(database).write("elsewhere", [told("C")], NOW + DAY)
    assert await stories(database) == [{"A", "B", "C"}]


async def test_two_writers_at_once_agree(database: Database) -> None:
    writers = [IngestStore(database) for _ in range(4)]
    await asyncio.gather(*[one.write(f"{n}", [told(f"source {n}")], NOW) for n, one in enumerate(writers)])
    assert await stories(database) == [{f"source {n}" for n in range(4)}]


async def test_a_source_is_in_a_story_once(database: Database) -> None:
    store = IngestStore(database)
    await store.write("folder", [told("A"), told("B")], NOW)
    await store.write("folder", [told("B", "Ferry strike ends at last")], NOW)
    (latest, _) = await ArticleStore(database).latest(None, 9)
    assert sorted((one.source, one.story is None) for one in latest) == [("A", False), ("B", False), ("B", True)]


async def test_what_comes_again_keeps_its_story(database: Database) -> None:
    store = IngestStore(database)
    await store.write("folder", [told("A"), told("B")], NOW)
    await store.write("folder", [told("B", text=OTHER, content_hash="changed")], NOW)
    assert await stories(database) == [{"A", "B"}]


@pytest.mark.parametrize("days", [0, 1])
async def test_stories_last_as_long_as_they_are_told_to(database: Database, days: int) -> None:
    store = IngestStore(database, timedelta(days=days))
    await store.write("folder", [told("A"), told("B")], NOW)
    assert await stories(database) == ([{"A", "B"}] if days else [])
    assert await store.forget_stories(NOW) == 0
    assert await store.forget_stories(NOW + 2 * DAY) == (2 if days else 0)
    async with database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(story_keys)) == 0
    await store.write("folder", [told("C")], NOW + 2 * DAY)
    assert await stories(database) == ([{"A", "B"}] if days else [])


async def test_a_footer_that_all_have_costs_nothing_and_joins_nothing(database: Database) -> None:
    store = IngestStore(database)
    footer = " All rights reserved, this material may not be published. Find out how to advertise with us."
    batch = [told(f"s{n}", f"Matter {n} of town", f"Something about matter {n * 7919}.{footer}") for n in range(60)]
    for start in range(0, 60, 10):
        await store.write("folder", batch[start : start + 10], NOW)
    assert await stories(database) == []
    each = sa.select(sa.func.count()).select_from(story_keys).group_by(story_keys.c.key)
    async with database.read() as connection:
        assert max((await connection.execute(each)).scalars()) <= 26


async def test_the_stories_that_most_tell_come_first(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    await store.write("folder", [told(one, "Ship tunnel approved", OTHER) for one in "AB"], NOW)
    await store.write("folder", [told(one) for one in "ABC"], NOW)
    first, second = await articles.stories_since(NOW - DAY, 9)
    assert [len((await articles.of_stories([one]))[one]) for one in (first, second)] == [3, 2]
    assert await articles.stories_since(NOW - DAY, 1) == (first,)
    assert await articles.stories_since(NOW, 9) == ()
