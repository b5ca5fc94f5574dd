from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from digests.search.query import parse_query
from digests.storage.articles import ArticleStore
from digests.storage.database import Database
from digests.storage.ingest import IngestStore
from digests.storage.search_index import SearchIndex
from tests.builders import NOW, parsed
from tests.contract.test_articles import read

TEXTS = {
    "月球背面的新发现": "嫦娥带回了样品。",
    "The far side of the Moon": "A probe brought samples home.",
    "Cooking with café au lait": "Nothing about the sky.",
    "アニメ映画の舞台挨拶": "大ヒット御礼。",
}


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[SearchIndex]:
    opened = SearchIndex(tmp_path / "search.db")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def articles(database: Database) -> ArticleStore:
    batch = [read(f"{t}.md", parsed(t, summary=s, text=f"{t} {s}")) for t, s in TEXTS.items()]
    await IngestStore(database).write("folder", batch, NOW)
    return ArticleStore(database)


async def find(index: SearchIndex, articles: ArticleStore, words: str) -> list[str]:
    found = await index.find(parse_query(words), 10)
    assert found.total == len(found.ids)
    return [one.title for one in await articles.get(found.ids)]


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
async def test_finding(index: SearchIndex, articles: ArticleStore, words: str, titles: list[str]) -> None:
    await index.update(articles)
    assert await find(index, articles, words) == titles


async def test_the_title_counts_most(index: SearchIndex, articles: ArticleStore, database: Database) -> None:
    other = parsed("Tides", summary="The moon moves the sea.", text="The moon moves the sea. " * 3)
    await IngestStore(database).write("folder", [read("tides.md", other)], NOW)
    await index.update(articles)
    assert (await find(index, articles, "moon"))[0] == "The far side of the Moon"


async def test_only_what_changed_is_taken_in(index: SearchIndex, articles: ArticleStore, database: Database) -> None:
    assert await index.update(articles) == 4
    assert await index.update(articles) == 0
    changed = parsed("The far side of the Moon", summary="Craters.", text="Craters.", content_hash="new")
    await IngestStore(database).write("folder", [read("x.md", changed)], NOW)
    assert await index.update(articles) == 1
    assert await find(index, articles, "samples") == []
    assert await find(index, articles, "craters") == ["The far side of the Moon"]


@pytest.mark.parametrize("harm", [b"this is no database" * 100, b""])
async def test_a_lost_or_broken_index_is_made_anew(tmp_path: Path, articles: ArticleStore, harm: bytes) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(harm)
    index = SearchIndex(path)
    await index.open()
    assert await index.update(articles) == 4
    await index.close()


async def test_an_index_of_another_version_is_made_anew(tmp_path: Path, articles: ArticleStore) -> None:
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
