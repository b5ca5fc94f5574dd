"""PostgreSQL as the source or the target of a move."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from digests.errors import StorageError
from digests.storage.cluster.connection import lock_key
from digests.storage.engine.failures import explain_database_error
from digests.storage.engine.server import check_server, driver_needed, sync_server_engine
from digests.storage.migrate import MIGRATION, create_older, latest_revision
from digests.storage.move_marks import MOVED
from digests.storage.transfer.ends import Reached
from digests.storage.transfer.lines import OddRowError, whole_lines
from digests.storage.transfer.living import living_on
from digests.storage.transfer.notes import NOTES, RELEASE, VERSION_TABLE, read_reached, write_reached
from digests.storage.transfer.tables import TableForm, all_tables, indexes_of

_CHUNK = 1_000_000
# Where the server says that a line of COPY is wrong.
_LINE = re.compile(r"\bline (\d+)")
_OF_SEARCH = re.compile(r"search_\d+_\d+_[a-z]+")


class PostgresSource:
    """A PostgreSQL database as it was when it was first read: readers and writers go on beside it."""

    def __init__(self, url: sa.URL) -> None:
        self._url = url
        self._engine = sync_server_engine(url, pool_size=1)
        with _explained():
            self._connection = self._engine.connect().execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            self._connection.exec_driver_sql("SET LOCAL extra_float_digits = 0")

    def lines(self, form: TableForm, after: Sequence[object] = ()) -> Generator[bytes]:
        """Yield the table's lines, as `Source` says."""
        with _explained(), _cursor(self._connection) as cursor:
            statement = form.postgres_lines(after=bool(after))
            with cursor.copy(statement, tuple(after) or None) as copying:
                yield from whole_lines(_joined(copying))

    def counts(self, forms: Sequence[TableForm]) -> dict[str, int]:
        """Return the number of rows of each table."""
        with _explained():
            return {
                form.name: int(self._connection.scalar(sa.select(sa.func.count()).select_from(form.table)) or 0)
                for form in forms
            }

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()
        self._engine.dispose()


