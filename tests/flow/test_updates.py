"""Updates as they come: broken ones, repeated ones, edited ones; by polling and by webhook."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.simulator.server import Simulator
from bot.telegram import webhook
from bot.telegram.polling import Poller
from bot.telegram.request import AiohttpRequest
from digests.doctor import ALIVE
from tests.flow.stage import TOKEN, BotHarness, open_stage

SECRET_WORDS = "what a person wrote in confidence"
_CHAT = {"id": 77, "type": "private", "first_name": "Kim"}
_FROM = {"id": 77, "is_bot": False, "first_name": "Kim"}
BROKEN: list[Any] = [
    {"message": {"text": SECRET_WORDS}},
    {"message": {"message_id": "x", "date": SECRET_WORDS, "chat": _CHAT, "from": _FROM, "text": SECRET_WORDS}},
    {"message": {"message_id": 1, "date": 10**30, "chat": _CHAT, "from": _FROM, "text": SECRET_WORDS}},
    {"message": {"message_id": 1, "date": 1, "chat": _CHAT, "from": [SECRET_WORDS], "text": SECRET_WORDS}},
    {"message": {"message_id": 1, "date": 1, "chat": _CHAT, "from": _FROM, "text": 5, "entities": SECRET_WORDS}},
    {"message": {"message_id": 1, "date": 1, "chat": [], "from": _FROM, "text": SECRET_WORDS}},
    {"message": {"message_id": 1, "date": 1, "chat": {**_CHAT, "type": SECRET_WORDS}, "from": _FROM, "text": "/id"}},
    {"message": SECRET_WORDS},
    {"callback_query": {"id": "1", "from": _FROM, "data": SECRET_WORDS}},
    {"callback_query": {"id": 1, "from": SECRET_WORDS, "data": [SECRET_WORDS], "message": {"chat": _CHAT}}},
    {"my_chat_member": {"chat": _CHAT, "from": _FROM, "date": 1, "old_chat_member": SECRET_WORDS}},
    {"my_chat_member": [SECRET_WORDS]},
    {"of_a_newer_bot_api": {"words": SECRET_WORDS}},
    {},
]


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_stage(tmp_path) as opened:
        yield opened


def bring(harness: BotHarness, content: Any) -> int:
    """Lays an update of any form before the bot."""
    updates = harness.simulator.world.updates
    updates._last_id += 1
    updates.waiting.append({"update_id": updates._last_id, **content})
    updates._wake()
    if updates.on_new is not None:
        updates.on_new()
    return updates._last_id


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
async def test_a_broken_update_is_passed_over(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, content: Any
) -> None:
    robin = await harness.reader()
    asked = harness.simulator.world.ledger.methods["getUpdates"]
    bring(harness, content)
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    assert harness.simulator.world.ledger.methods["getUpdates"] - asked <= 5
    assert SECRET_WORDS not in caplog.text
    began = monotonic()
    await harness.app.stop()
    assert monotonic() - began < 3


async def test_what_cannot_be_read_is_named_once_by_its_number(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    robin = await harness.reader()
    number = bring(harness, BROKEN[0])
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
    bring(harness, {"edited_message": message | {"text": "/search whales", "edit_date": message["date"] + 1}})
    await robin.wait_for("News of whales")
    await robin.send_photo("/latest")
    await robin.wait_for("Latest")


async def test_an_edit_that_is_no_command_is_not_answered(harness: BotHarness) -> None:
    robin = await harness.reader()
    said = await robin.say("/id")
    await robin.wait_for(str(robin.id))
    message: Any = harness.simulator.world.chats[robin.id].messages[said["message_id"]].as_json()
    bring(harness, {"edited_message": message | {"text": "never mind", "edit_date": message["date"] + 1}})
    await robin.nothing_comes()


@pytest.mark.parametrize(
    "service",
    [
        {"pinned_message": {"message_id": 1, "date": 1, "chat": _CHAT}},
        {"write_access_allowed": {}},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
        {"users_shared": {"request_id": 1, "users": [{"user_id": 5}]}},
    ],
    ids=["pinned", "access", "timer", "shared"],
)
async def test_what_only_tells_what_happened_is_not_answered(harness: BotHarness, service: dict[str, Any]) -> None:
    robin = await harness.reader()
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    chat, sender = {**_CHAT, "id": robin.id}, {**_FROM, "id": robin.id}
    bring(harness, {"message": {"message_id": 900, "date": 1, "chat": chat, "from": sender, **service}})
    await robin.nothing_comes(0.3)


async def test_the_same_update_twice_is_dealt_with_once(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    update = {"update_id": 5_000_000, "message": {"message_id": 1, "date": 1, "chat": {**_CHAT, "id": robin.id}}}
    update["message"] |= {"from": {**_FROM, "id": robin.id}, "text": "/id"}  # type: ignore[operator]
    for _ in range(3):
        harness.app.inbox.put(update)
    await robin.say("/help")
    await robin.wait_for("What I do")
    assert sum("Your Telegram id" in text for text in await robin.texts()) == 2


@pytest.mark.parametrize(("days", "answers"), [(0, 3), (2, 0)])
async def test_what_a_stop_cut_short_is_answered_after_the_next_start(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch, days: int, answers: int
) -> None:
    monkeypatch.setattr("bot.app._STOP_SECONDS", 0.1)
    robin = await harness.reader()
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    async with harness.app.router.lock(robin.id):
        for _ in range(4):
            await robin.say("/help")
        await harness.until(lambda: _all_taken(harness))
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


async def _all_taken(harness: BotHarness) -> bool:
    return len(harness.app.inbox.left_over) == 3


async def test_asking_for_updates_begins_again_when_it_ended(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.updates.receiver._AGAIN_SECONDS", 0.05)
    app = harness.app
    receiver = app.receiver
    assert receiver._polling is not None

    async def fail() -> int:
        raise RuntimeError("a bug")

    room, receiver._poller._room = receiver._poller._room, fail
    robin = await harness.reader()
    await robin.say("/id")
    async with asyncio.timeout(5):
        while "asking for updates came to an end" not in caplog.text:
            await asyncio.sleep(0.02)
    await app._sign_of_life()
    assert await app.stores.people.fact(ALIVE) is None
    receiver._poller._room = room
    async with asyncio.timeout(5):
        while receiver._polling.done():
            await asyncio.sleep(0.02)
    said = await robin.say("/id")
    await robin.wait_for(str(robin.id), after=said)
    await app._sign_of_life()
    assert await app.stores.people.fact(ALIVE) is not None


async def test_a_poller_passes_over_what_is_no_json_and_pauses_after_failures() -> None:
    """An answer that can't be read as a whole is asked for one by one."""
    good = {"update_id": 12, "message": {"text": "fine"}}
    answers = {
        10: b'{"ok": true, "result": [{"update_id": 10, "message": ' + b"[" * 100_000,
        11: b'{"ok": true, "result": [{"update_id": 11, "message": "\xff\xfe broken',
        12: json.dumps({"ok": True, "result": [good]}).encode(),
    }
    asked: list[tuple[int, int]] = []

    async def answer(request: web.Request) -> web.Response:
        fields = await request.json()
        asked.append((fields["offset"], fields["limit"]))
        await asyncio.sleep(0.01)
        number = max(10, fields["offset"])
        return web.Response(body=answers.get(number, b'{"ok": true, "result": []}'))

    taken: list[Any] = []
    async with serving(answer) as url:
        connections = AiohttpRequest(connections=1)
        poller = Poller(f"{url}/bot1:x", connections, _some_room, taken.append, seconds=1, kinds=["message"])
        running = asyncio.create_task(poller.run())
        async with asyncio.timeout(20):
            while not taken:
                assert len(asked) < 10
                await asyncio.sleep(0.02)
        running.cancel()
        await connections.shutdown()
    assert taken == [good]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b'{"ok": true, "result": [1, null, "x", [], {}]}'),
        (200, b'{"ok": true, "result": [{"update_id": -5}]}'),
        (200, b'{"ok": true, "result": [{"update_id": 1.5}]}'),
        (200, b'{"ok": false, "error_code": 502}'),
        (200, b"<html>"),
        (429, b'{"ok": false, "parameters": {"retry_after": "soon"}}'),
        (429, b'{"ok": false, "parameters": {"retry_after": 1e999}}'),
        (429, b'{"ok": false, "parameters": [1]}'),
        (400, b'{"ok": false, "parameters": {"migrate_to_chat_id": "x"}}'),
        (400, b"[" * 100_000),
        (502, b"\xff\xfe"),
    ],
    ids=range(11),
)
async def test_a_poller_goes_on_and_pauses_whatever_it_is_answered(status: int, body: bytes) -> None:
    asked = 0

    async def answer(_request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=status, body=body)

    async with serving(answer) as url:
        connections = AiohttpRequest(connections=1)
        taken: list[Any] = []
        poller = Poller(f"{url}/bot1:x", connections, _some_room, taken.append, seconds=1, kinds=["message"])
        running = asyncio.create_task(poller.run())
        await asyncio.sleep(0.5)
        is_over = running.done()
        running.cancel()
        await connections.shutdown()
    assert not is_over
    assert asked == 1


