from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from digests.storage.search.sqlite.index import SearchIndex


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[SearchIndex]:
    """Return an empty search index."""
    opened = SearchIndex(tmp_path / "search.db")
    await opened.open()
    yield opened
    await opened.close()
