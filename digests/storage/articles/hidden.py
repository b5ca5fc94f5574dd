"""Which categories and sources readers never meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from digests.model.category_tree import fold_name
from digests.model.ids import CategoryId
from digests.storage.database import Database
from digests.storage.schema import articles, hidden_categories, hidden_sources

_CATEGORIES = sa.select(hidden_categories.c.category_id)
_SOURCES = sa.select(hidden_sources.c.source)


@dataclass(frozen=True, slots=True)
class Hidden:
    """What admins have hidden; all that lies below a category is hidden with it."""

    categories: frozenset[CategoryId] = frozenset()
    sources: frozenset[str] = frozenset()


class HiddenStore:
    """Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Hidden:
        def work(connection: sa.Connection) -> Hidden:
            ids, names = connection.scalars(_CATEGORIES), connection.scalars(_SOURCES)
            return Hidden(frozenset(map(CategoryId, ids)), frozenset(names))

        return await self._database.peek(work)

    async def sources_named(self, name: str) -> tuple[str, ...]:
        """The sources of this name as articles spell it: width, case and white space don't count."""
        wanted = fold_name(name)
        async with self._database.read() as connection:
            found = (await connection.execute(sa.select(articles.c.source).distinct())).scalars()
            return tuple(sorted(one for one in found if one and fold_name(one) == wanted))

    async def hide_category(self, category: CategoryId, now: datetime) -> None:
        insert = self._database.insert(hidden_categories).values(category_id=category, at=now)
        async with self._database.write() as connection:
            await connection.execute(insert.on_conflict_do_nothing())

    async def hide_sources(self, names: tuple[str, ...], now: datetime) -> None:
        insert = self._database.insert(hidden_sources).on_conflict_do_nothing()
        async with self._database.write() as connection:
            await connection.execute(insert, [{"source": one, "at": now} for one in names])

    async def show_category(self, category: CategoryId) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.delete(hidden_categories).where(hidden_categories.c.category_id == category))

    async def show_source(self, name: str) -> None:
        """Whatever its spelling."""
        wanted = fold_name(name)
        async with self._database.write() as connection:
            listed = (await connection.execute(sa.select(hidden_sources.c.source))).scalars().all()
            same = [one for one in listed if fold_name(one) == wanted]
            await connection.execute(sa.delete(hidden_sources).where(hidden_sources.c.source.in_(same)))
