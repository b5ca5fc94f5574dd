"""What the doctor checks of the database: its server, what stands before it, clocks, the queue and the last backup."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from digests.model.backup import LAST_BACKUP
from digests.model.check import Check
from digests.model.process import MOST_SKEW
from digests.offload import in_own_thread
from digests.storage.cluster.server_clock import ServerClock
from digests.storage.database import Database
from digests.storage.engine.encryption import server_encryption
from digests.storage.engine.server import Pooling, pooling_of
from digests.storage.people.people import PeopleStore
from digests.storage.statistics.database_state import DatabaseState

LATE = timedelta(minutes=10)
"""A delivery that is due for so long waits for too long."""
_BACKUP_DAYS = 7
ENCRYPTION = "encryption to the database"


async def database_checks(database: Database, people: PeopleStore, now: datetime) -> list[Check]:
    """Check the database; raise StorageError where it does not answer."""
    state = DatabaseState(database)
    checks = [Check("ok", "database", await state.description())]
    if not database.is_sqlite:
        checks += [await _pooler(database), _encryption(database), await _clocks(database)]
    checks.append(_queue(await state.oldest_due(now), now))
    checks.append(_backup(await people.fact(LAST_BACKUP), now))
    return checks


async def _pooler(database: Database) -> Check:
    match await in_own_thread(pooling_of, database.url):
        case Pooling.NONE:
            return Check("ok", "way to the database", "straight to the server")
        case Pooling.SESSION:
            return Check("ok", "way to the database", "through a pooler that gives sessions")
        case Pooling.TRANSACTION:
            return Check(
                "error",
                "way to the database",
                "through a pooler in transaction mode, where locks and wakes of several processes don't hold: give "
                "database.url the server itself, or a pool in session mode (docs/poolers.md)",
            )


def _encryption(database: Database) -> Check:
    found = server_encryption(database.url)
    if found.trouble is not None:
        return Check("warning", ENCRYPTION, found.trouble)
    if not found.hosts:
        return Check("ok", ENCRYPTION, "not needed: the server is on this machine")
    return Check("ok", ENCRYPTION, f"sslmode={found.sslmode}")


async def _clocks(database: Database) -> Check:
    clock = ServerClock(database)
    await clock.refresh()
    level: Literal["ok", "warning"] = "warning" if abs(clock.skew) > MOST_SKEW else "ok"
    fix = ". The bot goes by the server's; set this one right, by NTP, for its logs" if level == "warning" else ""
    return Check(level, "clock", f"{clock.skew:+.1f} s against the database's server{fix}")


def _queue(oldest: datetime | None, now: datetime) -> Check:
    if oldest is None or now - oldest < LATE:
        return Check("ok", "queue", "nothing is late")
    minutes = (now - oldest).total_seconds() / 60
    return Check(
        "warning",
        "queue",
        f"the oldest message is due for {minutes:,.0f} minutes: see that a bot or a worker that sends is running, and "
        "that telegram.rate fits your readers",
    )


def _backup(last: tuple[str, datetime] | None, now: datetime) -> Check:
    if last is None:
        return Check("ok", "last backup", "none yet: `digestbot backup FILE` makes one while the bot runs")
    text, at = last
    said = f"{at:%Y-%m-%d %H:%M} UTC, {text}"
    if now - at > timedelta(days=_BACKUP_DAYS):
        return Check("warning", "last backup", f"{said}. That is long ago: make another one, best by a timer")
    return Check("ok", "last backup", said)
