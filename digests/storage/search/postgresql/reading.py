"""Reading bits and rows, all of one search from the same tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from digests.storage.search.postgresql.bits import bits_of, joined_blocks
from digests.storage.search.postgresql.statements import (
    BUILDER,
    LISTED,
    articles_statement,
    bits_statement,
    later_statement,
    look_statement,
)
from digests.storage.search.postgresql.tables import TableNames
from digests.storage.search.postgresql.wanted import Look

FetchRows = Callable[[str, Mapping[str, object]], Awaitable[list[tuple[Any, ...]]]]


class IndexChangedError(Exception):
    """The index was exchanged, or what was found replaced, between two statements: the search begins anew."""


class BitReader:
    """Reads for one search. Its methods raise IndexChangedError if the tables are others than at first."""

    def __init__(self, fetch: FetchRows, names: TableNames) -> None:
        self._fetch = fetch
        self._names = names
        self._builder: str | None = None

    async def bits(self, keys: Sequence[str], days: tuple[str, str] | None = None) -> dict[str, int]:
        """Return the documents of keys, and of all days from the first key to the last."""
        rows = await self._fetch(*bits_statement(self._names, keys, days))
        bits: dict[str, int] = {}
        blocks: defaultdict[str, list[tuple[int, bytes, bytes]]] = defaultdict(list)
        for what, key, block, bitmap, listed, documents in rows:
            if what == BUILDER:
                self._check(key)
            elif what == LISTED:
                bits[key] = bits_of(documents)
            else:
                blocks[key].append((block, bitmap, listed))
        return bits | {key: joined_blocks(stored, self._names.block) for key, stored in blocks.items()}

    async def looked(
        self, documents: Sequence[int], looks: Sequence[Look], after: int | None, before: int | None
    ) -> list[int]:
        """Return those documents of whose rows all is true."""
        ((builder, found),) = await self._fetch(*look_statement(self._names, documents, looks, after, before))
        self._check(builder)
        return list(found)

    async def articles(self, documents: Sequence[int]) -> list[int]:
        """Return the articles of documents."""
        if not documents:
            return []
        asked = list(dict.fromkeys(documents))
        ((builder, numbers, articles),) = await self._fetch(*articles_statement(self._names, asked))
        self._check(builder)
        article_of = dict(zip(numbers or (), articles or (), strict=True))
        if len(article_of) < len(asked):
            # One of them was replaced meanwhile.
            raise IndexChangedError
        return [article_of[document] for document in documents]

    async def articles_since(self, since: int) -> dict[int, int]:
        """Return the articles from an id on, by their documents."""
        ((builder, documents, articles),) = await self._fetch(*later_statement(self._names, since))
        self._check(builder)
        return dict(zip(documents or (), articles or (), strict=True))

    def _check(self, builder: str) -> None:
        if self._builder is None:
            self._builder = builder
        elif builder != self._builder:
            raise IndexChangedError
