"""What most sources tell, and how much came lately of a source or a category."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from digests.model.local_days import LocalDays, last_days
from digests.model.top import LeftOut
from digests.model.wish import QueryId
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.hidden import HiddenStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.subjects import SubjectStore
from digests.storage.articles.top import TopStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.schema.wish_tables import queries, query_matches
from tests.contract.test_stories import NEWS, OTHER, story_post
from tests.factories.articles import parsed_post, read_post
from tests.factories.times import DAY, HOUR, NOW

NOTHING = LeftOut()
ALL = LocalDays(NOW - 7 * DAY, NOW - 7 * DAY)
Told = list[tuple[str, int, bool]]


async def tell(database: Database, *sources: str, age: timedelta = HOUR, **changed: Any) -> None:
    """Store the same news of these sources, published so long ago."""
    posts = [replace(story_post(source, **changed), shown_at=NOW - age) for source in sources]
    await IngestStore(database).write(f"{sources} {age}", posts, NOW)


async def told(database: Database, days: LocalDays = ALL, left_out: LeftOut = NOTHING) -> Told:
    """Return the first title, the sources and the growth of the stories told most."""
    stories, total = await TopStore(database).top(days, NOW - DAY, left_out, 10)
    assert total == len(stories)
    articles = await ArticleStore(database).of_stories([told.story for told in stories])
    return [(articles[told.story][0].title, told.sources, told.grew) for told in stories]


async def test_the_story_of_most_sources_comes_first(database: Database) -> None:
    await tell(database, "A", "B")
    await tell(database, "A", "B", "C", title="Ship tunnel approved", text=OTHER, age=3 * HOUR)
    await IngestStore(database).write("alone", [read_post("alone.md", parsed_post("Told by nobody else"))], NOW)
    assert await told(database) == [("Ship tunnel approved", 3, False), ("Ferry strike ends", 2, False)]


async def test_a_story_grew_that_another_source_told_since_a_day_ago(database: Database) -> None:
    await tell(database, "A", "B", age=2 * DAY)
    assert await told(database) == [("Ferry strike ends", 2, False)]
    await tell(database, "C")
    assert await told(database) == [("Ferry strike ends", 3, True)]
    # Today two sources must tell it for it to be told by several, and what grew did so from before today.
    assert await told(database, last_days(NOW, "UTC", 1)) == []
    await tell(database, "D", age=2 * HOUR)
    assert await told(database, last_days(NOW, "UTC", 1)) == [("Ferry strike ends", 2, True)]


async def test_pages_follow_each_other(database: Database) -> None:
    await tell(database, "A", "B")
    await tell(database, "A", "B", "C", title="Ship tunnel approved", text=OTHER)
    store = TopStore(database)
    (first,), total = await store.top(ALL, NOW - DAY, NOTHING, 1)
    (second,), same = await store.top(ALL, NOW - DAY, NOTHING, 1, 1)
    assert (first.sources, second.sources, total, same) == (3, 2, 2, 2)
    assert await store.top(ALL, NOW - DAY, NOTHING, 1, 2) == ((), 0)


async def test_what_is_left_out_does_not_count(database: Database) -> None:
    await tell(database, "A", "B", "C")
    assert await told(database, left_out=LeftOut(sources=frozenset({"C"}))) == [("Ferry strike ends", 2, False)]
    assert await told(database, left_out=LeftOut(sources=frozenset({"B", "C"}))) == []
    tree = await CategoryStore(database).tree()
    (science,) = tree.find("Science")
    below = frozenset(tree.with_descendants([science.id]))
    assert await told(database, left_out=LeftOut(categories=below)) == []
    (article, *_), _ = await ArticleStore(database).latest(None, 9)
    async with database.write() as connection:
        await connection.execute(sa.insert(queries).values(id=5, words="ferry", created_at=NOW))
        await connection.execute(sa.insert(query_matches).values(query_id=5, article_id=article.id))
    assert await told(database, left_out=LeftOut(queries=frozenset({QueryId(5)}))) == [("Ferry strike ends", 2, False)]
    assert await told(database, left_out=LeftOut(queries=frozenset({QueryId(6)}))) == [("Ferry strike ends", 3, False)]


async def test_hidden_sources_tell_nothing(database: Database) -> None:
    await tell(database, "A", "B")
    await HiddenStore(database).hide_sources(("B",), NOW)
    assert await told(database) == []


def test_days_are_those_of_the_reader() -> None:
    shanghai = last_days(NOW, "Asia/Shanghai", 1)
    assert (shanghai.since, shanghai.first) == (NOW.replace(hour=0, minute=0) - 8 * HOUR, NOW.replace(hour=0, minute=0))
    los_angeles = last_days(NOW, "America/Los_Angeles", 7)
    # There it is still half past midnight of the same day.
    assert los_angeles.since == NOW.replace(hour=7, minute=0) - 6 * DAY
    assert los_angeles.first == NOW.replace(hour=0, minute=0) - 6 * DAY


async def test_a_day_without_a_time_is_that_day_for_every_reader(database: Database) -> None:
    midnight = NOW.replace(hour=0, minute=0)
    await tell(database, "A", "B", age=NOW - midnight)
    for zone in ("UTC", "Asia/Shanghai", "America/Los_Angeles"):
        assert await told(database, last_days(NOW, zone, 1)) == [("Ferry strike ends", 2, False)], zone
        assert await told(database, last_days(NOW + DAY, zone, 1)) == [], zone


async def test_how_much_came_lately(database: Database) -> None:
    store = SubjectStore(database)
    await tell(database, "A", "B", text=NEWS)
    await tell(database, "A", age=9 * DAY, title="An old story", text=OTHER)
    assert await store.count_of_source("A", NOW - 7 * DAY) == 1
    assert await store.count_of_source("A", NOW - 10 * DAY) == 2
    assert await store.count_of_source("Nobody", NOW - 10 * DAY) == 0
    tree = await CategoryStore(database).tree()
    (science,) = tree.find("Science")
    assert await store.count_in(tree.with_descendants([science.id]), NOW - 7 * DAY) == 2
    assert await store.count_in([], NOW - 7 * DAY) == 0
    await HiddenStore(database).hide_sources(("A",), NOW)
    assert await store.count_of_source("A", NOW - 7 * DAY) == 0
    assert await store.count_in(tree.with_descendants([science.id]), NOW - 7 * DAY) == 1


async def test_sources_are_found_however_they_are_spelt(database: Database) -> None:
    store = SubjectStore(database)
    await tell(database, "36Kr", "36kr ", title="Ship tunnel approved", text=OTHER)
    await tell(database, "36Kr", "Wired")
    assert await store.readers_sources("３６ＫＲ") == ("36Kr", "36kr ")
    assert await store.readers_sources("36") == ()
    assert await store.readers_sources("  ") == ()
    await HiddenStore(database).hide_sources(("Wired",), NOW)
    assert await store.readers_sources("wired") == ()
