from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from digests.model.article import IndexEntry
from digests.model.category_tree import CategoryTree
from digests.model.ids import ArticleId
from digests.readers.lookup import Lookup, narrow
from digests.search.query import parse_query
from digests.search.ranking import Order
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.hidden import HiddenStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.search.port import ArticleIndex
from digests.storage.search.rows import rows_of_entries
from digests.storage.search.sqlite.index import SearchIndex
from digests.storage.search.sqlite.tables import note_tidied
from tests.factories.articles import parsed_post, read_post
from tests.factories.times import NOW

TEXTS = {
    "月球背面的新发现": "嫦娥带回了样品。",
    "The far side of the Moon": "A probe brought samples home.",
    "Cooking with café au lait": "Nothing about the sky.",
    "アニメ映画の舞台挨拶": "大ヒット御礼。",
}


@pytest.fixture
async def articles(database: Database) -> ArticleStore:
    batch = [read_post(f"{t}.md", parsed_post(t, summary=s, text=f"{t} {s}")) for t, s in TEXTS.items()]
    await IngestStore(database).write("folder", batch, NOW)
    return ArticleStore(database)


async def find(index: ArticleIndex, articles: ArticleStore, words: str) -> list[str]:
    found = await index.find(parse_query(words), 10)
    assert found.total == len(found.ids)
    return [article.title for article in await articles.get(found.ids)]


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("月球", ["月球背面的新发现"]),
        ("月", ["月球背面的新发现"]),
        ("背面的新", ["月球背面的新发现"]),
        ("MOON", ["The far side of the Moon"]),
        ("cafe", ["Cooking with café au lait"]),
        ("映画 挨拶", ["アニメ映画の舞台挨拶"]),
        ('"far side"', ["The far side of the Moon"]),
        ('"side far"', []),
        ("moon 月球", []),
        ("月 样品", ["月球背面的新发现"]),
        ("nothing-of-this", []),
        ("", []),
        ("!!", []),
    ],
)
async def test_finding_articles_by_their_words(
    index: ArticleIndex, articles: ArticleStore, words: str, titles: list[str]
) -> None:
    await index.update(articles)
    assert await find(index, articles, words) == titles


async def test_the_title_counts_most(index: ArticleIndex, articles: ArticleStore, database: Database) -> None:
    other = parsed_post("Tides", summary="The moon moves the sea.", text="The moon moves the sea. " * 3)
    await IngestStore(database).write("folder", [read_post("tides.md", other)], NOW)
    await index.update(articles)
    assert (await find(index, articles, "moon"))[0] == "The far side of the Moon"


async def test_only_changed_articles_are_indexed(
    index: ArticleIndex, articles: ArticleStore, database: Database
) -> None:
    assert await index.update(articles) == 4
    assert await index.update(articles) == 0
    changed = parsed_post("The far side of the Moon", summary="Craters.", text="Craters.", content_hash="new")
    await IngestStore(database).write("folder", [read_post("x.md", changed)], NOW)
    assert await index.update(articles) == 1
    assert await find(index, articles, "samples") == []
    assert await find(index, articles, "craters") == ["The far side of the Moon"]


@pytest.mark.parametrize("harm", [b"this is no database" * 100, b""])
async def test_a_lost_or_broken_index_is_rebuilt(tmp_path: Path, articles: ArticleStore, harm: bytes) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(harm)
    index = SearchIndex(path)
    await index.open()
    assert await index.update(articles) == 4
    await index.close()


async def test_an_index_of_another_version_is_rebuilt(tmp_path: Path, articles: ArticleStore) -> None:
    path = tmp_path / "old.db"
    index = SearchIndex(path)
    await index.open()
    await index.update(articles)
    await index._open.execute("PRAGMA user_version=999")
    await index.close()
    again = SearchIndex(path)
    await again.open()
    assert await again.revision() == 0
    assert await again.update(articles) == 4
    await again.close()


