"""Reading articles as candidates for digests: what came lately, or the latest."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.article import Candidate
from digests.model.digest import Window
from digests.model.ids import CategoryId
from digests.storage.articles.visibility import is_visible
from digests.storage.schema.article_tables import article_categories, articles


async def read_candidates(connection: AsyncConnection, window: Window) -> tuple[Candidate, ...]:
    """Return the window's articles that may be in a digest, with all their categories."""
    inside_window = (articles.c.ingest > window.since) & (articles.c.ingest <= window.until)
    return await _candidates(connection, inside_window & articles.c.fresh.is_(sa.true()) & is_visible())


async def read_latest(connection: AsyncConnection, which: sa.ColumnElement[bool], most: int) -> tuple[Candidate, ...]:
    """Return the newest visible articles of which `which` holds, however old they are."""
    latest = sa.select(articles.c.id).where(which, is_visible())
    latest = latest.order_by(articles.c.shown_at.desc(), articles.c.id.desc()).limit(most)
    return await _candidates(connection, articles.c.id.in_(sa.select(latest.subquery().c.id)))


async def _candidates(connection: AsyncConnection, chosen: sa.ColumnElement[bool]) -> tuple[Candidate, ...]:
    is_dated = (articles.c.published_at >= articles.c.shown_at).label("is_dated")
    query = sa.select(
        articles.c.id,
        articles.c.ingest,
        articles.c.source,
        articles.c.shown_at,
        articles.c.story_id,
        is_dated,
        articles.c.category_id,
    ).where(chosen)
    links = (
        sa.select(article_categories.c.article_id, article_categories.c.category_id)
        .join(articles, articles.c.id == article_categories.c.article_id)
        .where(chosen)
    )
    categories_of: dict[int, list[CategoryId]] = {}
    for row in await connection.execute(links):
        categories_of.setdefault(row.article_id, []).append(row.category_id)
    return tuple(
        Candidate(
            row.id,
            row.ingest,
            tuple(categories_of.get(row.id, ())),
            row.source,
            row.shown_at,
            row.story_id,
            bool(row.is_dated),
            row.category_id,
        )
        for row in await connection.execute(query)
    )
