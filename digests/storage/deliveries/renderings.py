"""What deliveries send, stored once for all that send the same, under a key made from it.

A digest's text is stored as a list of pieces, such as an article's lines, which thousands of digests share. Stored
whole, the texts of a hundred thousand readers took 200 MB a day, and most of the time of planning.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.delivery import Part, Rendering, RichText
from digests.model.ids import ArticleId, MessageRef
from digests.model.layout import Layout
from digests.storage.bulk import each_of, insert_rows, is_one_of
from digests.storage.database import Database
from digests.storage.deliveries.rows import KEY_LENGTH, piece_key
from digests.storage.engine.encoding import JSON
from digests.storage.engine.server import unanswered
from digests.storage.media.recipes import mosaic_of, mosaic_row
from digests.storage.schema.delivery_tables import pieces, renderings

logger = logging.getLogger(__name__)

_COLUMNS = ("key", "parts", "items", "rest", "layout", "fallback", "mosaic", "marks")
_DAY = timedelta(days=1)
# The numbers of items, each of which stands in nearly all renderings.
_NUMBER = re.compile(r"[\n0-9. ]{1,12}")
_PIECES = re.compile(rf"[0-9a-f]{{{KEY_LENGTH}}}|\([^)]*\)")


async def store_renderings(
    database: Database, connection: AsyncConnection, new: Sequence[Rendering], now: datetime
) -> None:
    """Store each rendering once, under its key.

    One that is stored already counts as made now: it isn't deleted while it is planned with.
    """
    if not new:
        return
    keys = [rendering.key for rendering in new]
    aged = sa.update(renderings).where(
        is_one_of(database, renderings.c.key, keys), renderings.c.created_at < now - _DAY
    )
    with unanswered(connection):
        await connection.execute(aged.values(created_at=now))
    texts = {
        piece for rendering in new for part in rendering.parts if isinstance(part.text, tuple) for piece in part.text
    }
    await _store_pieces(database, connection, texts, now)
    rows = [
        (
            rendering.key,
            [part_row(part) for part in rendering.parts],
            rendering.items,
            rendering.rest,
            rendering.layout,
            rendering.fallback,
            next((part.mosaic.key for part in rendering.parts if part.mosaic is not None), None),
            _marks_row(rendering),
        )
        for rendering in {rendering.key: rendering for rendering in new}.values()
    ]
    with unanswered(connection):
        await insert_rows(database, connection, renderings, _COLUMNS, rows, {"created_at": now}, ignore=True)


def _marks_row(rendering: Rendering) -> str:
    if not rendering.watched and not rendering.unnamed:
        return ""
    return JSON.encode([rendering.watched, rendering.unnamed])


def _marks_of(row: str) -> tuple[tuple[tuple[ArticleId, tuple[str, ...]], ...], tuple[str, ...]]:
    if not row:
        return (), ()
    watched, unnamed = json.loads(row)
    return tuple((ArticleId(article), tuple(words)) for article, words in watched), tuple(unnamed)


async def _store_pieces(database: Database, connection: AsyncConnection, texts: Collection[str], now: datetime) -> None:
    """Store the pieces that are missing or were not used today; nearly all are stored already."""
    if not texts:
        return
    htmls = {piece_key(text): text for text in texts if not _NUMBER.fullmatch(text)}
    wanted = each_of(database, list(htmls), pieces.c.key.type)
    is_current = sa.exists().where(pieces.c.key == wanted, pieces.c.used_at > now - _DAY)
    # Always in the same order, so that two planners at once don't deadlock.
    missing = sorted((await connection.execute(sa.select(wanted).where(~is_current))).scalars())
    if missing:
        insert = database.insert(pieces)
        statement = insert.on_conflict_do_update(index_elements=["key"], set_={"used_at": insert.excluded.used_at})
        with unanswered(connection):
            await connection.execute(statement, [{"key": key, "html": htmls[key], "used_at": now} for key in missing])


def part_row(part: Part) -> dict[str, Any]:
    """Return a part as JSON; a text in pieces becomes their concatenated keys, with the shortest pieces as they are."""
    text = part.text
    row: dict[str, Any] = {"html": text} if isinstance(text, str) else {"pieces": "".join(map(_piece_ref, text))}
    row["picture"], row["photo"], row["stories"] = part.picture, part.photo, part.stories
    if part.mosaic is not None:
        row |= {"mosaic": mosaic_row(part.mosaic), "is_caption": part.is_caption}
    if part.rich is not None:
        row["rich"] = [part.rich.html, part.rich.pictures]
    if part.offers_magazine:
        row["offers_magazine"] = True
    if part.asks_magazine:
        row["asks_magazine"] = True
    # Digests have none of these, and checking costs less than writing them for each part.
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
    """Return those of the renderings that are stored with all their pieces, in no order."""
    rows = (await connection.execute(sa.select(renderings).where(renderings.c.key.in_(list(keys))))).all()
    wanted = {key for row in rows for key in _piece_keys(row.parts)}
    htmls = await _pieces(database, connection, wanted)
    found = []
    for row in rows:
        try:
            parts = tuple(part_of(part, htmls) for part in row.parts)
        except KeyError as error:
            # Nobody can send it; its deliveries fail with that reason.
            logger.error("rendering %s: its piece %s is no longer in the database", row.key, error)
            continue
        items, rest = _ids(row.items), _ids(row.rest)
        found.append(Rendering(row.key, parts, items, rest, Layout(row.layout), row.fallback, *_marks_of(row.marks)))
    return tuple(found)


async def _pieces(database: Database, connection: AsyncConnection, keys: Collection[str]) -> dict[str, str]:
    if not keys:
        return {}
    query = sa.select(pieces.c.key, pieces.c.html).where(is_one_of(database, pieces.c.key, keys))
    return {row.key: _interned(row.html) for row in await connection.execute(query)}


def pieces_of_renderings(stored: Iterable[Sequence[Mapping[str, Any]]]) -> frozenset[str]:
    """Return the keys of the pieces that renderings use, by their stored parts."""
    return frozenset(key for parts in stored for key in _piece_keys(parts))


def part_of(row: Mapping[str, Any], htmls: Mapping[str, str] = MappingProxyType({})) -> Part:
    """Return the part of a `part_row`; raise KeyError for a piece that is not in `htmls`."""
    values = dict(row)
    if "mosaic" in values:
        values["mosaic"] = mosaic_of(values["mosaic"])
    if "rich" in values:
        html, pictures = values["rich"]
        values["rich"] = RichText(html, tuple(pictures))
    if "media" in values:
        # Only announcements have any of these: there are very many parts of digests.
        _make_tuples(values)
    if "html" in values:
        return Part(values.pop("html"), **values)
    return Part(tuple([_piece_of(ref, htmls) for ref in _PIECES.findall(values.pop("pieces"))]), **values)


def _make_tuples(values: dict[str, Any]) -> None:
    """Make tuples again of what JSON knows as lists."""
    values["media"] = tuple((kind, file) for kind, file in values["media"])
    values["buttons"] = tuple((label, url) for label, url in values.get("buttons", ()))
    values["spoilers"] = tuple(values.get("spoilers", ()))
    if copy_of := values.get("copy_of"):
        values["copy_of"] = MessageRef(*copy_of)


def _piece_keys(parts: Sequence[Mapping[str, Any]]) -> list[str]:
    refs = [ref for part in parts for ref in _PIECES.findall(part.get("pieces", ""))]
    return [ref for ref in refs if not ref.startswith("(")]


@lru_cache(maxsize=4096)
def _piece_ref(html: str) -> str:
    return f"({html})" if _NUMBER.fullmatch(html) else piece_key(html)


def _piece_of(ref: str, htmls: Mapping[str, str]) -> str:
    return ref[1:-1] if ref.startswith("(") else htmls[ref]


# Interns pieces: there is one string of each in memory, however often it is read.
_interned = lru_cache(maxsize=4096)(str)


def _ids(values: Sequence[int]) -> tuple[ArticleId, ...]:
    return tuple(ArticleId(value) for value in values)
