"""What deliveries say, stored once for all that say the same: under a key made of it.

A digest's text is stored as the list of its pieces, an article's lines each, which thousands of digests share: whole,
the texts of a hundred thousand readers took 200 MB a day, and most of the time of planning.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.delivery import Part, Rendering
from digests.model.ids import ArticleId, MessageRef
from digests.storage.bulk import each_of, insert_rows, is_one_of
from digests.storage.database import Database
from digests.storage.deliveries.rows import KEY_LENGTH, piece_key
from digests.storage.schema import deliveries, pieces, renderings

logger = logging.getLogger(__name__)

_TEXT_COLUMNS = ("key", "parts", "items", "rest")
_TO_THE_DAY = timedelta(days=1)


async def keep_renderings(
    database: Database, connection: AsyncConnection, made: Sequence[Rendering], now: datetime
) -> None:
    """Stores each once, under its key."""
    if not made:
        return
    texts = {piece for one in made for part in one.parts if isinstance(part.text, tuple) for piece in part.text}
    await _keep_pieces(database, connection, texts, now)
    rows = [
        (one.key, [part_row(part) for part in one.parts], one.items, one.rest)
        for one in {one.key: one for one in made}.values()
    ]
    await insert_rows(database, connection, renderings, _TEXT_COLUMNS, rows, {"created_at": now}, ignore=True)


async def _keep_pieces(database: Database, connection: AsyncConnection, texts: Collection[str], now: datetime) -> None:
    """Nearly all are there already, so it is asked first which are not."""
    if not texts:
        return
    htmls = {piece_key(one): one for one in texts}
    wanted = each_of(database, list(htmls), pieces.c.key.type)
    there = sa.exists().where(pieces.c.key == wanted, pieces.c.used_at > now - _TO_THE_DAY)
    # In one order, so that two who plan at once wait for each other and not crosswise.
    missing = sorted((await connection.execute(sa.select(wanted).where(~there))).scalars())
    if missing:
        insert = database.insert(pieces)
        statement = insert.on_conflict_do_update(index_elements=["key"], set_={"used_at": insert.excluded.used_at})
        await connection.execute(statement, [{"key": key, "html": htmls[key], "used_at": now} for key in missing])


def part_row(part: Part) -> dict[str, Any]:
    """As JSON: of a text in pieces it has their keys, one after the other."""
    text = part.text
    row: dict[str, Any] = {"html": text} if isinstance(text, str) else {"pieces": "".join(map(piece_key, text))}
    row["picture"], row["photo"], row["stories"] = part.picture, part.photo, part.stories
    # A digest has none of these; asking costs less than writing them out for each.
    if part.is_announced:
        row |= {"media": part.media, "copy_of": part.copy_of, "buttons": part.buttons}
        row |= {"silent": part.silent, "pinned": part.pinned}
        row |= {"paid": part.paid, "despite_quiet": part.despite_quiet}
        if part.is_covered:
            row |= {"spoilers": part.spoilers, "caption_above": part.caption_above}
    return row


async def read_renderings(
    database: Database, connection: AsyncConnection, keys: Collection[str]
) -> tuple[Rendering, ...]:
    """Those of them that are stored whole, in no order."""
    rows = (await connection.execute(sa.select(renderings).where(renderings.c.key.in_(list(keys))))).all()
    wanted = {key for row in rows for key in _piece_keys(row.parts)}
    htmls = await _pieces(database, connection, wanted)
    found = []
    for row in rows:
        try:
            parts = tuple(part_of(part, htmls) for part in row.parts)
        except KeyError as error:
            # Nobody can send it; whose delivery it is fails, and says so.
            logger.error("rendering %s: its piece %s is not in the database any more", row.key, error)
            continue
        found.append(Rendering(row.key, parts, _ids(row.items), _ids(row.rest)))
    return tuple(found)


async def _pieces(database: Database, connection: AsyncConnection, keys: Collection[str]) -> dict[str, str]:
    if not keys:
        return {}
    query = sa.select(pieces.c.key, pieces.c.html).where(is_one_of(database, pieces.c.key, keys))
    return {row.key: _shared(row.html) for row in await connection.execute(query)}


async def tidy_renderings(database: Database, connection: AsyncConnection, before: datetime) -> None:
    """Removes what no delivery uses, and the pieces of which nothing is made any more, when older than `before`."""
    used = sa.select(deliveries.c.rendering)
    old = renderings.c.created_at < before
    await connection.execute(sa.delete(renderings).where(old, renderings.c.key.not_in(used)))
    # What is made of an old piece is as old, and of that nearly all is gone by now.
    left = (await connection.execute(sa.select(renderings.c.parts).where(old))).scalars()
    still = is_one_of(database, pieces.c.key, {key for parts in left for key in _piece_keys(parts)})
    await connection.execute(sa.delete(pieces).where(pieces.c.used_at < before - _TO_THE_DAY, ~still))


def part_of(row: Mapping[str, Any], htmls: Mapping[str, str] = MappingProxyType({})) -> Part:
    """Return the part of a `part_row`; raises KeyError for a piece that is not among these."""
    values = dict(row)
    if "media" in values:
        # Only announcements have any of these: there are very many parts of digests.
        _make_tuples(values)
    if "html" in values:
        return Part(values.pop("html"), **values)
    return Part(tuple([htmls[key] for key in _split(values.pop("pieces"))]), **values)


def _make_tuples(values: dict[str, Any]) -> None:
    """Make tuples again of what JSON knows as lists."""
    values["media"] = tuple((kind, file) for kind, file in values["media"])
    values["buttons"] = tuple((label, url) for label, url in values.get("buttons", ()))
    values["spoilers"] = tuple(values.get("spoilers", ()))
    if copy_of := values.get("copy_of"):
        values["copy_of"] = MessageRef(*copy_of)


def _piece_keys(parts: Sequence[Mapping[str, Any]]) -> list[str]:
    return [key for part in parts for key in _split(part.get("pieces", ""))]


def _split(keys: str) -> list[str]:
    return [keys[at : at + KEY_LENGTH] for at in range(0, len(keys), KEY_LENGTH)]


# One string of each in memory, as where they were made, however often they are read.
_shared = lru_cache(maxsize=4096)(str)


def _ids(values: Sequence[int]) -> tuple[ArticleId, ...]:
    return tuple(ArticleId(value) for value in values)
