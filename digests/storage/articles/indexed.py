"""What the search index needs of articles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.article import IndexEntry
from digests.model.ids import CategoryId
from digests.storage.schema.article_tables import article_categories, articles, categories, withdrawn

_INDEX_COLUMNS = (
    articles.c.id,
    articles.c.revision,
    articles.c.title,
    articles.c.summary,
    articles.c.text,
    articles.c.source,
    articles.c.language,
    articles.c.shown_at,
    articles.c.tags,
    withdrawn.c.article_id.is_not(None).label("withdrawn"),
)


async def category_parents(connection: AsyncConnection) -> dict[CategoryId, CategoryId | None]:
    """Return the category above each; None for one at the top."""
    rows = await connection.execute(sa.select(categories.c.id, categories.c.parent_id))
    return {row.id: row.parent_id for row in rows}


async def entries_of(
    connection: AsyncConnection, query: sa.Select[*tuple[Any, ...]], parents: Mapping[CategoryId, CategoryId | None]
) -> tuple[IndexEntry, ...]:
    """Return the entries of the articles that a query selects, with all their categories and those above them."""
    rows = (await connection.execute(query)).all()
    categories_of: dict[int, set[CategoryId]] = {}
    links = sa.select(article_categories).where(article_categories.c.article_id.in_([row.id for row in rows]))
    for link in await connection.execute(links):
        category: CategoryId | None = link.category_id
        while category is not None:
            categories_of.setdefault(link.article_id, set()).add(category)
            category = parents.get(category)
    return tuple(_entry(row, categories_of.get(row.id, ())) for row in rows)


def select_indexed() -> sa.Select[*tuple[Any, ...]]:
    """Return the query for all that the index needs of articles; to be narrowed."""
    return sa.select(*_INDEX_COLUMNS).select_from(
        articles.outerjoin(withdrawn, withdrawn.c.article_id == articles.c.id)
    )


def _entry(row: sa.Row[*tuple[Any, ...]], categories_of: Collection[CategoryId]) -> IndexEntry:
    values = dict(row._mapping)
    tags: str = values.pop("tags")
    return IndexEntry(**values, tags=tuple(tags.split("\x1f")) if tags else (), categories=tuple(sorted(categories_of)))
