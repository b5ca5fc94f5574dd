"""Moving a bot to PostgreSQL, and backing it up while readers are served."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path

import sqlalchemy as sa

from digests.operation.moving import move
from digests.ports import OnProgress, no_progress
from digests.storage.database import Database
from digests.storage.migrate import migrate
from digests.storage.schema.place_tables import places
from tests.factories.times import NOW
from tests.load.corpus import Corpus
from tests.load.database import add_articles, add_categories, add_chats
from tests.load.figures import Figure
from tests.postgres import serving
from tests.program import PROGRAM, program_environment

_MOVE_SECONDS = 300.0
_BACKUP_SECONDS = 60.0
_SLOWEST_READ_MS = 20.0
# The goals are for these; fewer rows have less time.
_FULL_CHATS = 100_000
_DELIVERIES = """
INSERT INTO deliveries (place_id, kind, slot, rendering, since, until, state, attempts, due_at, error, created_at,
                        settled_at)
SELECT places.id, 'digest', datetime('2026-06-06', '-' || day.value || ' days') || '.000000',
       'r' || (places.id % 25000), 1, 2, 'sent', 0, '2026-06-06 08:00:00.000000', '', '2026-06-06 08:00:00.000000',
       '2026-06-06 08:00:01.000000'
FROM places, json_each(?) AS day
"""
_RENDERINGS = """
INSERT INTO renderings (key, parts, items, rest, created_at)
SELECT DISTINCT rendering, '[{"pieces":"0123456789abcdef"}]', '[1,2,3]', '[]', '2026-06-06 08:00:00.000000'
FROM deliveries
"""
_PARTS = """
INSERT INTO parts (delivery_id, number, hash, state, message_id, error)
SELECT id, 0, '0123456789abcdef', 'sent', id, '' FROM deliveries
"""


async def measure_moving(chats: int) -> list[Figure]:
    """Move so many chats, as many articles, and ten rows of the ledger for each; return how long it takes."""
    share = chats / _FULL_CHATS
    with tempfile.TemporaryDirectory(prefix="digestbot-moving-") as folder:
        file = Path(folder) / "data" / "digestbot.db"
        rows = await _fill(file, chats)
        with serving() as server, server.database() as url:
            began = time.perf_counter()
            await asyncio.to_thread(move, f"sqlite:///{file}", url, NOW, _quietly)
            seconds = time.perf_counter() - began
    return [
        Figure(f"moving {rows:,} rows from SQLite to PostgreSQL", seconds, "s", _MOVE_SECONDS * share),
    ]


async def measure_backup(chats: int) -> list[Figure]:
    """Back up the same with the program, while another process reads as a bot does for its readers."""
    share = chats / _FULL_CHATS
    with tempfile.TemporaryDirectory(prefix="digestbot-backup-") as folder:
        file = Path(folder) / "data" / "digestbot.db"
        rows = await _fill(file, chats)
        database = Database(f"sqlite:///{file}")
        alone = await _slowest_reads(database, chats, lambda: False, least=500)
        target = Path(folder) / "bench.backup"
        began = time.perf_counter()
        running = subprocess.Popen([PROGRAM, "backup", target], env=program_environment(Path(folder)))
        meanwhile = await _slowest_reads(database, chats, lambda: running.poll() is None, least=500)
        status = await asyncio.to_thread(running.wait)
        seconds = time.perf_counter() - began
        await database.close()
        if status != 0:
            raise RuntimeError("the backup failed")
        megabytes = target.stat().st_size / 1e6
    return [
        Figure(f"backup of {rows:,} rows, tried out ({megabytes:,.0f} MB)", seconds, "s", _BACKUP_SECONDS * share),
        Figure("a reader's look-up meanwhile, p95", meanwhile, "ms", max(_SLOWEST_READ_MS, 10 * alone)),
        Figure("the same without a backup, p95", alone, "ms", _SLOWEST_READ_MS),
    ]


def _quietly(_step: str) -> nullcontext[OnProgress]:
    return nullcontext(no_progress)


async def _fill(file: Path, chats: int) -> int:
    """Make the database of a bot with so many chats; return how many rows of chats, articles and ledger it has."""
    url = f"sqlite:///{file}"
    migrate(url)
    database = Database(url)
    await add_chats(database, range(1, chats + 1), NOW)
    categories = await add_categories(database)
    await add_articles(database, categories, chats, random.Random(1))  # the same in every run
    await database.close()
    with closing(sqlite3.connect(file)) as connection:
        # Some 6 KB, as a crawler's posts have.
        for number, text in enumerate(_texts()):
            connection.execute("UPDATE articles SET text = ? WHERE id % 100 = ?", (text, number))
        connection.execute(_DELIVERIES, (json.dumps(list(range(5))),))
        connection.execute(_RENDERINGS)
        connection.execute(_PARTS)
        connection.commit()
    return chats * (1 + 1 + 10)


def _texts() -> list[str]:
    corpus = Corpus()
    return [corpus.post(number)[1] for number in range(100)]


async def _slowest_reads(database: Database, chats: int, goes_on: Callable[[], bool], least: int) -> float:
    """Look up chats as for a message, now and then; return how long 95 of 100 take at most, in milliseconds."""
    chance = random.Random(2)
    taken: list[float] = []
    while goes_on() or len(taken) < least:
        query = sa.select(places).where(places.c.chat_id == chance.randint(1, chats))
        began = time.perf_counter()
        await database.peek(lambda connection, query=query: connection.execute(query).first())  # type: ignore[misc]
        taken.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.01)
    return sorted(taken)[int(len(taken) * 0.95)]
