"""Categories, in memory and stored."""

from __future__ import annotations

from digests.model.category_tree import Category
from digests.model.ids import CategoryId
from digests.storage.articles.categories import CategoryStore
from digests.storage.database import Database


def category(number: int, *path: str, parent: int | None = None, count: int = 1) -> Category:
    """Return a category called by the last name of its path."""
    return Category(
        id=CategoryId(number),
        parent_id=CategoryId(parent) if parent else None,
        name=path[-1],
        path=path,
        count=count,
    )


async def ensure_categories(database: Database, *names: str) -> list[CategoryId]:
    """Store top categories of these names where they are missing, and return their ids in this order."""
    made = await CategoryStore(database).ensure([(name,) for name in names])
    return [made[(name,)] for name in names]
