from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from digests.storage.database import Database
from digests.storage.search.port import ArticleIndex
from digests.storage.search.postgresql.index import PostgresSearchIndex
from digests.storage.search.sqlite.index import SearchIndex


@pytest.fixture
async def index(database: Database, tmp_path: Path) -> AsyncIterator[ArticleIndex]:
    """Return an empty search index of the kind that the database has."""
    opened = SearchIndex(tmp_path / "search.db") if database.is_sqlite else PostgresSearchIndex(database)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_index(tmp_path: Path) -> AsyncIterator[SearchIndex]:
    """Return an empty search index of SQLite."""
    opened = SearchIndex(tmp_path / "search.db")
    await opened.open()
    yield opened
    await opened.close()
