"""With or without a sound, pinned, and at what speed and cost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flow.announcing import add_chats, confirm, send
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import labels


async def test_it_can_be_silent_and_pinned(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce Shh")
    await admin.press("With sound")
    await admin.press("Not pinned")
    assert {"🔕 Silent", "📌 Pinned"} <= set(labels(await admin.wait_for("Announcement 1")))
    await send(admin, harness)
    message = await robin.wait_for("Shh")
    assert message["silent"]
    assert message["pinned"]


@pytest.fixture
async def paying_harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_harness(tmp_path, telegram={"paid_announcements": True}) as opened:
        await opened.publish("News")
        yield opened


async def test_the_cost_is_shown_before_an_announcement_is_paid_for(paying_harness: BotHarness) -> None:
    harness = paying_harness
    admin = await harness.admin()
    await add_chats(harness, 45)
    await admin.say("/announce Hello")
    card = await admin.wait_for("Announcement 1")
    assert "Stars" not in card["text"]
    assert "in about 2 s" in card["text"]
    await admin.press("Normal speed")
    card = await admin.wait_for("It costs up to 4.5 Stars")
    assert "in about 1 s" in card["text"]
    await admin.press("Send to 45 chats")
    await admin.wait_for("It costs up to 4.5 Stars")
    await confirm(admin)
    await harness.tick()
    await admin.wait_for("The announcement is out")
    assert harness.simulator.world.ledger.paid == 45
    await admin.say("/announce Free again")
    await send(admin, harness)
    await admin.wait_for("The announcement is out")
    assert harness.simulator.world.ledger.paid == 45


async def test_nothing_can_be_paid_for_unless_the_operator_allows_it(harness: BotHarness) -> None:
    await add_chats(harness, 3)
    admin = await harness.admin()
    await admin.say("/announce Hello")
    card = await admin.wait_for("Announcement 1")
    assert not any("Stars" in label or "free rate" in label for label in labels(card))