async def test_pages_repeat_and_skip_nothing_while_articles_arrive(
    index: ArticleIndex, articles: ArticleStore, database: Database
) -> None:
    store = IngestStore(database)

    async def add(*titles: str) -> None:
        await store.write(
            "folder", [read_post(f"{title}.md", parsed_post(title, text=f"{title} moon")) for title in titles], NOW
        )
        await index.update(articles)

    await add(*[f"Moon {number:02}" for number in range(10)], *[f"Story {number:02}" for number in range(10)])
    query = parse_query("moon")
    there = (await index.find(query, 99)).ids
    seen: list[int] = []
    page = await index.find(query, 4)
    firsts = [page.ids]
    seen.extend(page.ids)
    while page.more:
        await add(f"Moon later {len(seen)}", f"Story later {len(seen)}")
        page = await index.find(query, 4, start=page.last)
        firsts.append(page.ids)
        seen.extend(page.ids)
    assert len(seen) == len(set(seen))
    assert set(there) <= set(seen)
    assert page.first is not None
    back: list[int] = []
    page = await index.find(query, 4, start=page.first, backwards=True)
    while page.ids:
        back = [*page.ids, *back]
        page = await index.find(query, 4, start=page.first, backwards=True)
    assert len(back) == len(set(back))
    assert [article for article in back if article in there] == [
        article for article in seen[: -len(firsts[-1])] if article in there
    ]


async def test_titles_rank_before_summaries_before_texts(
    index: ArticleIndex, articles: ArticleStore, database: Database
) -> None:
    batch = [
        read_post("1", parsed_post("moon old"), age=9),
        read_post("2", parsed_post("b", summary="a moon", text="x"), age=1),
        read_post("3", parsed_post("moon new"), age=2),
        read_post("4", parsed_post("d", summary="y", text="the moon"), age=1),
    ]
    await IngestStore(database).write("folder", batch, NOW)
    await index.update(articles)
    best = await articles.get((await index.find(parse_query("moon"), 10)).ids)
    assert [article.title for article in best] == ["The far side of the Moon", "moon new", "moon old", "b", "d"]
    newest = await articles.get((await index.find(parse_query("moon"), 10, order=Order.NEWEST)).ids)
    assert {article.title for article in newest[:2]} == {"b", "d"}


async def test_search_filters(index: ArticleIndex, articles: ArticleStore, database: Database) -> None:
    batch = [
        read_post(
            "1", parsed_post("moon one", categories=("Science", "Tidewater"), source="Tidewater", language="en"), age=1
        ),
        read_post(
            "2", parsed_post("moon two", categories=("Books",), source="Margin Notes", language="zh-Hans"), age=40
        ),
    ]
    await IngestStore(database).write("folder", batch, NOW)
    await index.update(articles)
    tree = await CategoryStore(database).tree()

    async def titles(words: str, **hidden: frozenset[str]) -> set[str]:
        query = parse_query(words)
        filters, _ = narrow(query, tree)
        found = await index.find(query, 10, filters=replace(filters, **hidden))  # type: ignore[arg-type]
        return {article.title for article in await articles.get(found.ids)}

    assert await titles("moon cat:Science -far") == {"moon one"}
    assert await titles("cat:books") == {"moon two"}
    assert await titles("moon cat:nothing") == set()
    assert await titles('source:"margin notes"') == {"moon two"}
    assert await titles("lang:zh moon") == {"moon two"}
    assert await titles("moon after:2026-06-06") == {"moon one", "The far side of the Moon"}
    assert await titles("before:2026-06-05") == {"moon two"}
    assert await titles("-月 -cooking -アニメ -far") == {"moon one", "moon two"}
    assert await titles("moon", hidden_sources=frozenset({"Tidewater"})) == {"moon two"}


async def test_suggestions_for_misspelt_words(index: ArticleIndex, articles: ArticleStore, database: Database) -> None:
    await index.update(articles)
    lookup = Lookup(index, articles, HiddenStore(database))
    tree = CategoryTree(())
    assert await lookup.suggest("coking", tree) == "cooking"
    assert await lookup.suggest("月球正面", tree) == "月球"
    assert await lookup.suggest("moon 样品", tree) == "moon"
    assert await lookup.suggest("qqqq", tree) is None
    page = await lookup.find("samples cat:nowhere after:soon", tree, 5)
    assert (page.hits, page.unknown) == ((), ("nowhere", "soon"))
    ((hit,), _) = (await lookup.find("samples", tree, 5)).hits, None
    assert [piece.text for piece in hit.line if piece.is_match] == ["samples"]


