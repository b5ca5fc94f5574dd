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
        (row["key"], row["parts"], row["items"], row["rest"])
        for row in (rendering_row(one, now) for one in {one.key: one for one in made}.values())
    ]
    alike = {"created_at": now}
    await insert_rows(database, connection, renderings, _TEXT_COLUMNS, rows, alike, ignore=True)


def rendering_row(one: Rendering, now: datetime) -> dict[str, Any]:
    return {
        "key": one.key,
        "parts": [_part_row(part) for part in one.parts],
        "items": list(one.items),
        "rest": list(one.rest),
        "created_at": now,
    }


def _part_row(part: Part) -> dict[str, Any]:
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
