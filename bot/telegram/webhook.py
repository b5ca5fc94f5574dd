"""Receives updates from Telegram by webhook."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.errors import StartError
from bot.web.server import SILENT, say_nothing_of_us, split_listen
from digests.errors import StorageError

logger = logging.getLogger(__name__)

_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_MAX_BYTES = 1_000_000
_HEADER_SECONDS = 20.0
_BODY_SECONDS = 10.0
_STOP_SECONDS = 1.5
_TAKE_SECONDS = 25.0
"""Telegram waits longer for an answer; after 503 it sends the update again."""


class WebhookServer:
    """Listens at `listen` ("host:port") for updates that carry the secret.

    Whatever comes without it gets 403, before anything of its body is read, whether there is such a page or not.
    `receive` returns once the update is taken; until then Telegram waits for its answer. If it raises StorageError, or
    takes too long, the answer is 503, and Telegram sends the update again.
    """

    def __init__(
        self, url: str, listen: str, secret: str, receive: Callable[[Mapping[str, Any]], Awaitable[None]]
    ) -> None:
        self._path = urlsplit(url).path or "/"
        self._host, self._port = split_listen(listen)
        self._secret = secret
        self._receive = receive
        self._runner: web.AppRunner | None = None
        self._is_troubled = False

    async def start(self) -> None:
        """Begin to listen. Raises StartError when the port is not available."""
        app = web.Application(client_max_size=_MAX_BYTES, middlewares=[self._guard])
        app.router.add_post(self._path, self._handle)
        app.on_response_prepare.append(say_nothing_of_us)
        # A connection without a complete header in this time is closed; aiohttp counts from when it was opened.
        # Telegram does not compress: a compressed body is not expanded, which might make it huge, and can't be read.
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=SILENT,
            keepalive_timeout=_HEADER_SECONDS,
            lingering_time=1.0,
            auto_decompress=False,
            shutdown_timeout=_STOP_SECONDS,
        )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise StartError(
                f"Port {self._port} on {self._host} can't be listened on ({error.strerror}): "
                "stop what uses it, or set telegram.webhook_listen."
            ) from error

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what comes without the secret, whatever it asks for, without reading its body."""
        # A caller may write anything into a header, and aiohttp keeps every byte.
        given = request.headers.get(_HEADER, "").encode("utf-8", "surrogateescape")
        if hmac.compare_digest(given, self._secret.encode()):
            return await handler(request)
        refusal = web.Response(status=403)
        refusal.force_close()
        return refusal

    async def _handle(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await request.read()
        except TimeoutError:
            return web.Response(status=408)
        except web.HTTPRequestEntityTooLarge:
            return _pass_over(f"more than {_MAX_BYTES} bytes")
        update = _update_of(body)
        if update is None:
            return _pass_over(f"{len(body)} bytes")
        try:
            async with asyncio.timeout(_TAKE_SECONDS):
                await self._receive(update)
        except (StorageError, TimeoutError) as error:
            if not self._is_troubled:
                logger.warning("updates can't be taken: Telegram sends them again", extra={"reason": str(error)})
            self._is_troubled = True
            return web.Response(status=503, headers={"Retry-After": "1"})
        self._is_troubled = False
        return web.Response()


def _pass_over(what: str) -> web.Response:
    """Accept an unreadable update: otherwise Telegram would send it again and again, and hold back others."""
    logger.error("an update that can't be read was passed over", extra={"body": what})
    return web.Response()


def _update_of(body: bytes) -> Mapping[str, Any] | None:
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return update if isinstance(update, dict) else None
