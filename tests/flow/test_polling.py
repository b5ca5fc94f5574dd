"""The poller against a server that answers anything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from bot.telegram.polling import Poller
from bot.telegram.request import AiohttpRequest
from digests.errors import StorageError
from tests.http_server import serve
from tests.waiting import until


@asynccontextmanager
async def polling(url: str) -> AsyncIterator[tuple[asyncio.Task[None], list[Any]]]:
    """Run a poller until the block ends; yield its task and the updates that it has taken."""
    taken: list[Any] = []

    async def room() -> int:
        return 50

    async def take(updates: Sequence[Any]) -> None:
        taken.extend(updates)

    connections = AiohttpRequest(connections=1)
    poller = Poller(f"{url}/bot1:x", connections, room, take, seconds=1, kinds=["message"])
    running = asyncio.create_task(poller.run())
    try:
        yield running, taken
    finally:
        running.cancel()
        await connections.shutdown()


async def test_a_poller_skips_what_is_not_json() -> None:
    """Where an answer cannot be read, its updates are asked for one at a time."""
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
        # Telegram would hold the request until there is an update.
        await asyncio.sleep(0.01)
        number = max(10, fields["offset"])
        return web.Response(body=answers.get(number, b'{"ok": true, "result": []}'))

    async with serve(answer) as url, polling(url) as (_, taken):
        await until(lambda: bool(taken), 20)
    assert taken == [good]
    assert len(asked) < 10


@pytest.mark.parametrize("takes", [True, False], ids=["taken", "refused"])
async def test_what_is_being_taken_at_the_end_is_confirmed_once_it_is_taken(*, takes: bool) -> None:
    offsets: list[int] = []
    began, ended = asyncio.Event(), asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        offsets.append((await request.json())["offset"])
        return web.json_response({"ok": True, "result": [{"update_id": 41}, {"update_id": 42}]})

    async def room() -> int:
        return 50

    async def take(_updates: Sequence[Any]) -> None:
        began.set()
        await ended.wait()
        if not takes:
            raise StorageError("The disk is full.")

    async with serve(answer) as url:
        connections = AiohttpRequest(connections=1)
        poller = Poller(f"{url}/bot1:x", connections, room, take, seconds=1, kinds=["message"])
        polling = asyncio.create_task(poller.run())
        await began.wait()
        polling.cancel()
        await asyncio.sleep(0)
        ended.set()
        with pytest.raises(asyncio.CancelledError):
            await polling
        await poller.confirm()
        await connections.shutdown()
    assert offsets == ([0, 43] if takes else [0])


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
async def test_a_poller_pauses_after_any_odd_answer(status: int, body: bytes) -> None:
    asked = 0

    async def answer(_request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=status, body=body)

    async with serve(answer) as url, polling(url) as (running, _):
        # Without its pause it would ask hundreds of times.
        await asyncio.sleep(0.5)
        is_over = running.done()
    assert not is_over
    assert asked == 1


async def test_a_poller_follows_update_ids_that_start_over() -> None:
    """Telegram starts its numbers over after a week without updates."""
    offsets: list[int] = []

    async def answer(request: web.Request) -> web.Response:
        offset = (await request.json())["offset"]
        offsets.append(offset)
        # Telegram would hold the request until there is an update.
        await asyncio.sleep(0.01)
        number = {0: 900_000, 900_001: 5, 6: 6}.get(offset)
        return web.json_response({"ok": True, "result": [{"update_id": number}] if number is not None else []})

    async with serve(answer) as url, polling(url) as (_, taken):
        await until(lambda: len(taken) == 3)
    assert [update["update_id"] for update in taken] == [900_000, 5, 6]
