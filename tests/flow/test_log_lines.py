"""What a day of the bot leaves in its log: a line for each delivery, and nothing of readers or texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.simulator.state.faults import Fault
from config.logs import configure_logging
from tests.factories.times import HOUR
from tests.flow.harness import TOKEN, BotHarness, open_harness


async def test_each_delivery_is_a_line_without_ids_texts_or_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_harness(tmp_path, log={"level": "info", "format": "json"}) as harness:
        configure_logging(harness.settings)
        ids = await live(harness)
        printed = capsys.readouterr().err
    lines = [json.loads(line) for line in printed.splitlines()]
    ended = [line for line in lines if line["event"] == "delivery"]
    assert [line["outcome"] for line in ended].count("sent") >= 3
    assert [line["outcome"] for line in ended].count("failed") == 1
    for line in ended:
        assert set(line) == {
            "event", "level", "logger", "timestamp", "delivery", "kind", "place", "chat", "outcome", "parts", "ms",
        }  # fmt: skip
    assert len({(line["place"], line["chat"]) for line in ended}) == len({line["place"] for line in ended}) == 2
    for secret in (*map(str, ids), TOKEN.split(":")[1], "Moon", "Sun", "Robin", "Kim", "harbour"):
        assert secret not in printed, [line for line in lines if secret in json.dumps(line)]


async def live(harness: BotHarness) -> tuple[int, ...]:
    """Have readers get digests, look things up and leave; return the ids of their chats."""
    robin = await harness.subscriber_of("Moon landing")
    kim = await harness.subscriber("Kim")
    await robin.say("/search harbour")
    await robin.say("just a sentence about the harbour")
    await harness.publish("Sun rises")
    harness.simulator.world.faults.add(Fault("flood", method="sendMessage", chat=robin.id, seconds=1))
    harness.simulator.world.users[kim.id].blocked = True
    await harness.next_slot()
    harness.clock.move(HOUR)
    await harness.tick()
    await robin.wait_for("Sun rises")
    return robin.id, kim.id
