"""Procrastinate's statements on the bot's own connections to the database.

Its own connector would bring a second pool, with its own idea of a database that is away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from procrastinate.connector import BaseAsyncConnector, Notify
from procrastinate.exceptions import ConnectorException, NoResult, UniqueViolation

from digests.errors import StorageError
from digests.storage.cluster.driver_queries import DriverError, DriverQueries, DriverRow

_UNIQUE = "UniqueViolation"
_ANY_QUEUE = "procrastinate_any_queue_v1"


class DatabaseConnector(BaseAsyncConnector):
    """Runs them; raises Procrastinate's errors, with ours as their cause."""

    def __init__(self, queries: DriverQueries) -> None:
        self.queries = queries

    async def open_async(self, pool: object = None) -> None:
        """Do nothing: the database is opened by the bot."""

    async def close_async(self) -> None:
        """Do nothing: the database is closed by the bot."""

    async def execute_query_async(self, query: str, **arguments: Any) -> None:
        """Run a statement."""
        await self.execute_query_all_async(query, **arguments)

    async def execute_query_one_async(self, query: str, **arguments: Any) -> DriverRow:
        """Run a statement and return its first row; raise NoResult if there is none."""
        rows = await self.execute_query_all_async(query, **arguments)
        if not rows:
            raise NoResult
        return rows[0]

    async def execute_query_all_async(self, query: str, **arguments: Any) -> list[DriverRow]:
        """Run a statement and return its rows."""
        try:
            return await self.queries.rows(query, arguments)
        except (DriverError, StorageError) as error:
            raise connector_error(error) from error

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Tell of every job that is deferred, in whatever queue: which ones a worker takes may change while it runs."""

        async def tell(payload: str) -> None:
            await on_notification(channel=_ANY_QUEUE, payload=payload or _LOOK)

        await self.queries.listen(_ANY_QUEUE, tell)


# What Procrastinate's trigger says when a job is inserted; a worker then looks for jobs.
_LOOK = '{"type": "job_inserted", "job_id": 0}'


def connector_error(error: DriverError | StorageError) -> ConnectorException:
    """Return the error that Procrastinate knows this one by."""
    if isinstance(error, DriverError) and str(error) == _UNIQUE:
        key = re.search(r"\)=\((.*)\)", error.detail)
        return UniqueViolation(constraint_name=error.constraint, queueing_lock=key[1] if key else None)
    return ConnectorException(str(error))
