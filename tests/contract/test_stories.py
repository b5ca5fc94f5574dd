"""Stories form while articles are stored, whoever stores them and in whatever order."""

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
from digests.storage.schema.article_tables import story_keys
from tests.factories.articles import parsed_post, read_post
from tests.factories.times import NOW

NEWS = (
    "Ferry workers on Scotland's west coast ended a four-day strike on Thursday after their union accepted a pay deal "
    "worth 6.5% over two years. Sailings to Arran, Mull and Islay were due to resume on Friday morning. The operator "
    "said that it was relieved for the island communities, which depend on the boats for food and fuel."
)
OTHER = (
    "Norway has approved plans to build the world's first ship tunnel, which will let vessels pass under a mountain "
    "instead of sailing round one of the roughest stretches of its coast. Work should begin in 2022."
)


def story_post(source: str, title: str = "Ferry strike ends", text: str = NEWS, **changed: Any) -> ReadPost:
    values = {"source": source, "text": text, "summary": text[:80], "identity": f"{source} {title}"} | changed
    return read_post(f"{source}/{title}.md", parsed_post(title, **values))


async def stories(database: Database) -> list[set[str]]:
    """Return the sources of each story that has more than one article."""
    found = await ArticleStore(database).of_stories(await ArticleStore(database).stories_since(NOW - 9 * DAY, 99))
    return sorted(({article.source for article in some} for some in found.values()), key=sorted)


DAY = timedelta(days=1)


async def test_the_same_news_of_two_sources_is_one_story(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    await store.write("folder", [story_post("A"), story_post("C", "Ship tunnel approved", OTHER)], NOW)
    assert await stories(database) == []
    await store.write("folder", [story_post("B", "Boats are back as strike ends", "OBAN. " + NEWS)], NOW)
    assert await stories(database) == [{"A", "B"}]
    latest, _ = await articles.latest(None, 9)
    first = next(article for article in latest if article.source == "A")
    assert {article.source for article in latest if article.story == first.story} == {"A", "B"}
    assert first.story == int(first.id)
    assert [article.source for article in (await articles.of_stories([first.story]))[first.story]] == ["A", "B"]
    assert await articles.of_stories([first.story], first.ingest) == {first.story: (first,)}
    assert await articles.of_stories([]) == {}


async def test_stories_form_within_a_batch_and_across_restarts(database: Database) -> None:
    await IngestStore(database).write("folder", [story_post("A"), story_post("B")], NOW)
    await IngestStore(database).write("elsewhere", [story_post("C")], NOW + DAY)
    assert await stories(database) == [{"A", "B", "C"}]


async def test_concurrent_writers_agree_on_a_story(database: Database) -> None:
    writers = [IngestStore(database) for _ in range(4)]
    await asyncio.gather(*[store.write(f"{n}", [story_post(f"source {n}")], NOW) for n, store in enumerate(writers)])
    assert await stories(database) == [{f"source {n}" for n in range(4)}]


async def test_a_source_is_in_a_story_once(database: Database) -> None:
    store = IngestStore(database)
    await store.write("folder", [story_post("A"), story_post("B")], NOW)
    await store.write("folder", [story_post("B", "Ferry strike ends at last")], NOW)
    (latest, _) = await ArticleStore(database).latest(None, 9)
    assert sorted((article.source, article.story is None) for article in latest) == [
        ("A", False),
        ("B", False),
        ("B", True),
    ]


async def test_a_changed_article_keeps_its_story(database: Database) -> None:
    store = IngestStore(database)
    await store.write("folder", [story_post("A"), story_post("B")], NOW)
    await store.write("folder", [story_post("B", text=OTHER, content_hash="changed")], NOW)
    assert await stories(database) == [{"A", "B"}]


@pytest.mark.parametrize("days", [0, 1])
async def test_stories_end_after_the_configured_days(database: Database, days: int) -> None:
    store = IngestStore(database, timedelta(days=days))
    await store.write("folder", [story_post("A"), story_post("B")], NOW)
    assert await stories(database) == ([{"A", "B"}] if days else [])
    assert await store.forget_stories(NOW) == 0
    assert await store.forget_stories(NOW + 2 * DAY) == (2 if days else 0)
    async with database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(story_keys)) == 0
    await store.write("folder", [story_post("C")], NOW + 2 * DAY)
    assert await stories(database) == ([{"A", "B"}] if days else [])


async def test_a_common_footer_joins_nothing_and_is_bounded(database: Database) -> None:
    store = IngestStore(database)
    footer = " All rights reserved, this material may not be published. Find out how to advertise with us."
    batch = [
        story_post(f"s{n}", f"Matter {n} of town", f"Something about matter {n * 7919}.{footer}") for n in range(60)
    ]
    for start in range(0, 60, 10):
        await store.write("folder", batch[start : start + 10], NOW)
    assert await stories(database) == []
    each = sa.select(sa.func.count()).select_from(story_keys).group_by(story_keys.c.key)
    async with database.read() as connection:
        assert max((await connection.execute(each)).scalars()) <= 26


async def test_stories_with_the_most_sources_come_first(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    await store.write("folder", [story_post(source, "Ship tunnel approved", OTHER) for source in "AB"], NOW)
    await store.write("folder", [story_post(source) for source in "ABC"], NOW)
    first, second = await articles.stories_since(NOW - DAY, 9)
    assert [len((await articles.of_stories([story]))[story]) for story in (first, second)] == [3, 2]
    assert await articles.stories_since(NOW - DAY, 1) == (first,)
    assert await articles.stories_since(NOW, 9) == ()


async def test_an_article_that_comes_forward_while_others_are_written_is_passed_over(database: Database) -> None:
    """A round-up quotes six articles; the post before it in the batch makes one of those less telling than the rest."""
    quotes = [
        f"The mayor of {town} opened the new harbour there"
        for town in ["Oban", "Mull", "Islay", "Arran", "Skye", "Uist"]
    ]
    earlier = [
        story_post(f"S{number}", f"Harbour {number}", f"{quote}. {OTHER}") for number, quote in enumerate(quotes)
    ]
    store = IngestStore(database)
    for post in earlier:
        await store.write("folder", [post], NOW)
    brief = story_post("Brief", "A brief word", f"{quotes[0]}. It rained all day and nobody came to see it.")
    round_up = story_post("Round-up", "Everything else", ". ".join(quotes))
    await store.write("folder", [brief, round_up], NOW)
    latest, _ = await ArticleStore(database).latest(None, 9)
    assert {article.title for article in latest} >= {"A brief word", "Everything else"}
