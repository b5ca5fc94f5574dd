"""The index of wishes' queries finds exactly the articles that the search finds."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.model.article import IndexEntry
from digests.model.ids import ArticleId
from digests.model.wish import QueryId
from digests.search.query import parse_query
from digests.storage.search.port import ArticleIndex, SearchFilters
from digests.storage.search.rows import DocumentRows, rows_of
from digests.storage.search.sqlite.index import SearchIndex
from digests.wishes.canonical import WishRefused, canonical_words
from digests.wishes.index import ArticleTokens, QueryIndex
from tests.factories.searching import named, random_entry, random_query
from tests.factories.times import NOW


def tokens_of(rows: DocumentRows) -> ArticleTokens:
    return ArticleTokens(rows.words_of_text, rows.characters, rows.marks, rows.shown_at)


async def compare(index: ArticleIndex, entries: list[IndexEntry], texts: list[str]) -> int:
    """Hold the queries against the entries in both ways, and return how many matches there are."""
    rows = [rows_of(entry) for entry in entries]
    await index.put(rows)
    queries, parsed = QueryIndex(), dict(enumerate(map(parse_query, texts), 1))
    for number, query in parsed.items():
        queries.add(QueryId(number), query, named(query) or ())
    found: dict[int, set[int]] = {number: set() for number in parsed}
    for row in rows:
        for query_id in queries.matching(tokens_of(row)):
            found[query_id].add(row.article)
    for number, query in parsed.items():
        filters = SearchFilters(named(query))
        searched = await index.find(query, 1000, filters=filters)
        # What asks for nothing that articles have is no wish.
        if query.wanted or query.categories or query.sources or query.tags or query.languages:
            assert found[number] == set(searched.ids), texts[number - 1]
        recent = {article for article in searched.ids if article >= len(entries) // 2}
        assert await index.matching(query, ArticleId(len(entries) // 2), filters) == recent, texts[number - 1]
    return sum(map(len, found.values()))


@pytest.mark.parametrize("seed", range(8))
async def test_the_same_articles_as_by_the_search(index: ArticleIndex, seed: int) -> None:
    random = Random(seed)
    entries = [random_entry(random, number) for number in range(1, 121)]
    texts = [random_query(random) for _ in range(150)]
    assert await compare(index, entries, texts) > 150


@pytest.mark.parametrize("seed", range(4))
async def test_a_canonical_form_finds_the_same(index: ArticleIndex, seed: int) -> None:
    random = Random(100 + seed)
    await index.put([rows_of(random_entry(random, number)) for number in range(1, 121)])
    compared = 0
    for text in [random_query(random) for _ in range(150)]:
        try:
            canonical = canonical_words(text)
        except WishRefused:
            continue
        query, again = parse_query(text), parse_query(canonical)
        before = await index.find(query, 1000, filters=SearchFilters(named(query)))
        after = await index.find(again, 1000, filters=SearchFilters(named(again)))
        assert set(before.ids) == set(after.ids), (text, canonical)
        compared += bool(before.ids)
    assert compared > 20


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=4), st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_any_texts_and_queries_agree(texts: list[str], wanted: list[str]) -> None:
    # A query made of pieces of the texts is likely to be found.
    pieces = [text[at : at + 5] for text in texts for at in range(0, len(text), 3)]
    entries = [
        IndexEntry(ArticleId(number), number, "", text[:5], text, "source", "en", NOW)
        for number, text in enumerate(texts, 1)
    ]

    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            index = SearchIndex(Path(folder) / "search.db")
            await index.open()
            try:
                await compare(index, entries, [*wanted, *pieces])
            finally:
                await index.close()

    asyncio.run(run())
