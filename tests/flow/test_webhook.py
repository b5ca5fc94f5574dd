"""Updates by webhook: who may bring them, and what becomes of any bytes."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.simulator.server import Simulator
from bot.telegram import webhook
from bot.updates.receiver import webhook_secret
from digests.errors import StorageError
from tests.factories.updates import BROKEN_UPDATES, CHAT, SECRET_WORDS, SENDER
from tests.flow.harness import TOKEN, BotHarness, harness_settings
from tests.waiting import until


class Hook:
    """A bot that gets its updates by webhook, and the requests of whoever calls it."""

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
    *(
        json.dumps({"update_id": 9_000_000 + number, **content}).encode()
        for number, content in enumerate(BROKEN_UPDATES)
    ),
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
async def test_an_unreadable_update_is_accepted_and_skipped(
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
async def test_an_unreadable_body_is_accepted_and_skipped(
    hook: Hook, caplog: pytest.LogCaptureFixture, body: bytes, encoding: str
) -> None:
    """Telegram repeats a request that is not answered with 200, and everybody's updates wait behind it."""
    head = f"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n"
    secret = f"X-Telegram-Bot-Api-Secret-Token: {hook.secret}\r\nConnection: close\r\n\r\n"
    answer = await hook.raw((head + secret).encode() + body)
    assert answer.split()[1] == b"200"
    assert caplog.text.count("passed over") == 1
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("header", [b"\xff\xfe", b"a-secret-of-telegram\xe9", "ключ".encode(), b"x" * 4000])
async def test_a_secret_of_any_bytes_is_refused(hook: Hook, header: bytes) -> None:
    request = b"POST /hook HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: " + header
    answer = await hook.raw(request + b"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    assert answer.split()[1] in (b"403", b"400")


@pytest.mark.parametrize(
    "line", [b"GET /hook", b"POST /", b"POST /other", b"PUT /hook", b"HEAD /hook", b"OPTIONS *", b"GET /.env"]
)
async def test_without_the_secret_nothing_is_told(hook: Hook, line: bytes) -> None:
    answer = await hook.raw(line + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.split()[1] == b"403"
    assert b"\r\nServer:" not in answer
    secret = f"X-Telegram-Bot-Api-Secret-Token: {hook.secret}".encode()
    if line in (b"GET /hook", b"POST /other"):
        known = await hook.raw(line + b" HTTP/1.1\r\nHost: x\r\n" + secret + b"\r\nConnection: close\r\n\r\n")
        assert known.split()[1] == {b"GET /hook": b"405", b"POST /other": b"404"}[line]


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: -5\r\n\r\n{}",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n0\r\n\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"X: " + b"a" * 100_000 + b"\r\n\r\n",
        b"no header\r\n\r\n",
    ],
    ids=["length", "chunk", "both", "long", "odd"],
)
async def test_what_is_no_request_writes_nothing_into_the_log(
    hook: Hook, caplog: pytest.LogCaptureFixture, rest: bytes
) -> None:
    caplog.clear()
    head = f"POST /hook HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: {hook.secret}\r\n".encode()
    for request in (head + rest, b"POST /hook HTTP/1.1\r\n" + rest, b"\x16\x03\x01\x02\x00"):
        with contextlib.suppress(TimeoutError):
            assert b" 200 " not in await hook.raw(request, seconds=1)
    assert caplog.text == ""


async def test_of_a_request_without_the_secret_the_body_is_not_read(hook: Hook) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", hook.port)
    writer.write(b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n" + b"x" * 1000)
    # The answer comes although the rest of the ten megabytes does not.
    assert b" 403 " in await asyncio.wait_for(reader.readline(), 5)
    with contextlib.suppress(OSError):
        await asyncio.wait_for(reader.read(), 5)
    writer.close()


async def test_a_flood_without_the_secret_holds_up_nobody(hook: Hook) -> None:
    robin = await hook.harness.reader()
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    flood = [asyncio.create_task(hook.post(b"{}" * 1000, "guess")) for _ in range(200)]
    said = await robin.say("/id")
    await robin.wait_for(str(robin.id), after=said)
    assert set(await asyncio.gather(*flood)) == {403}


@pytest.mark.parametrize("order", [(1, 2, 3, 1, 2, 3), (3, 1, 2, 2), (2, 2, 2, 1, 3)])
async def test_updates_twice_and_out_of_order_are_handled_once(hook: Hook, order: tuple[int, ...]) -> None:
    robin = await hook.harness.reader()
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    chat = {**CHAT, "id": robin.id}
    for number in order:
        message = {"message_id": number, "date": 1, "chat": chat, "from": {**SENDER, "id": robin.id}, "text": "/id"}
        assert await hook.post(json.dumps({"update_id": 7_000_000 + number, "message": message}).encode()) == 200

    async def are_answered() -> bool:
        return sum("Your Telegram id" in text for text in await robin.texts()) == 4

    await until(are_answered)
    await robin.nothing_comes()


@pytest.mark.parametrize("fault", [StorageError("gone"), None])
async def test_what_cannot_be_taken_is_sent_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, unused_tcp_port: int, fault: Exception | None
) -> None:
    monkeypatch.setattr(webhook, "_TAKE_SECONDS", 0.1)
    taken: list[object] = []
    is_away = True

    async def receive(update: object) -> None:
        if is_away and fault is not None:
            raise fault
        if is_away:
            await asyncio.Event().wait()
        taken.append(update)

    server = webhook.WebhookServer("https://x.example/hook", f"127.0.0.1:{unused_tcp_port}", "s", receive)
    await server.start()
    caller = Hook(None, unused_tcp_port, "s")  # type: ignore[arg-type]  # nothing else of it is used
    assert [await caller.post(b'{"update_id": 1}') for _ in range(3)] == [503] * 3
    assert caplog.text.count("can't be taken") == 1
    is_away = False
    assert await caller.post(b'{"update_id": 1}') == 200
    assert taken == [{"update_id": 1}]
    await server.stop()


async def test_the_secret_is_the_same_for_all_processes_and_after_a_restart(tmp_path: Path) -> None:
    settings = harness_settings(tmp_path, "http://127.0.0.1:1").telegram
    secret = webhook_secret(settings)
    assert secret == webhook_secret(harness_settings(tmp_path, "http://127.0.0.1:2").telegram)
    assert re.fullmatch(r"[A-Za-z0-9_-]{32,256}", secret)
    assert TOKEN not in secret
    other = harness_settings(tmp_path, "http://127.0.0.1:1", telegram={"token": "123456:another"}).telegram
    assert webhook_secret(other) != secret
    given = harness_settings(tmp_path, "http://127.0.0.1:1", telegram={"webhook_secret": "own"}).telegram
    assert webhook_secret(given) == "own"


async def test_headers_and_bodies_have_to_arrive_in_time(
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


async def test_the_answer_waits_until_there_is_room(hook: Hook) -> None:
    inbox = hook.harness.app.desk.inbox
    is_full, free = asyncio.Event(), asyncio.Event()

    async def wait_for_room() -> int:
        is_full.set()
        await free.wait()
        return 1

    inbox.wait_for_room = wait_for_room  # type: ignore[method-assign]
    posting = asyncio.ensure_future(hook.post(b'{"update_id": 8000000}'))
    await asyncio.wait_for(is_full.wait(), 5)
    # An answer would come at once.
    await asyncio.sleep(0.1)
    assert not posting.done()
    free.set()
    assert await asyncio.wait_for(posting, 5) == 200
