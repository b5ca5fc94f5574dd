"""News and a digest of it for everybody, again and again, and a bot that is killed while it plans or sends them."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from digests.storage.database import Database
from digests.storage.deliveries import DeliveryStore
from digests.storage.schema import article_categories, deliveries, parts, places, subscriptions
from digests.types import DeliveryKind, DeliveryState
from tests.load.faults import AT_ONCE, Books, Ground, compare, until_settled
from tests.load.ground import add_articles, add_categories

_EACH = 5


@dataclass(frozen=True)
class Told:
    """Pairs of a reader and an article that he wants."""

    wanted: int
    never: int
    """In no digest of his."""
    twice: int
    """In two of them."""


async def kill_while_digests_go(folder: Path, kills: int, chats: int, seed: int = 1) -> tuple[Books, Told]:
    chance = random.Random(seed)
    under_way = sa.select(sa.func.count()).select_from(parts).where(parts.c.state == DeliveryState.SENDING)
    most = 0
    async with Ground(folder, chats) as (simulator, database, nursery):
        ids = (await add_categories(database))[: 6 * _EACH]
        await _subscribe(database, [chance.sample(ids, _EACH) for _ in range(chats)])
        for _ in range(kills):
            now = datetime.now(UTC)
            await add_articles(database, ids, len(ids), chance, now)
            async with database.write() as connection:
                await connection.execute(sa.update(places).values(next_at=now - timedelta(seconds=1)))
            await nursery.start()
            # Half a second goes by until it plans; then anything may be under way.
            await asyncio.sleep(chance.uniform(0.2, 0.8))
            await nursery.kill()
            async with database.read() as connection:
                most = max(most, int(await connection.scalar(under_way) or 0))
        await nursery.start()
        await until_settled(database, 120 + kills * chats / 500)
        await asyncio.sleep(0.3)
        return replace(await compare(database, simulator), most_at_a_kill=most), await _told(database)


async def _subscribe(database: Database, choices: list[list[int]]) -> None:
    async with database.write() as connection:
        place_ids = list((await connection.execute(sa.select(places.c.id))).scalars())
        rows = [
            {"place_id": place, "category_id": one, "created_at": datetime.now(UTC)}
            for place, some in zip(place_ids, choices, strict=True)
            for one in some
        ]
        await connection.execute(sa.insert(subscriptions), rows)


async def _told(database: Database) -> Told:
    """Whoever was not planned for before a kill is owed that news by his next digest."""
    of_wanted = sa.select(subscriptions.c.place_id, article_categories.c.article_id).join(
        article_categories, article_categories.c.category_id == subscriptions.c.category_id
    )
    planned = sa.select(deliveries.c.place_id, deliveries.c.rendering).where(deliveries.c.kind == DeliveryKind.DIGEST)
    async with database.read() as connection:
        wanted = {tuple(row) for row in await connection.execute(of_wanted)}
        digests = [tuple(row) for row in await connection.execute(planned)]
    keys = sorted({key for _, key in digests})
    articles = {}
    for start in range(0, len(keys), AT_ONCE):
        for one in await DeliveryStore(database).renderings(keys[start : start + AT_ONCE]):
            articles[one.key] = (*one.items, *one.rest)
    told = Counter((place, article) for place, key in digests for article in articles[key])
    return Told(len(wanted), len(wanted - told.keys()), sum(number > 1 for number in told.values()))
