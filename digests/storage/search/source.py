"""Where the search index gets its articles from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import Protocol, TypeVar

from digests.model.article import IndexEntry
from digests.offload import Offload

BATCH = 100
"""How many articles are read and written at a time."""

MadeT = TypeVar("MadeT")


class ArticlesInOrder(Protocol):
    """Articles in order of time."""

    def by_time(self, size: int) -> AsyncIterator[Sequence[IndexEntry]]:
        """Yield all articles, `size` at a time, in order of date."""
        ...


class IndexSource(ArticlesInOrder, Protocol):
    """The articles to index; the article store is such a source. Any method may raise StorageError."""

    async def last_revision(self) -> int:
        """Return the revision of the latest change of an article."""
        ...

    async def counts(self) -> tuple[int, int]:
        """Return the number of articles, and another number."""
        ...

    async def changed_since(self, revision: int, limit: int) -> Sequence[IndexEntry]:
        """Return articles with a later revision, in order of revision."""
        ...


async def made_ahead(
    articles: ArticlesInOrder, offload: Offload, make: Callable[[Sequence[IndexEntry]], list[MadeT]]
) -> AsyncGenerator[list[MadeT]]:
    """Yield what `make` makes of all articles, in order of date; the next are made while the last are written."""
    pending: asyncio.Queue[asyncio.Future[list[MadeT]] | None] = asyncio.Queue(offload.ahead)

    async def read_all() -> None:
        try:
            async for entries in articles.by_time(BATCH):
                await pending.put(asyncio.ensure_future(offload(make, entries)))
        finally:
            await pending.put(None)

    reading = asyncio.create_task(read_all())
    try:
        while (future := await pending.get()) is not None:
            yield await future
        await reading
    finally:
        reading.cancel()
        while not pending.empty():
            if (future := pending.get_nowait()) is not None:
                future.cancel()
