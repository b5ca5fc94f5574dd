"""The search: how fast pages are, how large the index is, how fast it is built."""

from __future__ import annotations

import random
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from statistics import median
from time import perf_counter

from digests.model.article import IndexEntry
from digests.model.ids import ArticleId
from digests.search.query import Query, parse_query
from digests.search.ranking import Order
from digests.search.snippet import snippet
from digests.storage.search.sqlite.index import SearchIndex
from digests.stories.telling import considered_tokens, most_telling
from tests.load.figures import Figure
from tests.load.texts import Writer

_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
_ASKED = 200
SINGLE = "1 character"
WITHOUT = "without"


class GeneratedArticles:
    """Articles that are made up as they are asked for and not kept: `first` of them for a first index, more later."""

    def __init__(self, first: int) -> None:
        self.number = first
        self.bytes = 0
        self.seconds = 0.0
        """Spent on making them up, which does not count as indexing."""
        self._writer = Writer(1)
        self._made = 0

    async def last_revision(self) -> int:
        """Return the revision of the newest article."""
        return self.number

    async def counts(self) -> tuple[int, int]:
        """Return how many articles there are; none is in quarantine."""
        return self.number, 0

    async def changed_since(self, revision: int, limit: int) -> Sequence[IndexEntry]:
        """Return the articles after the revision, which must be the last one that was made up."""
        assert revision == self._made
        return self._next(min(limit, self.number - revision))

    async def by_time(self, size: int) -> AsyncIterator[Sequence[IndexEntry]]:
        """Yield all articles in batches, the oldest first."""
        while batch := self._next(min(size, self.number - self._made)):
            yield batch

    def _next(self, number: int) -> list[IndexEntry]:
        began = perf_counter()
        batch: list[IndexEntry] = []
        for title, text in self._writer.articles(number):
            self._made += 1
            self.bytes += len(title.encode()) + len(text.encode())
            batch.append(_entry(self._made, title, text))
        self.seconds += perf_counter() - began
        return batch


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


async def measure_search(number: int, *, twice: bool = False) -> list[Figure]:
    """Measure the search; `twice`: measure the pages again with twice as many articles."""
    with tempfile.TemporaryDirectory() as folder:
        index = SearchIndex(Path(folder) / "search.db")
        await index.open()
        try:
            texts = GeneratedArticles(number)
            built = await _seconds_to_build(index, texts)
            # Closing moves what is in the log into the file, so that it is not counted twice.
            await index.close()
            size = sum(file.stat().st_size for file in Path(folder).iterdir())
            await index.open()
            figures = [
                Figure(f"search: built, {number:,} articles", number / built, "articles/s", 250, at_most=False),
                Figure(f"search: index beside its text, {number:,} articles", size / texts.bytes, "x", 1.4),
            ]
            pages = await _pages(index)
            figures += [Figure(f"search: {name}, p95, {number:,} articles", *pages[name]) for name in pages]
            figures.append(Figure("search: marking ten hits, p95", _marking(), "ms", 5))
            figures.append(Figure(f"search: more like this, p95, {number:,} articles", await _similar(index), "ms", 50))
            if twice:
                texts.number *= 2
                await _seconds_to_build(index, texts)
                later = await _pages(index)
                figures += [
                    Figure(
                        f"search: {name}, p95, {2 * number:,} articles, beside {number:,}", later[name][0] / p95, "x", 2
                    )
                    for name, (p95, _, _) in pages.items()
                ]
            return figures
        finally:
            await index.close()


async def _seconds_to_build(index: SearchIndex, texts: GeneratedArticles) -> float:
    began, making = perf_counter(), texts.seconds
    await index.update(texts)
    await index.tidy()
    return perf_counter() - began - (texts.seconds - making)


async def _pages(index: SearchIndex) -> dict[str, tuple[float, str, float]]:
    """Return what each kind of page takes (p95), its unit and its goal."""
    kinds = asked_queries()
    singles = [asked for kind, asked in kinds if kind == SINGLE]
    without = [asked for kind, asked in kinds if kind == WITHOUT]
    others = [asked for kind, asked in kinds if kind not in (SINGLE, WITHOUT)]

    async def p95(asked: Sequence[str], order: Order, marks: _Marked | None = None) -> float:
        return p95_of([await _milliseconds(index, words, order, marks) for words in asked])

    return {
        "newest ten": (await p95(others, Order.NEWEST), "ms", 5.0),
        "newest ten, one character": (await p95(singles, Order.NEWEST), "ms", 50.0),
        "newest ten, a word without another": (await p95(without, Order.NEWEST), "ms", 25.0),
        "best ten": (await p95(others, Order.BEST), "ms", 25.0),
        "best ten, one character": (await p95(singles, Order.BEST), "ms", 50.0),
        "best ten, a word without another": (await p95(without, Order.BEST), "ms", 25.0),
        "best ten and their lines marked": (await p95(others, Order.BEST, _Marked()), "ms", 30.0),
    }


async def _similar(index: SearchIndex) -> float:
    """Return what it takes to find articles like one of the index, without reading them (p95)."""
    times = []
    for title, text in Writer(1).articles(_ASKED):
        began = perf_counter()
        considered = considered_tokens(title, text[:150], text)
        articles_with, _ = await index.articles_with(considered)
        telling = most_telling(considered, articles_with, await index.articles_in("zh-Hans"))
        await index.similar(telling, sum(word.weight for word in telling) / 4, 60)
        times.append((perf_counter() - began) * 1000)
    return p95_of(times)


class _Marked:
    """Texts to mark hits in, the next ones each time; those of the index are not kept."""

    def __init__(self) -> None:
        writer = Writer(4)
        self._texts = cycle([writer.article()[1] for _ in range(500)])

    def mark(self, asked: Query, hits: int) -> None:
        for _ in range(hits):
            snippet(next(self._texts), asked.wanted)


def asked_queries() -> list[tuple[str, str]]:
    """Return queries with their kind; words occur in them as often as in texts."""
    dice = random.Random(3)
    writer = Writer(2)
    made: list[tuple[str, str]] = []
    makers: dict[str, Callable[[], str]] = {
        SINGLE: lambda: dice.choice(writer.words(writer.chinese, 1)[0]),
        "2 characters": lambda: "".join(writer.words(writer.chinese, 2))[:2],
        "3 or more": lambda: "".join(writer.words(writer.chinese, 3))[:5],
        "a word": lambda: writer.words(writer.english, 1)[0],
        "two words": lambda: " ".join(writer.words(writer.chinese, 2)),
        WITHOUT: lambda: f"{writer.words(writer.chinese, 1)[0]} -{writer.words(writer.chinese, 1)[0]}",
        "a phrase": lambda: f'"{" ".join(writer.words(writer.english, 2))}"',
    }
    for kind, make in makers.items():
        made.extend((kind, make()) for _ in range(_ASKED))
    return made


async def _milliseconds(index: SearchIndex, asked: str, order: Order, marks: _Marked | None) -> float:
    began = perf_counter()
    query = parse_query(asked)
    found = await index.find(query, 10, order=order)
    if marks is not None:
        marks.mark(query, len(found.ids))
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
    return p95_of(times)


def p95_of(times: list[float]) -> float:
    """Return the 95th percentile."""
    return sorted(times)[int(len(times) * 0.95)] if len(times) > 20 else median(times)
