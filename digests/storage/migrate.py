"""Create the tables of an empty database, upgrade those of an older one, refuse a newer one."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from digests.errors import NewerDatabase, StorageError
from digests.storage.cluster.connection import lock_key
from digests.storage.engine.addresses import read_url, sqlite_file
from digests.storage.engine.failures import explain_database_error
from digests.storage.engine.server import check_server, sync_server_engine
from digests.storage.files.private_files import make_database_file, tighten_database
from digests.storage.move_marks import MOVED, MovedAway, mark_as_moved, moved_away, refuse_marked, unmark
from digests.storage.schema.base import metadata

logger = logging.getLogger(__name__)

_MIGRATIONS = Path(__file__).with_name("migrations")
# The last commit with the migrations that 0.1.0 replaced by its first one.
_LAST_PRE_RELEASE = "37704c9"
MIGRATION = "migration"
"""The lock of whoever makes or drops tables."""
_OTHER_PROGRAM = "The database belongs to another program"
_LONGEST_MINUTES = 30
# How long an upgrade waits for a table that is in use, and when it tries again.
_TABLE_SECONDS = 2
_AGAIN_SECONDS = 1.0
# Of PostgreSQL: a lock was not had in time, or two waited for each other.
_IN_USE = ("55P03", "40P01")
# The table in which Alembic keeps the revision.
_version = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def migrate(url: str, *, marked: bool = False) -> tuple[str | None, str]:
    """Create or upgrade the tables, and return the revision before (None: an empty database) and after.

    Blocks: call it in a thread. `marked` is for whoever moves the database, and has marked it.

    Raises:
        NewerDatabase: The database was written by a newer version of the program.
        StorageError: It was written by too old a pre-release, can't be reached, was moved elsewhere, or is not filled.
    """
    with _connected(url) as connection:
        if connection.dialect.name == "postgresql":
            check_server(connection)
        before, after = _bring_up(connection, marked=marked)
    if (file := sqlite_file(read_url(url))) is not None:
        tighten_database(file)
    return before, after or ""


def _bring_up(connection: sa.Connection, *, marked: bool) -> tuple[str | None, str | None]:
    """Create or upgrade the tables, as soon as nobody uses them for long, and return the revisions."""
    end = time.monotonic() + _LONGEST_MINUTES * 60
    is_told = False
    while True:
        _wait_for_others(connection)
        # After that: it may be a restore or a move that was beginning.
        if not marked:
            refuse_marked(connection)
        before = _revision_to_change(connection)
        try:
            if before is None:
                _refuse_tables_of_others(connection)
                _create(connection)
            elif before != latest_revision():
                _mind_others(connection)
                _upgrade(connection)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _IN_USE or time.monotonic() > end:
                raise
            connection.rollback()
        else:
            return before, _revision(connection)
        if not is_told:
            is_told = True
            logger.info("the tables are in use: they are upgraded once nobody holds one of them for long")
        time.sleep(_AGAIN_SECONDS)


def write_mark(url: str, moved: MovedAway) -> None:
    """Mark a database as one that is moved, or was. Blocks; raises StorageError if it can't be reached."""
    with _connected(url) as connection:
        mark_as_moved(connection, moved)
        connection.commit()


def stored_mark(url: str) -> MovedAway | None:
    """Return where a database was moved to, if it was. Blocks; raises StorageError if it can't be reached."""
    with _connected(url) as connection:
        return moved_away(connection)


def take_back(url: str) -> bool:
    """Let a database be used again that was moved elsewhere, and return whether it was.

    Blocks; raises StorageError if it can't be reached.
    """
    with _connected(url) as connection:
        moved = moved_away(connection)
        unmark(connection)
        connection.commit()
    return moved is not None


def stored_revision(url: str) -> str | None:
    """Return the revision of a database, None for one without our tables. Blocks.

    Raises:
        NewerDatabase: It was written by a newer version of the program.
        StorageError: It was written by too old a pre-release, or can't be reached.
    """
    with _connected(url) as connection:
        revision = _revision(connection)
    _check_revision(revision)
    return revision


def refuse_others(url: str) -> None:
    """Raise StorageError if a database belongs to another program, or to a newer version of this one. Blocks."""
    if stored_revision(url) is None:
        with _connected(url) as connection:
            _refuse_tables_of_others(connection)


@contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise StorageError(explain_database_error(error)) from error
    finally:
        engine.dispose()


def create_older(url: str, revision: str) -> None:
    """Create the tables in an empty database as the program of an earlier revision had them. Blocks.

    Raises:
        StorageError: The database can't be reached.
    """
    with _connected(url) as connection:
        _upgrade(connection, revision)


def known_revisions() -> list[str]:
    """Return the revisions that this version of the program knows, in order."""
    return _revisions()


def latest_revision() -> str:
    """Return the revision of the tables of this version of the program."""
    return _revisions()[-1]


def _wait_for_others(connection: sa.Connection) -> None:
    """Let one process at a time look at the revision and change it, until the end of the transaction.

    Many may start at once. On SQLite, `_revision_to_change` locks, and only where there is something to change.
    """
    if connection.dialect.name == "sqlite":
        return
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LONGEST_MINUTES}min'")
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock_key(MIGRATION))))


def _revision_to_change(connection: sa.Connection) -> str | None:
    """Return the revision of a database; until the end of the transaction nobody else changes it, if it is not ours.

    May raise what `_check_revision` does.
    """
    revision = _revision(connection)
    _check_revision(revision)
    if connection.dialect.name != "sqlite" or revision == latest_revision():
        return revision
    # A bot and a command beside it may both find that there are no tables yet.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    revision = _revision(connection)
    _check_revision(revision)
    return revision


def _mind_others(connection: sa.Connection) -> None:
    """Let the upgrade wait only briefly for a table that another process uses.

    Whoever comes after it waits behind it, so that all processes would stand still until, say, a backup has read all.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_TABLE_SECONDS}s'")


def _refuse_tables_of_others(connection: sa.Connection) -> None:
    """Refuse a database without a revision that another program uses: raise StorageError.

    A file of SQLite's has one program; a database of a server may have others, whose tables have other names.
    """
    inspector = sa.inspect(connection)
    for name in sorted(inspector.get_table_names()):
        if (table := metadata.tables.get(name)) is not None:
            is_ours = {column["name"] for column in inspector.get_columns(name)} == set(table.columns.keys())
        else:
            is_ours = connection.dialect.name != "sqlite" or name in (_version.name, MOVED.name)
        if not is_ours:
            raise StorageError(f"{_OTHER_PROGRAM} (it has a table {name!r} that is not the bot's): name an empty one.")


def _check_revision(revision: str | None) -> None:
    """Check that this program can upgrade from the revision; raise the errors of `migrate` if not."""
    revisions = _revisions()
    if revision is None or revision in revisions:
        return
    if re.fullmatch(r"[0-9]{4}", revision) is None:
        raise StorageError(f"{_OTHER_PROGRAM} (its revision is {revision[:20]!r}): name another one.")
    if revision < revisions[0]:
        raise StorageError(
            f"The database was written by a pre-release version of the bot (revision {revision}), which this version "
            f"can't upgrade. Make a copy of the database, run `digestbot migrate` of the last pre-release (git commit "
            f"{_LAST_PRE_RELEASE}) on it once, then start this version again."
        )
    raise NewerDatabase(
        f"The database was written by a newer version of the bot (revision {revision}): "
        "update the bot, or give it a copy of the database from before the update."
    )


def _revisions() -> list[str]:
    """Return this program's revisions in order: the name of a migration's file begins with its revision."""
    return sorted(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(_version.name):
        return None
    return connection.scalar(sa.select(_version.c.version_num))


def _create(connection: sa.Connection) -> None:
    """Create in one step the tables that the migrations lead to; a test keeps the two alike."""
    metadata.create_all(connection)
    # The revision comes last: after a crash before this line, the next start creates what is missing.
    _version.create(connection, checkfirst=True)
    connection.execute(sa.insert(_version).values(version_num=_revisions()[-1]))
    connection.commit()


def _upgrade(connection: sa.Connection, revision: str = "head") -> None:
    # Imported here because it is needed only once after an update, and would cost a running bot 7 MB.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    connection.commit()


def _engine(url: str) -> sa.Engine:
    parsed = read_url(url)
    file = sqlite_file(parsed)
    if parsed.get_backend_name() != "sqlite":
        return sync_server_engine(parsed)
    if file is not None:
        make_database_file(file)
    return sa.create_engine(parsed.set(drivername="sqlite"), connect_args={"timeout": 30}, hide_parameters=True)
