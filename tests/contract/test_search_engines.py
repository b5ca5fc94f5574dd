"""Both engines find the same, to the row: the same articles in the same order, with the same numbers and positions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digests.model.article import IndexEntry
from digests.model.ids import ArticleId, CategoryId
from digests.search.marks import category_token, language_tokens, source_token, tag_token
from digests.search.query import Query, Terms, parse_query
from digests.search.ranking import Cursor, Order, Tier
from digests.storage.database import Database
from digests.storage.search.port import ArticleIndex, HitIds, SearchFilters
from digests.storage.search.postgresql.index import PostgresSearchIndex
from digests.storage.search.postgresql.tables import TableNames
from digests.storage.search.rows import DocumentRows, rows_of
from digests.storage.search.sqlite.index import SearchIndex
from digests.stories.telling import considered_tokens, most_telling
from tests.factories.newspaper import Newspaper
from tests.factories.searching import CATEGORIES, LANGUAGES, SOURCES, TAGS, named, random_entry, random_query
from tests.postgres import Server

HIDING = (
    SearchFilters(),
    SearchFilters(hidden_categories=frozenset({CategoryId(2)})),
    SearchFilters(hidden_categories=frozenset({CategoryId(3)}), hidden_sources=frozenset({SOURCES[0], "nobody"})),
)


class TrueIndex:
    """What there is to be found, by reading every text: documents in the order in which they were indexed."""

    def __init__(self) -> None:
        self._documents: list[tuple[int, DocumentRows]] = []
        self._last = 0

    def put(self, entries: Iterable[IndexEntry]) -> None:
        for rows in map(rows_of, entries):
            self._documents = [known for known in self._documents if known[1].article != rows.article]
            if not rows.withdrawn:
                self._last += 1
                self._documents.append((self._last, rows))

    def ranked(self, query: Query, filters: SearchFilters, order: Order) -> list[tuple[Cursor, int]]:
        found: list[tuple[Cursor, int]] = []
        for document, rows in self._documents:
            if not _is_hit(rows, query, filters):
                continue
            tier = _tier(rows, query.wanted) if order is Order.BEST and query.wanted else Tier.TEXT
            found.append((Cursor(tier, document), rows.article))
        return sorted(found, key=lambda hit: (hit[0].tier, -hit[0].document))


def _is_hit(rows: DocumentRows, query: Query, filters: SearchFilters) -> bool:
    marks = set(rows.marks.split())
    groups = [
        [source_token(source) for source in query.sources],
        [tag_token(tag) for tag in query.tags],
        [(language_tokens(language) or ["l_"])[0] for language in query.languages],
    ]
    hidden = {*map(category_token, filters.hidden_categories), *map(source_token, filters.hidden_sources)}
    return (
        _has_all(rows.words_of_text, rows.characters, query.wanted)
        and not any(_found(rows.words_of_text, rows.characters, query.unwanted))
        and all(marks.intersection(group) for group in groups if group)
        and (filters.categories is None or bool(marks & set(map(category_token, filters.categories))))
        and not marks & hidden
        and (query.after is None or rows.shown_at >= int(query.after.timestamp()))
        and (query.before is None or rows.shown_at < int(query.before.timestamp()))
    )


def _tier(rows: DocumentRows, terms: Terms) -> Tier:
    if _has_all(rows.title, rows.characters_of_title, terms):
        return Tier.TITLE
    leads = Terms(terms.phrases, (), terms.closed)
    if not terms.characters and _has_all(f"{rows.title} | {rows.summary}", "", leads):
        return Tier.LEAD
    return Tier.TEXT


def _has_all(tokens: str, characters: str, terms: Terms) -> bool:
    return all(_found(tokens, characters, terms))


def _found(tokens: str, characters: str, terms: Terms) -> list[bool]:
    return [
        *(
            any(f" {' '.join(spelling)} " in f" {tokens} " for spelling in terms.spellings(phrase))
            for phrase in terms.phrases
        ),
        *(character in characters.split() for character in terms.characters),
    ]


@pytest.fixture
async def engines(postgresql: Server, tmp_path: Path) -> AsyncIterator[tuple[SearchIndex, PostgresSearchIndex]]:
    """Return an index of each kind; PostgreSQL's has blocks of seven documents, so that each query crosses many."""
    with postgresql.database() as url:
        database = Database(url)
        both = SearchIndex(tmp_path / "search.db"), PostgresSearchIndex(database, names=TableNames(block=7))
        for index in both:
            await index.open()
        yield both
        for index in both:
            await index.close()
        await database.close()


async def all_pages(
    index: ArticleIndex, query: Query, filters: SearchFilters, order: Order, size: int
) -> tuple[list[HitIds], list[HitIds]]:
    """Return all pages there are, forwards, and then those before the last one, backwards."""
    pages = [await index.find(query, size, order=order, filters=filters)]
    while pages[-1].more:
        pages.append(await index.find(query, size, order=order, filters=filters, start=pages[-1].last))
    back: list[HitIds] = []
    start = pages[-1].first
    while start is not None:
        page = await index.find(query, size, order=order, filters=filters, start=start, backwards=True)
        back.append(page)
        start = page.first if page.more else None
    return pages, back


