"""The database's clock, by which all processes go, whatever the clocks of their hosts say."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from digests.storage.database import Database

_MOST_TRIP_SECONDS = 2.0
# It goes on while the machine is suspended, which Python's monotonic clock on Linux does not.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _steady_seconds() -> float:
    return time.clock_gettime(_STEADY)


class ServerClock:
    """The time of the database's host, carried on between two looks at it by a clock that nobody can set.

    Until the first look it shows the time of this host.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        # The database's time is the steady clock's plus this.
        self._base: datetime | None = None
        self._read_at = 0.0

    def now(self) -> datetime:
        """Return the current time of the database's host, in UTC."""
        if self._base is None:
            return datetime.now(UTC)
        return self._base + timedelta(seconds=_steady_seconds() - self._read_at)

    @property
    def skew(self) -> float:
        """Return by how many seconds this host's clock is ahead of the database's."""
        return (datetime.now(UTC) - self.now()).total_seconds()

    async def refresh(self) -> None:
        """Look at the database's clock; raise StorageError when it does not answer, and go on as before."""
        began = _steady_seconds()
        shown = await self._database.peek(_shown)
        ended = _steady_seconds()
        if self._base is not None and ended - began > _MOST_TRIP_SECONDS:
            # Nobody knows when it was read; what is known already is closer.
            return
        self._base, self._read_at = shown, (began + ended) / 2


def _shown(connection: sa.Connection) -> datetime:
    if connection.dialect.name == "sqlite":
        # It has no host but ours.
        return datetime.now(UTC)
    shown: datetime = connection.scalar(sa.text("SELECT clock_timestamp()"))
    return shown.astimezone(UTC)
