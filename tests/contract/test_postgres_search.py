"""What only a search index in PostgreSQL has: several processes, versions beside each other, limits of a server."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from digests.errors import DatabaseAway, StorageError
from digests.model.article import IndexEntry
from digests.model.ids import ArticleId
from digests.search.query import parse_query
from digests.search.ranking import Tier
from digests.storage.cluster.connection import alone, open_connection
from digests.storage.database import Database
from digests.storage.search.port import SearchFilters
from digests.storage.search.postgresql.bits import joined_blocks, places_of
from digests.storage.search.postgresql.connections import SearchConnections, search_errors
from digests.storage.search.postgresql.index import PostgresSearchIndex
from digests.storage.search.postgresql.keys import (
    batch_of_rows,
    hash_of,
    keys_of_stored,
    pair_keys,
    search_keys,
    short_tokens,
)
from digests.storage.search.postgresql.statements import bits_statement
from digests.storage.search.postgresql.tables import KINDS, NAMES, UNFINISHED, TableNames, create_statements
from digests.storage.search.postgresql.wanted import Wanted
from digests.storage.search.rows import rows_of
from tests.factories.newspaper import Newspaper
from tests.factories.searching import random_entry, random_query
from tests.postgres import Server
from tests.waiting import until


@pytest.fixture
async def database(postgresql: Server) -> AsyncIterator[Database]:
    """Open an empty database of PostgreSQL."""
    with postgresql.database() as url:
        opened = Database(url)
        yield opened
        await opened.close()


@pytest.fixture
async def processes(database: Database) -> AsyncIterator[tuple[PostgresSearchIndex, PostgresSearchIndex]]:
    """Return the index as two processes have it; both open it at once, and one of them makes its tables."""
    both = PostgresSearchIndex(database), PostgresSearchIndex(database)
    await asyncio.gather(*(index.open() for index in both))
    yield both
    for index in both:
        await index.close()


def newspaper_of(number: int) -> Newspaper:
    random, newspaper = Random(number), Newspaper()
    newspaper.change(
        replace(random_entry(random, article), title=f"Title of {article}") for article in range(1, number + 1)
    )
    return newspaper


async def found(index: PostgresSearchIndex, words: str) -> int:
    return (await index.find(parse_query(words), 5)).total


async def test_two_processes_that_update_at_once_index_each_article_once(
    processes: tuple[PostgresSearchIndex, PostgresSearchIndex],
) -> None:
    newspaper = newspaper_of(30)
    indexed = await asyncio.gather(*(index.update(newspaper) for index in processes))
    assert sum(indexed) == 30
    newspaper.change(replace(entry, title=f"Heading of {entry.id}") for entry in newspaper.entries)
    newspaper.change([random_entry(Random(1), number) for number in range(100, 350)])
    indexed = await asyncio.gather(*(index.update(newspaper) for index in processes))
    assert sum(indexed) == 280
    for index in processes:
        assert await found(index, "heading") == 30
        assert await found(index, '"title of"') == 0
        assert await index.waste() == 30 / 310


async def test_nobody_waits_for_whoever_fills_the_index(
    database: Database, processes: tuple[PostgresSearchIndex, PostgresSearchIndex]
) -> None:
    filling, other = processes
    async with alone(database, f"search index {NAMES.documents}", waits=False) as is_alone:
        assert is_alone
        assert await other.update(newspaper_of(5)) == 0
        with pytest.raises(StorageError, match="Another process is making the search index"):
            await other.rebuild(newspaper_of(5))
    assert await filling.update(newspaper_of(5)) == 5
    assert await found(other, "title") == 5


async def test_a_filling_that_was_cut_off_begins_anew(
    processes: tuple[PostgresSearchIndex, PostgresSearchIndex],
) -> None:
    cut, other = processes

    class Cut(Newspaper):
        async def by_time(self, size: int) -> AsyncIterator[Sequence[IndexEntry]]:
            async for batch in super().by_time(20):
                yield batch
                raise ConnectionError("the process ends here")

    newspaper = Cut()
    newspaper.change(newspaper_of(60).entries)
    with pytest.raises(ConnectionError):
        await cut.update(newspaper)
    assert await other.revision() == 0
    assert await found(other, "title") == 0
    assert await other.update(newspaper_of(60)) == 60
    assert await found(other, "title") == 60
    # Whoever was only slow writes nothing more into what somebody else has built.
    assert await cut.update(newspaper) == 0


async def test_searches_of_other_processes_go_on_during_a_rebuild(
    processes: tuple[PostgresSearchIndex, PostgresSearchIndex],
) -> None:
    building, searching = processes
    newspaper = newspaper_of(120)
    await building.update(newspaper)
    for _ in range(8):
        # Each connection has prepared the statement by then.
        assert await found(searching, "title") == 120
    rebuilding = asyncio.create_task(building.rebuild(newspaper))
    searches = 0
    while not rebuilding.done():
        assert await found(searching, "title") == 120
        searches += 1
    assert await rebuilding == 120
    assert searches > 5
    assert await found(searching, "title") == 120
    newspaper.change([replace(newspaper.entries[0], title="Changed")])
    assert await searching.update(newspaper) == 1
    assert await found(building, "changed") == 1
    # It can be done again: no name is left over.
    assert await searching.rebuild(newspaper) == 120


async def test_an_older_program_goes_on_with_its_own_index_until_nobody_uses_it(
    database: Database, processes: tuple[PostgresSearchIndex, PostgresSearchIndex]
) -> None:
    index, _ = processes
    older, newer = TableNames(version=(NAMES.version[0] - 1, 9)), TableNames(version=(NAMES.version[0] + 1, 1))
    programs = [PostgresSearchIndex(database, names=names) for names in (older, newer)]
    newspaper = newspaper_of(10)
    for program in (*programs, index):
        await program.open()
        assert await program.update(newspaper) == 10
        await program.tidy()
    assert [await found(program, "title") for program in programs] == [10, 10]
    async with await open_connection(database) as connection:
        for names in (older, newer):
            await connection.execute(f"UPDATE {names.mark} SET used_at = now() - interval '8 days'")
        # Whoever only opens it, on a day without news, uses it as well.
        again = PostgresSearchIndex(database, names=older)
        await again.open()
        await index.tidy()
        assert await found(again, "title") == 10
        await again.close()
        await connection.execute(f"UPDATE {older.mark} SET used_at = now() - interval '6 days'")
        await index.tidy()
        assert await found(programs[0], "title") == 10
        await connection.execute(f"UPDATE {older.mark} SET used_at = now() - interval '8 days'")
        for statement in create_statements(replace(older, suffix=UNFINISHED)):
            await connection.execute(statement)
        # Earlier layouts had a function, which goes with their tables.
        for names in (older, NAMES):
            await connection.execute(
                f"CREATE FUNCTION {names.keys_function}(text text) RETURNS text LANGUAGE sql AS $$ SELECT text $$"
            )
        await index.tidy()
        cursor = await connection.execute("SELECT relname FROM pg_class WHERE relname LIKE 'search%' AND relkind = 'r'")
        tables = {row[0] for row in await cursor.fetchall()}
        cursor = await connection.execute("SELECT proname FROM pg_proc WHERE proname LIKE 'search%'")
        functions = {row[0] for row in await cursor.fetchall()}
    assert not {older.table(kind) for kind in KINDS} & tables
    assert replace(older, suffix=UNFINISHED).documents not in tables
    assert newer.documents in tables
    assert NAMES.documents in tables
    assert functions == {NAMES.keys_function}
    assert await found(index, "title") == 10
    for program in programs:
        await program.close()


async def test_searches_show_that_an_index_is_used(
    database: Database, processes: tuple[PostgresSearchIndex, PostgresSearchIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    index, _ = processes
    async with await open_connection(database) as connection:
        await connection.execute(f"UPDATE {NAMES.mark} SET used_at = now() - interval '8 days'")
        await found(index, "title")
        unused = f"SELECT used_at < now() - interval '7 days' FROM {NAMES.mark}"
        assert await (await connection.execute(unused)).fetchone() == (True,)
        monkeypatch.setattr("digests.storage.search.postgresql.index._NOTED_SECONDS", 0.0)
        await found(index, "title")
        assert await (await connection.execute(unused)).fetchone() == (False,)


UNUSUAL = (
    "ꆈꌠꁱꂷ 月球背面",
    "月 球 背々〇の",
    "𐀀𐀁 moon ꆈ月",
    "é " + "x" * 300 + " 𠀀𠀁𠀂",
    "plain words, far side",
    "",
)


async def documents_with(connection: psycopg.AsyncConnection[tuple[Any, ...]], key: str) -> set[int]:
    """Return the articles with a key, wherever it is stored."""
    cursor = await connection.execute(
        f"SELECT block, bitmap, listed FROM {NAMES.bits} WHERE key = %s", (key,), binary=True
    )
    found = places_of(joined_blocks(await cursor.fetchall(), NAMES.block))
    cursor = await connection.execute(
        f"SELECT article FROM {NAMES.documents} WHERE document = ANY(%s::bigint[]) OR keys @> ARRAY[%s::bigint]",
        (found, hash_of(key)),
    )
    return {article for (article,) in await cursor.fetchall()}


@pytest.mark.parametrize("seed", range(3))
async def test_each_key_finds_the_documents_that_have_it_whether_it_is_common_or_not(
    database: Database, processes: tuple[PostgresSearchIndex, PostgresSearchIndex], seed: int
) -> None:
    random = Random(seed)
    entries = [random_entry(random, number) for number in range(1, 30)]
    entries += [
        replace(random_entry(random, number), title=random.choice(UNUSUAL), text=text, tags=(text[:9],))
        for number, text in enumerate(UNUSUAL, 30)
    ]
    newspaper = Newspaper()
    newspaper.change(entries[::2])
    # The first half decides which keys are common; the second half is written one by one.
    await processes[0].update(newspaper)
    for entry in entries[1::2]:
        newspaper.change([entry])
        await processes[random.randrange(2)].update(newspaper)
    expected: defaultdict[str, set[int]] = defaultdict(set)
    for row in (rows_of(entry) for entry in entries if not entry.withdrawn):
        keys = search_keys(row)
        keys |= {f"c{character}" for character in row.characters.split()}
        keys |= {f"x{character}" for character in row.characters_of_title.split()}
        for key in keys:
            expected[key].add(row.article)
    async with await open_connection(database) as connection:
        cursor = await connection.execute(f"SELECT key FROM {NAMES.common}")
        common = {key for (key,) in await cursor.fetchall()}
        assert {key[0] for key in common} >= set("wlp")
        for key in random.sample(sorted(expected), min(300, len(expected))):
            assert await documents_with(connection, key) == expected[key], key
        for row in (rows_of(entry) for entry in entries if not entry.withdrawn):
            for pair in set(pair_keys(short_tokens(row.words_of_text.split()))) & common:
                assert row.article in await documents_with(connection, pair), pair


async def test_keys_that_have_become_common_are_found_as_before(
    database: Database, processes: tuple[PostgresSearchIndex, PostgresSearchIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    index, other = processes
    newspaper = newspaper_of(3)
    await index.update(newspaper)
    newspaper.change(newspaper_of(60).entries)
    await index.update(newspaper)
    queries = [
        parse_query(text) for text in ("title", "月球", '"title of"', *(random_query(Random(3)) for _ in range(9)))
    ]
    before = [await index.find(query, 60) for query in queries]
    _, generation = await other._common_keys()
    monkeypatch.setattr("digests.storage.search.postgresql.index._MIN_NEW", 10)
    assert await index.tidy()
    keys, later = await other._common_keys()
    assert later > generation
    assert {"wtitle", "ttitle"} <= keys
    assert [await index.find(query, 60) for query in queries] == before
    assert not await index.tidy()
    # A batch that was made by the keys of before is made again.
    newspaper.change([replace(newspaper.entries[0], id=ArticleId(77), title="Title again")])
    assert await other.update(newspaper) == 1
    assert await found(index, "title") == 61


def test_keys_of_a_stored_document_are_those_that_it_was_stored_with() -> None:
    random = Random(6)
    for number in range(1, 60):
        row = rows_of(random_entry(random, number))
        made = batch_of_rows([row], frozenset(), 0).documents
        for document in made:
            stored = keys_of_stored(document.marks, document.title, document.lead, document.text)
            assert {key for key in stored if key != "l|"} == search_keys(row)


async def test_a_database_that_was_restored_is_indexed_anew(
    processes: tuple[PostgresSearchIndex, PostgresSearchIndex],
) -> None:
    index, _ = processes
    await index.update(newspaper_of(12))
    assert await index.update(newspaper_of(4)) == 4
    assert await found(index, "title") == 4


async def test_a_search_is_given_up_after_its_time(database: Database) -> None:
    connections = SearchConnections(database, longest=0.05)
    with pytest.raises(StorageError, match="took too long"):
        await connections.fetch("SELECT pg_sleep(20)", {})
    assert await connections.fetch("SELECT 1", {}) == [(1,)]
    await connections.close()


async def test_a_user_without_rights_is_told_which_are_missing(database: Database, postgresql: Server) -> None:
    postgresql._execute("DROP ROLE IF EXISTS weak")
    postgresql._execute("CREATE ROLE weak LOGIN")
    weak = Database(database.url.set(username="weak").render_as_string(hide_password=False))
    index = PostgresSearchIndex(weak)
    with pytest.raises(StorageError, match="right to create tables and functions"):
        await index.open()
    await index.close()
    await weak.close()
    postgresql._execute("DROP ROLE weak")


async def test_words_and_texts_of_any_length_are_indexed(
    processes: tuple[PostgresSearchIndex, PostgresSearchIndex],
) -> None:
    index, _ = processes
    word = "long" * 3000
    newspaper = Newspaper()
    large = " ".join(f"w{number:x}a" for number in range(120_000))
    newspaper.change(
        [
            replace(random_entry(Random(3), 1), title=word, text=f"before {word} after"),
            replace(random_entry(Random(4), 2), text=f"{large} 月球背面 the end"),
        ]
    )
    await index.update(newspaper)
    assert await found(index, '"the end"') == 1
    assert await found(index, "月球背面") == 1
    query = parse_query("x")
    wanted = replace(query, wanted=replace(query.wanted, phrases=(("before", word, "after"),)))
    assert (await index.find(wanted, 5)).ids == (1,)
    assert (await index.find(replace(wanted, wanted=replace(wanted.wanted, phrases=((word,),))), 5)).ids == (1,)


async def test_statements_are_answered_by_indexes(
    database: Database, processes: tuple[PostgresSearchIndex, PostgresSearchIndex]
) -> None:
    """Also where a pooler forgot the settings of connections, and whatever the planner knows of the tables."""
    index, _ = processes
    await index.update(newspaper_of(400))
    plans: list[str] = []
    async with await open_connection(database) as connection:
        for statement in (f"ANALYZE {NAMES.bits}", f"ANALYZE {NAMES.documents}", "SELECT 1"):
            await connection.execute(statement)
            await connection.execute("SET enable_seqscan = off")
            for text in ("title", "title after:2020-01-01", '"title of" -月球', "cat:x lang:zh"):
                wanted = Wanted(parse_query(text), SearchFilters())
                asked, values = bits_statement(NAMES, wanted.keys(list(Tier)), wanted.days)
                cursor = await psycopg.AsyncClientCursor(connection).execute(f"EXPLAIN {asked}", values)
                plans += [row[0] for row in await cursor.fetchall()]
    assert not [line for line in plans if "Seq Scan" in line and (NAMES.documents in line or NAMES.bits in line)]
    assert any(f"Bitmap Index Scan on {NAMES.keys_index}" in line for line in plans)


async def test_nothing_is_left_of_a_batch_that_failed(database: Database) -> None:
    index = PostgresSearchIndex(database)
    await index.open()
    newspaper = newspaper_of(3)
    await index.update(newspaper)
    before = await index.articles_with(["title"])
    async with database.write() as connection:
        await connection.execute(sa.text(f"ALTER TABLE {NAMES.words} RENAME TO elsewhere"))
    newspaper.change([replace(random_entry(Random(9), 9), title="Title of words")])
    with pytest.raises(StorageError):
        await index.update(newspaper)
    async with database.write() as connection:
        await connection.execute(sa.text(f"ALTER TABLE elsewhere RENAME TO {NAMES.words}"))
    assert await index.articles_with(["title"]) == before
    assert await index.update(newspaper) == 1
    assert await found(index, "title") == 4
    await index.close()


def test_names_of_tables_are_short_enough() -> None:
    """PostgreSQL cuts names off after 63 bytes, with two versions of many digits too."""
    names = TableNames(version=(999, 999), suffix="_new")
    kinds = (*KINDS, "keys")
    assert max(len(names.table(kind)) for kind in kinds) + len("_article_key") < 64
    assert all("%" not in statement for statement in create_statements(names))


async def test_a_full_disk_is_named(database: Database) -> None:
    with pytest.raises(StorageError, match="The disk of the database's server is full"), search_errors(database):
        raise psycopg.errors.DiskFull("could not extend file")


async def test_a_restart_between_searches_is_not_noticed(
    database: Database, processes: tuple[PostgresSearchIndex, PostgresSearchIndex], caplog: pytest.LogCaptureFixture
) -> None:
    index, _ = processes
    await index.update(newspaper_of(5))
    await asyncio.gather(*(found(index, "title") for _ in range(4)))
    await _end_all_others(database)
    newspaper = newspaper_of(6)
    assert await asyncio.gather(*(found(index, "title") for _ in range(6))) == [5] * 6
    assert await index.update(newspaper) == 1
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


async def test_a_server_that_goes_away_during_a_search_is_away_and_no_fault_of_the_search(
    database: Database, processes: tuple[PostgresSearchIndex, PostgresSearchIndex], caplog: pytest.LogCaptureFixture
) -> None:
    index, _ = processes
    await index.update(newspaper_of(5))
    connections = SearchConnections(database)
    for fails in (connections.fetch("SELECT pg_terminate_backend(pg_backend_pid())", {}), _end_writer(index)):
        with pytest.raises(DatabaseAway):
            await fails
    # Told once, as a warning: what waits for the database goes on by itself.
    assert [record.levelname for record in caplog.records if record.levelno > logging.INFO] == ["WARNING"]
    assert await found(index, "title") == 5
    await connections.close()


async def _end_writer(index: PostgresSearchIndex) -> None:
    async with index._writing() as connection:
        await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


async def _end_all_others(database: Database) -> None:
    """End all connections of this database but the one that does so, and wait until they have ended."""
    async with await open_connection(database) as connection:
        me = "datname = current_database() AND pid <> pg_backend_pid()"
        await connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {me}")

        async def are_gone() -> bool:
            cursor = await connection.execute(f"SELECT 1 FROM pg_stat_activity WHERE {me}")
            return await cursor.fetchone() is None

        await until(are_gone)
