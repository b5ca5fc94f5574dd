"""The audit log."""

from __future__ import annotations

from digests.model.audit import AuditAct
from digests.storage.database import Database
from digests.storage.people.audit import AuditLog
from tests.factories.times import NOW


async def test_the_newest_entries_come_first(database: Database) -> None:
    log = AuditLog(database)
    for number in range(3):
        await log.add(number, AuditAct.PAUSE, {"announcement": number}, NOW)
    entries, total = await log.page(1, 1)
    assert total == 3
    (entry,) = entries
    assert (entry.user_id, entry.act, entry.details, entry.at) == (1, AuditAct.PAUSE, {"announcement": 1}, NOW)
