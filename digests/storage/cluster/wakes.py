"""Wakes: a word from one process to all others that there is something to do now, instead of at their next look.

A wake carries a name and nothing else. It may be lost, as with a connection; whoever is woken also looks by themselves
now and then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import sqlalchemy as sa

from digests.storage.cluster.connection import receive_notices
from digests.storage.database import Database

MISSED = "*"
"""What a listener is told when it begins to listen, and when it does so again: wakes may have come meanwhile."""
_CHANNEL = "digestbot_wakes"

OnWake = Callable[[str], None]


class Wakes:
    """Sends wakes to all processes, this one included; on SQLite there is no other."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: list[OnWake] = []
        self._receiving: asyncio.Task[None] | None = None

    async def notify(self, name: str) -> None:
        """Wake all who listen, in this process and in others; raise StorageError where that can't be done."""
        if self._database.is_sqlite:
            self._tell(name)
            return
        statement = sa.select(sa.func.pg_notify(_CHANNEL, name))
        # In no transaction, so that it takes one round trip.
        async with self._database.read() as connection:
            await connection.execute(statement)

    async def listen(self, on_wake: OnWake) -> None:
        """Call `on_wake` with the name of every wake, until this is cancelled.

        All listeners of a process share a connection of their own, which comes back by itself; each time it comes,
        `on_wake` is called with MISSED.
        """
        self._listeners.append(on_wake)
        try:
            if self._database.is_sqlite:
                await asyncio.Event().wait()
            if self._receiving is None:
                self._receiving = asyncio.create_task(self._receive())
            # If it fails of a bug, whoever listens is told.
            await asyncio.shield(self._receiving)
        finally:
            self._listeners.remove(on_wake)
            if not self._listeners and (receiving := self._receiving) is not None:
                self._receiving = None
                receiving.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await receiving

    def _tell(self, name: str) -> None:
        for on_wake in tuple(self._listeners):
            on_wake(name)

    async def _receive(self) -> None:
        async def tell(name: str) -> None:
            self._tell(name or MISSED)

        await receive_notices(self._database, _CHANNEL, tell)
