"""Moving a bot from one database to another, in every direction."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

import digests.storage.transfer.copying as copying
from digests.errors import InvalidInput, NewerDatabase, StorageError
from digests.model.delivery import DeliveryState
from digests.operation.backup import Belongings, make_backup
from digests.operation.moving import move
from digests.operation.restoring import restore
from digests.ports import OnProgress, no_progress
from digests.storage.database import Database
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.engine.addresses import shown_url
from digests.storage.migrate import create_older, migrate, take_back
from digests.storage.schema.base import metadata
from digests.storage.transfer.lines import float_text, last_key, parse_lines, whole_lines
from digests.storage.transfer.tables import moved_tables
from tests.contract.test_migrations import _describe
from tests.factories.deliveries import plan_digests
from tests.factories.full_tables import all_rows, engine_of, fill_tables
from tests.factories.times import DAY, MINUTE, NOW
from tests.postgres import Server

_LEASE = ("lease_owner", "lease_until")


def quietly(_step: str) -> nullcontext[OnProgress]:
    return nullcontext(no_progress)


class Interrupted(Exception):  # noqa: N818
    pass


def interrupting(step: str, rows: int) -> Callable[[str], nullcontext[OnProgress]]:
    """Return what interrupts a move in a step, once it has come so far."""

    def show(name: str) -> nullcontext[OnProgress]:
        def on_progress(done: int, _total: int) -> None:
            if name == step and done >= rows:
                raise Interrupted

        return nullcontext(on_progress)

    return show


@pytest.fixture(params=["sqlite", "postgresql"])
def target_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a database to move to, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'target.db'}"
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.database() as url:
        yield url


@pytest.fixture
def filled(tmp_path: Path) -> str:
    """Return the URL of a SQLite database with rows in every table."""
    url = f"sqlite:///{tmp_path / 'source.db'}"
    migrate(url)
    fill_tables(url)
    return url


def moved_rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows that are the same after a move."""
    rows = all_rows(url)
    del rows["processes"]
    names = [column.name for column in metadata.tables["deliveries"].columns]
    rows["deliveries"] = [
        tuple(value for name, value in zip(names, row, strict=True) if name not in _LEASE) for row in rows["deliveries"]
    ]
    return rows


def describe(url: str) -> dict[str, Any]:
    engine = engine_of(url)
    with engine.connect() as connection:
        described = _describe(connection)
    engine.dispose()
    return described


def execute(url: str, statement: str) -> None:
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def scalar(url: str, statement: str) -> Any:
    engine = engine_of(url)
    with engine.connect() as connection:
        value = connection.scalar(sa.text(statement))
    engine.dispose()
    return value


def tables_of(url: str) -> list[str]:
    engine = engine_of(url)
    names = sa.inspect(engine).get_table_names()
    engine.dispose()
    return sorted(names)


def empty(url: str) -> None:
    engine = engine_of(url)
    with engine.begin() as connection:
        everything = sa.MetaData()
        everything.reflect(connection)
        everything.drop_all(connection)
    engine.dispose()


def test_everything_is_there_afterwards(database_url: str, target_url: str) -> None:
    fill_tables(database_url)
    before = moved_rows(database_url)
    moved = move(database_url, target_url, NOW, quietly)
    assert moved.rows == {form.name: 9 for form in moved_tables()}
    assert (moved.destination, moved.went_on) == (shown_url(target_url), False)
    assert moved_rows(target_url) == before
    assert scalar(target_url, "SELECT count(*) FROM processes") == 0
    assert migrate(target_url)[0] == migrate(target_url)[1]
    described = describe(target_url)
    empty(target_url)
    migrate(target_url)
    assert described == describe(target_url)


async def test_the_bot_goes_on_where_it_was(database_url: str, target_url: str) -> None:
    source = Database(database_url)
    (first, second) = await plan_digests(source, 2)
    ledger = LedgerStore(source)
    await ledger.claim("dead", NOW, DAY, 2)
    await ledger.write("dead", [(first, 0)], [], [], NOW + DAY)
    await source.close()
    move(database_url, target_url, NOW, quietly)
    target = Database(target_url)
    # At once, although the lease would last for a day; what was being sent may have arrived.
    claimed = await LedgerStore(target).claim("alive", NOW + MINUTE, MINUTE, 9)
    assert {delivery.id for delivery in claimed} == {first, second}
    states = {delivery.id: [part.state for part in delivery.parts] for delivery in claimed}
    assert states[first] == [DeliveryState.UNCERTAIN, DeliveryState.PENDING]
    assert states[second] == [DeliveryState.PENDING, DeliveryState.PENDING]
    # Numbering goes on, too.
    async with target.write() as connection:
        await connection.execute(
            sa.insert(metadata.tables["queries"]).values(words="moon", matched_to=None, created_at=NOW)
        )
    await target.close()


