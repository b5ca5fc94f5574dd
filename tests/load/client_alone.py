"""Sends one text to many chats at full speed by one library; run by `clients.py` with a Python of its own.

    python client_alone.py CLIENT URL TOKEN MESSAGES < text

It imports nothing of the bot: the libraries require other versions of what the bot depends on.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

AT_ONCE = 128
Send = Callable[[int], Awaitable[object]]


async def _aiohttp(url: str, token: str, messages: int, text: str) -> None:
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:

        async def send(chat: int) -> None:
            body = {"chat_id": chat, "text": text, "parse_mode": "HTML"}
            async with session.post(f"{url}/bot{token}/sendMessage", json=body) as response:
                assert response.status == 200, await response.text()
                await response.read()

        await _all(send, messages)


async def _aiogram(url: str, token: str, messages: int, text: str) -> None:
    aiogram: Any = importlib.import_module("aiogram")
    server: Any = importlib.import_module("aiogram.client.telegram")
    http: Any = importlib.import_module("aiogram.client.session.aiohttp")
    session = http.AiohttpSession(api=server.TelegramAPIServer.from_base(url), limit=AT_ONCE)
    bot = aiogram.Bot(token, session=session)

    async def send(chat: int) -> None:
        await bot.send_message(chat, text, parse_mode="HTML")

    await _all(send, messages)
    await bot.session.close()


async def _ptb(url: str, token: str, messages: int, text: str) -> None:
    from telegram.ext import AIORateLimiter, ExtBot
    from telegram.request import HTTPXRequest

    bot = ExtBot(
        token,
        base_url=f"{url}/bot",
        request=HTTPXRequest(connection_pool_size=AT_ONCE, pool_timeout=60),
        rate_limiter=AIORateLimiter(),
    )
    async with bot:

        async def send(chat: int) -> None:
            await bot.send_message(chat, text, parse_mode="HTML")

        await _all(send, messages)


async def _all(send: Send, messages: int) -> None:
    chats = iter(range(1, messages + 1))

    async def work() -> None:
        for chat in chats:
            await send(chat)

    began, cpu = time.monotonic(), time.process_time()
    await asyncio.gather(*[work() for _ in range(AT_ONCE)])
    seconds = time.monotonic() - began
    print(json.dumps({"rate": messages / seconds, "cpu_ms": 1000 * (time.process_time() - cpu) / messages}))


if __name__ == "__main__":
    client, address, secret, count = sys.argv[1:]
    asyncio.run(
        {"aiohttp": _aiohttp, "aiogram": _aiogram, "ptb": _ptb}[client](address, secret, int(count), sys.stdin.read())
    )
