"""Writing what a batch of posts makes of articles: their rows, their changes, and the categories that they are in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.articles.pictures.standing import picture_key
from digests.model.article import ParsedPost
from digests.model.ids import ArticleId
from digests.storage.articles.categories import PlacedPaths
from digests.storage.articles.known import KnownArticle
from digests.storage.articles.post_files import ReadPost
from digests.storage.articles.recognised import RecognisedPosts, restored_title
from digests.storage.articles.recognition import KnownArticles
from digests.storage.articles.wanted_pictures import renew_candidates
from digests.storage.counters import INGEST, REVISION, advance
from digests.storage.database import Database
from digests.storage.schema.article_tables import article_categories, articles


async def insert_articles(
    database: Database,
    connection: AsyncConnection,
    new: Sequence[tuple[ReadPost, ParsedPost, KnownArticle]],
    placed: PlacedPaths,
    now: datetime,
) -> None:
    """Store new articles, and note their ids."""
    if not new:
        return
    ingest = await advance(database, connection, INGEST, len(new))
    revision = await advance(database, connection, REVISION, len(new))
    rows = [
        _content(parsed, placed)
        | {
            "identity": article.identity,
            "link_key": article.link_key or None,
            "headline_key": article.headline_key or None,
            "origin": article.origin,
            "ingest": ingest + number,
            "revision": revision + number,
            "published_at": parsed.published_at,
            "first_seen_at": now,
            "shown_at": post.shown_at,
            "updated_at": now,
            "fresh": post.fresh and not post.reread,
        }
        for number, (post, parsed, article) in enumerate(new, 1)
    ]
    await connection.execute(sa.insert(articles), rows)
    numbers = sa.select(articles.c.ingest, articles.c.id).where(articles.c.ingest > ingest)
    ids = {row.ingest: row.id for row in await connection.execute(numbers)}
    for number, (_, _, article) in enumerate(new, 1):
        article.id = ids[ingest + number]


async def update_articles(
    database: Database,
    connection: AsyncConnection,
    recognised: RecognisedPosts,
    known: KnownArticles,
    placed: PlacedPaths,
    standing: Collection[str],
    now: datetime,
) -> list[ArticleId]:
    """Update the stored articles that the batch changes, and return which those are."""
    values: dict[ArticleId, dict[str, Any]] = {}
    candidates: dict[ArticleId, list[str]] = {}
    for parsed, article in recognised.changed:
        values[article.id] = _changed_values(parsed, article, placed, standing)
        values[article.id]["identity"] = known.unique_identity(parsed, article)
        candidates[article.id] = list(parsed.pictures or filter(None, [values[article.id]["thumbnail"]]))
    for filled in recognised.filled:
        values.setdefault(filled.article.id, filled.values)
        if filled.pictures:
            candidates.setdefault(filled.article.id, list(filled.pictures))
    await _store_keys(connection, recognised.with_other_keys)
    if not values:
        return []
    revision = await advance(database, connection, REVISION, len(values))
    for number, (article_id, changed) in enumerate(values.items(), 1):
        row = changed | {"revision": revision + number, "updated_at": now}
        await connection.execute(sa.update(articles).where(articles.c.id == article_id).values(row))
    if candidates:
        await renew_candidates(connection, candidates, now)
    return list(values)


async def _store_keys(connection: AsyncConnection, found: Sequence[KnownArticle]) -> None:
    """Store by what articles are recognised; no reader sees it, so that they get no new revision."""
    rows = [
        {
            "of": article.id,
            "new_link": article.link_key or None,
            "new_headline": article.headline_key or None,
            "new_origin": article.origin,
        }
        for article in found
    ]
    if rows:
        statement = sa.update(articles).where(articles.c.id == sa.bindparam("of"))
        await connection.execute(
            statement.values(
                link_key=sa.bindparam("new_link"),
                headline_key=sa.bindparam("new_headline"),
                origin=sa.bindparam("new_origin"),
            ),
            rows,
        )


async def link_articles(
    database: Database,
    connection: AsyncConnection,
    recognised: RecognisedPosts,
    placed: PlacedPaths,
) -> set[ArticleId]:
    """Store in which categories the articles are; return the articles that items of feeds brought into further ones."""
    rows = {
        (article.id, placed.ids[branch])
        for _, parsed, article in recognised.all
        for branch in parsed.branches
        if branch in placed.ids
    }
    if not rows:
        return set()
    new = {article.id for _, _, article in recognised.new}
    ids = {article.id for post, _, article in recognised.all if post.is_item} - new
    stored: set[tuple[int, int]] = set()
    if ids:
        query = sa.select(article_categories).where(article_categories.c.article_id.in_(sorted(ids)))
        stored = {(row.article_id, row.category_id) for row in await connection.execute(query)}
    insert = database.insert(article_categories).on_conflict_do_nothing()
    links = [{"article_id": article_id, "category_id": category_id} for article_id, category_id in sorted(rows)]
    await connection.execute(insert, links)
    return {article_id for article_id, _ in rows - stored if article_id in ids}


def _changed_values(
    parsed: ParsedPost, article: KnownArticle, placed: PlacedPaths, standing: Collection[str]
) -> dict[str, Any]:
    """Return the columns of an article as a new reading leaves them.

    The newest reading wins, but keeps a picture or a link to the original that only an earlier one had. A link that
    was made by the site's rules goes if they make none any more: it may be another post's now.
    """
    values = _content(parsed, placed)
    values |= {
        "title": restored_title(article.title, parsed.title),
        "link_key": article.link_key or None,
        "headline_key": article.headline_key or None,
        "origin": article.origin,
    }
    if parsed.thumbnail is None and article.thumbnail and picture_key(article.thumbnail) not in standing:
        values["thumbnail"] = article.thumbnail
    values["original_url"] = parsed.original_url or article.original_url
    values["url"] = parsed.url or article.original_url or (article.url if article.is_of_feed else None)
    return values


def _content(parsed: ParsedPost, placed: PlacedPaths) -> dict[str, Any]:
    return {
        "title_key": parsed.identity,
        "address": parsed.address or None,
        "content_hash": parsed.content_hash,
        "title": parsed.title,
        "category_id": placed.ids.get(parsed.categories),
        "author": parsed.author,
        "source": parsed.source,
        "language": parsed.language,
        "tags": "\x1f".join(parsed.tags),
        "summary": parsed.summary,
        "text": parsed.text,
        "thumbnail": parsed.thumbnail,
        "url": parsed.url,
        "original_url": parsed.original_url,
    }
