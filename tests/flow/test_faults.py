"""Trouble in the middle of sending, with Telegram's ledger and ours compared at the end.

`make bench FULL=1` runs the same at full size.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import StartError
from bot.simulator.state.faults import Fault
from digests.errors import StorageError
from digests.model.delivery import DeliveryState
from digests.model.layout import Layout
from tests.factories.times import HOUR
from tests.flow.harness import BotHarness, open_harness
from tests.load.faults import kill_again_and_again, storm
from tests.load.killed_digests import kill_while_digests_go
from tests.load.outages import TROUBLES, disk_is_full, outage, second_bot_shares, small_disk, telegram_is_gone
from tests.postgres import Server
from tests.waiting import until


async def add_readers(harness: BotHarness, count: int) -> None:
    """Add chats whose digest of one article is due at the next slot."""
    await harness.publish("News for everybody")
    await harness.add_chats(range(1, count + 1), time="08:30")
    harness.write("Fresh news for everybody")
    await harness.app.scan()


async def counts(harness: BotHarness) -> dict[DeliveryState, int]:
    return await harness.app.stores.deliveries.counts(harness.clock.now() - 24 * HOUR)


@pytest.mark.timeout(180)
async def test_killed_at_20_random_moments(tmp_path: Path) -> None:
    audit = await kill_again_and_again(tmp_path, kills=20, chats=250)
    audit.assert_right()
    assert set(audit.states) <= {"sent", "uncertain"}
    assert audit.states.total() == 20 * 250
    # No more than what was under way when the bot was killed.
    assert audit.most_at_a_kill <= 128
    assert audit.states["uncertain"] <= 20 * audit.most_at_a_kill


@pytest.mark.timeout(180)
@pytest.mark.parametrize("layout", [Layout.LIST, Layout.GALLERY, Layout.MAGAZINE])
async def test_killed_while_digests_are_planned_and_sent(tmp_path: Path, layout: Layout) -> None:
    audit, delivered = await kill_while_digests_go(tmp_path, kills=10, chats=250, layout=layout)
    audit.assert_right()
    assert set(audit.states) <= {"sent", "uncertain"}
    assert audit.most_at_a_kill <= 128
    assert (delivered.wanted, delivered.never, delivered.twice) == (250 * 5 * 10, 0, 0)


@pytest.mark.timeout(180)
async def test_everything_goes_wrong_at_once(tmp_path: Path) -> None:
    audit, met = await storm(tmp_path, chats=1000, slow_seconds=3)
    audit.assert_right()
    assert audit.states["pending"] == audit.states["sending"] == 0
    assert set(met) >= {"error", "cut_before", "cut_after", "flood", "refuse", "slow"}
    # Two in a hundred requests, retries included.
    assert 10 <= met["refused connection"] <= 40
    # Readers who blocked the bot, except those whose connection was cut as well.
    assert 15 <= audit.states["failed"] <= 21
    assert audit.states["uncertain"] == met["cut_before"] + met["cut_after"]
    assert audit.came_of_uncertain == met["cut_after"]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", TROUBLES)
async def test_an_outage_in_the_middle_of_a_broadcast(tmp_path: Path, name: str) -> None:
    trouble, seconds = TROUBLES[name]
    audit = await outage(tmp_path, 400, trouble, min(seconds, 3))
    audit.assert_right()
    assert audit.states["sent"] + audit.states["uncertain"] == 400
    # Only connections that are cut leave doubts.
    assert audit.states["uncertain"] <= (128 if trouble is telegram_is_gone else 0)


@pytest.mark.timeout(120)
async def test_the_disk_is_full_in_the_middle_of_a_broadcast(tmp_path: Path) -> None:
    try:
        with small_disk(tmp_path):
            audit = await outage(tmp_path, 400, disk_is_full, 3)
    except PermissionError as error:
        if os.environ.get("TESTS_REQUIRE_DISK"):
            raise
        pytest.skip(str(error))
    audit.assert_right()
    assert audit.states == {DeliveryState.SENT: 400}


@pytest.mark.timeout(120)
async def test_two_bots_share_one_postgresql(tmp_path: Path, postgresql: Server) -> None:
    with postgresql.database() as url:
        audit = await outage(tmp_path, 1500, second_bot_shares, 0, url)
    audit.assert_right()
    assert audit.states == {DeliveryState.SENT: 1500}


async def test_telegram_is_gone_for_an_hour(tmp_path: Path) -> None:
    async with open_harness(tmp_path, telegram={"rate": 1000}) as harness:
        await add_readers(harness, 50)
        await harness.simulator.close_port()
        await harness.next_slot()
        for _ in range(6):
            harness.clock.move(timedelta(minutes=10))
            await harness.tick()
        assert harness.simulator.world.ledger.accepted.total() == 0
        assert await counts(harness) == {DeliveryState.PENDING: 50}
        await harness.simulator.open_port()
        harness.clock.move(timedelta(minutes=10))
        await harness.tick()
        assert harness.simulator.world.ledger.accepted == dict.fromkeys(range(1, 51), 1)
        assert await counts(harness) == {DeliveryState.SENT: 50}


async def test_the_database_is_held_by_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The bot would wait for 30 s; here it learns at once, again and again, that the database is held.
    monkeypatch.setattr("digests.storage.database.BUSY_SECONDS", 0.1)
    monkeypatch.setattr("digests.storage.engine.sqlite.BUSY_SECONDS", 0.1)
    async with open_harness(tmp_path, telegram={"rate": 60}) as harness:
        await add_readers(harness, 90)
        going = asyncio.create_task(harness.next_slot())
        accepted = harness.simulator.world.ledger.accepted
        await until(lambda: accepted.total() > 20)
        path = harness.settings.data_dir / "digestbot.db"
        other = sqlite3.connect(path, isolation_level=None, timeout=5, check_same_thread=False)
        # In a thread: the bot may be in the middle of a transaction, which has to end first.
        await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
        # What was under way may still arrive; after that, nothing leaves that cannot be written down.
        await asyncio.sleep(0.5)
        standing = accepted.total()
        await asyncio.sleep(0.5)
        assert accepted.total() == standing
        other.execute("ROLLBACK")
        other.close()
        await going
        assert accepted == dict.fromkeys(range(1, 91), 1)
        assert await counts(harness) == {DeliveryState.SENT: 90}


async def test_the_disk_fills_up_in_the_middle(tmp_path: Path) -> None:
    async with open_harness(tmp_path, telegram={"rate": 1000}) as harness:
        await add_readers(harness, 300)
        engine = harness.app.stores.database._engine
        with sqlite3.connect(harness.settings.data_dir / "digestbot.db") as look:
            pages = look.execute("PRAGMA page_count").fetchone()[0]
        look.close()

        def limit(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {pages + 1}")

        await engine.dispose()
        sa.event.listen(engine.sync_engine, "connect", limit)
        with pytest.raises(StorageError, match="free some room"):
            await harness.next_slot()
        assert harness.simulator.world.ledger.accepted.total() == 0
        sa.event.remove(engine.sync_engine, "connect", limit)
        await engine.dispose()
        await harness.tick()
        assert harness.simulator.world.ledger.accepted == dict.fromkeys(range(1, 301), 1)
        assert await counts(harness) == {DeliveryState.SENT: 300}


async def test_a_second_bot_on_the_same_files_refuses_to_start(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        second = harness.new_app()
        try:
            with pytest.raises(StartError, match="Another bot is running"):
                await second.start(scheduled=False)
        finally:
            await second.stop()


async def test_one_slow_chat_holds_up_nobody(tmp_path: Path) -> None:
    async with open_harness(tmp_path, telegram={"rate": 1000}, delivery={"workers": 8}) as harness:
        await add_readers(harness, 100)
        harness.simulator.world.faults.add(Fault("slow", chat=1, seconds=2.0))
        going = asyncio.create_task(harness.next_slot())
        accepted = harness.simulator.world.ledger.accepted
        await until(lambda: accepted.total() == 99, seconds=1.8)
        await going
        assert accepted == dict.fromkeys(range(1, 101), 1)


async def test_the_next_digest_offers_the_one_that_may_not_have_arrived(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        robin = await harness.subscriber_of("Old news")
        admin = await harness.admin()
        harness.write("The digest that was cut")
        await harness.app.scan()
        await robin.post("/sim/faults", kind="cut_before", method="sendMessage", chat=robin.id)
        await harness.next_slot()
        await admin.say("/stats")
        assert "unconfirmed 1" in (await admin.wait_for("Readers"))["caption"]
        harness.write("The digest of the day after")
        await harness.app.scan()
        await harness.next_slot()
        await robin.wait_for("The digest of the day after")
        await robin.press("may not have arrived")
        missed = await robin.wait_for("Your digest from")
        assert "The digest that was cut" in missed["text"]


async def test_an_admin_can_send_uncertain_messages_again(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        robin = await harness.subscriber_of("Old news")
        admin = await harness.admin()
        await admin.say("/uncertain")
        await admin.wait_for("Nothing is unconfirmed")
        harness.write("The digest that was cut")
        await harness.app.scan()
        await robin.post("/sim/faults", kind="cut_before", method="sendMessage", chat=robin.id)
        await harness.next_slot()
        await admin.say("/uncertain")
        await admin.wait_for("can't tell whether")
        await admin.press("Send them again")
        await admin.wait_for("Sending 1 message again")
        await harness.tick()
        await robin.wait_for("The digest that was cut")
