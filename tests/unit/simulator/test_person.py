"""The person's side over HTTP, as the chat page uses it."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.simulator.person.driver import Person, SimulatorError
from bot.simulator.server import Simulator
from tests.unit.simulator.conftest import RawBot
from tests.waiting import until

KEYBOARD = {
    "inline_keyboard": [
        [{"text": "Go", "callback_data": "x", "style": "success"}, {"text": "Web", "url": "https://a.b/c"}],
        [{"text": "Copy", "copy_text": {"text": "secret"}}, {"text": "Inline", "switch_inline_query": ""}],
    ]
}


async def test_people(sim: Simulator, ada: Person) -> None:
    changed = await ada.post("/sim/users", id=ada.id, first_name="Ada", last_name="L", language_code="zh-hans")
    assert changed == {
        "id": ada.id, "is_bot": False, "first_name": "Ada", "last_name": "L", "language_code": "zh-hans",
        "blocked": False, "deactivated": False, "started": True, "rich": "shown",
    }  # fmt: skip
    page = await ada.get("/sim/users")
    assert [user["id"] for user in page["users"]] == [ada.id]
    assert page["bot"]["username"] == "digest_demo_bot"
    async with await Person.arrive(sim.url, "Bob", user_id=77, username="bob") as bob:
        assert bob.id == 77
        assert bob.user["started"] is False


async def test_saying(bot: RawBot, ada: Person) -> None:
    said = await ada.say("  /start abc-1 see https://a.com @digest_demo_bot  ")
    assert said["text"] == "/start abc-1 see https://a.com @digest_demo_bot"
    assert [entity["type"] for entity in said["entities"]] == ["bot_command", "url", "mention"]
    assert said["outgoing"] is True
    update = (await bot.updates())[0]["message"]
    assert update["text"] == said["text"]
    assert update["from"] == {"id": ada.id, "is_bot": False, "first_name": "Ada", "language_code": "en"}
    bold = await ada.say("bold", entities=[{"type": "bold", "offset": 0, "length": 4}])
    assert bold["html"] == "<b>bold</b>"
    for text in ("", "  ", "x" * 4097):
        with pytest.raises(SimulatorError):
            await ada.say(text)


async def test_opening_start_links(bot: RawBot, ada: Person) -> None:
    said = await ada.open("https://t.me/digest_demo_bot?start=abc_-1")
    assert said["text"] == "/start abc_-1"
    for link in ("https://t.me/other?start=x", "https://t.me/digest_demo_bot?start=" + "x" * 65, "nonsense"):
        with pytest.raises(SimulatorError):
            await ada.open(link)


async def test_a_message_as_the_page_gets_it(bot: RawBot, ada: Person) -> None:
    await bot.send(
        ada.id, '<b>A</b> <a href="https://a.b/">link</a> /help', parse_mode="HTML", reply_markup=KEYBOARD,
        link_preview_options={"url": "https://p.q/x.jpg", "prefer_large_media": True}, disable_notification=True,
    )  # fmt: skip
    message = await ada.last()
    assert message["html"] == (
        '<b>A</b> <a href="https://a.b/" target="_blank" rel="noopener noreferrer">link</a> '
        '<a class="command" data-command="/help">/help</a>'
    )
    assert message["preview"] == {"url": "https://p.q/x.jpg", "large": True, "above": False}
    assert message["silent"] is True
    assert message["buttons"] == [
        [
            {"text": "Go", "kind": "callback", "data": "x", "style": "success"},
            {"text": "Web", "kind": "url", "url": "https://a.b/c"},
        ],
        [{"text": "Copy", "kind": "copy", "copy": "secret"}, {"text": "Inline", "kind": "inline", "query": ""}],
    ]
    await bot.send(ada.id, "see https://first.org and https://second.org")
    assert (await ada.last())["preview"] == {"url": "https://first.org/", "large": False, "above": False}
    await bot.send(ada.id, "see https://first.org", link_preview_options={"is_disabled": True})
    assert (await ada.last())["preview"] is None


async def test_chats_and_unread(bot: RawBot, ada: Person, sim: Simulator) -> None:
    for _ in range(3):
        await bot.send(ada.id)
    group = await ada.found_group("G")
    chats = await ada.chats()
    assert [(chat["id"], chat["unread"]) for chat in chats] == [(group, 0), (ada.id, 3)]
    assert chats[1]["title"] == "Digest"
    assert chats[1]["last_message"]["text"] == "hello"
    assert chats[0]["last_message"]["service"] == "Ada created “G”"
    await ada.post("/sim/read", user=ada.id)
    assert (await ada.chats())[1]["unread"] == 0
    async with await Person.arrive(sim.url, "Bob") as bob:
        with pytest.raises(SimulatorError, match="does not see"):
            await bob.messages(group)
        with pytest.raises(SimulatorError, match="another person"):
            await bob.say("x", chat=ada.id)


async def test_messages_after_a_moment(bot: RawBot, ada: Person) -> None:
    first = await bot.send(ada.id, "one")
    page = await ada.get("/sim/messages", user=ada.id)
    assert [message.get("text") for message in page["messages"]] == ["/start", "one"]
    await bot.send(ada.id, "two")
    await bot.ok("editMessageText", chat_id=ada.id, message_id=first["message_id"], text="one!")
    page = await ada.get("/sim/messages", user=ada.id, after=page["seq"])
    assert [(message["text"], message["edited"]) for message in page["messages"]] == [("one!", True), ("two", False)]
    await bot.ok("deleteMessage", chat_id=ada.id, message_id=first["message_id"])
    page = await ada.get("/sim/messages", user=ada.id, after=page["seq"])
    assert [(message.get("text"), message["deleted"]) for message in page["messages"]] == [(None, True)]
    page = await ada.get("/sim/messages", user=ada.id, limit=1)
    assert [message["text"] for message in page["messages"]] == ["two"]


async def test_events(bot: RawBot, ada: Person, sim: Simulator) -> None:
    begin = await ada.get("/sim/events", user=ada.id, after=0)
    assert (begin["events"], begin["reset"]) == ([], False)
    waiting = asyncio.create_task(ada.get("/sim/events", user=ada.id, after=begin["seq"]))
    await until(lambda: sim.world.events.is_awaited)
    other = sim.world.add_user("Other", started=True)
    await bot.send(other.id)
    sent = await bot.send(ada.id)
    seen = await waiting
    assert [(event["type"], event["chat"]) for event in seen["events"]] == [("message", ada.id)]
    assert seen["events"][0]["message"]["text"] == "hello"
    await bot.ok("sendChatAction", chat_id=ada.id, action="typing")
    await bot.ok("editMessageText", chat_id=ada.id, message_id=sent["message_id"], text="y", reply_markup=KEYBOARD)
    await bot.ok("setMyCommands", commands=[])
    press = asyncio.create_task(ada.press("Go"))
    query = (await bot.ok("getUpdates", timeout=5))[-1]["callback_query"]
    await bot.ok("answerCallbackQuery", callback_query_id=query["id"], text="ok")
    await press
    await bot.ok("deleteMessage", chat_id=ada.id, message_id=sent["message_id"])
    seen = await ada.get("/sim/events", user=ada.id, after=seen["seq"])
    assert [event["type"] for event in seen["events"]] == ["typing", "edited", "commands", "answer", "deleted"]
    assert seen["events"][0]["action"] == "typing"
    assert (seen["events"][3]["text"], seen["events"][3]["message_id"]) == ("ok", sent["message_id"])
    started = time.monotonic()
    assert (await ada.get("/sim/events", user=ada.id, after=seen["seq"], wait=0.2))["events"] == []
    assert time.monotonic() - started < 2
    assert (await ada.get("/sim/events", user=ada.id, after=10**9))["reset"] is True


async def test_a_page_that_missed_too_many_events(bot: RawBot, ada: Person, sim: Simulator) -> None:
    for _ in range(20_050):
        sim.world.events.add("chat", 1)
    assert (await ada.get("/sim/events", user=ada.id, after=1))["reset"] is True


class _PlannedClock:
    def __init__(self) -> None:
        self.moments = [timedelta(hours=8)]
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + self.ahead

    async def next_moment(self) -> datetime | None:
        return self.now() + self.moments[0] if self.moments else None

    async def move_to_next(self) -> datetime | None:
        if not self.moments:
            return None
        self.ahead += self.moments.pop(0)
        return self.now()


async def test_the_clock(ada: Person) -> None:
    with pytest.raises(SimulatorError, match="no clock"):
        await ada.get("/sim/clock")
    sim = Simulator(clock=_PlannedClock())
    await sim.start()
    async with await Person.arrive(sim.url) as bob:
        assert await bob.get("/sim/clock") == {"now": "2026-01-01T00:00:00+00:00", "next": "2026-01-01T08:00:00+00:00"}
        assert await bob.post("/sim/clock/next") == {"now": "2026-01-01T08:00:00+00:00", "moved": True}
        assert await bob.post("/sim/clock/next") == {"now": "2026-01-01T08:00:00+00:00", "moved": False}
        assert (await bob.get("/sim/clock"))["next"] is None
        assert (await bob.say("x"))["date"] == 1767254400
    await sim.stop()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "localhost:1"}, 200),
        ({"Host": "[::1]:8080"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
async def test_pages_of_other_sites_are_kept_out(
    sim: Simulator, session: aiohttp.ClientSession, headers: dict[str, str], status: int
) -> None:
    for path in ("/sim/users", "/sim/ledger"):
        async with session.get(sim.url + path, headers=headers) as response:
            assert response.status == status


async def test_our_own_page_may_post(sim: Simulator, session: aiohttp.ClientSession) -> None:
    url = f"{sim.url}/sim/users"
    async with session.post(url, json={"first_name": "A"}, headers={"Origin": sim.url}) as response:
        assert response.status == 200
    async with session.post(url, data='{"first_name": "A"}', headers={"Content-Type": "text/plain"}) as response:
        assert response.status == 403
    for body in ("{", "[]"):
        headers = {"Content-Type": "application/json"}
        async with session.post(url, data=body, headers=headers) as response:
            assert response.status == 400
            assert "error" in await response.json()


@pytest.mark.parametrize(
    ("path", "fields", "sentence"),
    [
        ("/sim/users", {}, "first_name is missing"),
        ("/sim/users", {"first_name": 1}, "must be a text"),
        ("/sim/users", {"first_name": "x", "id": -1}, "can't be a new user"),
        ("/sim/say", {"user": "x", "text": "y"}, "must be a whole number"),
        ("/sim/say", {"user": 4711, "text": "y"}, "no user 4711"),
        ("/sim/say", {"user": 1001, "text": "y", "chat": 4711}, "no chat 4711"),
        ("/sim/say", {"user": 1001, "photo": "???"}, "base64"),
        ("/sim/say", {"user": 1001, "photo": "AAAA"}, "IMAGE_PROCESS_FAILED"),
        ("/sim/groups", {"creator": 1001, "title": " "}, "needs a title"),
        ("/sim/groups", {"creator": 1001, "title": "x", "type": "club"}, "type must be"),
        ("/sim/groups", {"creator": 1001, "title": "x", "type": "group", "is_forum": True}, "only supergroups"),
        ("/sim/groups/upgrade", {"chat": 1001}, "private chat"),
        ("/sim/people", {"count": 0}, "count must be"),
    ],
)
async def test_wrong_requests_get_a_sentence(ada: Person, path: str, fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SimulatorError, match=sentence):
        await ada.post(path, **fields)


async def test_the_page_and_its_headers(sim: Simulator, session: aiohttp.ClientSession, tmp_path: Any,
                                        monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    (tmp_path / "index.html").write_text("<p>hello</p>")
    (tmp_path / "app.js").write_text("1")
    (tmp_path / "secret.py").write_text("1")
    monkeypatch.setattr("bot.simulator.person.endpoints.page._FOLDER", tmp_path)
    async with session.get(sim.url + "/") as response:
        assert await response.text() == "<p>hello</p>"
        assert response.content_type == "text/html"
        assert response.headers["Cache-Control"] == "no-store"
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    async with session.get(sim.url + "/page/app.js") as response:
        assert response.content_type == "text/javascript"
    for path in ("/page/secret.py", "/page/none.js", "/page/%2e%2e/server.py", "/page/..%2f..%2fapp.py"):
        async with session.get(sim.url + path) as response:
            assert response.status == 404
    async with session.get(sim.url + "/", headers={"Host": "evil.example"}) as response:
        assert response.status == 403


async def test_pictures_for_posts(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(b"picture")
    (tmp_path / "notes.txt").write_text("no picture")
    sim = Simulator(pictures=tmp_path)
    await sim.start()
    assert sim.world.get_or_add_user(5, "Robin", language_code="en") is sim.world.get_or_add_user(5, "Another")
    async with session.get(f"{sim.url}/pictures/one.png") as response:
        assert (response.content_type, await response.read()) == ("image/png", b"picture")
    for name in ("none.png", "notes.txt", "..%2fone.png%2f.."):
        async with session.get(f"{sim.url}/pictures/{name}") as response:
            assert response.status == 404
    await sim.stop()
