"""SQLite as the source or the target of a move."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from config.settings import sqlite_url
from digests.errors import StorageError
from digests.storage.engine.failures import explain_file_error
from digests.storage.files.private_files import make_database_file
from digests.storage.migrate import create_older, latest_revision
from digests.storage.move_marks import MOVED
from digests.storage.transfer.ends import Reached
from digests.storage.transfer.lines import OddRowError, clean, float_text, parse_lines
from digests.storage.transfer.notes import NOTES, RELEASE, VERSION_TABLE, read_reached, write_reached
from digests.storage.transfer.tables import TableForm, all_tables, indexes_of

_ROWS = 2000
_BUSY_SECONDS = 30.0
_DIALECT = sqlite.dialect()


class SqliteSource:
    """A SQLite database as it was when it was first read: readers and writers go on beside it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with _explained(file):
            self._connection = sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)
            self._connection.text_factory = bytes
            self._connection.create_function("float_text", 1, float_text, deterministic=True)
            # As every bot's database is: writers go on beside a reader.
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA query_only=ON")
            self._connection.execute("BEGIN")
            self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def lines(self, form: TableForm, after: Sequence[object] = ()) -> Generator[bytes]:
        """Yield the table's lines, as `Source` says."""
        with _explained(self._file):
            statement = form.sqlite_lines(after=bool(after))
            with closing(self._connection.execute(statement, tuple(after))) as cursor:
                while rows := cursor.fetchmany(_ROWS):
                    yield clean(b"".join([row[0] for row in rows]))

    def counts(self, forms: Sequence[TableForm]) -> dict[str, int]:
        """Return the number of rows of each table."""
        with _explained(self._file):
            return {
                form.name: int(self._connection.execute(f'SELECT count(*) FROM "{form.name}"').fetchone()[0])  # noqa: S608
                for form in forms
            }

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()


class SqliteTarget:
    """A SQLite database that is filled. It is left complete, or with a note that it is not."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._is_older = False
        make_database_file(file)
        with _explained(file):
            self._connection = sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute("PRAGMA foreign_keys=OFF")

    def _has(self, table: str) -> bool:
        found = self._connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
        return found.fetchone() is not None

    def note(self) -> tuple[str, dict[str, Reached]] | None:
        """Return what was noted of an unfinished move."""
        with _explained(self._file):
            if not self._has(NOTES):
                return None
            notes = dict(self._connection.execute(f"SELECT name, value FROM {NOTES}").fetchall())  # noqa: S608
        return notes.pop("", ""), {name: read_reached(value) for name, value in notes.items()}

    def row_in_use(self) -> str | None:
        """Return the name of one of our tables that has a row."""
        with _explained(self._file):
            for table in all_tables():
                name = table.name
                if self._has(name) and self._connection.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone():  # noqa: S608
                    return name
        return None

    def begin(self, note: str, older: str = "") -> None:
        """Make the tables, without indexes."""
        self._is_older = bool(older)
        # The mark comes with the loss of what was there: a bot that starts now must not begin with nothing.
        with self._writing():
            self._drop_all()
            self._connection.execute(f"CREATE TABLE {NOTES} (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
            self._connection.execute(f"INSERT INTO {NOTES} VALUES ('', ?)", (note,))  # noqa: S608
            for table in () if older else all_tables():
                self._connection.execute(str(CreateTable(table).compile(dialect=_DIALECT)))
        if older:
            create_older(sqlite_url(self._file), older)

    def write(self, form: TableForm, lines: bytes, reached: Reached) -> None:
        """Add lines."""
        rows = parse_lines(lines, form.columns)
        marks = ", ".join("?" * len(form.columns))
        with self._writing():
            before = self._connection.total_changes
            try:
                self._connection.executemany(f'INSERT INTO "{form.name}" ({form.listed}) VALUES ({marks})', rows)  # noqa: S608
            except (sqlite3.IntegrityError, OverflowError) as error:
                raise OddRowError(str(error), self._connection.total_changes - before) from error
            self._connection.execute(
                f"INSERT OR REPLACE INTO {NOTES} VALUES (?, ?)",  # noqa: S608
                (form.name, write_reached(reached)),
            )

    def complete(self, forms: Sequence[TableForm]) -> None:
        """Make the indexes, and check that all that is referred to is there."""
        with self._writing():
            for table in () if self._is_older else all_tables():
                for index in indexes_of(table, "sqlite"):
                    self._connection.execute(str(CreateIndex(index, if_not_exists=True).compile(dialect=_DIALECT)))
        with _explained(self._file):
            broken = self._connection.execute("PRAGMA foreign_key_check").fetchone()
        if broken:
            raise StorageError(f"A row of {broken[0]} refers to a row of {broken[2]} that is not there.")

    def release(self) -> None:
        """End leases, and let programs use the database."""
        with self._writing():
            self._connection.execute(RELEASE)
            if not self._is_older:
                self._connection.execute(VERSION_TABLE)
                self._connection.execute("INSERT INTO alembic_version VALUES (?)", (latest_revision(),))
            self._connection.execute(f"DROP TABLE {NOTES}")
        with _explained(self._file):
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def source(self) -> SqliteSource:
        """Return it as a source."""
        return SqliteSource(self._file)

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def _drop_all(self) -> None:
        for name in (*(table.name for table in reversed(all_tables())), "alembic_version", MOVED.name, NOTES):
            self._connection.execute(f'DROP TABLE IF EXISTS "{name}"')

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with _explained(self._file):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    """Turn the driver's errors into sentences."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise StorageError(f"A row can't be stored in {file} ({error}).") from error
    except sqlite3.DatabaseError as error:
        raise StorageError(explain_file_error(error, file)) from error
