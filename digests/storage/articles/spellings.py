"""Showing each category in the spelling that most posts use.

Only the other spellings are counted, as nearly all posts use the one that is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.category_tree import canonical
from digests.model.ids import CategoryId
from digests.storage.articles.categories import PATH_SEPARATOR, PlacedPaths
from digests.storage.database import Database
from digests.storage.schema.article_tables import article_categories, categories, category_spellings


async def count_spellings(
    database: Database, connection: AsyncConnection, paths: Iterable[tuple[str, ...]], placed: PlacedPaths
) -> None:
    """Count the spellings in the paths of new articles, a path an article, and rename what is mostly written so.

    The articles are to be linked to their categories already.
    """
    if not placed.variants:
        return
    beginnings = Counter(stored[:depth] for stored in map(canonical, paths) for depth in range(1, len(stored) + 1))
    counts: Counter[tuple[CategoryId, str]] = Counter()
    for path, (category, _) in placed.variants.items():
        counts[category, path[-1]] += beginnings[path]
    rows = [{"category_id": category, "name": name, "articles": count} for (category, name), count in counts.items()]
    insert = database.insert(category_spellings)
    more = category_spellings.c.articles + insert.excluded.articles
    await connection.execute(
        insert.on_conflict_do_update(index_elements=["category_id", "name"], set_={"articles": more}), rows
    )
    for category, shown in sorted(set(placed.variants.values())):
        await _rename(database, connection, category, shown)


async def _rename(database: Database, connection: AsyncConnection, category: CategoryId, shown: str) -> None:
    """Show the commonest spelling, if that is another one now."""
    spelled = sa.select(category_spellings.c.name, category_spellings.c.articles).where(
        category_spellings.c.category_id == category
    )
    rows = (await connection.execute(spelled.order_by(category_spellings.c.articles.desc()))).all()
    as_shown = await _count(connection, category) - sum(row.articles for row in rows)
    if rows[0].articles <= as_shown:
        return
    insert = database.insert(category_spellings)
    await connection.execute(
        sa.delete(category_spellings).where(
            category_spellings.c.category_id == category, category_spellings.c.name == rows[0].name
        )
    )
    await connection.execute(
        insert.on_conflict_do_nothing(), {"category_id": category, "name": shown, "articles": max(as_shown, 0)}
    )
    await _set_name(connection, category, rows[0].name)


async def _count(connection: AsyncConnection, category: CategoryId) -> int:
    """Return how many articles are in the category or below it."""
    below = sa.select(categories.c.id).where(categories.c.id == category).cte("below", recursive=True)
    below = below.union_all(sa.select(categories.c.id).join(below, categories.c.parent_id == below.c.id))
    query = sa.select(sa.func.count(article_categories.c.article_id.distinct())).where(
        article_categories.c.category_id.in_(sa.select(below.c.id))
    )
    return int(await connection.scalar(query) or 0)


async def _set_name(connection: AsyncConnection, category: CategoryId, name: str) -> None:
    """Change the name in the category's path, and in those of everything below it."""
    old = await connection.scalar(sa.select(categories.c.path).where(categories.c.id == category))
    assert old is not None
    new = PATH_SEPARATOR.join([*old.split(PATH_SEPARATOR)[:-1], name])
    await connection.execute(sa.update(categories).where(categories.c.id == category).values(name=name, path=new))
    beginning = old + PATH_SEPARATOR
    is_below = sa.func.substr(categories.c.path, 1, len(beginning)) == beginning
    await connection.execute(
        sa.update(categories)
        .where(is_below, categories.c.alias_of.is_(None))
        .values(path=sa.literal(new) + sa.func.substr(categories.c.path, len(old) + 1))
    )