async def test_a_rebuild_drops_outdated_entries(
    index: ArticleIndex, articles: ArticleStore, database: Database
) -> None:
    await index.update(articles)
    for number in range(4):
        changed = parsed_post("The far side of the Moon", text=f"change {number}", content_hash=f"{number}")
        await IngestStore(database).write("folder", [read_post("x.md", changed)], NOW)
        await index.update(articles)
    assert await index.waste() == 0.5
    assert await index.rebuild(articles) == 4
    assert await index.waste() == 0
    assert await find(index, articles, "change") == ["The far side of the Moon"]
    assert await index.update(articles) == 0


async def test_searches_work_during_a_rebuild(index: ArticleIndex, articles: ArticleStore) -> None:
    await index.update(articles)
    building = asyncio.create_task(index.rebuild(articles))
    while not building.done():
        assert await find(index, articles, "月球") == ["月球背面的新发现"]
    await building


async def test_tidying_merges_small_segments_while_writing_goes_on(index: ArticleIndex) -> None:
    async def write(first: int, number: int) -> None:
        for start in range(first, first + number, 50):
            entries = [_entry(number) for number in range(start, start + 50)]
            await index.put(rows_of_entries(entries), entries[-1].revision)

    await write(1, 800)
    assert not await index.tidy()
    await write(801, 800)
    tidied, _ = await asyncio.gather(index.tidy(), write(1601, 200))
    assert tidied
    assert (await index.find(parse_query("even"), 10)).total == 900
    assert (await index.find(parse_query("奇数"), 10)).ids[0] == 1799
    assert (await index.find(parse_query("number1234"), 10)).ids == (1234,)
    # The few entries written meanwhile are not worth another tidying.
    assert not await index.tidy()


async def test_freed_pages_are_returned_to_the_disk(sqlite_index: SearchIndex) -> None:
    async def free() -> int:
        row = await (await sqlite_index._open.execute("PRAGMA freelist_count")).fetchone()
        assert row is not None
        return int(row[0])

    entries = [
        replace(_entry(number), summary=f"{number:b}".translate({48: "o", 49: "l"})) for number in range(1, 1001)
    ]
    await sqlite_index.put(rows_of_entries(entries), 1000)
    await sqlite_index._open.execute("DELETE FROM words")
    assert await free() > 1
    await sqlite_index._run(note_tidied)
    assert await free() == 0


def _entry(number: int) -> IndexEntry:
    words = f"number{number} even" if number % 2 == 0 else f"number{number} 奇数"
    moment = NOW + timedelta(minutes=number)
    return IndexEntry(ArticleId(number), number, words, "", words, "", "en", moment)


async def test_filling_an_index_reports_progress(index: ArticleIndex, articles: ArticleStore) -> None:
    told: list[tuple[int, int]] = []
    await index.update(articles, progress=lambda done, total: told.append((done, total)))
    # PostgreSQL fills tables, which is half of it, and then makes their index.
    assert told[-1] == (4, 4)
    assert told == sorted(told)
    assert {total for _, total in told} == {4}


@given(text=st.text(max_size=4000))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@example(text='"; DROP TABLE entries; -- MATCH * NEAR(a b) {body}: ^x AND OR NOT')
async def test_any_query_is_answered(hostile_index: SearchIndex, text: str) -> None:
    found = await hostile_index.find(parse_query(text), 5)
    assert found.total >= 0


@pytest.fixture
async def hostile_index(tmp_path: Path) -> AsyncIterator[SearchIndex]:
    opened = SearchIndex(tmp_path / "hostile.db")
    await opened.open()
    yield opened
    await opened.close()


async def test_finding_articles_by_their_tags(database: Database, tmp_path: Path) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    posts = [
        read_post("a.md", parsed_post("A", tags=("C++", "Web 开发"))),
        read_post("b.md", parsed_post("B", tags=("C", "web开发"))),
        read_post("c.md", parsed_post("C")),
    ]
    await store.write("folder", posts, NOW)
    index = SearchIndex(tmp_path / "tags.db")
    await index.open()
    await index.update(articles)
    for query, expected in (
        ("tag:c++", {"A"}),
        ("tag:C", {"B"}),
        ("tag:WEB开发", {"A", "B"}),
        ("tag:none", set()),
        ("c++", {"A"}),
        ("web", {"A", "B"}),
        ("开发", {"A", "B"}),
        ("发", {"A", "B"}),
        ('"web 开发"', {"A", "B"}),
        ("a -c++", set()),
        ('"c web"', set()),
    ):
        found = await index.find(parse_query(query), 10)
        assert {article.title for article in await articles.get(found.ids)} == expected, query
    await index.close()
