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

from bot.web.server import READING_METHODS, BoundedServer, send_in_pieces
from digests.errors import DigestsError
from digests.ports import OwnPictures, PictureContent

logger = logging.getLogger(__name__)

_MOST_CONNECTIONS = 100
_AT_ONCE = 32
_HEADER_SECONDS = 15.0
_ANSWER_SECONDS = 30.0
_BUSY_SECONDS = 2.0
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
        self._pictures = pictures
        self._may_show = may_show
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._server = BoundedServer(
            listen,
            self._handle,
            option="web.listen",
            most_connections=lambda: _MOST_CONNECTIONS,
            header_seconds=_HEADER_SECONDS,
        )

    async def start(self) -> None:
        """Begin to listen. Raises StartError when the port is not available."""
        await self._server.start()

    async def stop(self) -> None:
        """Stop listening, and end all connections."""
        await self._server.stop()

    @property
    def port(self) -> int:
        """The port that is listened on, also if any was asked for."""
        return self._server.port

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return self._server.connections

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        # The path as it was sent, since the key needs no escapes.
        found = self._address.fullmatch(request.rel_url.raw_path)
        if found is None or request.method not in READING_METHODS:
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
        return await send_in_pieces(request, response, body, _ANSWER_SECONDS)


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
