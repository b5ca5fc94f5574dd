"""Databases full of chats and articles, for measuring."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from digests.model.ids import AnnouncementId, CategoryId
from digests.model.place import PlaceKind, PlaceState
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.counters import INGEST, REVISION, advance
from digests.storage.database import Database
from digests.storage.migrate import migrate
from digests.storage.schema.article_tables import article_categories, articles
from digests.storage.schema.place_tables import places, subscriptions
from digests.storage.search.sqlite.index import SearchIndex
from tests.factories.times import NOW


def make_database(url: str) -> None:
    """Create the tables."""
    migrate(url)


async def add_chats(database: Database, chat_ids: Sequence[int], now: datetime, **changed: Any) -> None:
    """Add active places of private chats."""
    row = {
        "thread_id": 0,
        "kind": PlaceKind.PRIVATE,
        "title": "Reader",
        "language": "en",
        "time": "08:00",
        "timezone": "UTC",
        "state": PlaceState.ACTIVE,
        "state_reason": "",
        "next_at": now + timedelta(days=1),
        "window_from": 0,
        "window_from_at": now,
        "created_at": now,
        "active_at": now,
    } | changed
    async with database.write() as connection:
        await connection.execute(sa.insert(places), [{"chat_id": chat, **row} for chat in chat_ids])


async def subscribe(database: Database, choices: Sequence[Collection[CategoryId]], now: datetime) -> None:
    """Subscribe each place, in their order, to one of these choices of categories."""
    async with database.write() as connection:
        place_ids = (await connection.execute(sa.select(places.c.id).order_by(places.c.id))).scalars()
        rows = [
            {"place_id": place, "category_id": category, "created_at": now}
            for place, some in zip(place_ids, choices, strict=True)
            for category in some
        ]
        for start in range(0, len(rows), 50_000):
            await connection.execute(sa.insert(subscriptions), rows[start : start + 50_000])


async def add_categories(database: Database) -> list[CategoryId]:
    """Add 300 categories of the third level, and return their ids."""
    made = await CategoryStore(database).ensure([("新闻", f"来源 {number}", "资讯") for number in range(300)])
    return sorted(category for path, category in made.items() if len(path) == 3)


async def add_articles(
    database: Database,
    ids: Sequence[CategoryId],
    many: int,
    chance: random.Random,
    now: datetime = NOW,
    a_day: int | None = None,
) -> None:
    """Add articles to these categories in turn: `a_day` of them for each of the days before now, the newest last."""
    async with database.write() as connection:
        there = await advance(database, connection, INGEST, many)
        await advance(database, connection, REVISION, many)
    rows, links = [], []
    for number in range(there + 1, there + many + 1):
        category = ids[number % len(ids)]
        shown = now - timedelta(days=(there + many - number) // (a_day or many), minutes=chance.randrange(1440))
        rows.append(
            {
                "id": number,
                "ingest": number,
                "revision": number,
                "identity": f"identity {number}",
                "content_hash": "",
                "title": f"第 {number} 篇文章的标题，长短与真实的差不多",
                "category_id": category,
                "author": "",
                "source": f"来源 {category}",
                "language": "zh",
                "published_at": shown,
                "first_seen_at": shown,
                "shown_at": shown,
                "updated_at": shown,
                "fresh": True,
                "summary": f"这是第 {number} 篇文章的摘要，一句话说明它讲了什么，" * 3,
                "text": "正文",
                "thumbnail": f"https://pictures.example/{number}.jpg",
                "url": f"https://news.example/2026/06/06/{number}/",
                "original_url": None,
            }
        )
        links.append({"article_id": number, "category_id": category})
    async with database.write() as connection:
        await connection.execute(sa.insert(articles), rows)
        await connection.execute(sa.insert(article_categories), links)


async def fill_archive(
    database: Database, folder: Path, many: int, now: datetime = NOW, a_day: int | None = None
) -> None:
    """Add articles in 300 categories, and build their search index in the folder."""
    ids = await add_categories(database)
    await add_articles(database, ids, many, random.Random(1), now, a_day)  # the same choices in every run
    index = SearchIndex(folder / "search.db")
    await index.open()
    await index.update(ArticleStore(database))
    await index.close()


async def announce(database: Database, text: str, photo: str | None = None) -> AnnouncementId:
    """Store an announcement to everybody, which the running bot or the next one sends."""
    now = datetime.now(UTC)
    store = AnnouncementStore(database)
    draft = await store.draft(0, text, photo, [], now)
    await store.confirm(draft.id, now)
    return draft.id
