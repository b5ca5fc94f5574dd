"""Updates: each is stored before it is confirmed to Telegram, and handled by one process, which has its chat's lane."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from digests.errors import DatabaseAway, StorageError, WriteUndone
from digests.storage.cluster import update_statements as statements
from digests.storage.cluster.leadership import member_key
from digests.storage.columns import UtcDateTime
from digests.storage.database import Database
from digests.storage.engine.encoding import JSON
from digests.storage.engine.first_write import FirstWrite, pending_first_write
from digests.storage.engine.server import unanswered
from digests.storage.schema import lanes, updates

KEPT = timedelta(days=1)
"""Telegram keeps updates for as long (Bot API, getUpdates); nobody expects an answer after that."""
_NEVER_AGAIN = 2 * KEPT
# A lock of 64 bits is shown as two numbers of 32.
_ADVISORY_LOCKS = sa.text(
    "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_OWNERS = sa.select(lanes.c.owner).where(lanes.c.lease_until > sa.bindparam("now", type_=UtcDateTime)).distinct()
_HIGHEST = sa.select(sa.func.max(updates.c.id))
_OPEN = sa.select(sa.func.count()).where(updates.c.done_at.is_(None))


class NewUpdate(NamedTuple):
    """An update that has just come. `body` is Telegram's JSON."""

    id: int
    lane: str
    kind: str
    body: str


class OpenUpdate(NamedTuple):
    """An update that waits for whoever has claimed it.

    `tries` is in how many processes that died it may have begun; 0 for one that certainly has not.
    """

    id: int
    lane: str
    kind: str
    body: str
    received_at: datetime
    tries: int


class Stored(NamedTuple):
    """Whom each new update went to, by its id; one that came before is not in it.

    `waits`: lanes of these have older updates, which a process has left behind: `claim` brings them.
    """

    owners: Mapping[int, str]
    waits: bool


class ClaimLost(StorageError):  # noqa: N818
    """Another process has taken the update over, because this one did not answer for too long."""


def is_handled_again(error: Exception) -> bool:
    """Return whether what failed has had no effect and is no fault of ours, so that the current update may be repeated.

    The database went away before anything was written, or has undone it; or another process has the update.
    """
    return isinstance(error, DatabaseAway | WriteUndone | ClaimLost) and pending_first_write() is not None