class PostgresTarget:
    """A PostgreSQL database that is filled. It is left complete, or with a note that it is not."""

    def __init__(self, url: sa.URL) -> None:
        self._url = url
        self._is_older = False
        self._engine = sync_server_engine(url, pool_size=1)
        with self._reading() as connection:
            check_server(connection)

    def note(self) -> tuple[str, dict[str, Reached]] | None:
        """Return what was noted of an unfinished move."""
        with self._reading() as connection:
            if not sa.inspect(connection).has_table(NOTES):
                return None
            rows = connection.exec_driver_sql(f"SELECT name, value FROM {NOTES}").all()  # noqa: S608
        notes = {row.name: row.value for row in rows}
        return notes.pop("", ""), {name: read_reached(value) for name, value in notes.items()}

    def row_in_use(self) -> str | None:
        """Return the name of one of our tables that has a row."""
        with self._reading() as connection:
            there = set(sa.inspect(connection).get_table_names())
            for table in all_tables():
                if table.name in there and connection.execute(sa.select(sa.literal(1)).select_from(table)).first():
                    return table.name
        return None

    def begin(self, note: str, older: str = "") -> None:
        """Make the tables, without indexes and foreign keys: they would be checked row by row."""
        self._is_older = bool(older)
        # The mark comes with the loss of what was there: a bot that starts now must not begin with nothing.
        with self._writing() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock_key(MIGRATION))))
            # Again, since one may have started since the caller looked. None starts from here on.
            if living := living_on(connection):
                raise StorageError(
                    f"A bot runs on the database ({', '.join(living)}): stop it, and run this command again."
                )
            _clear(connection)
            connection.exec_driver_sql(f"CREATE TABLE {NOTES} (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
            connection.exec_driver_sql(f"INSERT INTO {NOTES} VALUES ('', %s)", (note,))  # noqa: S608
            for table in () if older else all_tables():
                connection.execute(CreateTable(table, include_foreign_key_constraints=[]))
        if older:
            create_older(self._url.render_as_string(hide_password=False), older)

    def write(self, form: TableForm, lines: bytes, reached: Reached) -> None:
        """Add lines."""
        with self._writing() as connection:
            with (
                _odd_rows_named(),
                _cursor(connection) as cursor,
                cursor.copy(f'COPY "{form.name}" ({form.listed}) FROM STDIN') as copying,
            ):
                copying.write(lines)
            connection.exec_driver_sql(
                f"INSERT INTO {NOTES} VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value",  # noqa: S608
                (form.name, write_reached(reached)),
            )

    def complete(self, forms: Sequence[TableForm]) -> None:
        """Make the indexes and foreign keys, and let the numbering of rows go on."""
        tables = () if self._is_older else all_tables()
        for table in tables:
            # Each in a transaction of its own: they take seconds, and after an interruption those made are there.
            with self._writing() as connection:
                for index in indexes_of(table, "postgresql"):
                    connection.execute(CreateIndex(index, if_not_exists=True))
        for table in tables:
            with self._writing() as connection:
                there = {key["name"] for key in sa.inspect(connection).get_foreign_keys(table.name)}
                for constraint in sorted(table.foreign_key_constraints, key=lambda each: str(each.name)):
                    if constraint.name not in there:
                        connection.execute(AddConstraint(constraint, isolate_from_table=False))
        with self._writing() as connection:
            for form in forms:
                _set_sequence(connection, form.table)
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection, _explained():
            # Without statistics, the first plans would be for empty tables.
            connection.exec_driver_sql("ANALYZE")

    def release(self) -> None:
        """End leases, and let programs use the database."""
        with self._writing() as connection:
            connection.exec_driver_sql(RELEASE)
            if not self._is_older:
                connection.exec_driver_sql(VERSION_TABLE)
                connection.exec_driver_sql("INSERT INTO alembic_version VALUES (%s)", (latest_revision(),))
            connection.exec_driver_sql(f"DROP TABLE {NOTES}")

    def source(self) -> PostgresSource:
        """Return it as a source."""
        return PostgresSource(self._url)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with _explained(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with _explained(), self._engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
            yield connection


def _clear(connection: sa.Connection) -> None:
    there = set(sa.inspect(connection).get_table_names())
    # The search index is of the articles that go; it is made anew.
    for name in filter(_OF_SEARCH.fullmatch, there):
        connection.exec_driver_sql(f'DROP TABLE "{name}" CASCADE')
    for name in (*(table.name for table in reversed(all_tables())), "alembic_version", MOVED.name, NOTES):
        if name in there:
            connection.exec_driver_sql(f'DROP TABLE "{name}" CASCADE')


def _set_sequence(connection: sa.Connection, table: sa.Table) -> None:
    """Let the sequence of a table's ids go on after its last row."""
    for column in table.primary_key:
        if not isinstance(column.type, sa.Integer):
            continue
        sequence = connection.scalar(sa.func.pg_get_serial_sequence(table.name, column.name))
        if sequence is not None:
            last = sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
            connection.execute(sa.select(sa.func.setval(sequence, last, sa.false())))


@contextmanager
def _cursor(connection: sa.Connection) -> Iterator[Any]:
    """Provide the driver's own cursor, which alone can COPY."""
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor:
        yield cursor


def _joined(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in larger blocks: the driver gives one for each row."""
    kept: list[bytes] = []
    length = 0
    for block in blocks:
        kept.append(bytes(block))
        length += len(block)
        if length >= _CHUNK:
            yield b"".join(kept)
            kept, length = [], 0
    yield b"".join(kept)


@contextmanager
def _odd_rows_named() -> Iterator[None]:
    """Raise OddRowError for a line that the server does not take."""
    import psycopg

    try:
        yield
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        # Further lines of the error quote other columns' values.
        if (line := _LINE.search(error.diag.context or "")) is None:
            raise
        raise OddRowError(str(error).splitlines()[0], int(line[1]) - 1) from error


@contextmanager
def _explained() -> Iterator[None]:
    """Turn the driver's errors, SQLAlchemy's or its own, into sentences."""
    with driver_needed():
        import psycopg
    try:
        yield
    except (sa.exc.IntegrityError, psycopg.IntegrityError) as error:
        # Its further lines quote the values.
        raise StorageError(f"A row can't be stored ({str(getattr(error, 'orig', error)).splitlines()[0]}).") from error
    except DBAPIError as error:
        raise StorageError(explain_database_error(error)) from error
    except psycopg.Error as error:
        raise StorageError(explain_database_error(DBAPIError("", None, error))) from error
