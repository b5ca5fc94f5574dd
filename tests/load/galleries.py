"""Galleries through the whole bot at the paid rate: what photos by file_id cost beside texts, and what is uploaded."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from digests.model.ids import CategoryId
from digests.model.layout import Layout
from digests.storage.database import Database
from digests.storage.schema.article_tables import articles
from digests.storage.schema.media_tables import article_pictures
from tests.factories.drawn_pictures import keep_pictures, scene
from tests.load.broadcast import Prepare, broadcast
from tests.load.database import add_articles, add_categories, add_chats, subscribe
from tests.load.figures import Figure

_SETS = 20
_EACH = 5
_PICTURES = 40


async def measure_galleries(chats: int) -> list[Figure]:
    """Measure digests that are one message each, as lists and as galleries with a mosaic that many readers share."""
    lists, _ = await _measured(chats, Layout.LIST)
    galleries, ledger = await _measured(chats, Layout.GALLERY)
    uploads = ledger["upload_contents"]
    name = f"galleries, {chats:,} chats, {len(uploads)} mosaics"
    return [
        Figure(f"{name}: mean", galleries["mean"], "/s", 980, at_most=False),
        Figure(f"{name}: CPU a message, all included", galleries["cpu_ms"], "ms", 0.7),
        Figure(f"{name}: the same beside lists", galleries["cpu_ms"] / lists["cpu_ms"], "x", 1.1),
        Figure(f"{name}: uploaded more than once", sum(number > 1 for number in uploads.values()), "", 0),
        Figure(f"{name}: sent as a photo", 100 * ledger["methods"]["sendPhoto"] / chats, "%", 80, at_most=False),
        Figure(f"{name}: answers 429", ledger["floods"], "", 0),
        Figure(f"{name}: RSS", galleries["rss_mb"], "MB", 200),
    ]


async def _measured(chats: int, layout: Layout) -> tuple[dict[str, Any], dict[str, Any]]:
    # So few items that a photo's caption holds them all.
    return await broadcast(chats, _prepared(chats, layout), paid=True, digest__max_items=_EACH)


def _prepared(chats: int, layout: Layout) -> Prepare:
    async def prepare(database: Database, folder: Path) -> None:
        now = datetime.now(UTC)
        chance = random.Random(1)  # the same choices in every run
        ids = (await add_categories(database))[: 4 * _EACH]
        await add_articles(database, ids, len(ids), chance, now)
        await _give_pictures(database, folder / "pictures")
        due = {"next_at": now - timedelta(seconds=1), "layout": layout, "language": "zh_CN"}
        await add_chats(database, range(1, chats + 1), now - timedelta(days=1), **due)
        await subscribe(database, _choices(ids, chats, chance), now)

    return prepare


def _choices(ids: Sequence[CategoryId], chats: int, chance: random.Random) -> list[list[CategoryId]]:
    sets = [sorted(chance.sample(ids, _EACH)) for _ in range(_SETS)]
    return [sets[chat % _SETS] for chat in range(chats)]


async def _give_pictures(database: Database, folder: Path) -> None:
    """Keep a picture for each article, as if it had been fetched."""
    keys = keep_pictures(folder, *[scene(number, 640, 360 + 4 * number) for number in range(_PICTURES)])
    async with database.write() as connection:
        ids = (await connection.execute(sa.select(articles.c.id))).scalars().all()
        rows = [{"article_id": article, "candidates": [], "state": "kept"} for article in ids]
        await connection.execute(sa.insert(article_pictures), rows)
        for number, key in enumerate(keys):
            shown = articles.c.id % _PICTURES == number
            await connection.execute(sa.update(articles).where(shown).values(picture=key))