async def test_a_poller_follows_numbers_that_begin_anew() -> None:
    """As Telegram's do after a week without updates."""
    offsets: list[int] = []

    async def answer(request: web.Request) -> web.Response:
        offset = (await request.json())["offset"]
        offsets.append(offset)
        await asyncio.sleep(0.01)
        number = {0: 900_000, 900_001: 5, 6: 6}.get(offset)
        return web.json_response({"ok": True, "result": [{"update_id": number}] if number is not None else []})

    taken: list[Any] = []
    async with serving(answer) as url:
        connections = AiohttpRequest(connections=1)
        poller = Poller(f"{url}/bot1:x", connections, _some_room, taken.append, seconds=1, kinds=["message"])
        running = asyncio.create_task(poller.run())
        async with asyncio.timeout(5):
            while len(taken) < 3:
                await asyncio.sleep(0.01)
        running.cancel()
        await connections.shutdown()
    assert [update["update_id"] for update in taken] == [900_000, 5, 6]


async def _some_room() -> int:
    return 50


class serving:  # noqa: N801 - it reads as what it does
    """A server on this machine that answers everything by one handler."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler

    async def __aenter__(self) -> str:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._handler)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


class Hook:
    """A bot that is called by webhook, and one who calls it."""

    def __init__(self, harness: BotHarness, port: int, secret: str) -> None:
        self.harness = harness
        self.port = port
        self.secret = secret

    async def post(self, body: bytes, secret: str | None = None) -> int:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret if secret is None else secret}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{self.port}/hook", data=body, headers=headers) as response,
        ):
            return response.status

    async def raw(self, request: bytes, seconds: float = 5) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            return await asyncio.wait_for(reader.read(), seconds)
        finally:
            writer.close()


@pytest.fixture
async def hook(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[Hook]:
    simulator = Simulator(TOKEN)
    await simulator.start()
    listen, secret = f"127.0.0.1:{unused_tcp_port}", "a-secret-of-telegrams"
    simulator.webhook_targets["https://bot.example"] = f"http://{listen}"
    telegram = {"webhook_url": "https://bot.example/hook", "webhook_listen": listen, "webhook_secret": secret}
    harness = BotHarness(tmp_path, simulator, telegram=telegram)
    await harness.start()
    yield Hook(harness, unused_tcp_port, secret)
    await harness.close()
    await simulator.stop()


BODIES = [
    b"",
    b"{",
    b"[]",
    b'"text"',
    b"null",
    b"\xff\xfe\x00",
    b"[" * 200_000,
    b'{"update_id": "x"}',
    *(json.dumps({"update_id": 9_000_000 + number, **content}).encode() for number, content in enumerate(BROKEN)),
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
async def test_by_webhook_what_cannot_be_read_is_taken_and_passed_over(
    hook: Hook, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    assert await hook.post(body) == 200
    assert await hook.post(body, "another secret") == 403
    robin = await hook.harness.reader()
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    assert SECRET_WORDS not in caplog.text


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b'{"update_id": 1, "message": "' + b"x" * 1_000_000 + b'"}', "identity"),
        (gzip.compress(b"0" * 50_000_000), "gzip"),
        (b"no gzip", "gzip"),
        (gzip.compress(b"{}" * 1000)[:-9], "gzip"),
        (b"no deflate", "deflate"),
        (b"\x8b\x00\x80{}\x03", "br"),
    ],
    ids=["too long", "bomb", "no gzip", "cut off", "no deflate", "unknown"],
)
async def test_by_webhook_a_body_that_cannot_be_taken_in_is_passed_over_too(
    hook: Hook, caplog: pytest.LogCaptureFixture, body: bytes, encoding: str
) -> None:
    """Telegram sends anything else than 200 again, and everybody's updates wait behind it."""
    head = f"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n"
    secret = f"X-Telegram-Bot-Api-Secret-Token: {hook.secret}\r\nConnection: close\r\n\r\n"
    answer = await hook.raw((head + secret).encode() + body)
    assert answer.split()[1] == b"200"
    assert caplog.text.count("passed over") == 1
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("header", [b"\xff\xfe", b"a-secret-of-telegram\xe9", "ключ".encode(), b"x" * 4000])
async def test_a_webhook_header_of_any_bytes_is_refused(hook: Hook, header: bytes) -> None:
    request = b"POST /hook HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: " + header
    answer = await hook.raw(request + b"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    assert answer.split()[1] in (b"403", b"400")


async def test_a_webhook_waits_neither_for_headers_nor_for_bodies_for_ever(
    hook: Hook, monkeypatch: pytest.MonkeyPatch, unused_tcp_port_factory: Any
) -> None:
    monkeypatch.setattr(webhook, "_HEADER_SECONDS", 0.3)
    monkeypatch.setattr(webhook, "_BODY_SECONDS", 0.3)
    port = unused_tcp_port_factory()

    async def receive(_update: object) -> None:
        raise AssertionError("nothing was brought")

    server = webhook.WebhookServer("https://x.example/hook", f"127.0.0.1:{port}", "s", receive)
    await server.start()
    slow = Hook(hook.harness, port, "s")
    head = b"POST /hook HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: s\r\nContent-Length: 50\r\n"
    assert await slow.raw(head) == b""
    assert b" 408 " in await slow.raw(head + b"Connection: close\r\n\r\n{")
    await server.stop()


async def test_a_webhook_answers_late_when_there_is_no_room(hook: Hook) -> None:
    inbox = hook.harness.app.inbox
    is_full, free = asyncio.Event(), asyncio.Event()

    async def wait_for_room() -> int:
        is_full.set()
        await free.wait()
        return 1

    inbox.wait_for_room = wait_for_room  # type: ignore[method-assign]
    posting = asyncio.ensure_future(hook.post(b'{"update_id": 8000000}'))
    await asyncio.wait_for(is_full.wait(), 5)
    await asyncio.sleep(0.1)
    assert not posting.done()
    free.set()
    assert await asyncio.wait_for(posting, 5) == 200
