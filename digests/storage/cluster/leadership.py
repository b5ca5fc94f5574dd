"""Which process does what only one may do: whoever holds an advisory lock of the database leads, the others stand by.

The lock belongs to a connection of its own, so it is free as soon as the server knows that the connection is gone. When
the network is cut, both sides find out by themselves, the leader first: it gives up when the server has not answered
for ANSWER_SECONDS, at most 6 s after the cut; the server frees the lock when its keepalives are not answered, 9 s or
more after the last thing that it heard (`tcp_keepalives_*`, `tcp_user_timeout`), within some 15 s.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from digests.storage.cluster.connection import lock_key, open_connection
from digests.storage.database import Database

if TYPE_CHECKING:
    import psycopg

logger = logging.getLogger(__name__)

BEAT_SECONDS = 2.0
ANSWER_SECONDS = 4.0
# On a connection by a file the first four are accepted, and have no effect.
_SERVER = (
    "SET tcp_keepalives_idle = 3; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
    " SET tcp_user_timeout = 10000; SET idle_session_timeout = 0; SET statement_timeout = 0"
)

OnLeading = Callable[[bool], None]


class Leadership:
    """Campaigns for the lock of this name. On SQLite the only process always leads.

    `on_change` is called with True when this process begins to lead, and with False when it ends. It has to be quick:
    until it returns, nobody makes sure that this process still leads. `member` is what this process is called: another
    lock says for as long as it lives that it does.
    """

    def __init__(self, database: Database, name: str, member: str, on_change: OnLeading) -> None:
        self._database = database
        self._name = name
        self._member = member
        self._on_change = on_change
        self._leads = False
        self._task: asyncio.Task[None] | None = None
        self._connection: psycopg.AsyncConnection[tuple[Any, ...]] | None = None
        self._trouble = ""

    @property
    def is_leader(self) -> bool:
        """Whether this process leads."""
        return self._leads

    async def join(self) -> None:
        """Let other processes know that this one lives. It is tried again by `start` if it fails."""
        if not self._database.is_sqlite:
            await self._step(campaigns=False)

    async def start(self) -> None:
        """Lead if nobody else does, and go on trying in the background."""
        if self._database.is_sqlite:
            self._lead(leads=True)
            return
        await self._step()
        self._task = asyncio.create_task(self._campaign())

    async def stop(self) -> None:
        """Lead no more, and let another process begin at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._lead(leads=False)
        await self._disconnect()

    async def _campaign(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            await self._step()

    async def _step(self, *, campaigns: bool = True) -> None:
        """Try to lead, or make sure that this process still does."""
        asking = asyncio.ensure_future(self._holds_lock(campaigns=campaigns))
        try:
            await asyncio.wait([asking], timeout=ANSWER_SECONDS)
            if not asking.done():
                # At once: the driver takes seconds to cancel a statement.
                self._lead(leads=False)
                raise TimeoutError
            leads = asking.result()
        except asyncio.CancelledError:
            await self._abandon(asking)
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the lock is not known to be held
            self._lead(leads=False)
            await self._abandon(asking)
            self._say(error)
        else:
            self._trouble = ""
            self._lead(leads=leads)

    async def _abandon(self, asking: asyncio.Future[bool]) -> None:
        """Close the connection, which ends whatever waits for it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.pgconn.finish()
        asking.cancel()
        asking.add_done_callback(lambda task: task.cancelled() or task.exception())
        await asyncio.wait([asking], timeout=ANSWER_SECONDS)

    async def _holds_lock(self, *, campaigns: bool) -> bool:
        if self._connection is None:
            self._connection = await self._connect()
        if self._leads or not campaigns:
            await self._connection.execute("SELECT 1")
            return self._leads
        cursor = await self._connection.execute("SELECT pg_try_advisory_lock(%s)", (lock_key(self._name),))
        row = await cursor.fetchone()
        return row is not None and bool(row[0])

    async def _connect(self) -> psycopg.AsyncConnection[tuple[Any, ...]]:
        connection = await open_connection(self._database)
        try:
            await connection.execute(_SERVER)
            await connection.execute("SELECT pg_try_advisory_lock(%s)", (member_key(self._member),))
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                await connection.close()

    def _lead(self, *, leads: bool) -> None:
        if leads == self._leads:
            return
        self._leads = leads
        if not self._database.is_sqlite:
            logger.info("this process leads" if leads else "this process leads no more", extra={"what": self._name})
        try:
            self._on_change(leads)
        except Exception:
            logger.exception("a change of leaders was not heeded", extra={"what": self._name})

    def _say(self, error: Exception) -> None:
        # The driver's text may quote the address with its password.
        trouble = type(error).__name__
        if trouble != self._trouble:
            self._trouble = trouble
            # Whether the database is away, the storage says for all that needs it.
            logger.info("the database does not say who leads; trying again", extra={"reason": trouble})


def member_key(member: str) -> int:
    """Return the number of the lock that says that a process lives."""
    return lock_key(f"member {member}")
