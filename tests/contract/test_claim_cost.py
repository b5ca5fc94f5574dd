"""How PostgreSQL looks for what to claim: by indexes, beside much that is open and much that was sent before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from digests.storage.database import Database
from digests.storage.deliveries.ledger import LedgerStore
from tests.factories.times import NOW
from tests.load.database import add_chats
from tests.load.ledger import add_old, plan_messages
from tests.postgres import Server

LEASE = timedelta(minutes=2)
CHATS, OLD = 3000, 20_000


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    with postgresql.database() as made:
        yield made


async def plans_of_a_claim(url: str) -> list[str]:
    """Return how the server goes about the look-ups of a claim, while another worker holds some deliveries."""
    database = Database(url)
    await add_chats(database, range(1, CHATS + 1), NOW)
    await plan_messages(database, NOW)
    await add_old(database, OLD, NOW)
    # As the server does by itself, within a minute.
    async with database.write() as connection:
        await connection.execute(sa.text("ANALYZE"))
    ledger = LedgerStore(database)
    assert len(await ledger.claim("other", NOW, LEASE, 100)) == 100
    said: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        said.append((statement, values))

    sa.event.listen(database._engine.sync_engine, "before_cursor_execute", note)
    assert len(await ledger.claim("me", NOW, LEASE, 100)) == 100
    sa.event.remove(database._engine.sync_engine, "before_cursor_execute", note)
    plans = []
    async with database.read() as connection:
        for statement, values in said:
            if "FROM deliveries" in statement or "lately" in statement:
                lines = await connection.exec_driver_sql(f"EXPLAIN {statement}", values)
                plans.append("\n".join(row[0] for row in lines))
    await database.close()
    return plans


async def test_a_claim_compares_nothing_with_all_that_is_open_or_was_sent(url: str) -> None:
    plans = await plans_of_a_claim(url)
    choosing = [plan for plan in plans if "SubPlan" in plan]
    assert len(choosing) == 3
    for plan in choosing:
        assert "Anti Join" not in plan
        assert "Seq Scan on deliveries" not in plan
        assert "Index Scan using ix_deliveries_place_id_settled_at on deliveries earlier" in plan
    (_, waiting, _) = choosing
    assert "Index Scan using ix_deliveries_state_due_at_id on deliveries" in waiting
    assert "Sort" not in waiting
    (others,) = [plan for plan in plans if "CTE lately" in plan]
    assert "settled_at IS NULL" in others
    assert "Index Scan using ix_deliveries_place_id_settled_at" in others
