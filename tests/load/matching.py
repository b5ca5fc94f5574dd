"""Wishes: what an article costs that is held against very many, and what a new one costs."""

from __future__ import annotations

import gc
import random
import tempfile
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from time import process_time, thread_time

import sqlalchemy as sa

from digests.model.wish import Matter, QueryId, WishKind
from digests.planning.matching import Matcher
from digests.search.query import parse_query
from digests.search.tokens import tokens
from digests.storage.articles.read import ArticleStore
from digests.storage.counters import INGEST, REVISION, advance
from digests.storage.database import Database
from digests.storage.places.wish_rows import QUERIES
from digests.storage.schema.article_tables import articles
from digests.storage.schema.wish_tables import queries, query_matches, wishes
from digests.storage.search.rows import rows_of_entries
from digests.storage.search.sqlite.index import SearchIndex
from digests.storage.wishes.matches import MatchStore
from digests.wishes.canonical import WishRefused, canonical_words
from digests.wishes.index import ArticleTokens, QueryIndex, common_tokens
from tests.factories.times import NOW
from tests.factories.wishing import SettableClock
from tests.load.database import add_categories, add_chats, make_database
from tests.load.figures import Figure
from tests.load.texts import Writer

_EACH = 50
_DISTINCT = 0.6
_NEW_WISHES = 60
_SAMPLE = 400
_HOSTILE = 1000
_WEEK = timedelta(days=7)


async def measure_matching(number: int, new_articles: int) -> list[Figure]:
    """Hold articles against this number of wishes, of which 60% are distinct, and new wishes against articles."""
    words = distinct_words(int(number * _DISTINCT))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'wishes.db'}"
        make_database(url)
        database, index = Database(url), SearchIndex(Path(folder) / "search.db")
        await index.open()
        try:
            await add_categories(database)
            await _add_wishes(database, words, number)
            return await _measure(database, index, words, number, new_articles)
        finally:
            await index.close()
            await database.close()


async def _measure(
    database: Database, index: SearchIndex, words: Sequence[str], number: int, new_articles: int
) -> list[Figure]:
    store, writer = ArticleStore(database), Writer(3)
    matcher = Matcher(MatchStore(database), store, index, SettableClock(), _WEEK)
    await _add_articles(database, writer, 1)
    before = rss_mb()
    await matcher.catch_up()
    taken = rss_mb() - before
    await _add_articles(database, writer, new_articles)
    began = process_time()
    held = await matcher.catch_up()
    spent = (process_time() - began) / held * 1000
    async with database.read() as connection:
        matches = int(await connection.scalar(sa.select(sa.func.count()).select_from(query_matches)) or 0)
    alone = await _matching_alone(store, words)
    await index.update(store)
    added = await _add_new(database, matcher, writer)
    name = f"{number:,} wishes, {len(words):,} distinct"
    return [
        Figure(f"{name}: an article with {matches / held:,.0f} matches, CPU with reading and writing", spent, "ms", 5),
        Figure(f"{name}: an article, matching alone", alone, "ms", 2),
        Figure(f"{_HOSTILE:,} wishes made to be slow: an article made so, too", _hostile(), "ms", 100),
        Figure(f"{name}: memory of their index", taken, "MB", 45),
        Figure(f"{name}: a new wish beside {held:,} articles, CPU", added, "ms", 50),
    ]


def distinct_words(number: int, seed: int = 5) -> list[str]:
    """Return so many wishes as people have them, in their canonical form."""
    found: dict[str, None] = {}
    for text in _typed(Writer(seed), random.Random(seed)):
        try:
            found[canonical_words(text)] = None
        except WishRefused:
            # "moon -moon" and the like.
            continue
        if len(found) == number:
            return list(found)
    raise AssertionError("there is no end of them")


class _Topics:
    """Words that are about something: at most one article in a hundred has them, or one in twenty a character."""

    def __init__(self, writer: Writer, dice: random.Random) -> None:
        self._writer = writer
        self._dice = dice
        self._found_in = _found_in_articles(Writer(1))

    def word(self, vocabulary: list[str]) -> str:
        """Draw a word; one in fifty may be any."""
        is_any = self._dice.random() < 0.02
        while True:
            (drawn,) = self._writer.words(vocabulary, 1)
            if len(drawn) > 1 and (is_any or self._found_in(drawn) <= _SAMPLE / 100):
                return drawn

    def character(self) -> str:
        """Draw a single Chinese character."""
        while True:
            drawn = self._dice.choice(self.word(self._writer.chinese))
            if self._found_in(drawn) <= _SAMPLE / 20:
                return drawn


def _typed(writer: Writer, dice: random.Random) -> Iterator[str]:
    """Yield what readers type: mostly a word or two, also phrases, unwanted words, filters and single characters."""
    topics = _Topics(writer, dice)
    while True:
        vocabulary = writer.chinese if dice.random() < 0.7 else writer.english
        first, second, third = (topics.word(vocabulary) for _ in range(3))
        kind = dice.random()
        if kind < 0.45:
            yield first
        elif kind < 0.65:
            yield f"{first} {second}"
        elif kind < 0.8:
            yield f'"{first} {second}"'
        elif kind < 0.87:
            yield f"{first} -{second} -{third}"
        elif kind < 0.95:
            filters = [f'source:"来源 {dice.randrange(300)}"', f'cat:"来源 {dice.randrange(300)}"', "lang:en", "tag:x"]
            yield f"{first} {dice.choice(filters)}"
        elif kind < 0.97:
            yield topics.character()
        else:
            yield f"{first} after:{2020 + dice.randrange(6)}-01-01"


