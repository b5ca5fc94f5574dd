"""What chats, their digests and articles take on disk: rows and bytes of each table, on SQLite and on PostgreSQL.

Each part is built into a database of its own, so that what it adds to each table is what it costs.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from digests.ingest.ingest import ingest
from digests.origins.folder import FolderOrigin
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.migrate import migrate
from digests.storage.search.sqlite.index import SearchIndex
from tests.factories.times import DAY, NOW
from tests.load.corpus import Corpus
from tests.load.database import add_articles, add_categories
from tests.load.figures import Figure
from tests.load.ingesting import READING
from tests.load.planning import ARTICLES, add_readers, plan
from tests.postgres import serving

_LEAST_SHARE = 0.01
"""Of all bytes of a part; smaller tables are shown together."""


class Size(NamedTuple):
    """What a table holds, with its indexes."""

    rows: int
    bytes: int


Sizes = dict[str, Size]
Fill = Callable[[str], Awaitable[None]]


async def measure_sizes(chats: int, posts: int) -> list[Figure]:
    """Measure chats, a day's digest for each, and articles; print a table of each and return the totals."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name, serving() as server:
        folder = Path(name)
        Corpus().write(folder / "posts", range(posts))
        parts: dict[str, tuple[int, Fill, Fill]] = {
            "chat": (chats, _with_articles, lambda url: _with_readers(url, chats)),
            "digest": (chats, lambda url: _with_readers(url, chats), lambda url: _with_digests(url, chats)),
            "article": (posts, _empty, lambda url: _with_posts(url, folder / "posts")),
        }
        for part, (number, before, after) in parts.items():
            on_sqlite = await _added(f"sqlite:///{folder / part}-{{}}.db", before, after)
            with server.database() as first, server.database() as second:
                on_postgresql = _difference(await _sized(second, after), await _sized(first, before))
            print(table_of(part, number, on_sqlite, on_postgresql))
            for where, sizes in (("SQLite", on_sqlite), ("PostgreSQL", on_postgresql)):
                total = sum(size.bytes for size in sizes.values()) / number / 1000
                figures.append(Figure(f"{_named(part)} of {number:,}, {where}", total, "kB", _GOALS[part]))
        figures.append(await _index_of(f"sqlite:///{folder / 'article-1'}.db", folder, posts))
    return figures


_GOALS = {"chat": 1.0, "digest": 1.5, "article": 13.0}


def _named(part: str) -> str:
    return f"an {part}" if part.startswith("a") else f"a {part}"


def table_of(part: str, number: int, on_sqlite: Mapping[str, Size], on_postgresql: Mapping[str, Size]) -> str:
    """Return a Markdown table: rows and bytes of each table for one chat, digest or article."""
    rows = [f"\n| for {_named(part)} | rows | bytes, SQLite | bytes, PostgreSQL |", "| --- | --- | --- | --- |"]
    totals = [sum(size.bytes for size in sizes.values()) for sizes in (on_sqlite, on_postgresql)]
    rest = [0, 0]
    for name in sorted(on_sqlite, key=lambda table: -on_sqlite[table].bytes):
        both = [on_sqlite[name].bytes, on_postgresql.get(name, Size(0, 0)).bytes]
        if all(size < _LEAST_SHARE * total for size, total in zip(both, totals, strict=True)):
            rest = [kept + size for kept, size in zip(rest, both, strict=True)]
            continue
        shown = [f"{size / number:,.0f}" for size in both]
        rows.append(f"| {name} | {on_sqlite[name].rows / number:,.2f} | {' | '.join(shown)} |")
    rows.append(f"| all others | | {' | '.join(f'{size / number:,.0f}' for size in rest)} |")
    rows.append(f"| **together** | | {' | '.join(f'**{size / number:,.0f}**' for size in totals)} |")
    return "\n".join([*rows, ""])


async def _added(pattern: str, before: Fill, after: Fill) -> Sizes:
    return _difference(await _sized(pattern.format(1), after), await _sized(pattern.format(0), before))


def _difference(after: Sizes, before: Sizes) -> Sizes:
    none = Size(0, 0)
    return {
        name: Size(size.rows - before.get(name, none).rows, max(0, size.bytes - before.get(name, none).bytes))
        for name, size in after.items()
    }


async def _sized(url: str, fill: Fill) -> Sizes:
    migrate(url)
    await fill(url)
    engine = sa.create_engine(sa.make_url(url).set(drivername="sqlite" if url.startswith("sqlite") else _PSYCOPG))
    try:
        with engine.connect() as connection:
            names = sa.inspect(connection).get_table_names()
            sizes = connection.execute(sa.text(_ON_SQLITE if engine.dialect.name == "sqlite" else _ON_POSTGRESQL))
            bytes_ = {name: int(size) for name, size in sizes}
            rows = {name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) for name in names}
            return {name: Size(rows[name] or 0, bytes_.get(name, 0)) for name in names}
    finally:
        engine.dispose()


_PSYCOPG = "postgresql+psycopg"
_ON_SQLITE = "SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_master m ON m.name = d.name GROUP BY 1"
_ON_POSTGRESQL = "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables"


async def _empty(url: str) -> None:
    """Leave the database as it is created."""


async def _with_articles(url: str) -> None:
    database = Database(url)
    await add_articles(database, await add_categories(database), ARTICLES, random.Random(1))
    await database.close()


async def _with_readers(url: str, chats: int) -> None:
    database = Database(url)
    ids = await add_categories(database)
    await add_articles(database, ids, ARTICLES, random.Random(1))
    await add_readers(database, ids, chats, NOW)
    await database.close()


async def _with_digests(url: str, chats: int) -> None:
    await _with_readers(url, chats)
    await plan(url, chats)


async def _with_posts(url: str, posts: Path) -> None:
    database = Database(url)
    await ingest(FolderOrigin(posts), IngestStore(database, 3 * DAY, wants_pictures=True), READING, NOW)
    await database.close()


async def _index_of(url: str, folder: Path, posts: int) -> Figure:
    database = Database(url)
    index = SearchIndex(folder / "search.db")
    await index.open()
    await index.update(ArticleStore(database))
    await index.close()
    await database.close()
    size = sum(file.stat().st_size for file in folder.glob("search.db*")) / posts / 1000
    return Figure(f"an article of {posts:,}, in the search index of SQLite", size, "kB", 14)
