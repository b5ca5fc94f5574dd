"""Receives updates from Telegram instead of asking for them."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from telegram import Bot, Update

from bot.errors import StartError

logger = logging.getLogger(__name__)

_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_MAX_BYTES = 1_000_000


class WebhookServer:
    """Listens at `listen` ("host:port") for updates that carry the secret; whoever lacks it gets 403."""

    def __init__(
        self, bot: Bot, url: str, listen: str, secret: str, receive: Callable[[Update], Awaitable[None]]
    ) -> None:
        self._bot = bot
        self._path = urlsplit(url).path or "/"
        self._host, _, port = listen.rpartition(":")
        self._port = int(port)
        self._secret = secret
        self._receive = receive
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Raises StartError when the port can't be had."""
        app = web.Application(client_max_size=_MAX_BYTES)
        app.router.add_post(self._path, self._handle)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise StartError(
                f"Port {self._port} on {self._host} can't be listened on ({error.strerror}): "
                "end what uses it, or set telegram.webhook_listen."
            ) from error

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.Request) -> web.Response:
        given = request.headers.get(_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            return web.Response(status=403)
        try:
            update = Update.de_json(await request.json(), self._bot)
        except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
            logger.warning("an update that can't be read", extra={"reason": type(error).__name__})
            return web.Response(status=400)
        await self._receive(update)
        return web.Response()
