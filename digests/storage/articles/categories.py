"""Storing the category tree."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.errors import StorageError
from digests.model.category_activity import CategoryView
from digests.model.category_tree import SEPARATOR, Category, CategoryTree, canonical, fold_name
from digests.model.ids import CategoryId
from digests.storage.articles.activity import read_activity
from digests.storage.articles.visibility import hidden_articles, hidden_branches, invisible_articles
from digests.storage.bulk import batches
from digests.storage.database import Database
from digests.storage.schema.article_tables import article_categories, categories

# Between the parts of a stored path: a name may well contain a slash, but never a control character.
PATH_SEPARATOR = "\x1f"
_TREE_SECONDS = 30.0
_VIEW_AGE = timedelta(seconds=60)


class CategoryStore:
    """Stores the category tree. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cached_tree: tuple[float, asyncio.Task[CategoryTree]] | None = None
        self._cached_view: tuple[datetime, CategoryView] | None = None

    async def tree(self) -> CategoryTree:
        """Return all categories, each with the number of articles in it and below it."""
        links = article_categories
        own = sa.select(links.c.category_id, sa.func.count().label("number")).group_by(links.c.category_id)
        counted = own.subquery("own")
        query = sa.select(categories, sa.func.coalesce(counted.c.number, 0).label("own"))
        query = query.select_from(categories.outerjoin(counted, counted.c.category_id == categories.c.id))
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(categories.c.id))).all()
        return CategoryTree(_with_totals(rows, {row.id: row.own for row in rows}))

    async def readers_tree(self) -> CategoryTree:
        """Return the tree as readers see it: without hidden categories, and counting only visible articles.

        Nearly every press of a button needs it, and it counts all articles, so it is cached for half a minute: changes
        by another process show after that. After a change by this process, call `forget_readers_tree`.
        """
        cached = self._cached_tree
        if cached is None or monotonic() - cached[0] > _TREE_SECONDS:
            self._cached_tree = cached = (monotonic(), asyncio.create_task(self._read_readers_tree()))
        try:
            # However many press at once, it is read once.
            return await asyncio.shield(cached[1])
        except StorageError:
            if self._cached_tree is cached:
                self._cached_tree = None
            raise

    async def view(self, now: datetime) -> CategoryView:
        """Return the readers' tree with what goes on in it, cached like the tree; at most two queries."""
        tree = await self.readers_tree()
        cached = self._cached_view
        # Abs: the clock may have been set back.
        if cached is None or cached[1].tree is not tree or abs(now - cached[0]) > _VIEW_AGE:
            activity = await read_activity(self._database, now)
            self._cached_view = cached = (now, CategoryView.of(tree, activity))
        return cached[1]

    def forget_readers_tree(self) -> None:
        """Have the next `readers_tree` read the tree again, after articles came or something was hidden or shown."""
        self._cached_tree = None

    async def _read_readers_tree(self) -> CategoryTree:
        def work(connection: sa.Connection) -> CategoryTree:
            rows = connection.execute(_readers_statement()).all()
            own = {row.id: row.total - row.invisible for row in rows}
            # A category with articles of hidden sources only would be empty, and might bear the source's name.
            hidden = {row.id: row.hidden for row in rows if row.hidden}
            emptied = {category.id for category in _with_totals(rows, hidden) if category.count} if hidden else set()
            branches = {row.id for row in rows if row.is_hidden}
            return CategoryTree(
                category
                for category in _with_totals(rows, own)
                if category.id not in branches and (category.count or category.id not in emptied)
            )

        return await self._database.run(work)

    async def ensure(self, paths: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], CategoryId]:
        """Return the id of each path, creating those that are missing."""
        async with self._database.write() as connection:
            return dict((await ensure_categories(self._database, connection, paths)).ids)


@cache
def _readers_statement() -> sa.Select[*tuple[Any, ...]]:
    """Return the statement that reads every category with the numbers of its own articles."""
    links = article_categories
    counted = sa.select(links.c.category_id, sa.func.count().label("number")).group_by(links.c.category_id)
    parts = {
        "total": counted.subquery("own"),
        "invisible": counted.where(links.c.article_id.in_(invisible_articles())).subquery("own_invisible"),
        "hidden": counted.where(links.c.article_id.in_(hidden_articles())).subquery("own_hidden"),
    }
    joined: sa.FromClause = categories
    for part in parts.values():
        joined = joined.outerjoin(part, part.c.category_id == categories.c.id)
    numbers = [sa.func.coalesce(part.c.number, 0).label(name) for name, part in parts.items()]
    is_hidden = categories.c.id.in_(hidden_branches()).label("is_hidden")
    return sa.select(categories, *numbers, is_hidden).select_from(joined).order_by(categories.c.id)


