"""Marks on databases that are not to be used: one that was moved elsewhere, and one that is not filled yet.

Two bots on two copies of a ledger would send everything twice, and one on half a ledger would forget the other half.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from digests.errors import StorageError
from digests.storage.columns import UtcDateTime

# In a target, until it is complete: what is put into it (under no name), and how far each table has come.
UNFINISHED = sa.Table(
    "unfinished_move",
    sa.MetaData(),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
# In a source, from the beginning of its move on.
MOVED = sa.Table(
    "moved_away",
    sa.MetaData(),
    sa.Column("destination", sa.Text, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("is_done", sa.Boolean, nullable=False),
)


@dataclass(frozen=True, slots=True)
class MovedAway:
    """Where a database was moved to, without user and password, and when; `is_done` is false until all is there."""

    destination: str
    at: datetime
    is_done: bool


def moved_away(connection: sa.Connection) -> MovedAway | None:
    """Return where the database was moved to; None if it was not."""
    if not sa.inspect(connection).has_table(MOVED.name):
        return None
    row = connection.execute(sa.select(MOVED)).first()
    return MovedAway(row.destination, row.at, row.is_done) if row else None


def mark_as_moved(connection: sa.Connection, moved: MovedAway) -> None:
    """Mark the database, in the transaction of the connection."""
    MOVED.create(connection, checkfirst=True)
    connection.execute(sa.delete(MOVED))
    connection.execute(sa.insert(MOVED).values(destination=moved.destination, at=moved.at, is_done=moved.is_done))


def unmark(connection: sa.Connection) -> None:
    """Let the database be used again, in the transaction of the connection."""
    MOVED.drop(connection, checkfirst=True)


def refuse_marked(connection: sa.Connection) -> None:
    """Check that the database is not marked.

    Raises:
        StorageError: It is, and its text says what to do.
    """
    if sa.inspect(connection).has_table(UNFINISHED.name):
        raise StorageError(
            "This database is not complete: a move or a restore into it was interrupted. Run the same command again: "
            "a move goes on where it was, a restore begins anew."
        )
    moved = moved_away(connection)
    if moved is None:
        return
    if not moved.is_done:
        raise StorageError(
            f"This database is being moved to {moved.destination}. If that was interrupted, run the same command again "
            "to go on, or `digestbot migrate --back` to stay with this one."
        )
    raise StorageError(
        f"This database was moved to {moved.destination} on {moved.at:%Y-%m-%d %H:%M} UTC: set database.url to that "
        "one. With two in use, readers would get everything twice. To use this one again, stop the bot there and run "
        "`digestbot migrate --back`; what came since then is only there."
    )
