"""News and a digest of it for everybody, again and again, while the bot is killed as it plans or sends them."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from digests.model.delivery import DeliveryKind
from digests.model.layout import Layout
from digests.storage.database import Database
from digests.storage.schema.article_tables import article_categories, articles
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.place_tables import places, subscriptions
from tests.factories.drawn_pictures import keep_pictures, scene
from tests.load.database import add_articles, add_categories, subscribe
from tests.load.faults import FaultHarness, LedgerAudit, all_renderings, compare, kill, until_settled

_EACH = 5
_SHARED = 4
_PICTURES = 12


@dataclass(frozen=True)
class DeliveredArticles:
    """Pairs of a reader and an article that they want."""

    wanted: int
    never: int
    """In none of their digests."""
    twice: int
    """In two of their digests."""


async def kill_while_digests_go(
    folder: Path, kills: int, chats: int, seed: int = 1, layout: Layout = Layout.LIST
) -> tuple[LedgerAudit, DeliveredArticles]:
    """Publish news and let the bot plan and send digests of it while it is killed at random moments.

    Magazines are refused, so that each becomes a gallery.
    """
    chance = random.Random(seed)
    async with FaultHarness(folder, chats) as (simulator, database, forkserver):
        simulator.world.knows_rich_messages = False
        pictures = keep_pictures(folder / "data" / "pictures", *[scene(number) for number in range(_PICTURES)])
        ids = (await add_categories(database))[: 6 * _EACH]
        # Readers with the same wishes share their mosaic.
        wishes = [chance.sample(ids, _EACH) for _ in range(chats if layout is Layout.LIST else _SHARED)]
        await subscribe(database, [wishes[chat % len(wishes)] for chat in range(chats)], datetime.now(UTC))

        async def news(_number: int) -> None:
            now = datetime.now(UTC)
            await add_articles(database, ids, len(ids), chance, now)
            async with database.write() as connection:
                for number, key in enumerate(pictures):
                    shown = articles.c.id % _PICTURES == number
                    await connection.execute(sa.update(articles).where(shown).values(picture=key))
                values = {"next_at": now - timedelta(seconds=1), "layout": layout, "refuses_magazine": False}
                await connection.execute(sa.update(places).values(values))

        most = await kill(database, forkserver, kills, chance, news)
        await until_settled(database, 120 + kills * chats / 500)
        # A second copy would arrive soon after.
        await asyncio.sleep(0.3)
        methods = simulator.world.ledger.methods
        assert layout is not Layout.GALLERY or methods["sendPhoto"] > 0, methods
        assert (layout is Layout.MAGAZINE) == (methods["sendRichMessage"] > 0), methods
        return replace(await compare(database, simulator), most_at_a_kill=most), await _told(database)


async def _told(database: Database) -> DeliveredArticles:
    """Count the articles in digests: readers who were not planned before a kill get that news in their next digest."""
    of_wanted = sa.select(subscriptions.c.place_id, article_categories.c.article_id).join(
        article_categories, article_categories.c.category_id == subscriptions.c.category_id
    )
    planned = sa.select(deliveries.c.place_id, deliveries.c.rendering).where(deliveries.c.kind == DeliveryKind.DIGEST)
    async with database.read() as connection:
        wanted = {tuple(row) for row in await connection.execute(of_wanted)}
        digests = [tuple(row) for row in await connection.execute(planned)]
    items = {rendering.key: (*rendering.items, *rendering.rest) for rendering in await all_renderings(database)}
    told = Counter((place, article) for place, key in digests for article in items[key])
    return DeliveredArticles(len(wanted), len(wanted - told.keys()), sum(number > 1 for number in told.values()))
