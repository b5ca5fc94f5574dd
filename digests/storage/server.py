"""What must be known of a PostgreSQL server, and what stands between it and the bot."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from config.masking import mask
from digests.errors import StorageError

OLDEST_POSTGRESQL = 15
ALONE = "alone"
"""The execution option `writes` of a connection on which a statement that writes is a transaction of its own."""
_PROBE_SECONDS = 2


class Pooling(StrEnum):
    """What stands between us and the server: nothing, or a pooler, which gives us a session or only transactions."""

    NONE = "none"
    SESSION = "session"
    TRANSACTION = "transaction"


@contextmanager
def driver_needed() -> Iterator[None]:
    """Raise StorageError, saying what to install, if PostgreSQL's driver can't be loaded in the block."""
    try:
        yield
    except ImportError as error:
        raise StorageError(
            "The driver for PostgreSQL is missing: install the extra `cluster`, as in pip install 'digestbot[cluster]'."
        ) from error


def server_options(url: sa.URL) -> dict[str, str]:
    """Return how connections to PostgreSQL notice that its host is gone, where `url` does not say otherwise.

    Without them a connection to a host that vanished would wait for a quarter of an hour.
    """
    options = {
        "connect_timeout": "10",
        "keepalives_idle": "10",
        "keepalives_interval": "5",
        "keepalives_count": "3",
        "tcp_user_timeout": "20000",
        "application_name": "digestbot",
    }
    # Any other encoding has no Chinese; the driver goes by it, and PostgreSQL's environment variables may name one.
    return {name: value for name, value in options.items() if name not in url.query} | {"client_encoding": "utf8"}


def sync_server_engine(url: sa.URL, **options: Any) -> sa.Engine:
    """Return an engine for PostgreSQL whose calls block.

    Raises:
        StorageError: Its driver is missing.
    """
    with driver_needed():
        engine = sa.create_engine(url.set(drivername="postgresql+psycopg"), connect_args=server_options(url), **options)
    mind_poolers(engine)
    return engine


def mind_poolers(engine: sa.Engine) -> None:
    """Prepare no statements on connections through a pooler, which may run them on another session of the server."""
    sa.event.listen(engine, "connect", _mind_pooler)


def _mind_pooler(connection: Any, _record: object) -> None:
    driver = connection.driver_connection if hasattr(connection, "driver_connection") else connection
    cursor = connection.cursor()
    cursor.execute("SELECT pg_backend_pid()")
    (process,) = cursor.fetchone()
    cursor.close()
    connection.rollback()
    # A pooler answers with a number of its own when a connection begins.
    if process != driver.pgconn.backend_pid:
        driver.prepare_threshold = None


@contextmanager
def unanswered(connection: AsyncConnection | sa.Connection) -> Iterator[None]:
    """Wait for no answer to the statements of the block, which belong to a transaction, and whose results nobody needs.

    If one fails, the next statement after the block or the commit raises that. On SQLite nothing is different.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    known = connection.sync_connection if isinstance(connection, AsyncConnection) else connection
    assert known is not None
    driver: Any = known.connection.driver_connection
    driver.waits = False
    try:
        yield
    finally:
        driver.waits = True


def has_unread(socket: int) -> bool:
    """Return whether there is something to read: on a connection that rests, that is its end, or word of it."""
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))


def is_away(error: DBAPIError) -> bool:
    """Return whether the server can't be reached at the moment: there is no connection, or it has ended all of them."""
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state is None or state[:2] == "08" or state in _AWAY


def check_server_version(version: tuple[int | str, ...]) -> None:
    """Raise StorageError for a version of PostgreSQL that is too old."""
    if int(version[0]) < OLDEST_POSTGRESQL:
        raise StorageError(
            f"PostgreSQL {'.'.join(map(str, version))} is too old: {OLDEST_POSTGRESQL} or newer is needed."
        )


def check_server(connection: sa.Connection) -> None:
    """Check that the server is new enough, takes writes, and is set as the bot needs it.

    Raises:
        StorageError: It is not, or does not; the text says how to fix it.
    """
    check_server_version(connection.dialect.server_version_info or (0,))
    for name, (good, said) in _NEEDED.items():
        if not (value := str(connection.exec_driver_sql(f"SHOW {name}").scalar())).startswith(good):
            raise StorageError(f"The database's {name} is {value}: {said}.")
    if connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on":
        raise StorageError(
            "The database takes no writes: it is a standby, or its default_transaction_read_only is on. "
            "Set database.url to the primary server."
        )