def _found_in_articles(writer: Writer) -> Callable[[str], int]:
    """Return a function that tells in how many of the writer's articles a word is, at the most."""
    texts = [" ".join(tokens(f"{title} {text}")) for title, text in writer.articles(_SAMPLE)]
    common = common_tokens(ArticleTokens(text, "", "", 0) for text in texts)
    characters = Counter(character for text in texts for character in set(text))

    def found_in(word: str) -> int:
        found = tokens(word)
        return characters[word] if len(word) == 1 else min(common.get(token, 0) for token in found)

    return found_in


async def _add_wishes(database: Database, words: Sequence[str], number: int) -> None:
    """Add the queries, all of them matched up to now, and wishes about them by Zipf's law, 50 to a place."""
    dice, sums = random.Random(9), list(accumulate(1 / (rank + 5) for rank in range(len(words))))
    places = -(-number // _EACH)
    await add_chats(database, range(1, places + 1), NOW)
    rows = [{"id": at, "words": text, "matched_to": 0, "created_at": NOW} for at, text in enumerate(words, 1)]
    wished: list[dict[str, object]] = []
    for place in range(1, places + 1):
        mine: set[int] = set()
        while len(mine) < min(_EACH, number - (place - 1) * _EACH):
            # Each of them is somebody's.
            mine.add(len(wished) + len(mine) if len(wished) < len(words) else bisect(sums, dice.random() * sums[-1]))
        for at in sorted(at % len(words) for at in mine):
            kind = WishKind.MUTE if dice.random() < 0.4 else WishKind.WATCH
            row = {"place_id": place, "kind": kind, "matter": Matter.WORDS, "value": words[at], "query_id": at + 1}
            wished.append({**row, "created_at": NOW})
    async with database.write() as connection:
        await connection.execute(sa.insert(queries), rows)
        await connection.execute(sa.insert(wishes), wished)
        await advance(database, connection, QUERIES, len(rows))


async def _add_articles(database: Database, writer: Writer, number: int) -> None:
    """Add articles of the last days in both languages, as the crawler brings them."""
    rows = []
    async with database.write() as connection:
        there = await advance(database, connection, INGEST, number)
        await advance(database, connection, REVISION, number)
        for at, (title, text) in enumerate(writer.articles(number), there + 1):
            common = {"id": at, "ingest": at, "revision": at, "identity": f"identity {at}", "content_hash": ""}
            rows.append(
                common
                | {
                    "title": title,
                    "summary": text[:150],
                    "text": text,
                    "author": "",
                    "source": f"来源 {at % 300}",
                    "language": "zh-Hans" if not text.isascii() else "en",
                    "first_seen_at": NOW,
                    "shown_at": NOW,
                    "updated_at": NOW,
                    "fresh": True,
                }
            )
        await connection.execute(sa.insert(articles), rows)


async def _matching_alone(store: ArticleStore, words: Sequence[str]) -> float:
    """Return the mean CPU, in milliseconds, of holding an article against queries that are in memory."""
    articles_tokens = [
        ArticleTokens(rows.words_of_text, rows.characters, rows.marks, rows.shown_at)
        for rows in rows_of_entries(await store.changed_since(0, 300))
    ]
    index = QueryIndex(common_tokens(articles_tokens))
    for number, text in enumerate(words, 1):
        index.add(QueryId(number), parse_query(text))
    began = thread_time()
    for article in articles_tokens:
        index.matching(article)
    return 1000 * (thread_time() - began) / len(articles_tokens)


def _hostile() -> float:
    """Return the CPU, in milliseconds, of an article of one word against phrases of it that nearly match."""
    index = QueryIndex()
    for number in range(_HOSTILE):
        before = number % 12
        index.add(QueryId(number + 1), parse_query(f'"{"moon " * before}mars {"moon " * (12 - before)}" -x{number}'))
    article = ArticleTokens(f"mars {'moon ' * 20_000}mars", "", "", 0)
    began = thread_time()
    index.matching(article)
    return 1000 * (thread_time() - began)


async def _add_new(database: Database, matcher: Matcher, writer: Writer) -> float:
    """Return the mean CPU, in milliseconds, of looking for a new wish among the articles."""
    seconds = 0.0
    for number in range(_NEW_WISHES):
        text = f"{' '.join(writer.words(writer.chinese, 2))} -word{number}"
        async with database.write() as connection:
            await advance(database, connection, QUERIES, 1)
            await connection.execute(sa.insert(queries).values(words=canonical_words(text), created_at=NOW))
        began = process_time()
        await matcher.hold_new()
        seconds += process_time() - began
    return 1000 * seconds / _NEW_WISHES


def rss_mb() -> float:
    """Return the memory that this process holds now."""
    gc.collect()
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS:"))) / 1000