async def compare(
    engines: Sequence[ArticleIndex], truth: TrueIndex, query: Query, filters: SearchFilters, since: int, asked: str
) -> int:
    """Hold the engines against each other and against the truth, and return how many hits there are."""
    total = 0
    for order in Order:
        (pages, back), other = [await all_pages(index, query, filters, order, 3) for index in engines]
        assert (pages, back) == other, asked
        if query or filters.categories is not None:
            expected = truth.ranked(query, filters, order)
            assert [article for page in pages for article in page.ids] == [article for _, article in expected], asked
            assert pages[0].total == len(expected), asked
            if expected:
                assert (pages[0].first, pages[-1].last) == (expected[0][0], expected[-1][0]), asked
            before_last = [article for page in reversed(back) for article in page.ids]
            assert before_last == [article for _, article in expected[: len(before_last)]], asked
            total = len(expected)
    matching = [await index.matching(query, ArticleId(since), filters) for index in engines]
    assert matching[0] == matching[1], asked
    return total


async def compare_counts(engines: Sequence[ArticleIndex], entries: Sequence[IndexEntry]) -> int:
    """Hold what is known of tokens against each other, and articles like others; return how many of these there are."""
    first, second = engines
    assert await first.revision() == await second.revision()
    assert await first.waste() == await second.waste()
    assert await first.words() == await second.words()
    for language in ("", *LANGUAGES, "xx"):
        assert await first.articles_in(language) == await second.articles_in(language)
    marks = [*map(category_token, map(CategoryId, range(5))), *map(source_token, SOURCES), *map(tag_token, TAGS), "t0"]
    assert [await first.has(mark) for mark in marks] == [await second.has(mark) for mark in marks]
    alike = 0
    for entry in entries:
        considered = considered_tokens(entry.title, entry.summary, entry.text)
        counted = await first.articles_with(considered)
        assert counted == await second.articles_with(considered)
        telling = most_telling(considered, counted[0], 1000)
        for least, limit in ((0.0, 5), (sum(word.weight for word in telling) / 4, 60)):
            found = await first.similar(telling, least, limit)
            assert found == await second.similar(telling, least, limit)
            alike += len(found)
    return alike


def changes(random: Random, entries: Sequence[IndexEntry], number: int) -> list[IndexEntry]:
    """Return articles that were written anew, withdrawn, or are new."""
    made = []
    for _ in range(number):
        if random.random() < 0.6:
            entry = random_entry(random, random.choice(entries).id)
            made.append(replace(entry, withdrawn=random.random() < 0.4))
        else:
            made.append(random_entry(random, 1000 + random.randint(0, 200)))
    return made


@pytest.mark.parametrize("seed", range(3))
async def test_both_engines_find_the_same_to_the_row(
    engines: tuple[SearchIndex, PostgresSearchIndex], seed: int
) -> None:
    random, newspaper, truth = Random(seed), Newspaper(), TrueIndex()
    newspaper.change(random_entry(random, number) for number in range(1, 61))
    found = alike = 0
    for _ in range(3):
        begun = [await index.revision() for index in engines]
        for index in engines:
            await index.update(newspaper)
        if not begun[0]:
            truth.put([entry async for batch in newspaper.by_time(7) for entry in batch])
        else:
            truth.put(await newspaper.changed_since(begun[0], 1000))
        for text in [random_query(random) for _ in range(25)]:
            query = parse_query(text)
            filters = replace(random.choice(HIDING), categories=named(query))
            found += await compare(engines, truth, query, filters, random.choice((0, 30, 1050)), text)
        alike += await compare_counts(engines, newspaper.entries[:5])
        newspaper.change(changes(random, newspaper.entries, 25))
    assert found > 200
    assert alike > 20


ALPHABET = "月球背面新闻東东アの가 ab+#.-,10é’"
texts = st.text(ALPHABET, max_size=24)
entries = st.builds(
    IndexEntry,
    id=st.integers(1, 9).map(ArticleId),
    revision=st.just(0),
    title=st.text(ALPHABET, max_size=8),
    summary=texts,
    text=texts,
    source=st.sampled_from(SOURCES),
    language=st.sampled_from(LANGUAGES),
    shown_at=st.integers(0, 5).map(lambda hours: random_entry(Random(hours), 1).shown_at),
    categories=st.sampled_from([(), (CategoryId(1),), (CategoryId(2), CategoryId(3))]),
    tags=st.lists(st.sampled_from(TAGS), max_size=2).map(tuple),
    withdrawn=st.sampled_from([False, False, False, True]),
)
words = st.one_of(
    st.text(ALPHABET, min_size=1, max_size=5),
    st.text(ALPHABET, min_size=1, max_size=8).map(lambda text: f'"{text}"'),
    st.text(ALPHABET, min_size=1, max_size=3).map(lambda text: f"-{text}"),
    st.text(ALPHABET, min_size=1, max_size=5).map(lambda text: f'-"{text}"'),
    st.sampled_from(
        [*(f"cat:{name}" for name in CATEGORIES), *(f"tag:{tag}" for tag in TAGS), "lang:zh", "source:36kr"]
    ),
)


@given(
    st.lists(entries, min_size=1, max_size=12),
    st.lists(entries, max_size=6),
    st.lists(st.lists(words, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=6),
)
@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
async def test_any_texts_and_queries_agree_on_both_engines(
    engines: tuple[SearchIndex, PostgresSearchIndex],
    first: list[IndexEntry],
    later: list[IndexEntry],
    asked: list[str],
) -> None:
    newspaper, truth = Newspaper(), TrueIndex()
    newspaper.change(first)
    for index in engines:
        await index.rebuild(newspaper)
    truth.put([entry async for batch in newspaper.by_time(7) for entry in batch])
    revision = await newspaper.last_revision()
    newspaper.change(later)
    for index in engines:
        await index.update(newspaper)
    truth.put(await newspaper.changed_since(revision, 1000))
    for text in asked:
        query = parse_query(text)
        await compare(engines, truth, query, SearchFilters(named(query)), 5, text)
    await compare_counts(engines, newspaper.entries[:1])
