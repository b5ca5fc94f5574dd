"""Procrastinate's own tables, made and upgraded by us as ours are: in order, by one process, each step once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from procrastinate.schema import SchemaManager

from digests.errors import NewerDatabase, StorageError
from digests.offload import in_own_thread
from digests.storage.cluster.connection import lock_key
from digests.storage.cluster.driver_queries import DriverQueries, DriverTransaction
from digests.storage.migrate import MIGRATION

_FACT = "jobs schema"
_AFTERWARDS = "_post_"
"""What Procrastinate calls the steps that take away what an older version of it still needs."""
_STEP_SECONDS = 600


async def bring_up_tables(queries: DriverQueries, *, others_are_older: bool) -> None:
    """Create or upgrade the tables, beside those of the bot.

    While processes with an older version of Procrastinate are running (`others_are_older`), what they need stays: the
    steps that take it away are made at a later start.

    Raises:
        StorageError: The database does not answer, or has tables of Procrastinate that are somebody else's.
        NewerDatabase: They were made by a newer version.
    """
    steps = await in_own_thread(_steps)
    async with queries.transaction(_STEP_SECONDS) as transaction:
        await transaction.rows("SELECT pg_advisory_xact_lock(%(key)s)", {"key": lock_key(MIGRATION)})
        done = await _done(transaction)
        if done is None:
            await transaction.rows(SchemaManager.get_schema())
            await _note(transaction, max(steps))
            return
        if done > max(steps):
            raise NewerDatabase(
                f"The tables of jobs were made by a newer version of Procrastinate (step {done}): update the bot."
            )
        for name in steps_to_make(steps, done, others_are_older=others_are_older):
            await transaction.rows(steps[name])
            await _note(transaction, name)


def _steps() -> dict[str, str]:
    """Return the statements of each step."""
    folder = Path(SchemaManager.get_migrations_path())
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql"))}


def steps_to_make(names: Iterable[str], done: str, *, others_are_older: bool) -> list[str]:
    """Return the steps after `done` that are to be made now, in order.

    Raises:
        StorageError: A step that older processes can't bear has to be made first.
    """
    rest = [name for name in sorted(names) if name > done]
    if not others_are_older:
        return rest
    waiting = next((number for number, name in enumerate(rest) if _AFTERWARDS in name), len(rest))
    if any(_AFTERWARDS not in name for name in rest[waiting:]):
        raise StorageError(
            "The tables of jobs have to be changed in a way that older versions of the bot can't work with: "
            "stop its older processes first, then start this one again."
        )
    return rest[:waiting]


async def _done(transaction: DriverTransaction) -> str | None:
    """Return the last step that was made; None where there are no tables yet."""
    there = await transaction.rows("SELECT to_regclass('procrastinate_jobs') IS NOT NULL AS is_there")
    noted = await transaction.rows("SELECT value FROM facts WHERE name = %(name)s", {"name": _FACT})
    if not there[0]["is_there"]:
        return None
    if not noted:
        raise StorageError(
            "The database has tables of Procrastinate that are not the bot's: give the bot a database of its own."
        )
    return str(noted[0]["value"])


async def _note(transaction: DriverTransaction, name: str) -> None:
    await transaction.rows(
        "INSERT INTO facts (name, value, at) VALUES (%(name)s, %(value)s, now())"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
        {"name": _FACT, "value": name},
    )
