"""Brings a database to this program's schema, and refuses one that is newer."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from digests.errors import NewerDatabase, StorageError
from digests.storage.database import driver_needed, explain, read_url, sqlite_file
from digests.storage.private_files import make_database_file, tighten_database
from digests.storage.schema import metadata

_MIGRATIONS = Path(__file__).with_name("migrations")
# As Alembic makes it.
_version = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def migrate(url: str) -> tuple[str | None, str]:
    """Runs what is missing; returns the revision before (None: an empty database) and after.

    Blocking: call it in a thread. Raises NewerDatabase, or StorageError when the database can't be reached.
    """
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            before = _revision(connection)
            check_revision(before)
            if before is None:
                _create(connection)
            elif before != _revisions()[-1]:
                _upgrade(connection)
            after = _revision(connection)
        if (file := sqlite_file(read_url(url))) is not None:
            tighten_database(file)
    except DBAPIError as error:
        raise StorageError(explain(error)) from error
    finally:
        engine.dispose()
    return before, after or ""


def check_revision(revision: str | None) -> None:
    """Raises NewerDatabase when the revision is none of this program's."""
    if revision is not None and revision not in _revisions():
        raise NewerDatabase(
            f"The database was written by a newer version of the bot (revision {revision}): "
            "update the bot, or give it a copy of the database from before the update."
        )


def _revisions() -> list[str]:
    """In their order: a migration's file begins with its revision."""
    return sorted(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(_version.name):
        return None
    return connection.scalar(sa.select(_version.c.version_num))


def _create(connection: sa.Connection) -> None:
    """An empty database gets at once what the migrations would come to: a test holds both alike."""
    metadata.create_all(connection)
    # The last, so that who was killed before begins once more; what is there stays.
    _version.create(connection, checkfirst=True)
    connection.execute(sa.insert(_version).values(version_num=_revisions()[-1]))
    connection.commit()


def _upgrade(connection: sa.Connection, revision: str = "head") -> None:
    # Needed once after an update, and 7 MB that a bot would carry for months.
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
        with driver_needed():
            return sa.create_engine(parsed.set(drivername="postgresql+psycopg"))
    if file is not None:
        make_database_file(file)
    return sa.create_engine(parsed.set(drivername="sqlite"), connect_args={"timeout": 30})
