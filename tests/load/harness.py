"""What load tests stand on: a simulator and a bot in processes of their own, and a database full of chats."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa

from digests.model.ids import AnnouncementId, CategoryId
from digests.model.place import PlaceKind, PlaceState
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.counters import INGEST, REVISION, advance
from digests.storage.database import Database
from digests.storage.migrate import migrate
from digests.storage.schema import article_categories, articles, places, subscriptions
from digests.storage.search.index import SearchIndex
from tests.factories.times import NOW

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "987654321:load-token-of-the-simulator"
ADMIN = 9_000_001


class Simulation:
    """The simulator in a process of its own."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session

    async def post(self, path: str, **fields: Any) -> dict[str, Any]:
        async with self._session.post(f"{self.url}/sim/{path}", json=fields) as response:
            found: dict[str, Any] = await response.json()
            assert response.status == 200, found
            return found

    async def get(self, path: str) -> dict[str, Any]:
        async with self._session.get(f"{self.url}/sim/{path}") as response:
            found: dict[str, Any] = await response.json()
            return found

    async def people(self, count: int, first_id: int = 1) -> None:
        await self.post("people", count=count, first_id=first_id)

    async def accepted(self) -> dict[int, int]:
        """Messages that Telegram took, by chat."""
        return {int(chat): number for chat, number in (await self.get("ledger"))["accepted"].items()}


@asynccontextmanager
async def simulation(*, strict: bool = False, calls: bool = False) -> AsyncIterator[Simulation]:
    options = ["--token", TOKEN, *(["--strict-rates"] if strict else []), *([] if calls else ["--forget-calls"])]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.simulator", *options, cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        url = json.loads(await process.stdout.readline())["url"]
        async with aiohttp.ClientSession() as session:
            yield Simulation(url, session)
    finally:
        process.terminate()
        await process.wait()


class BotProcess:
    """The bot in a process of its own, on one folder; started and ended as often as one likes."""

    def __init__(self, folder: Path, url: str, **options: object) -> None:
        self.folder = folder
        own = {name: value for name, value in os.environ.items() if not name.startswith("DIGESTBOT_")}
        given = {f"DIGESTBOT_{name.upper()}": str(value) for name, value in options.items()}
        self.environment = own | {
            "DIGESTBOT_TELEGRAM__TOKEN": TOKEN,
            "DIGESTBOT_TELEGRAM__API_URL": url,
            "DIGESTBOT_TELEGRAM__ADMINS": str(ADMIN),
            "DIGESTBOT_POSTS__FOLDER": str(folder / "posts"),
            "DIGESTBOT_DATA_DIR": str(folder / "data"),
            "DIGESTBOT_LOG__LEVEL": "error",
            **given,
        }
        (folder / "posts").mkdir(exist_ok=True)
        self.process: asyncio.subprocess.Process | None = None

    @property
    def database_url(self) -> str:
        return self.environment.get("DIGESTBOT_DATABASE__URL") or f"sqlite:///{self.folder / 'data' / 'digestbot.db'}"

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.load.bot_process", cwd=ROOT, env=self.environment, stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), 30)
        assert line == b"ready\n", line

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def end(self) -> dict[str, Any]:
        """What it measured of itself."""
        assert self.process is not None
        self.process.terminate()
        output, _ = await asyncio.wait_for(self.process.communicate(), 30)
        figures: dict[str, Any] = json.loads(output.splitlines()[-1])
        return figures


class Forkserver:
    """Bots of one folder that start within a moment, one after the other."""

    def __init__(self, bot: BotProcess) -> None:
        self._bot = bot
        self._process: asyncio.subprocess.Process | None = None
        self._child = 0

    async def open(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.load.forkserver",
            cwd=ROOT,
            env=self._bot.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    async def start(self) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"one\n")
        self._child = int(await self._process.stdout.readline())

    async def kill(self) -> None:
        """Returns when the process is no more, and with it its hold on the files."""
        if self._child:
            os.kill(self._child, signal.SIGKILL)
            while _lives(self._child):
                await asyncio.sleep(0.005)
            self._child = 0

    async def close(self) -> None:
        await self.kill()
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            await self._process.wait()


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def make_database(url: str) -> None:
    migrate(url)


async def add_chats(database: Database, chat_ids: Sequence[int], now: datetime, **changed: Any) -> None:
    """Active places of private chats."""
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
    """One choice for each place, in their order."""
    async with database.write() as connection:
        place_ids = (await connection.execute(sa.select(places.c.id).order_by(places.c.id))).scalars()
        rows = [
            {"place_id": place, "category_id": category, "created_at": now}
            for place, some in zip(place_ids, choices, strict=True)
            for category in some
        ]
        for start in range(0, len(rows), 50_000):
            await connection.execute(sa.insert(subscriptions), rows[start : start + 50_000])


async def add_articles(
    database: Database,
    ids: Sequence[CategoryId],
    many: int,
    chance: random.Random,
    now: datetime = NOW,
    a_day: int | None = None,
) -> None:
    """The newest `a_day` came in the day before now, as many in the day before that …; by turns in these categories."""
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


async def add_categories(database: Database) -> list[CategoryId]:
    """Three hundred of the lowest level."""
    made = await CategoryStore(database).ensure([("新闻", f"来源 {number}", "资讯") for number in range(300)])
    return sorted(category for path, category in made.items() if len(path) == 3)


async def fill_archive(
    database: Database, folder: Path, many: int, now: datetime = NOW, a_day: int | None = None
) -> None:
    """So many articles in 300 categories, and the search index of them beside the database."""
    ids = await add_categories(database)
    await add_articles(database, ids, many, random.Random(1), now, a_day)  # chance that repeats itself
    index = SearchIndex(folder / "search.db")
    await index.open()
    await index.update(ArticleStore(database))
    await index.close()


async def announce(database: Database, text: str, photo: str | None = None) -> AnnouncementId:
    """An announcement to everybody that the running bot, or the next, sends."""
    now = datetime.now(UTC)
    store = AnnouncementStore(database)
    draft = await store.draft(0, text, photo, [], now)
    await store.confirm(draft.id, now)
    return draft.id
