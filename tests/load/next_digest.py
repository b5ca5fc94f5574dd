"""How soon readers are told what comes next, and why an article came or did not, with a large archive."""

from __future__ import annotations

import random
from collections.abc import Callable

import sqlalchemy as sa

from digests.storage.database import Database
from digests.storage.schema.article_tables import articles
from digests.storage.schema.place_tables import places
from tests.load.asking import FAST, PEOPLE, AskingHarness, asking_harness, p95
from tests.load.figures import Figure

_ROUNDS = 2


async def measure_next_digest(archive: int) -> list[Figure]:
    """Measure /preview and /why with so many articles, of which a hundredth came on each day.

    Everybody follows everything, and had their last digest two days ago. Every third reader has mutes.
    """
    async with asking_harness(PEOPLE, archive, **FAST) as found:
        urls = await _addresses(found, 2 * archive // 100)
        chance = random.Random(1)  # the same choices in every run
        asked: dict[str, Callable[[], str]] = {
            "/preview": lambda: "/preview",
            "/why and a link": lambda: f"/why {chance.choice(urls)}",
            "/why and words": lambda: f"/why 第 {chance.randrange(archive)} 篇文章的标题",
        }
        figures = []
        for name, text in asked.items():
            for chat in range(1, 11):
                await found.ask(chat, text())
            waits = [await found.ask(1 + number % PEOPLE, text()) for number in range(_ROUNDS * PEOPLE)]
            figures.append(Figure(f"`{name}`, {archive:,} articles: answered, p95", 1000 * p95(waits), "ms", 150))
    return figures


async def _addresses(found: AskingHarness, new: int) -> list[str]:
    """Let only so many articles be newer than everybody's last digest; return links of as many new ones as old ones."""
    database = Database(f"sqlite:///{found.database}")
    async with database.write() as connection:
        last = int(await connection.scalar(sa.select(sa.func.max(articles.c.ingest))) or 0)
        await connection.execute(sa.update(places).values(window_from=last - new))
        urls = list((await connection.execute(sa.select(articles.c.url).order_by(articles.c.id.desc()))).scalars())
    await database.close()
    return [url for url in (*urls[:new], *urls[:: max(1, len(urls) // new)]) if url]
