"""The person for tests, and the simulator in a process of its own."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from typing import Any

import aiohttp
import pytest

from bot.simulator.person.driver import Person
from bot.simulator.server import Simulator
from tests.unit.simulator.conftest import RawBot
from tests.waiting import until

KEYBOARD = {"inline_keyboard": [[{"text": "Go on", "callback_data": "x"}, {"text": "Web", "url": "https://a.b"}]]}


async def test_wait_for_finds_new_and_edited_messages(bot: RawBot, ada: Person, sim: Simulator) -> None:
    waiting = asyncio.create_task(ada.wait_for("digest"))
    await until(lambda: sim.world.events.is_awaited)
    await bot.send(ada.id, "something else")
    sent = await bot.send(ada.id, "your digest")
    message = await waiting
    assert message["message_id"] == sent["message_id"]
    waiting = asyncio.create_task(ada.wait_for(lambda message: message["edited"], after=message))
    await until(lambda: sim.world.events.is_awaited)
    await bot.ok("editMessageText", chat_id=ada.id, message_id=sent["message_id"], text="your digest!")
    assert (await waiting)["text"] == "your digest!"


async def test_failures_show_the_chat(bot: RawBot, ada: Person) -> None:
    await bot.send(ada.id, "something", reply_markup=KEYBOARD)
    with pytest.raises(AssertionError) as failure:
        await ada.wait_for("digest", seconds=0.1)
    assert str(failure.value).splitlines() == [
        "'digest' did not come within 0.1 s",
        "--- the chat so far ---",
        "#1 Ada: /start",
        "#2 Digest: something",
        "      [Go on] | [Web]",
        "---",
    ]
    with pytest.raises(AssertionError, match=r"no button 'Stop' to press(?s:.*)\[Go on\]"):
        await ada.press("Stop", seconds=0.1)
    with pytest.raises(AssertionError, match="is a url button"):
        await ada.press("Web")


async def test_press_takes_a_predicate_and_the_newest_message(bot: RawBot, ada: Person) -> None:
    await bot.send(ada.id, "old", reply_markup=KEYBOARD)
    newest = await bot.send(ada.id, "new", reply_markup=KEYBOARD)
    pressing = asyncio.create_task(ada.press(lambda button: button.get("data") == "x"))
    query = (await bot.ok("getUpdates", timeout=5))[0]["callback_query"]
    assert query["message"]["message_id"] == newest["message_id"]
    await bot.ok("answerCallbackQuery", callback_query_id=query["id"])
    assert (await pressing)["text"] == ""


async def test_nothing_comes(bot: RawBot, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    await ada.nothing_comes(0.05)
    get = ada.get

    async def get_and_send(path: str, **query: Any) -> dict[str, Any]:
        answer = await get(path, **query)
        await bot.send(ada.id)
        return answer

    monkeypatch.setattr(ada, "get", get_and_send)
    with pytest.raises(AssertionError, match="no message was expected"):
        await ada.nothing_comes(0)


async def test_last_of_an_empty_chat(ada: Person) -> None:
    with pytest.raises(AssertionError, match="nobody wrote"):
        await ada.last()


async def test_in_a_process_of_its_own() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.simulator", "--token", "9:x", "--strict-rates", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    async with aiohttp.ClientSession() as session, session.get(f"{ready['url']}/bot9:x/getMe") as response:
        assert (await response.json())["result"]["id"] == 9
    second = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.simulator", "--port", ready["url"].rpartition(":")[2],
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await second.communicate()
    assert second.returncode == 1
    assert b"can't be listened on" in said
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
    assert time.monotonic() - started < 3


async def test_the_process_exits_by_itself() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.simulator", "--seconds", "0.1", stdout=asyncio.subprocess.PIPE
    )
    await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0
