"""The public route from which Telegram fetches mosaics for previews: read-only, by keys that can't be guessed.

Anything but the address of a mosaic that may be shown is answered alike, so that nothing can be learnt from it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from bot.errors import StartError
from digests.errors import DigestsError
from digests.ports import OwnPictures, PictureContent

logger = logging.getLogger(__name__)
# aiohttp writes a traceback for each request that it can't read, and anybody may send those.
_silent = logging.getLogger(f"{__name__}.requests")
_silent.setLevel(logging.CRITICAL)

_METHODS = (hdrs.METH_GET, hdrs.METH_HEAD)
_MOST_CONNECTIONS = 100
_AT_ONCE = 32
_HEADER_SECONDS = 15.0
_ANSWER_SECONDS = 30.0
_BUSY_SECONDS = 2.0
_PIECE_BYTES = 1 << 16
_MAX_LINE = 2048
_HEADERS = {
    # A withdrawn article's mosaic must disappear, so nobody keeps one for long.
    "Cache-Control": "public, max-age=600",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

MayShow = Callable[[str], Awaitable[bool]]
"""Returns whether the mosaic of a key may be shown: no article in it is withdrawn. May raise DigestsError."""


class MosaicServer:
    """Serves mosaics at `listen` ("host:port"), under /m/KEY.jpg and below the path of `public_url`.

    A reverse proxy may pass the path of the public address on, or leave it out.
    """

    def __init__(self, public_url: str, listen: str, pictures: OwnPictures, may_show: MayShow) -> None:
        prefix = re.escape(urlsplit(public_url).path.rstrip("/"))
        self._address = re.compile(rf"(?:{prefix})?/m/([0-9a-f]{{40}})\.jpg")
        self._host, _, port = listen.rpartition(":")
        self._port = int(port)
        self._pictures = pictures
        self._may_show = may_show
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begin to listen. Raises StartError when the port is not available."""
        app = web.Application(client_max_size=1)
        app.router.add_route("*", "/{path:.*}", self._handle)
        app.on_response_prepare.append(_say_nothing_of_us)
        # A connection without a complete header in this time is closed.
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=_silent,
            keepalive_timeout=_HEADER_SECONDS,
            lingering_time=1.0,
            max_line_size=_MAX_LINE,
            max_field_size=_MAX_LINE,
            handler_cancellation=True,
        )
        await self._runner.setup()
        try:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._connect, self._host.strip("[]"), self._port, backlog=128)
        except OSError as error:
            await self._runner.cleanup()
            self._runner = None
            raise StartError(
                f"Port {self._port} on {self._host} can't be listened on ({error.strerror}): "
                "stop what uses it, or set web.listen."
            ) from error

    async def stop(self) -> None:
        """Stop listening, and end all connections."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def port(self) -> int:
        """The port that is listened on, also if any was asked for."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._protocols.connections)

    @property
    def _protocols(self) -> web.Server:
        assert self._runner is not None
        server = self._runner.server
        assert isinstance(server, web.Server)
        return server

    def _connect(self) -> asyncio.BaseProtocol:
        """Return the protocol for a new connection; above the bound it is closed at once."""
        return _Closing() if self.connections >= _MOST_CONNECTIONS else self._protocols()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        # The path as it was sent, since the key needs no escapes.
        found = self._address.fullmatch(request.rel_url.raw_path)
        if found is None or request.method not in _METHODS:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        try:
            async with asyncio.timeout(_BUSY_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "5"})
        try:
            return await self._answer(request, found[1])
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception:
            logger.exception("a mosaic could not be served")
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        finally:
            self._turns.release()

    async def _answer(self, request: web.Request, key: str) -> web.StreamResponse:
        try:
            picture = await self._pictures.mosaic(key) if await self._may_show(key) else None
            content = None if picture is None else await self._pictures.content(picture)
        except DigestsError as error:
            logger.warning("a mosaic can't be looked up", extra={"reason": str(error)})
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "30"})
        if content is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        response, body = _response(request, content)
        try:
            # Sent here, piece by piece, so that a reader who takes one byte a second is let go.
            async with asyncio.timeout(_ANSWER_SECONDS):
                await response.prepare(request)
                for at in range(0, len(body), _PIECE_BYTES):
                    await response.write(body[at : at + _PIECE_BYTES])
                await response.write_eof()
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
        return response


def _response(request: web.Request, content: PictureContent) -> tuple[web.StreamResponse, bytes]:
    """Return the answer, and its body: the mosaic, or none if what the caller has of it is still right."""
    data, written_at = content
    etag = hashlib.sha256(data).hexdigest()[:32]
    asked = request.if_none_match
    if asked is not None:
        is_same = any(each.value in (etag, "*") for each in asked)
    else:
        since = _asked_since(request)
        is_same = since is not None and int(written_at) <= since.timestamp()
    response = web.StreamResponse(status=HTTPStatus.NOT_MODIFIED if is_same else HTTPStatus.OK, headers=_HEADERS)
    response.etag = etag
    response.last_modified = int(written_at)
    if is_same:
        return response, b""
    response.content_type = "image/jpeg"
    response.content_length = len(data)
    return response, b"" if request.method == hdrs.METH_HEAD else data


def _asked_since(request: web.Request) -> datetime | None:
    """Return the date of If-Modified-Since; None if there is none that is one, which counts as no header."""
    try:
        return request.if_modified_since
    except (ValueError, OverflowError):
        return None


class _Closing(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            transport.abort()


async def _say_nothing_of_us(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.pop(hdrs.SERVER, None)
