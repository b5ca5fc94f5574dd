"""Planning a digest for very many chats, each step in a process of its own: `python -m tests.load.planning STEP …`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import sqlalchemy as sa

from bot.render.renderer import DigestRenderer
from bot.runtime.memory import keep_one_heap, keep_what_is_there
from digests.model.ids import CategoryId, IngestNumber
from digests.model.layout import Layout
from digests.planning.options import DigestOptions
from digests.planning.planner import Planner
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.database import Database
from digests.storage.deliveries.due import DueStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.migrate import migrate
from digests.storage.schema.article_tables import articles
from digests.storage.schema.delivery_tables import deliveries, renderings
from digests.storage.schema.place_tables import places
from tests.factories.times import NOW
from tests.load.database import add_articles, add_categories, add_chats, subscribe
from tests.load.figures import Figure, peak_rss_mb
from tests.load.harness import ROOT
from tests.load.wishes import add_wishes
from tests.postgres import Server, serving

ARTICLES = 2000
EACH = 5.7
BEGINNING = IngestNumber(0)


def measure_planning(chats: int) -> list[Figure]:
    """Measure the planning of a digest for so many chats, as lists, as galleries, and as lists with wishes."""
    kinds = (Kind(Layout.LIST), Kind(Layout.GALLERY), Kind(Layout.LIST, has_wishes=True))
    # In turns, and the better of two: what else the machine does should meet none alone.
    with serving() as server, _filled(chats, server) as filled:
        turns = [[*(_measured(kind, filled) for kind in kinds), _measured(kinds[0], filled, server)] for _ in range(2)]
    best = [min(runs, key=lambda run: float(run["seconds"])) for runs in zip(*turns, strict=True)]
    lists, galleries, wished, on_server = best
    name = f"planning {chats:,} chats, {lists['sets']:,} distinct sets, {lists['texts']:,} texts"
    with_wishes = f"{name}, as lists, with 3 watches, 2 mutes and a cap each"
    # Every article's lines are made once, for few chats as for many.
    goal = 0.5 + 4.5 * chats / 100_000
    return [
        Figure(name, lists["seconds"], "s", goal),
        Figure(f"{name}: RSS", lists["rss_mb"], "MB", 150),
        Figure(f"{name}, as galleries", galleries["seconds"], "s", 1.2 * goal),
        Figure(f"{name}, as galleries: beside lists", galleries["seconds"] / lists["seconds"], "x", 1.2),
        Figure(f"{name}, as galleries: RSS", galleries["rss_mb"], "MB", 150),
        Figure(f"{with_wishes}: {wished['texts']:,} texts", wished["seconds"], "s", 1.5 * goal),
        Figure(f"{with_wishes}: beside none", wished["seconds"] / lists["seconds"], "x", 1.5),
        Figure(f"{with_wishes}: RSS", wished["rss_mb"], "MB", 150),
        Figure(f"{name}, on PostgreSQL", on_server["seconds"], "s", 1.5 * goal),
        Figure(f"{name}, on PostgreSQL: beside SQLite", on_server["seconds"] / lists["seconds"], "x", 1.5),
        Figure(f"{name}, on PostgreSQL: RSS", on_server["rss_mb"], "MB", 200),
    ]


class Kind(NamedTuple):
    """How digests look, and whether readers have wishes."""

    layout: Layout
    has_wishes: bool = False


_LISTS = Kind(Layout.LIST)


class Filled(NamedTuple):
    """Databases with the same readers and articles, made once and copied for each measurement."""

    chats: int
    sets: int
    file: Path
    url: str


@contextmanager
def _filled(chats: int, server: Server) -> Iterator[Filled]:
    with tempfile.TemporaryDirectory() as folder, server.database() as url:
        file = Path(folder) / "filled.db"
        sets = _run("fill", f"sqlite:///{file}", chats)["sets"]
        _run("fill", url, chats)
        yield Filled(chats, sets, file, url)


def _measured(kind: Kind, filled: Filled, server: Server | None = None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        if server is None:
            file = Path(folder) / "plan.db"
            shutil.copyfile(filled.file, file)
            url = f"sqlite:///{file}"
        else:
            url = stack.enter_context(server.database(filled.url))
        _run("change", url, filled.chats, kind)
        return {"sets": filled.sets, **_run("plan", url, filled.chats, kind)}


def _run(what: str, url: str, chats: int, kind: Kind = _LISTS) -> dict[str, Any]:
    """Run a step in a process of its own, so that making the data does not count."""
    wishes = "wishes" if kind.has_wishes else "none"
    command = [sys.executable, "-m", "tests.load.planning", what, url, str(chats), kind.layout, wishes]
    found: dict[str, Any] = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    return found


async def fill(url: str, chats: int) -> dict[str, Any]:
    """Create a database with articles, of which four in five have a picture, and readers."""
    migrate(url)
    database = Database(url)
    sets = await _fill(database, chats)
    shown = sa.func.printf("%040d", articles.c.id)
    key = shown if database.is_sqlite else sa.func.lpad(sa.cast(articles.c.id, sa.Text), 40, "0")
    async with database.write() as connection:
        await connection.execute(sa.update(articles).where(articles.c.id % 5 > 0).values(picture=key))
    await _settle(database)
    return {"sets": sets}


async def change(url: str, layout: Layout, *, has_wishes: bool) -> dict[str, Any]:
    """Give all readers a layout, and wishes."""
    database = Database(url)
    if has_wishes:
        await add_wishes(database, NOW)
    async with database.write() as connection:
        await connection.execute(sa.update(places).where(places.c.layout != layout).values(layout=layout))
    await _settle(database)
    return {}


async def _settle(database: Database) -> None:
    """Leave a database as it is some minutes later, in one file or as the server tidies it up."""
    if not database.is_sqlite:
        async with database.write() as connection:
            await connection.execute(sa.text("ANALYZE"))
    await database.close()


async def plan(url: str, chats: int) -> dict[str, Any]:
    """Plan a digest for everybody, and return the figures."""
    # As the bot does.
    keep_one_heap()
    database = Database(url)
    store, articles_ = DeliveryStore(database), ArticleStore(database)
    categories, options = CategoryStore(database), DigestOptions(12, 5, True, False)
    planner = Planner(DueStore(database), store, articles_, categories, DigestRenderer(), options)
    keep_what_is_there()
    began = perf_counter()
    planned = await planner.plan_due(NOW)
    seconds = perf_counter() - began
    async with database.read() as connection:
        rows = await connection.scalar(sa.select(sa.func.count()).select_from(deliveries))
        texts = await connection.scalar(sa.select(sa.func.count()).select_from(renderings))
    # Somebody may have muted the little that they follow.
    assert rows == planned
    assert 0 <= chats - planned <= chats / 1000, planned
    await database.close()
    return {"seconds": seconds, "rss_mb": peak_rss_mb(), "texts": texts}


async def _fill(database: Database, chats: int) -> int:
    ids = await add_categories(database)
    await add_articles(database, ids, ARTICLES, random.Random(1))  # the same choices in every run
    return await add_readers(database, ids, chats, NOW)


async def add_readers(
    database: Database,
    ids: Sequence[CategoryId],
    chats: int,
    now: datetime,
    window_from: IngestNumber = BEGINNING,
) -> int:
    """Add readers whose digests are due now; return how many different sets of categories they chose.

    Two thirds of them share one of the popular sets, one for a hundred readers; the others chose for themselves.
    """
    chance = random.Random(1)  # the same choices in every run
    due = {"next_at": now, "window_from": window_from, "language": "zh_CN"}
    await add_chats(database, range(1, chats + 1), now - timedelta(days=1), **due)
    weights = [1 / (1 + rank) ** 0.7 for rank in range(len(ids))]

    def some() -> tuple[CategoryId, ...]:
        number = max(1, min(20, round(chance.gauss(EACH, 2))))
        return tuple(sorted(set(chance.choices(ids, weights, k=number))))

    popular = [some() for _ in range(max(1, chats // 100))]
    choices = [chance.choice(popular) if chance.random() < 0.66 else some() for _ in range(chats)]
    await subscribe(database, choices, now)
    return len(set(choices))


if __name__ == "__main__":
    what, url, chats, layout, wishes = sys.argv[1:]
    if what == "fill":
        print(json.dumps(asyncio.run(fill(url, int(chats)))))
    elif what == "change":
        print(json.dumps(asyncio.run(change(url, Layout(layout), has_wishes=wishes == "wishes"))))
    else:
        print(json.dumps(asyncio.run(plan(url, int(chats)))))
