"""Readers' wishes, for measuring."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digests.model.wish import Matter, WishKind
from digests.storage.bulk import batches
from digests.storage.database import Database
from digests.storage.schema.article_tables import articles
from digests.storage.schema.place_tables import subscriptions
from digests.storage.schema.wish_tables import queries, query_matches, wishes

QUERIES = 5000
"""Different words that are watched or muted."""
_FOUND_EVERY = 25
"""In the articles of a day there is one in so many of these words."""
_MOST_FOUND = 4
_MUTES_FOLLOWED = 0.1
"""How many of the muted sources are in a category that is followed."""


async def add_wishes(database: Database, now: datetime) -> None:
    """Give every place three watches, a muted source, muted words, and a cap of five on a category that it follows."""
    chance = random.Random(1)  # the same choices in every run
    await _add_queries(database, chance, now)
    async with database.read() as connection:
        sources = list((await connection.execute(sa.select(articles.c.source).distinct())).scalars())
        followed: dict[int, list[int]] = {}
        pairs = sa.select(subscriptions.c.place_id, subscriptions.c.category_id).order_by(subscriptions.c.place_id)
        for place, category in await connection.execute(pairs):
            followed.setdefault(place, []).append(category)
    rows = _rows(followed, sources, chance, now)
    async with database.write() as connection:
        for batch in batches(rows, 50_000):
            await connection.execute(sa.insert(wishes), batch)


def _rows(
    followed: dict[int, list[int]], sources: Sequence[str], chance: random.Random, now: datetime
) -> Iterator[dict[str, Any]]:
    weights = [1 / (1 + rank) ** 0.7 for rank in range(QUERIES)]
    for place, categories in followed.items():
        common = {"place_id": place, "created_at": now, "query_id": None, "most": 0}
        words: list[int] = []
        while len(words) < 4:
            words = list(dict.fromkeys(chance.choices(range(1, QUERIES + 1), weights, k=5)))[:4]
        for number, query in enumerate(words):
            kind = WishKind.WATCH if number < 3 else WishKind.MUTE
            yield common | {"kind": kind, "matter": Matter.WORDS, "value": f"words {query}", "query_id": query}
        # A source is called like its category.
        own = len(categories) > 1 and chance.random() < _MUTES_FOLLOWED
        source = f"来源 {chance.choice(categories)}" if own else chance.choice(sources)
        yield common | {"kind": WishKind.MUTE, "matter": Matter.SOURCE, "value": source}
        category = str(chance.choice(categories))
        yield common | {"kind": WishKind.CAP, "matter": Matter.CATEGORY, "value": category, "most": 5}


async def _add_queries(database: Database, chance: random.Random, now: datetime) -> None:
    async with database.read() as connection:
        ids = list((await connection.execute(sa.select(articles.c.id))).scalars())
    some = [{"id": number, "words": f"words {number}", "created_at": now} for number in range(1, QUERIES + 1)]
    found = [
        {"query_id": number, "article_id": article}
        for number in range(1, QUERIES + 1)
        if chance.randrange(_FOUND_EVERY) == 0
        for article in chance.sample(ids, chance.randint(1, _MOST_FOUND))
    ]
    async with database.write() as connection:
        await connection.execute(sa.insert(queries), some)
        await connection.execute(sa.insert(query_matches), found)
