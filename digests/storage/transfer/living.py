"""Whether a bot runs on a PostgreSQL database; on SQLite its lock file tells. Blocks."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from digests.errors import StorageError
from digests.storage.cluster.connection import ENTRANCE, lock_key
from digests.storage.cluster.processes import ALIVE_FOR
from digests.storage.engine.addresses import read_url
from digests.storage.engine.failures import explain_database_error
from digests.storage.engine.server import sync_server_engine
from digests.storage.schema.base import facts
from digests.storage.schema.cluster_tables import processes

_ALIVE = "alive"
_OTHERS = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)


def living_processes(url: str) -> tuple[str, ...]:
    """Return what runs on the database, as `living_on` does; empty on SQLite.

    Raises:
        StorageError: The server can't be reached.
    """
    parsed = read_url(url)
    if parsed.get_backend_name() == "sqlite":
        return ()
    engine = sync_server_engine(parsed, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            return living_on(connection)
    except DBAPIError as error:
        raise StorageError(explain_database_error(error)) from error
    finally:
        engine.dispose()


def living_on(connection: sa.Connection) -> tuple[str, ...]:
    """Return what runs on the database, such as "worker-1 on host-2"; empty if nothing does.

    The server's clock is asked. Whatever gave a sign of life lately runs if anybody else is connected at all. Until the
    end of the connection's transaction no other process begins to.
    """
    there = set(sa.inspect(connection).get_table_names())
    entrance = sa.select(sa.func.pg_try_advisory_xact_lock(lock_key(ENTRANCE)))
    if not connection.scalar(entrance):
        # It has not noted itself yet.
        return ("a process that is starting",)
    if not connection.scalar(_OTHERS) or facts.name not in there:
        return ()
    found: list[str] = []
    lately = sa.func.now() - sa.literal(ALIVE_FOR, sa.Interval)
    if processes.name in there:
        named = sa.select(processes.c.name, processes.c.host).where(processes.c.seen_at > lately)
        found += [f"{row.name} on {row.host}" for row in connection.execute(named.order_by(processes.c.name))]
    alive = sa.select(facts.c.value).where(facts.c.name == _ALIVE, facts.c.at > lately)
    if not found and (process := connection.scalar(alive)) is not None:
        found.append(f"process {process}")
    return tuple(found)
