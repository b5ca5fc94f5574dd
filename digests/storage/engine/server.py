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
from digests.storage.engine.refusals import READ_ONLY, explain_server_error

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
        engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args=server_options(url),
            hide_parameters=True,
            **options,
        )
    mind_server(engine)
    return engine


def mind_server(engine: sa.Engine) -> None:
    """Let an engine mind what stands between it and the server, and which of several servers takes writes.

    No statements are prepared on connections through a pooler, which may run them on another session of the server.
    """
    sa.event.listen(engine, "connect", _mind_pooler)
    sa.event.listen(engine, "handle_error", _mind_standby)
    sa.event.listen(engine, "handle_error", _mind_details)


def _mind_details(context: sa.engine.ExceptionContext) -> None:
    """Keep the first line of what the server said: the others quote rows, and would be in a traceback's log line."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args and isinstance(error.args[0], str):
            error.args = (error.args[0].partition("\n")[0], *error.args[1:])


def _mind_standby(context: sa.engine.ExceptionContext) -> None:
    """Give up the pool's connections when one leads to a server that is a standby by now: others may lead elsewhere."""
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True


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
