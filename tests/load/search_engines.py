"""The search on PostgreSQL beside that on SQLite: the same articles, the same queries, in turn."""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter, process_time

import sqlalchemy as sa

from digests.offload import process_pool
from digests.search.query import parse_query
from digests.search.ranking import Order
from digests.storage.database import Database
from digests.storage.search.port import ArticleIndex
from digests.storage.search.postgresql.index import PostgresSearchIndex
from digests.storage.search.postgresql.tables import KINDS, NAMES
from digests.storage.search.sqlite.index import SearchIndex
from digests.stories.telling import considered_tokens, most_telling
from tests.load.figures import Figure
from tests.load.search import GeneratedArticles, asked_queries, p95_of
from tests.load.texts import Writer
from tests.postgres import serving

_MOST_RATIO = 2.0
_ASKED_SIMILAR = 60
_RARELY = "with a filter"


async def measure_search_engines(number: int) -> list[Figure]:
    """Measure searches on both, in turn, so that a busy machine is as busy for either."""
    with tempfile.TemporaryDirectory() as folder, serving() as server, server.database() as url:
        database = Database(url)
        engines: tuple[ArticleIndex, ArticleIndex] = (
            SearchIndex(Path(folder) / "search.db"),
            PostgresSearchIndex(database),
        )
        try:
            rates, texts = [], GeneratedArticles(number)
            for index in engines:
                await index.open()
                texts = GeneratedArticles(number)
                rates.append(await _articles_a_second(index, texts))
            sizes = (_folder_size(Path(folder)), await _tables_size(database))
            name = f"PostgreSQL's search, {number:,} articles"
            return [
                Figure(f"{name}: built (SQLite: {rates[0]:,.0f})", rates[1], "articles/s", 300, at_most=False),
                Figure(f"{name}: index beside its text (SQLite: {sizes[0] / texts.bytes:.2f})", sizes[1] / texts.bytes,
                       "x", 4.0),
                *_compared(name, await _pages(engines)),
                _beside(f"{name}: more like this", *await _similar(engines)),
            ]  # fmt: skip
        finally:
            for index in engines:
                await index.close()
            await database.close()


def _compared(name: str, pages: Mapping[str, tuple[list[float], list[float]]]) -> list[Figure]:
    """Return the figures of pages: all that was asked for beside SQLite, and each kind by itself."""
    every = (
        [took for times in pages.values() for took in times[0]],
        [took for times in pages.values() for took in times[1]],
    )
    return [
        _beside(f"{name}: all queries", *every),
        *(_beside(f"{name}: {kind}", *took) for kind, took in pages.items()),
    ]


def _beside(name: str, on_sqlite: Sequence[float], on_postgresql: Sequence[float]) -> Figure:
    first, second = p95_of(list(on_sqlite)), p95_of(list(on_postgresql))
    return Figure(f"{name}, p95 {second:.2f} ms beside SQLite's {first:.2f}", second / first, "x", _MOST_RATIO)


async def _articles_a_second(index: ArticleIndex, texts: GeneratedArticles) -> float:
    began, making, used = perf_counter(), texts.seconds, process_time()

    def tell(done: int, total: int) -> None:
        if done % 10_000 < 100:
            print(f"{index.place}: {done:,} of {total:,} articles, {process_time() - used:.0f} s CPU", file=sys.stderr)

    # As in the bot, a second process makes what is written.
    with process_pool(0) as offload:
        await index.update(texts, offload, progress=tell)
    await index.tidy()
    return texts.number / (perf_counter() - began - (texts.seconds - making))


def _folder_size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


async def _tables_size(database: Database) -> int:
    names = [NAMES.table(kind) for kind in KINDS]
    async with database.read() as connection:
        sizes = [await connection.scalar(sa.select(sa.func.pg_total_relation_size(name))) for name in names]
    return sum(int(size or 0) for size in sizes)


async def _pages(engines: Sequence[ArticleIndex]) -> dict[str, tuple[list[float], list[float]]]:
    """Return how long each kind of page took on each engine, in milliseconds."""
    times: defaultdict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    asked = asked_queries()
    for _, words in asked[::20]:
        # The first of each form is prepared, and the files are read.
        for index in engines:
            await _milliseconds(index, words, Order.BEST)
    for kind, words in asked:
        for order in Order:
            took = [await _milliseconds(index, words, order) for index in engines]
            for engine, milliseconds in enumerate(took):
                times[f"{order} ten, {kind}"][engine].append(milliseconds)
    for number, (_, words) in enumerate(asked[::10]):
        filtered = f'{words} source:"source {number}"'
        for engine, index in enumerate(engines):
            times[f"best ten, {_RARELY}"][engine].append(await _milliseconds(index, filtered, Order.BEST))
    return dict(times)


async def _milliseconds(index: ArticleIndex, words: str, order: Order) -> float:
    began = perf_counter()
    await index.find(parse_query(words), 10, order=order)
    return (perf_counter() - began) * 1000


async def _similar(engines: Sequence[ArticleIndex]) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    for title, text in Writer(1).articles(_ASKED_SIMILAR):
        considered = considered_tokens(title, text[:150], text)
        for engine, index in enumerate(engines):
            began = perf_counter()
            counted, _ = await index.articles_with(considered)
            telling = most_telling(considered, counted, await index.articles_in("zh-Hans"))
            await index.similar(telling, sum(word.weight for word in telling) / 4, 60)
            times[engine].append((perf_counter() - began) * 1000)
    return times
