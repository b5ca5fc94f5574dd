"""Wishes, packed and stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digests.model.ids import ArticleId, PlaceId
from digests.model.wish import Matter, WishKind
from digests.storage.database import Database
from digests.storage.schema.wish_tables import queries, query_matches, sent_at_once, wishes
from tests.factories.times import NOW


async def add_wish(
    database: Database, place: PlaceId, kind: WishKind, matter: Matter, value: object, **changes: Any
) -> None:
    """Store a wish of a place about the name of a source or the id of a category."""
    row = {"place_id": place, "kind": kind, "matter": matter, "value": str(value), "created_at": NOW, **changes}
    async with database.write() as connection:
        await connection.execute(sa.insert(wishes).values(row))


async def add_words(
    database: Database, place: PlaceId, kind: WishKind, words: str, matches: Sequence[ArticleId] = (), **changes: Any
) -> None:
    """Store a wish of a place about words, which these articles have."""
    async with database.write() as connection:
        query = await connection.scalar(sa.select(queries.c.id).where(queries.c.words == words))
        if query is None:
            insert = sa.insert(queries).values(words=words, created_at=NOW).returning(queries.c.id)
            query = await connection.scalar(insert)
        for article in matches:
            row = {"query_id": query, "article_id": article}
            await connection.execute(database.insert(query_matches).values(row).on_conflict_do_nothing())
    await add_wish(database, place, kind, Matter.WORDS, words, query_id=query, **changes)


async def note_sent_at_once(database: Database, place: PlaceId, article: ArticleId, at: datetime = NOW) -> None:
    """Note that an article was sent to a place at once."""
    async with database.write() as connection:
        await connection.execute(sa.insert(sent_at_once).values(place_id=place, article_id=article, at=at))
