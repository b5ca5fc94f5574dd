"""What deliveries say, stored once for all that say the same: under a key made of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.storage.bulk import insert_rows
from digests.storage.database import Database
from digests.storage.schema import renderings
from digests.types import ArticleId, Part, Rendering

_TEXT_COLUMNS = ("key", "parts", "items", "rest")


async def keep_renderings(
    database: Database, connection: AsyncConnection, made: Sequence[Rendering], now: datetime
) -> None:
    """Stores each once, under its key."""
    rows = [
        (one.key, [part_row(part) for part in one.parts], list(one.items), list(one.rest))
        for one in {one.key: one for one in made}.values()
    ]
    await insert_rows(database, connection, renderings, _TEXT_COLUMNS, rows, {"created_at": now}, ignore=True)


def part_row(part: Part) -> dict[str, Any]:
    row: dict[str, Any] = {"html": part.html, "picture": part.picture, "photo": part.photo, "stories": part.stories}
    # A digest has none of these; asking costs less than writing them out for each.
    if part.is_announced:
        row |= {"media": part.media, "copy_of": part.copy_of, "buttons": part.buttons}
        row |= {"silent": part.silent, "pinned": part.pinned}
        row |= {"paid": part.paid, "despite_quiet": part.despite_quiet}
    return row


def rendering_of(row: sa.Row[*tuple[Any, ...]]) -> Rendering:
    return Rendering(row.key, tuple(Part(**part) for part in row.parts), _ids(row.items), _ids(row.rest))


def _ids(values: Sequence[int]) -> tuple[ArticleId, ...]:
    return tuple(ArticleId(value) for value in values)