def _with_totals(rows: Iterable[sa.Row[*tuple[Any, ...]]], own: Mapping[int, int]) -> list[Category]:
    rows = list(rows)
    parents = {row.id: row.parent_id for row in rows}
    totals = dict.fromkeys(parents, 0)
    for category_id, count in own.items():
        ancestor: int | None = category_id
        while ancestor is not None:
            totals[ancestor] += count
            ancestor = parents[ancestor]
    return [
        Category(
            id=row.id,
            parent_id=row.parent_id,
            name=row.name,
            path=tuple(row.path.split(PATH_SEPARATOR)),
            count=totals[row.id],
            alias_of=row.alias_of,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class PlacedPaths:
    """The categories of paths.

    `ids` are those of whole paths. `variants` are the beginnings of canonical paths whose last name is shown otherwise,
    each with its category and the name that is shown.
    """

    ids: Mapping[tuple[str, ...], CategoryId]
    variants: Mapping[tuple[str, ...], tuple[CategoryId, str]]


async def ensure_categories(
    database: Database, connection: AsyncConnection, paths: Iterable[tuple[str, ...]]
) -> PlacedPaths:
    """Return the category of each path, creating what is missing, parents first. Ids are permanent.

    Paths that differ only in case, width and white space are one category, spelled as the first post spelled it until
    another spelling is commoner (`spellings.py`).
    """
    wanted = {path: canonical(path) for path in paths}
    spelled = {stored[:depth]: "" for stored in wanted.values() for depth in range(1, len(stored) + 1)}
    for path in spelled:
        spelled[path] = _folded(path)
    known = await _known(connection, set(spelled.values()))
    first: dict[str, tuple[str, ...]] = {}
    for path, folded in spelled.items():
        if folded not in known:
            first.setdefault(folded, path)
    for _, group in groupby(sorted(first.values(), key=lambda path: (len(path), path)), key=len):
        known |= await _insert(database, connection, list(group), known)
    return PlacedPaths(
        {path: known[spelled[stored]].id for path, stored in wanted.items() if stored},
        {
            path: (known[folded].id, known[folded].name)
            for path, folded in spelled.items()
            if known[folded].name != path[-1]
        },
    )


@dataclass(frozen=True, slots=True)
class _KnownCategory:
    id: CategoryId
    name: str
    path: str


async def _known(connection: AsyncConnection, folded: Collection[str]) -> dict[str, _KnownCategory]:
    known: dict[str, _KnownCategory] = {}
    for batch in batches(folded):
        columns = (categories.c.folded, categories.c.id, categories.c.name, categories.c.path)
        for row in await connection.execute(sa.select(*columns).where(categories.c.folded.in_(batch))):
            known[row.folded] = _KnownCategory(CategoryId(row.id), row.name, row.path)
    return known


async def _insert(
    database: Database,
    connection: AsyncConnection,
    paths: Sequence[tuple[str, ...]],
    known: Mapping[str, _KnownCategory],
) -> dict[str, _KnownCategory]:
    """Create categories of one depth, whose parents exist; if another writer was first, its rows are taken."""
    rows = []
    for path in paths:
        above = known.get(_folded(path[:-1]))
        shown = f"{above.path}{PATH_SEPARATOR}{path[-1]}" if above is not None else path[-1]
        parent = above.id if above is not None else None
        rows.append({"parent_id": parent, "name": path[-1], "path": shown, "folded": _folded(path)})
    await connection.execute(database.insert(categories).on_conflict_do_nothing(), rows)
    return await _known(connection, [_folded(path) for path in paths])


def _folded(path: Sequence[str]) -> str:
    return PATH_SEPARATOR.join(fold_name(name) for name in path)


def show_path(path: Iterable[str]) -> str:
    """Return a path for people."""
    return f" {SEPARATOR} ".join(path)