def pooling_of(url: sa.URL) -> Pooling:
    """Find out what stands between us and the server. Blocks; takes two connections where it is a pooler.

    Raises:
        StorageError: The server can't be reached.
    """
    engine = sync_server_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            before = _process(connection)
            driver = connection.connection.driver_connection
            assert driver is not None
            if before == driver.pgconn.backend_pid:
                return Pooling.NONE
            # Another transaction takes the session that we had, if we don't keep it. Where there is only one, the
            # server ends that transaction for us.
            with engine.connect() as other:
                other.exec_driver_sql("BEGIN")
                other.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = '{_PROBE_SECONDS}s'")
                after = _process(connection)
                if not other.invalidated:
                    _give_up(other)
            return Pooling.SESSION if after == before else Pooling.TRANSACTION
    except DBAPIError as error:
        cause = mask(str(error.orig).partition("\n")[0])
        raise StorageError(explain_server_error(error) or f"The database did not answer ({cause}).") from error
    finally:
        engine.dispose()


def _process(connection: sa.Connection) -> int:
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def _give_up(connection: sa.Connection) -> None:
    try:
        connection.exec_driver_sql("ROLLBACK")
    except DBAPIError:
        # The server has ended it already.
        connection.invalidate()


_RESET = "reset it (ALTER ROLE … RESET {0}; ALTER DATABASE … RESET {0}), or take it out of database.url"
# What a database, a user, database.url or the environment may set otherwise, how its value has to begin, and the fix.
_NEEDED = {
    "server_encoding": (
        "UTF8",
        "create one for all languages (CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0), and set database.url "
        "to it",
    ),
    # A statement that waited for another's change would fail where it has to see it.
    "default_transaction_isolation": ("read committed", _RESET.format("default_transaction_isolation")),
    # The driver reads no other dates.
    "DateStyle": ("ISO", _RESET.format("DateStyle")),
}
_AWAY = ("57P01", "57P02", "57P03")
_BY_STATE = {
    "53100": "The disk of the database's server is full: free some room there; the bot continues by itself.",
    "53200": "The database's server has no memory left: end other programs there, or lower its work_mem.",
    "53300": "The database's server takes no more connections: raise its max_connections (a process of the bot needs "
    "up to 20), or end others' connections.",
    "3F000": "The database has no schema for the bot's tables: create one (CREATE SCHEMA public), or name one that is "
    "there in the user's search_path.",
    "25006": "The database takes no writes: it is a standby, or read-only. Set database.url to the primary server.",
    "57P01": "The database's server was stopped or restarted; the bot continues once it is back.",
    "57P02": "The database's server ended after a crash; the bot continues once it is back.",
    "57P03": "The database's server is starting or stopping: wait.",
    "54000": "A row is too large for an index of the database: look for a value of thousands of characters in what "
    "came in last.",
    "26000": "A pooler lost a prepared statement: see docs/poolers.md.",
    "42P05": "A pooler mixed up prepared statements: see docs/poolers.md.",
}
_SCHEMA_RIGHTS = (
    "The database's user may not create tables: make it the owner of the database (ALTER DATABASE … OWNER TO …), "
    "or let it (GRANT CREATE, USAGE ON SCHEMA public TO …)."
)
_TABLE_RIGHTS = (
    "The database's user may not use the bot's tables: they belong to another. Use the user that made them, or "
    "hand them over (REASSIGN OWNED BY … TO …)."
)
# What the driver says where there is no connection; the first that is found counts.
_BY_WORDS = {
    "password authentication failed": "The server refused the user or the password: check database.url.",
    "no password supplied": "The server asks for a password: write it into database.url.",
    "no pg_hba.conf entry": "The server lets this user in from nowhere, or not from here, or only with SSL: check the "
    "user in database.url, its sslmode, and the server's pg_hba.conf.",
    "does not exist": "There is no such database or user on the server: check database.url, or create it "
    "(CREATE DATABASE … OWNER …).",
    "resolve host": "The host in database.url is not known: check its name. In a user or a password, write @ as %40, "
    ": as %3A and / as %2F.",
    "translate host name": "The host in database.url is not known: check its name. In a user or a password, write @ as "
    "%40, : as %3A and / as %2F.",
    "Connection refused": "The database did not answer: nothing listens at the host and port of database.url. Check "
    "them, and whether the server runs.",
    "timeout expired": "The database's server does not answer: check the host and the port in database.url, and the "
    "network.",
    "too many clients": _BY_STATE["53300"],
    "remaining connection slots": _BY_STATE["53300"],
    "starting up": _BY_STATE["57P03"],
    "shutting down": _BY_STATE["57P03"],
    "does not support SSL": "The server has no SSL, which database.url asks for: set it up there, or change sslmode.",
    "certificate": "The server's certificate can't be trusted: set sslrootcert in database.url, or mend the "
    "certificate.",
    "SSL": "There is no secure connection to the server: check sslmode and the certificates in database.url.",
}


def explain_server_error(error: DBAPIError) -> str | None:
    """Return a sentence for an operator, with the fix, for a failure of the server; None for any other failure."""
    state, cause = getattr(error.orig, "sqlstate", None), str(error.orig)
    if state == "42501":
        return _TABLE_RIGHTS if "table" in cause else _SCHEMA_RIGHTS
    if state in _BY_STATE:
        return _BY_STATE[state]
    if state is not None:
        return None
    return next((said for words, said in _BY_WORDS.items() if words in cause), None)
