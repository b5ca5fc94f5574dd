"""The category tree in the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.category_tree import SEPARATOR, Category, CategoryTree, canonical
from digests.model.ids import CategoryId
from digests.storage.articles.visibility import hidden_articles, hidden_branches, unseen_articles
from digests.storage.bulk import batches
from digests.storage.database import Database
from digests.storage.schema import article_categories, categories

# Between the parts of a stored path; a name may well hold a slash, but never a control character.
_JOIN = "\x1f"
_TREE_SECONDS = 30.0


class CategoryStore:
    """The tree. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept_tree: tuple[float, CategoryTree] | None = None

    async def tree(self) -> CategoryTree:
        """All categories, each with the number of articles in it and below it."""
        counted = sa.select(article_categories.c.category_id, sa.func.count().label("count")).group_by(
            article_categories.c.category_id
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(sa.select(categories).order_by(categories.c.id))).all()
            own: dict[int, int] = {row.category_id: row[1] for row in await connection.execute(counted)}
        return CategoryTree(_with_totals(rows, own))

    async def readers_tree(self) -> CategoryTree:
        """Return the tree as readers meet it: without what is hidden, and counting only what they may see.

        Nearly every tap asks for it, and it takes four queries over all articles, so it is kept for half a minute:
        what another process changed shows after that. After a change of this process call `forget_readers_tree`.
        """
        if self._kept_tree is None or monotonic() - self._kept_tree[0] > _TREE_SECONDS:
            self._kept_tree = (monotonic(), await self._read_readers_tree())
        return self._kept_tree[1]

    def forget_readers_tree(self) -> None:
        """Have the next `readers_tree` read it anew, after articles came in or something was hidden or shown."""
        self._kept_tree = None

    async def _read_readers_tree(self) -> CategoryTree:
        links = article_categories
        counted = sa.select(links.c.category_id, sa.func.count()).group_by(links.c.category_id)
        unseen = counted.where(links.c.article_id.in_(unseen_articles()))
        hidden = counted.where(links.c.article_id.in_(hidden_articles()))
        async with self._database.read() as connection:
            rows = (await connection.execute(sa.select(categories).order_by(categories.c.id))).all()
            own = await _counts(connection, counted)
            of_unseen = await _counts(connection, unseen)
            of_hidden = await _counts(connection, hidden) if of_unseen else {}
            branches = set((await connection.execute(hidden_branches())).scalars())
        seen = {one: count - of_unseen.get(one, 0) for one, count in own.items()}
        # What holds articles of hidden sources only would be an empty shelf with their name on it.
        emptied = {one.id for one in _with_totals(rows, of_hidden) if one.count}
        return CategoryTree(
            one for one in _with_totals(rows, seen) if one.id not in branches and (one.count or one.id not in emptied)
        )

    async def ensure(self, paths: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], CategoryId]:
        """The id of each path, made where it is missing."""
        async with self._database.write() as connection:
            return await ensure_categories(self._database, connection, paths)


async def _counts(connection: AsyncConnection, query: sa.Select[*tuple[Any, ...]]) -> dict[int, int]:
    return {row[0]: row[1] for row in await connection.execute(query)}


def _with_totals(rows: Iterable[sa.Row[*tuple[Any, ...]]], own: Mapping[int, int]) -> list[Category]:
    listed = list(rows)
    parents = {row.id: row.parent_id for row in listed}
    totals = dict.fromkeys(parents, 0)
    for category_id, count in own.items():
        one: int | None = category_id
        while one is not None:
            totals[one] += count
            one = parents[one]
    return [
        Category(
            id=row.id,
            parent_id=row.parent_id,
            name=row.name,
            path=tuple(row.path.split(_JOIN)),
            count=totals[row.id],
            alias_of=row.alias_of,
        )
        for row in listed
    ]


async def ensure_categories(
    database: Database, connection: AsyncConnection, paths: Iterable[tuple[str, ...]]
) -> dict[tuple[str, ...], CategoryId]:
    """The id of each path's last part; what is missing is made, parents first. Ids are permanent."""
    wanted: dict[tuple[str, ...], tuple[str, ...]] = {path: canonical(path) for path in paths}
    prefixes = {kept[:depth] for kept in wanted.values() for depth in range(1, len(kept) + 1)}
    known = await _known(connection, prefixes)
    missing = prefixes - known.keys()
    for depth in sorted({len(path) for path in missing}):
        known |= await _make(database, connection, sorted(path for path in missing if len(path) == depth), known)
    return {path: known[kept] for path, kept in wanted.items() if kept}


async def _known(connection: AsyncConnection, paths: Collection[tuple[str, ...]]) -> dict[tuple[str, ...], CategoryId]:
    stored = {_JOIN.join(path): path for path in paths}
    known: dict[tuple[str, ...], CategoryId] = {}
    for some in batches(stored):
        query = sa.select(categories.c.path, categories.c.id, categories.c.alias_of).where(categories.c.path.in_(some))
        for row in await connection.execute(query):
            known[stored[row.path]] = CategoryId(row.alias_of or row.id)
    return known


async def _make(
    database: Database,
    connection: AsyncConnection,
    paths: Sequence[tuple[str, ...]],
    parents: Mapping[tuple[str, ...], CategoryId],
) -> dict[tuple[str, ...], CategoryId]:
    """Categories of one depth, whose parents are there. Another writer may have been first; its rows count."""
    rows = [{"parent_id": parents.get(path[:-1]), "name": path[-1], "path": _JOIN.join(path)} for path in paths]
    await connection.execute(database.insert(categories).on_conflict_do_nothing(), rows)
    return await _known(connection, paths)


def show_path(path: Iterable[str]) -> str:
    """A path as people read it."""
    return f" {SEPARATOR} ".join(path)
