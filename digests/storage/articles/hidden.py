"""Storing which categories and sources are hidden from readers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from digests.model.category_tree import fold_name
from digests.model.ids import CategoryId
from digests.storage.database import Database
from digests.storage.schema.article_tables import articles, hidden_categories, hidden_sources

_CATEGORIES = sa.select(hidden_categories.c.category_id)
_SOURCES = sa.select(hidden_sources.c.source)


@dataclass(frozen=True, slots=True)
class Hidden:
    """What admins have hidden; everything below a hidden category is hidden with it."""

    categories: frozenset[CategoryId] = frozenset()
    sources: frozenset[str] = frozenset()


class HiddenStore:
    """Stores what is hidden. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Hidden:
        """Return everything that is hidden."""

        def work(connection: sa.Connection) -> Hidden:
            ids, names = connection.scalars(_CATEGORIES), connection.scalars(_SOURCES)
            return Hidden(frozenset(map(CategoryId, ids)), frozenset(names))

        return await self._database.peek(work)

    async def sources_named(self, name: str) -> tuple[str, ...]:
        """Return the spellings of this source in articles; width, case and white space don't count."""
        wanted = fold_name(name)
        async with self._database.read() as connection:
            found = (await connection.execute(sa.select(articles.c.source).distinct())).scalars()
            return tuple(sorted(source for source in found if source and fold_name(source) == wanted))

    async def hide_category(self, category: CategoryId, now: datetime) -> None:
        """Hide a category."""
        insert = self._database.insert(hidden_categories).values(category_id=category, at=now)
        async with self._database.write() as connection:
            await connection.execute(insert.on_conflict_do_nothing())

    async def hide_sources(self, names: tuple[str, ...], now: datetime) -> None:
        """Hide sources, spelled as articles spell them."""
        insert = self._database.insert(hidden_sources).on_conflict_do_nothing()
        async with self._database.write() as connection:
            await connection.execute(insert, [{"source": name, "at": now} for name in names])

    async def show_category(self, category: CategoryId) -> None:
        """Show a hidden category again."""
        async with self._database.write() as connection:
            await connection.execute(sa.delete(hidden_categories).where(hidden_categories.c.category_id == category))

    async def show_source(self, name: str) -> None:
        """Show a hidden source again, whatever its spelling."""
        wanted = fold_name(name)
        async with self._database.write() as connection:
            hidden = (await connection.execute(sa.select(hidden_sources.c.source))).scalars().all()
            matching = [source for source in hidden if fold_name(source) == wanted]
            await connection.execute(sa.delete(hidden_sources).where(hidden_sources.c.source.in_(matching)))
