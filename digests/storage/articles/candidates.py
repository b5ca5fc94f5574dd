"""Reading articles as candidates for digests: what came lately, or the latest."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.article import Candidate
from digests.model.digest import Window
from digests.model.ids import CategoryId
from digests.storage.articles.visibility import is_visible
from digests.storage.bulk import read_rows
from digests.storage.columns import stored_moment
from digests.storage.database import Database
from digests.storage.schema.article_tables import article_categories, articles


async def read_candidates(database: Database, connection: AsyncConnection, window: Window) -> tuple[Candidate, ...]:
    """Return the window's articles that may be in a digest, with all their categories."""
    inside_window = (articles.c.ingest > window.since) & (articles.c.ingest <= window.until)
    return await _candidates(database, connection, inside_window & articles.c.fresh.is_(sa.true()) & is_visible())


async def read_latest(
    database: Database, connection: AsyncConnection, which: sa.ColumnElement[bool], most: int
) -> tuple[Candidate, ...]:
    """Return the newest visible articles of which `which` holds, however old they are."""
    latest = sa.select(articles.c.id).where(which, is_visible())
    latest = latest.order_by(articles.c.shown_at.desc(), articles.c.id.desc()).limit(most)
    return await _candidates(database, connection, articles.c.id.in_(sa.select(latest.subquery().c.id)))


def _categories() -> sa.ScalarSelect[str]:
    """Return a subquery for all categories of an article of the outer query."""
    joined = sa.func.aggregate_strings(sa.cast(article_categories.c.category_id, sa.Text), ",")
    return sa.select(joined).where(article_categories.c.article_id == articles.c.id).scalar_subquery()


async def _candidates(
    database: Database, connection: AsyncConnection, chosen: sa.ColumnElement[bool]
) -> tuple[Candidate, ...]:
    is_dated = sa.case((articles.c.published_at >= articles.c.shown_at, 1), else_=0)
    query = sa.select(
        articles.c.id,
        articles.c.ingest,
        sa.func.coalesce(_categories(), "").label("categories"),
        articles.c.source,
        articles.c.shown_at,
        articles.c.story_id,
        is_dated.label("is_dated"),
        articles.c.category_id,
    ).where(chosen)
    return tuple(
        [
            Candidate(
                number,
                ingest,
                tuple([CategoryId(int(category)) for category in categories.split(",") if category]),
                source,
                stored_moment(shown_at),
                story,
                is_dated == 1,
                shown_under,
            )
            for number, ingest, categories, source, shown_at, story, is_dated, shown_under in await read_rows(
                database, connection, query
            )
        ]
    )
