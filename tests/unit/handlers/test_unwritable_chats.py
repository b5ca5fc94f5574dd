"""Chats in which the bot may not write, or was for a moment only: what comes from there is no fault of the bot's."""

from __future__ import annotations

from typing import Any

import pytest

from bot.updates.arrivals import read_arrival
from digests.model.place import PlaceState
from tests.unit.handlers.harness import BOT, DATE, GROUP, ROBIN, HandlerHarness

_REFUSALS = (
    ("Forbidden: bot was kicked from the supergroup chat", 403),
    ("Bad Request: not enough rights to send text messages to the chat", 400),
    ("Bad Request: chat not found", 400),
)


async def handle(harness: HandlerHarness, raw: dict[str, Any]) -> None:
    arrival = read_arrival(raw)
    assert arrival is not None
    await harness.parts.router.handle(arrival)


@pytest.mark.parametrize(("words", "status"), _REFUSALS)
async def test_a_group_that_cannot_be_greeted_is_left_in_peace(
    harness: HandlerHarness, caplog: pytest.LogCaptureFixture, words: str, status: int
) -> None:
    harness.telegram.refuse("sendMessage", words, status=status)
    change = {
        "chat": GROUP,
        "from": ROBIN,
        "date": DATE,
        "old_chat_member": {"status": "left", "user": BOT},
        "new_chat_member": {"status": "member", "user": BOT},
    }
    await handle(harness, {"update_id": 1, "my_chat_member": change})
    assert len(harness.telegram.called("sendMessage")) == 1
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize(("words", "status"), _REFUSALS)
async def test_a_command_where_nothing_can_be_written_is_no_fault(
    harness: HandlerHarness, caplog: pytest.LogCaptureFixture, words: str, status: int
) -> None:
    harness.telegram.refuse("sendMessage", words, status=status, chat_id=GROUP["id"])
    await handle(harness, harness.message("/privacy", chat=GROUP))
    assert harness.telegram.called("sendMessage")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    await handle(harness, harness.message("/privacy"))
    assert "What I keep" in harness.telegram.shown[-1].text
    own = await harness.stores.places.find(ROBIN["id"])
    assert own is not None
    assert own.state is not PlaceState.UNREACHABLE