class UpdateStore:
    """The updates as one process sees them, which is called `owner`. Methods may raise StorageError."""

    def __init__(self, database: Database, owner: str, lease: timedelta) -> None:
        self._database = database
        self.owner = owner
        self._lease = lease
        self._sql = statements.ON_SQLITE if database.is_sqlite else statements.ON_POSTGRESQL

    @property
    def is_alone(self) -> bool:
        """Whether no other process has the database."""
        return self._database.is_sqlite

    async def write(self, new: Sequence[NewUpdate], done: Iterable[int], now: datetime) -> Stored:
        """Store updates and note that others are done, in one transaction; return which are new, and whose they are.

        On SQLite what is done need not have been stored.
        """
        given = list({update.id: update for update in reversed(new)}.values())
        finished = sorted(set(done))
        moments = {"now": self._moment(now), "before": self._moment(now - _NEVER_AGAIN), "owner": self.owner}
        if self._database.is_sqlite:
            return await self._database.change_plainly(
                lambda cursor: self._write_plainly(cursor, given, finished, moments)
            )

        def work(connection: sa.Connection) -> Stored:
            rows: Sequence[Any] = ()
            if given:
                ids, chats, kinds, bodies = map(list, zip(*given, strict=True))
                values = {"ids": ids, "lanes": chats, "kinds": kinds, "bodies": bodies, "until": now + self._lease}
                rows = connection.execute(self._sql.store, moments | values).all()
            if finished:
                with unanswered(connection):
                    connection.execute(self._sql.done, moments | {"ids": finished})
            return Stored({row.id: row.owner for row in rows}, any(row.waits for row in rows))

        # Nearly always it is either: what is done may wait for what is new.
        is_single = not (given and finished)
        return await (self._database.change_once(work) if is_single else self._database.change(work))

    def _write_plainly(
        self, cursor: sqlite3.Cursor, given: list[NewUpdate], finished: list[int], values: dict[str, Any]
    ) -> Stored:
        rows: Sequence[Any] = ()
        if given:
            rows = cursor.execute(self._sql.store.text, values | {"given": JSON.encode(given)}).fetchall()
        if finished:
            cursor.execute(self._sql.done.text, values | {"ids": JSON.encode(finished)})
        return Stored({row[0]: row[1] for row in rows}, waits=False)

    async def claim(self, now: datetime, most: int) -> list[OpenUpdate]:
        """Take updates that nobody handles, or that others have stored for this process; return them in their order.

        On SQLite they are at most `most`, elsewhere those of so many lanes.
        """

        def work(connection: sa.Connection) -> list[OpenUpdate]:
            values = {"owner": self.owner, "now": now}
            if self._database.is_sqlite:
                values |= {"most": most}
            else:
                limits = {"most": most, "until": now + self._lease}
                taken = list(connection.execute(statements.TAKE_LANES, values | limits).scalars())
                if not taken:
                    return []
                values |= {"lanes": taken}
            found = [OpenUpdate(*row) for row in connection.execute(self._sql.claim, values)]
            return sorted(found, key=lambda update: (update.received_at, update.id))

        return await self._database.change(work)

    def marking(self, number: int, kind: str, now: datetime) -> FirstWrite:
        """Return what notes that the update is done together with the first thing that its handler writes.

        It raises ClaimLost, and so undoes that, if another process has taken the update over.
        """
        values = {"id": number, "kind": kind, "owner": self.owner, "now": self._moment(now)}
        lost = ClaimLost(f"Update {number} was taken over by another process: this one did not answer for long.")
        return FirstWrite(self._sql.mark, values, lost)

    async def begin(self, number: int) -> bool:
        """Count that one is handled again that may have ended a process; False if it is not this process's."""
        values = {"id": number, "owner": self.owner}
        begun = await self._database.change_once(
            lambda connection: connection.execute(self._sql.begin, values).rowcount
        )
        return bool(begun)

    async def put_aside(self, numbers: Sequence[int], now: datetime) -> None:
        """Never handle these again. Their bodies are kept for as long as anything is."""
        values = {"ids": self._list(numbers), "now": now}
        await self._database.change_once(lambda connection: connection.execute(self._sql.put_aside, values).rowcount)

    async def release(self) -> None:
        """Give up all that is not done, so that another process can take it at once."""

        def work(connection: sa.Connection) -> None:
            connection.execute(self._sql.release, {"owner": self.owner})
            if not self._database.is_sqlite:
                connection.execute(statements.LEAVE_LANES, {"owner": self.owner})

        await self._database.change(work)

    async def keep_lanes(self, wanted: Sequence[str], now: datetime) -> frozenset[str]:
        """Keep the leases of these lanes, and return those that are still this process's."""
        if self._database.is_sqlite:
            return frozenset(wanted)
        values = {"owner": self.owner, "until": now + self._lease, "lanes": list(wanted)}

        def work(connection: sa.Connection) -> frozenset[str]:
            connection.execute(statements.FORGET_LANES, {"now": now})
            return frozenset(connection.execute(statements.KEEP_LANES, values).scalars())

        return await self._database.change(work)

    async def dead_owners(self, now: datetime) -> frozenset[str]:
        """Return the processes that have lanes and do not live any more, as far as the server knows."""
        if self._database.is_sqlite:
            return frozenset()

        def work(connection: sa.Connection) -> frozenset[str]:
            owners = frozenset(connection.scalars(_OWNERS, {"now": now})) - {self.owner}
            if not owners:
                return owners
            held = frozenset(connection.scalars(_ADVISORY_LOCKS))
            return frozenset(owner for owner in owners if member_key(owner) not in held)

        return await self._database.run(work)

    async def free_lanes(self, owners: frozenset[str]) -> None:
        """Free the lanes of processes that are dead, though their leases are not over."""
        statement = sa.delete(lanes).where(lanes.c.owner.in_(sorted(owners)))
        await self._database.change_once(lambda connection: connection.execute(statement).rowcount)

    async def highest(self) -> int:
        """Return the highest number of an update that is stored; 0 for none."""
        return await self._database.peek(lambda connection: int(connection.scalar(_HIGHEST) or 0))

    async def known(self, numbers: Sequence[int]) -> frozenset[int]:
        """Return which of these are stored."""
        query = sa.select(updates.c.id).where(updates.c.id.in_(numbers))
        return await self._database.peek(lambda connection: frozenset(connection.scalars(query)))

    async def waiting(self) -> int:
        """Return how many updates are not done, of all processes."""
        return await self._database.peek(lambda connection: int(connection.scalar(_OPEN) or 0))

    def _moment(self, moment: datetime) -> Any:
        """Return a moment as the database is given it without SQLAlchemy."""
        if not self._database.is_sqlite:
            return moment
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")

    def _list(self, numbers: Sequence[int]) -> Any:
        return JSON.encode(list(numbers)) if self._database.is_sqlite else list(numbers)


async def tidy_updates(database: Database, now: datetime) -> None:
    """Forget updates that Telegram certainly does not send again. May raise StorageError."""
    statement = sa.delete(updates).where(updates.c.received_at < now - _NEVER_AGAIN)
    await database.change_once(lambda connection: connection.execute(statement).rowcount)
