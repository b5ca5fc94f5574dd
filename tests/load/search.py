"""The search: how fast pages come, how large the index is, how fast it is built."""

from __future__ import annotations

import random
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from digests.search.query import parse_query
from digests.search.ranking import Order
from digests.search.snippet import snippet
from digests.storage.search_index import SearchIndex
from digests.types import ArticleId, IndexEntry
from tests.load.figures import Figure
from tests.load.texts import Writer

_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
_ASKED = 200


class Texts:
    """So many articles, made as they are asked for and not kept."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.bytes = 0

    async def last_revision(self) -> int:
        return self.number

    async def changed_since(self, revision: int, limit: int) -> Sequence[IndexEntry]:
        return ()

    async def by_time(self, size: int) -> AsyncIterator[Sequence[IndexEntry]]:
        batch: list[IndexEntry] = []
        for number, (title, text) in enumerate(Writer(1).articles(self.number), 1):
            self.bytes += len(title.encode()) + len(text.encode())
            batch.append(_entry(number, title, text))
            if len(batch) == size:
                yield batch
                batch = []
        if batch:
            yield batch


def _entry(number: int, title: str, text: str) -> IndexEntry:
    return IndexEntry(
        id=ArticleId(number),
        revision=number,
        title=title,
        summary=text[:150],
        text=text,
        source=f"source {number % 300}",
        language="zh-Hans",
        shown_at=_BEGIN + timedelta(minutes=number),
    )


async def measure_search(number: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        index = SearchIndex(Path(folder) / "search.db")
        await index.open()
        try:
            texts = Texts(number)
            writing = _seconds_to_write(number)
            began = perf_counter()
            await index.update(texts)
            built = perf_counter() - began - writing
            # What lies in the log is no second copy for long: closing puts it into the file.
            await index.close()
            size = sum(file.stat().st_size for file in Path(folder).iterdir())
            await index.open()
            return [
                Figure(f"search: built, {number:,} articles", number / built, "articles/s", 250, at_most=False),
                Figure(f"search: index beside its text, {number:,} articles", size / texts.bytes, "x", 1.4),
                *await _pages(index, number),
            ]
        finally:
            await index.close()


def _seconds_to_write(number: int) -> float:
    """What it takes to make the texts up, which is no part of indexing them."""
    sample = min(number, 2000)
    began = perf_counter()
    for _ in Writer(1).articles(sample):
        pass
    return (perf_counter() - began) * number / sample


async def _pages(index: SearchIndex, number: int) -> list[Figure]:
    kinds = _queries()
    figures = []
    for name, order, limit in (("newest ten", Order.NEWEST, 5.0), ("best ten", Order.BEST, 25.0)):
        several = [await _milliseconds(index, asked, order) for kind, asked in kinds if kind != "1 character"]
        single = [await _milliseconds(index, asked, order) for kind, asked in kinds if kind == "1 character"]
        figures.append(Figure(f"search: {name}, p95, {number:,} articles", _p95(several), "ms", limit))
        figures.append(Figure(f"search: {name}, one character, p95, {number:,} articles", _p95(single), "ms", 50))
    figures.append(Figure("search: marking ten hits, p95", _marking(), "ms", 5))
    return figures


def _queries() -> list[tuple[str, str]]:
    """By their kind, with words as often as texts use them."""
    dice = random.Random(3)
    writer = Writer(2)
    made: list[tuple[str, str]] = []
    makers: dict[str, Callable[[], str]] = {
        "1 character": lambda: dice.choice(writer.words(writer.chinese, 1)[0]),
        "2 characters": lambda: "".join(writer.words(writer.chinese, 2))[:2],
        "3 or more": lambda: "".join(writer.words(writer.chinese, 3))[:5],
        "a word": lambda: writer.words(writer.english, 1)[0],
        "two words": lambda: " ".join(writer.words(writer.chinese, 2)),
        "without": lambda: f"{writer.words(writer.chinese, 1)[0]} -{writer.words(writer.chinese, 1)[0]}",
        "a phrase": lambda: f'"{" ".join(writer.words(writer.english, 2))}"',
    }
    for kind, make in makers.items():
        made.extend((kind, make()) for _ in range(_ASKED))
    return made


async def _milliseconds(index: SearchIndex, asked: str, order: Order) -> float:
    began = perf_counter()
    await index.find(parse_query(asked), 10, order=order)
    return (perf_counter() - began) * 1000


def _marking() -> float:
    writer = Writer(4)
    times = []
    for _ in range(60):
        texts = [writer.article()[1] for _ in range(10)]
        terms = parse_query(writer.words(writer.chinese, 1)[0]).wanted
        began = perf_counter()
        for text in texts:
            snippet(text, terms)
        times.append((perf_counter() - began) * 1000)
    return _p95(times)


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] if len(times) > 20 else median(times)
