"""Updates that are broken, repeated or edited, and polling that has to go on."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic
from typing import Any

import pytest

from digests.doctor.health import ALIVE
from tests.factories.updates import BROKEN_UPDATES, CHAT, SECRET_WORDS, SENDER
from tests.flow.harness import BotHarness
from tests.waiting import until


def receive(harness: BotHarness, content: Any) -> int:
    """Let the bot receive an update of any form; return its number."""
    updates = harness.simulator.world.updates
    updates._last_id += 1
    updates.waiting.append({"update_id": updates._last_id, **content})
    updates._wake()
    if updates.on_new is not None:
        updates.on_new()
    return updates._last_id


@pytest.mark.parametrize("content", BROKEN_UPDATES, ids=range(len(BROKEN_UPDATES)))
async def test_a_broken_update_is_skipped(harness: BotHarness, caplog: pytest.LogCaptureFixture, content: Any) -> None:
    robin = await harness.reader()
    asked = harness.simulator.world.ledger.methods["getUpdates"]
    receive(harness, content)
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    assert harness.simulator.world.ledger.methods["getUpdates"] - asked <= 5
    assert SECRET_WORDS not in caplog.text
    began = monotonic()
    await harness.app.stop()
    assert monotonic() - began < 3


async def test_an_unreadable_update_is_logged_once_by_its_number(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    robin = await harness.reader()
    number = receive(harness, BROKEN_UPDATES[0])
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    named = [record for record in caplog.records if getattr(record, "update", None) == number]
    assert [record.message for record in named] == ["an update that can't be read was passed over"]


async def test_an_edited_command_and_one_in_a_caption_are_read(harness: BotHarness) -> None:
    await harness.publish("News of whales")
    robin = await harness.reader()
    said = await robin.say("/serch whales")
    await robin.wait_for("don't know that command")
    message: Any = harness.simulator.world.chats[robin.id].messages[said["message_id"]].as_json()
    receive(harness, {"edited_message": message | {"text": "/search whales", "edit_date": message["date"] + 1}})
    await robin.wait_for("News of whales")
    await robin.send_photo("/latest")
    await robin.wait_for("Latest")


async def test_an_edit_that_is_no_command_is_not_answered(harness: BotHarness) -> None:
    robin = await harness.reader()
    said = await robin.say("/id")
    await robin.wait_for(str(robin.id))
    message: Any = harness.simulator.world.chats[robin.id].messages[said["message_id"]].as_json()
    receive(harness, {"edited_message": message | {"text": "never mind", "edit_date": message["date"] + 1}})
    await robin.nothing_comes()


@pytest.mark.parametrize(
    "service",
    [
        {"pinned_message": {"message_id": 1, "date": 1, "chat": CHAT}},
        {"write_access_allowed": {}},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
        {"users_shared": {"request_id": 1, "users": [{"user_id": 5}]}},
    ],
    ids=["pinned", "access", "timer", "shared"],
)
async def test_service_messages_are_not_answered(harness: BotHarness, service: dict[str, Any]) -> None:
    robin = await harness.reader()
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    chat, sender = {**CHAT, "id": robin.id}, {**SENDER, "id": robin.id}
    receive(harness, {"message": {"message_id": 900, "date": 1, "chat": chat, "from": sender, **service}})
    await robin.nothing_comes(0.3)


async def test_a_repeated_update_is_handled_once(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    update = {"update_id": 5_000_000, "message": {"message_id": 1, "date": 1, "chat": {**CHAT, "id": robin.id}}}
    update["message"] |= {"from": {**SENDER, "id": robin.id}, "text": "/id"}  # type: ignore[operator]
    for _ in range(3):
        harness.app.desk.inbox.put(update)
    await robin.say("/help")
    await robin.wait_for("What I do")
    assert sum("Your Telegram id" in text for text in await robin.texts()) == 2


@pytest.mark.parametrize(("days", "answers"), [(0, 4), (2, 0)])
async def test_updates_that_a_stop_cut_off_are_answered_after_the_next_start(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch, days: int, answers: int
) -> None:
    monkeypatch.setattr("bot.process.app._STOP_SECONDS", 0.1)
    robin = await harness.reader()
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    async with harness.app.router.lock(robin.id):
        for _ in range(4):
            await robin.say("/help")

        async def are_stored() -> bool:
            return await harness.app.desk.store.waiting() == 4

        await until(are_stored)
        await harness.app.stop()
    harness.clock.move(timedelta(days=days))
    harness.app = harness.new_app()
    await harness.start()
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    assert sum("What I do" in text for text in await robin.texts()) == answers
    await harness.restart()
    await robin.say("/latest")
    await robin.wait_for("Latest")
    assert sum("What I do" in text for text in await robin.texts()) == answers


async def test_polling_starts_again_after_it_ended(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.updates.receiver._AGAIN_SECONDS", 0.05)
    app = harness.app
    receiver = app.desk.receiver
    assert receiver._polling is not None

    async def fail() -> int:
        raise RuntimeError("a bug")

    room, receiver._poller._room = receiver._poller._room, fail
    robin = await harness.reader()
    await robin.say("/id")
    await until(lambda: "polling ended unexpectedly" in caplog.text)
    await app._sign_of_life()
    assert await app.stores.people.fact(ALIVE) is None
    receiver._poller._room = room
    await until(lambda: receiver._polling is not None and not receiver._polling.done())
    said = await robin.say("/id")
    await robin.wait_for(str(robin.id), after=said)
    await app._sign_of_life()
    assert await app.stores.people.fact(ALIVE) is not None
