"""Editing, deleting, pinning and answering."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from bot.simulator.person.driver import Person, SimulatorError
from bot.simulator.server import Simulator
from tests.unit.simulator.conftest import RawBot

KEYBOARD = {"inline_keyboard": [[{"text": "Go", "callback_data": "x"}]]}
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


async def test_edit_text(bot: RawBot, ada: Person) -> None:
    sent = await bot.send(ada.id, "<b>a</b>", parse_mode="HTML", reply_markup=KEYBOARD)
    where = {"chat_id": ada.id, "message_id": sent["message_id"]}
    same = await bot.refused("editMessageText", **where, text=" <b>a</b>", parse_mode="HTML", reply_markup=KEYBOARD)
    assert same == NOT_MODIFIED
    edited = await bot.ok("editMessageText", **where, text="<b>a</b>", parse_mode="HTML")
    assert "reply_markup" not in edited
    assert edited["edit_date"]
    assert (await ada.last())["buttons"] == []
    assert await bot.refused("editMessageText", **where, text="") == "Bad Request: message text is empty"
    refused = await bot.refused("editMessageText", **where, text="<p>", parse_mode="HTML")
    assert refused.startswith("Bad Request: can't parse entities")
    assert await bot.refused("editMessageText", **where, text="x" * 4097) == "Bad Request: message is too long"


async def test_edit_markup(bot: RawBot, ada: Person) -> None:
    sent = await bot.send(ada.id)
    where = {"chat_id": ada.id, "message_id": sent["message_id"]}
    assert (await bot.ok("editMessageReplyMarkup", **where, reply_markup=KEYBOARD))["reply_markup"] == KEYBOARD
    assert await bot.refused("editMessageReplyMarkup", **where, reply_markup=KEYBOARD) == NOT_MODIFIED
    assert "reply_markup" not in await bot.ok("editMessageReplyMarkup", **where)


async def test_messages_that_cant_be_edited(bot: RawBot, ada: Person) -> None:
    said = await ada.say("mine")
    where: dict[str, Any] = {"chat_id": ada.id, "text": "y"}
    refused = await bot.refused("editMessageText", **where, message_id=said["message_id"])
    assert refused == "Bad Request: message can't be edited"
    for number in (12345, 0):
        refused = await bot.refused("editMessageText", **where, message_id=number)
        assert refused == "Bad Request: message to edit not found"
    assert await bot.refused("editMessageText", text="y") == "Bad Request: message identifier is not specified"
    sent = await bot.send(ada.id)
    refused = await bot.refused("editMessageCaption", chat_id=ada.id, message_id=sent["message_id"], caption="c")
    assert refused == "Bad Request: there is no caption in the message to edit"


async def test_delete(bot: RawBot, ada: Person) -> None:
    first, second = await bot.send(ada.id, "one"), await bot.send(ada.id, "two")
    assert await bot.ok("deleteMessage", chat_id=ada.id, message_id=first["message_id"]) is True
    refused = await bot.refused("deleteMessage", chat_id=ada.id, message_id=first["message_id"])
    assert refused == "Bad Request: message to delete not found"
    numbers = [first["message_id"], second["message_id"]]
    assert await bot.ok("deleteMessages", chat_id=ada.id, message_ids=numbers) is True
    assert [message["text"] for message in await ada.messages()] == ["/start"]
    refused = await bot.refused("deleteMessages", chat_id=ada.id, message_ids=list(range(1, 102)))
    assert refused == "Bad Request: too many message identifiers specified"
    refused = await bot.refused("deleteMessages", chat_id=ada.id, message_ids=[])
    assert refused == "Bad Request: message identifiers are not specified"
    assert await bot.refused("deleteMessage", chat_id=ada.id) == "Bad Request: message identifier is not specified"


class _ManualClock:
    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def next_moment(self) -> datetime | None:
        return self.now() + timedelta(hours=49)

    async def move_to_next(self) -> datetime | None:
        self.ahead += timedelta(hours=49)
        return self.now()


async def test_old_messages_cant_be_deleted() -> None:
    clock = _ManualClock()
    sim = Simulator(clock=clock)
    await sim.start()
    async with aiohttp.ClientSession() as session, await Person.arrive(sim.url) as ada:
        await ada.say("/start")
        bot = RawBot(session, sim)
        sent = await bot.send(ada.id)
        assert (await ada.post("/sim/clock/next"))["moved"] is True
        refused = await bot.refused("deleteMessage", chat_id=ada.id, message_id=sent["message_id"])
        assert refused == "Bad Request: message can't be deleted for everyone"
        fresh = await bot.send(ada.id)
        assert fresh["date"] - sent["date"] >= 49 * 3600
        assert await bot.ok("deleteMessage", chat_id=ada.id, message_id=fresh["message_id"])
    await sim.stop()


async def test_pins(bot: RawBot, ada: Person) -> None:
    sent = await bot.send(ada.id)
    where = {"chat_id": ada.id, "message_id": sent["message_id"]}
    assert await bot.ok("pinChatMessage", **where) is True
    assert (await bot.ok("getChat", chat_id=ada.id))["pinned_message"]["message_id"] == sent["message_id"]
    pinned = {message["message_id"]: message["pinned"] for message in await ada.messages()}
    assert pinned[sent["message_id"]] is True
    assert await bot.ok("unpinChatMessage", chat_id=ada.id) is True
    assert await bot.refused("unpinChatMessage", **where) == "Bad Request: message to unpin not found"
    refused = await bot.refused("pinChatMessage", chat_id=ada.id, message_id=999)
    assert refused == "Bad Request: message to pin not found"


async def test_copies_and_forwards(bot: RawBot, ada: Person) -> None:
    sent = await bot.send(ada.id, "<b>a</b>", parse_mode="HTML")
    where = {"chat_id": ada.id, "from_chat_id": ada.id, "message_id": sent["message_id"]}
    copied = await bot.ok("copyMessage", **where, reply_markup=KEYBOARD)
    assert list(copied) == ["message_id"]
    assert (await ada.last())["html"] == "<b>a</b>"
    forwarded = await bot.ok("forwardMessage", **where)
    assert forwarded["forward_origin"]["type"] == "user"
    where["message_id"] = 999
    assert await bot.refused("copyMessage", **where) == "Bad Request: message to copy not found"
    assert await bot.refused("forwardMessage", **where) == "Bad Request: message to forward not found"
    where["message_ids"] = [sent["message_id"], copied["message_id"]]
    assert len(await bot.ok("copyMessages", **where)) == 2
    assert len(await bot.ok("forwardMessages", **where)) == 2


async def test_answering_a_press(bot: RawBot, ada: Person) -> None:
    await bot.send(ada.id, reply_markup=KEYBOARD)
    pressing = asyncio.create_task(ada.press("Go"))
    query = (await bot.ok("getUpdates", timeout=5))[0]["callback_query"]
    assert query["data"] == "x"
    assert query["message"]["reply_markup"] == KEYBOARD
    answer = {"callback_query_id": query["id"], "show_alert": True}
    assert await bot.refused("answerCallbackQuery", **answer, text="x" * 201) == "Bad Request: MESSAGE_TOO_LONG"
    assert [press["data"] for press in (await ada.ledger())["unanswered"]] == ["x"]
    assert await bot.ok("answerCallbackQuery", **answer, text="done") is True
    assert await pressing == {"answered": True, "text": "done", "show_alert": True, "url": None}
    assert (await ada.ledger())["unanswered"] == []
    old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert await bot.refused("answerCallbackQuery", **answer) == old
    assert await bot.refused("answerCallbackQuery", callback_query_id="nonsense") == old
    refused = await bot.refused("answerCallbackQuery", callback_query_id=query["id"], url="https://evil.example")
    assert refused == "Bad Request: URL_INVALID"


async def test_an_old_press(bot: RawBot, ada: Person, sim: Simulator) -> None:
    sent = await bot.send(ada.id, reply_markup=KEYBOARD)
    fields = {"user": ada.id, "message": sent["message_id"], "data": "x", "wait": 0.05}
    assert (await ada.post("/sim/press", **fields))["answered"] is False
    press = sim.world.presses.unanswered()[0]
    sim.world.presses.expire(press.id)
    assert "too old" in await bot.refused("answerCallbackQuery", callback_query_id=press.id)


@pytest.mark.parametrize("data", ["y", ""])
async def test_buttons_that_are_not_there(bot: RawBot, ada: Person, data: str) -> None:
    sent = await bot.send(ada.id, reply_markup=KEYBOARD)
    with pytest.raises(SimulatorError, match="no button"):
        await ada.post("/sim/press", user=ada.id, message=sent["message_id"], data=data)
    await bot.ok("deleteMessage", chat_id=ada.id, message_id=sent["message_id"])
    with pytest.raises(SimulatorError, match="no message"):
        await ada.post("/sim/press", user=ada.id, message=sent["message_id"], data="x")