@pytest.mark.parametrize("step", ["Reading the old database", "Copying", "Checking the copy"])
def test_an_interrupted_move_goes_on(filled: str, target_url: str, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = moved_rows(filled)
    monkeypatch.setattr(copying, "BATCH_ROWS", 4)
    monkeypatch.setattr("digests.storage.transfer.sqlite_end._ROWS", 2)
    with pytest.raises(Interrupted):
        move(filled, target_url, NOW, interrupting(step, 50))
    # Nobody can begin with half a ledger, and whoever does not want to go on can use the old database.
    if step != "Reading the old database":
        with pytest.raises(StorageError, match="not complete"):
            migrate(target_url)
    migrate(filled)
    written: list[int] = []

    def show(name: str) -> nullcontext[OnProgress]:
        return nullcontext(lambda done, _total: written.append(done) if name == "Copying" else None)

    moved = move(filled, target_url, NOW, show)
    assert moved.went_on is (step != "Reading the old database")
    assert (
        min(written)
        >= {"Reading the old database": 4, "Copying": 50, "Checking the copy": sum(moved.rows.values())}[step]
    )
    assert moved_rows(target_url) == before


def test_a_source_that_changed_since_is_noticed(filled: str, target_url: str) -> None:
    with pytest.raises(Interrupted):
        move(filled, target_url, NOW, interrupting("Copying", 50))
    execute(filled, "UPDATE facts SET value = 'another' WHERE at = (SELECT max(at) FROM facts)")
    with pytest.raises(StorageError, match=r"has changed since this move began \(in facts\): add --anew"):
        move(filled, target_url, NOW, quietly)
    moved = move(filled, target_url, NOW, quietly, anew=True)
    assert not moved.went_on
    assert moved_rows(target_url) == moved_rows(filled)


def test_a_moved_database_is_not_used_by_mistake(database_url: str, target_url: str) -> None:
    move(database_url, target_url, NOW, quietly)
    with pytest.raises(StorageError, match=r"was moved to .* on 2026-06-06 07:30 UTC") as caught:
        migrate(database_url)
    assert shown_url(target_url) in str(caught.value)
    assert "postgres@" not in str(caught.value)
    with pytest.raises(StorageError, match="--back"):
        move(database_url, target_url, NOW, quietly)
    assert take_back(database_url)
    assert not take_back(database_url)
    migrate(database_url)


def test_a_move_that_was_killed_at_its_end_ends_when_run_again(
    filled: str, target_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = moved_rows(filled)
    target = "postgres_end.PostgresTarget" if target_url.startswith("postgresql") else "sqlite_end.SqliteTarget"

    def killed(_target: object) -> None:
        raise Interrupted

    with monkeypatch.context() as patch:
        patch.setattr(f"digests.storage.transfer.{target}.release", killed)
        with pytest.raises(Interrupted):
            move(filled, target_url, NOW, quietly)
    # Neither of the two can be used, rather than both.
    for url in (filled, target_url):
        with pytest.raises(StorageError):
            migrate(url)
    move(filled, target_url, NOW, quietly)
    assert moved_rows(target_url) == before
    with pytest.raises(StorageError, match="was moved"):
        migrate(filled)


def test_a_database_in_use_is_not_overwritten(filled: str, target_url: str) -> None:
    migrate(target_url)
    execute(target_url, "INSERT INTO counters (name, value) VALUES ('x', 1)")
    with pytest.raises(StorageError, match=r"not empty \(there are rows in counters\)"):
        move(filled, target_url, NOW, quietly)
    assert scalar(target_url, "SELECT value FROM counters") == 1
    migrate(filled)


@pytest.mark.parametrize(
    ("others", "said"),
    [
        (
            ("CREATE TABLE alembic_version (version_num VARCHAR(32))", "INSERT INTO alembic_version VALUES ('1a2b3c')"),
            "1a2b3c",
        ),
        (("CREATE TABLE facts (bookmark INTEGER)",), "'facts'"),
    ],
)
def test_the_database_of_another_program_is_left_as_it_is(
    filled: str, target_url: str, tmp_path: Path, others: Sequence[str], said: str
) -> None:
    (tmp_path / "new").mkdir()
    empty(target_url)
    for statement in others:
        execute(target_url, statement)
    tables = tables_of(target_url)
    for fill in (lambda: move(filled, target_url, NOW, quietly), lambda: migrate(target_url)):
        with pytest.raises(StorageError, match=f"belongs to another program.*{said}"):
            fill()
    assert tables_of(target_url) == tables
    migrate(filled)


def test_a_file_with_tables_that_are_not_ours_is_none_for_the_bot(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'browser.db'}"
    execute(url, "CREATE TABLE bookmarks (address TEXT)")
    with pytest.raises(StorageError, match=r"belongs to another program.*'bookmarks'"):
        migrate(url)
    assert tables_of(url) == ["bookmarks"]


def test_an_empty_database_of_the_bot_is_filled(filled: str, target_url: str) -> None:
    migrate(target_url)
    move(filled, target_url, NOW, quietly)
    assert moved_rows(target_url) == moved_rows(filled)


def test_another_unfinished_move_is_left_alone(filled: str, tmp_path: Path, target_url: str) -> None:
    with pytest.raises(Interrupted):
        move(filled, target_url, NOW, interrupting("Copying", 50))
    other = f"sqlite:///{tmp_path / 'other.db'}"
    migrate(other)
    for anew in (False, True):
        with pytest.raises(StorageError, match=r"unfinished move from sqlite:///.*source.db"):
            move(other, target_url, NOW, quietly, anew=anew)


def test_an_older_source_is_brought_up_to_date(tmp_path: Path, filled: str, target_url: str) -> None:
    older = tmp_path / "older.db"
    create_older(f"sqlite:///{older}", "0013")
    _fill_from(tmp_path / "source.db", older)
    move(f"sqlite:///{older}", target_url, NOW, quietly)
    assert scalar(target_url, "SELECT count(*) FROM deliveries") == 9


def _fill_from(newer: Path, older: Path) -> None:
    """Copy what the older database has tables and columns for."""
    with closing(sqlite3.connect(older, isolation_level=None)) as database:
        database.execute("ATTACH ? AS newer", (str(newer),))
        tables = database.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if table in ("alembic_version", "sqlite_sequence"):
                continue
            columns = ", ".join(f'"{column[1]}"' for column in database.execute(f"PRAGMA main.table_info({table})"))
            database.execute(f"DELETE FROM main.{table}")
            database.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")


def test_what_cannot_be_moved_is_refused_with_a_reason(tmp_path: Path, filled: str) -> None:
    target = f"sqlite:///{tmp_path / 'target.db'}"
    with pytest.raises(InvalidInput, match="same database"):
        move(filled, filled, NOW, quietly)
    (tmp_path / "link.db").symlink_to(tmp_path / "source.db")
    with pytest.raises(InvalidInput, match="same database"):
        move(filled, f"sqlite:///{tmp_path / 'link.db'}", NOW, quietly)
    with pytest.raises(StorageError, match=r"no database at sqlite:///.*typo\.db"):
        move(f"sqlite:///{tmp_path / 'typo.db'}", target, NOW, quietly)
    assert not (tmp_path / "typo.db").exists()
    sqlite3.connect(tmp_path / "blank.db").close()
    with pytest.raises(StorageError, match="no bot's database"):
        move(f"sqlite:///{tmp_path / 'blank.db'}", target, NOW, quietly)
    (tmp_path / "text.db").write_text("no database, but long enough to be looked at as one" * 99)
    with pytest.raises(StorageError, match="did not answer"):
        move(f"sqlite:///{tmp_path / 'text.db'}", target, NOW, quietly)
    for url in ("sqlite://", "mysql://me@host/name"):
        with pytest.raises(InvalidInput):
            move(url, target, NOW, quietly)
        with pytest.raises(InvalidInput):
            move(filled, url, NOW, quietly)
    execute(filled, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerDatabase):
        move(filled, target, NOW, quietly)


def test_a_running_bot_on_a_server_is_noticed(postgresql: Server, tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path / 'target.db'}"
    with postgresql.database() as url:
        engine = engine_of(url)
        with engine.connect() as other:
            execute(
                url,
                "INSERT INTO processes (name, host, roles, version, started_at, seen_at)"
                " VALUES ('worker-1', 'host-2', '', '', now(), now())",
            )
            with pytest.raises(StorageError, match=r"A bot runs .*worker-1 on host-2.*stop it"):
                move(url, target, NOW, quietly)
            execute(url, "UPDATE processes SET seen_at = now() - interval '2 minutes'")
            execute(url, "INSERT INTO facts (name, value, at) VALUES ('alive', '4711', now())")
            with pytest.raises(StorageError, match="process 4711"):
                move(url, target, NOW, quietly)
            other.rollback()
        engine.dispose()
        # Whoever was killed a moment ago is connected no more.
        move(url, target, NOW, quietly)


def test_a_copy_that_differs_is_not_called_good(filled: str, target_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = copying.fill_table

    def forgetful(target: Any, form: Any, chunks: Any, start: Any, on_rows: Any) -> None:
        if form.name == "audit":
            chunks = [chunk.replace(b"9", b"8") for chunk in chunks]
        real(target, form, chunks, start, on_rows)

    monkeypatch.setattr(copying, "fill_table", forgetful)
    with pytest.raises(StorageError, match=r"not the same as the original \(in audit\)|can't be stored"):
        move(filled, target_url, NOW, quietly)
    with pytest.raises(StorageError, match="not complete"):
        migrate(target_url)
    migrate(filled)


def test_texts_that_a_server_cannot_store_are_cleaned(tmp_path: Path, target_url: str) -> None:
    url = f"sqlite:///{tmp_path / 'odd.db'}"
    migrate(url)
    with sqlite3.connect(tmp_path / "odd.db") as connection:
        connection.execute("INSERT INTO facts VALUES ('nul', 'a' || char(0) || 'b', '2026-06-06 04:00:00')")
        connection.execute("INSERT INTO facts VALUES ('bytes', CAST(X'61FF62' AS TEXT), '2026-06-06 04:00:00.5')")
    connection.close()
    move(url, target_url, NOW, quietly)
    assert scalar(target_url, "SELECT value FROM facts WHERE name = 'nul'") == "ab"
    assert scalar(target_url, "SELECT value FROM facts WHERE name = 'bytes'") == "a\ufffdb"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_carried(database_url: str, target_url: str, tmp_path: Path, number: str) -> None:
    is_file = database_url.startswith("sqlite")
    # SQLite takes NaN for NULL, and has it as a text where it was moved to.
    given_as = {"NaN": "'NaN'", "Infinity": "9e999", "-Infinity": "-9e999"}[number] if is_file else f"'{number}'"
    execute(
        database_url,
        f"INSERT INTO rates (name, tokens, rate, at) VALUES ('free', {given_as}, 30, '2026-06-06 04:00:00')",
    )
    assert move(database_url, target_url, NOW, quietly).rows["rates"] == 1
    stored = scalar(target_url, "SELECT tokens FROM rates")
    assert math.isnan(float(stored)) if number == "NaN" else float(stored) == float(number)
    # And on from there: a backup, which is tried out in SQLite.
    path = tmp_path / "my.backup"
    make_backup(target_url, path, Belongings(None, tmp_path / "none"), NOW, "0.2.0", quietly)
    execute(target_url, "DELETE FROM rates")
    restore(path, target_url, Belongings(None, tmp_path / "none"), NOW, quietly, replace=True)
    stored = scalar(target_url, "SELECT tokens FROM rates")
    assert math.isnan(float(stored)) if number == "NaN" else float(stored) == float(number)


@pytest.mark.parametrize(
    ("target_url", "column"),
    # A moment is a text on SQLite.
    [("sqlite", "tokens"), ("postgresql", "tokens"), ("postgresql", "at")],
    indirect=["target_url"],
)
@pytest.mark.parametrize("value", ["much", "a\tb\nc", "\\N"])
def test_a_value_that_its_column_cannot_have_is_named(tmp_path: Path, target_url: str, column: str, value: str) -> None:
    url = f"sqlite:///{tmp_path / 'odd.db'}"
    migrate(url)
    with sqlite3.connect(tmp_path / "odd.db") as connection:
        row = {"name": "slow", "tokens": 1.0, "rate": 30.0, "at": "2026-06-06 04:00:00.000000"}
        connection.execute("INSERT INTO rates (name, tokens, rate, at) VALUES ('free', 1, 30, '2026-06-06 04:00:00')")
        connection.execute("INSERT INTO rates (name, tokens, rate, at) VALUES (:name, :tokens, :rate, :at)", row)
        connection.execute(f"UPDATE rates SET {column} = ? WHERE name = 'slow'", (value,))
    connection.close()
    with pytest.raises(StorageError, match=r"of the table rates .*Correct it") as caught:
        move(url, target_url, NOW, quietly)
    if "\n" not in value:
        assert "the row with name = 'slow'" in str(caught.value)
    # It is as it was, and can be corrected.
    execute(url, f"UPDATE rates SET {column} = '2026-06-06 05:00:00' WHERE name = 'slow'")
    execute(url, "UPDATE rates SET tokens = 0.5 WHERE name = 'slow'")
    assert move(url, target_url, NOW, quietly, anew=True).rows["rates"] == 2


def test_a_row_that_breaks_a_rule_of_its_table_is_named(tmp_path: Path, target_url: str) -> None:
    url = f"sqlite:///{tmp_path / 'odd.db'}"
    migrate(url)
    with sqlite3.connect(tmp_path / "odd.db") as connection:
        connection.execute("INSERT INTO counters VALUES ('fine', 1)")
        connection.execute("INSERT INTO counters VALUES ('odd', 'many')")
    connection.close()
    with pytest.raises(StorageError, match=r"of the table counters .*'odd'.*many"):
        move(url, target_url, NOW, quietly)


@given(st.lists(st.floats(allow_nan=False), min_size=1))
@settings(max_examples=60)
def test_numbers_are_written_as_the_server_writes_them(postgresql: Server, numbers: list[float]) -> None:
    with _session(postgresql) as connection:
        connection.exec_driver_sql("SET extra_float_digits = 0")
        query = sa.text("SELECT CAST(value AS text) FROM unnest(CAST(:given AS float8[])) AS given(value)")
        assert [float_text(number) for number in numbers] == list(connection.scalars(query, {"given": numbers}))


def _session(server: Server) -> Any:
    return engine_of(server._named("pattern")).connect()


def test_numbers_that_are_none() -> None:
    assert (float_text(None), float_text(math.nan), float_text(-math.inf)) == (None, "NaN", "-Infinity")


@given(
    st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.integers(-(2**63), 2**63 - 1),
)
def test_lines_give_back_what_went_in(text: str, number: int) -> None:
    columns = metadata.tables["counters"].columns
    escaped = text.replace("\\", "\\\\")
    for plain, letter in zip("\b\t\n\v\f\r", "btnvfr", strict=True):
        escaped = escaped.replace(plain, f"\\{letter}")
    lines = f"{escaped}\t{number}\n".encode()
    assert parse_lines(lines, list(columns)) == [[text, number]]
    assert last_key(b"x\t1\n" + lines, list(columns), ["value", "name"]) == [number, text]


@given(st.lists(st.binary(max_size=9).map(lambda data: data.replace(b"\0", b"\n"))))
def test_lines_are_never_cut(chunks: list[bytes]) -> None:
    whole = b"".join(chunks) + b"\n"
    pieces = list(whole_lines([*chunks, b"\n"]))
    assert b"".join(pieces) == whole
    assert all(piece.endswith(b"\n") for piece in pieces)


def test_lines_that_are_cut_or_odd_are_refused() -> None:
    columns = list(metadata.tables["counters"].columns)
    with pytest.raises(ValueError, match="cut"):
        list(whole_lines([b"a\t1\nb"]))
    with pytest.raises(ValueError, match="3 fields"):
        parse_lines(b"a\t1\t2\n", columns)
    with pytest.raises(ValueError):
        parse_lines(b"a\tx\n", columns)
    with pytest.raises(ValueError, match="escape"):
        parse_lines(b"a\\q\t1\n", columns)
