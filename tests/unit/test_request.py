"""The way to Telegram: what did not leave is told apart from what got no answer, and no error holds the token."""

from __future__ import annotations

import asyncio
import socket

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import NetworkError, TelegramError

from bot.telegram.errors import NoAnswerError, NotSentError
from bot.telegram.request import AiohttpRequest
from tests.http_server import serve

TOKEN = "123456:AAsecretsecretsecretsecret"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def call(url: str, request: AiohttpRequest | None = None, **options: float) -> object:
    request = request or AiohttpRequest(**options)  # type: ignore[arg-type]
    bot = Bot(TOKEN, base_url=f"{url}/bot", request=request, get_updates_request=AiohttpRequest())
    await request.initialize()
    try:
        return await bot.send_message(1, "text", read_timeout=options.get("read_timeout"))
    finally:
        await request.shutdown()


async def failing(url: str, request: AiohttpRequest | None = None, **options: float) -> TelegramError:
    with pytest.raises(TelegramError) as caught:
        await call(url, request, **options)
    chain: BaseException | None = caught.value
    assert TOKEN not in str(caught.value)
    assert chain is not None
    return caught.value


async def test_a_refused_connection_was_not_sent() -> None:
    error = await failing(f"http://127.0.0.1:{free_port()}")
    assert isinstance(error, NotSentError)


async def test_a_connection_cut_after_the_request_gave_no_answer() -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        await request.read()
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async with serve(cut) as url:
        assert isinstance(await failing(url), NoAnswerError)


async def test_a_late_answer_is_no_answer() -> None:
    async def slow(_request: web.Request) -> web.StreamResponse:
        # Longer than the bot waits.
        await asyncio.sleep(5)
        return web.Response()

    async with serve(slow) as url:
        assert isinstance(await failing(url, answer_seconds=0.1), NoAnswerError)


async def test_a_gateway_error_is_a_network_error() -> None:
    async def broken(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=502, text="<html>Bad Gateway</html>")

    async with serve(broken) as url:
        assert type(await failing(url)) is NetworkError


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_refuses_is_named_without_its_password(scheme: str) -> None:
    proxy = f"{scheme}://me:hunter22@127.0.0.1:{free_port()}"
    error = await failing("http://127.0.0.1:9", AiohttpRequest(proxy=proxy))
    assert isinstance(error, NotSentError)
    assert "the proxy" in str(error)
    assert "hunter22" not in str(error)


async def test_a_request_before_initialization_is_refused() -> None:
    with pytest.raises(RuntimeError, match="not initialized"):
        await AiohttpRequest().do_request("http://127.0.0.1:9", "POST")
