"""A small HTTP server for strangers: bounded in connections, headers and time, and it says nothing about itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from bot.errors import StartError

# aiohttp writes a traceback for each request that it can't read, and anybody may send those.
SILENT = logging.getLogger(f"{__name__}.requests")
SILENT.setLevel(logging.CRITICAL)

READING_METHODS = (hdrs.METH_GET, hdrs.METH_HEAD)
_MAX_LINE = 2048
_PIECE_BYTES = 1 << 16

HandleRequest = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BoundedServer:
    """Answers requests at `listen` ("host:port") by one handler.

    A connection without a complete header within `header_seconds` is closed, and so is any above `most_connections()`.
    `option` is the setting that the address is from.
    """

    def __init__(
        self,
        listen: str,
        handle: HandleRequest,
        *,
        option: str,
        most_connections: Callable[[], int],
        header_seconds: float,
    ) -> None:
        self._host, self._port = split_listen(listen)
        self._handle = handle
        self._option = option
        self._most_connections = most_connections
        self._header_seconds = header_seconds
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begin to listen. Raises StartError when the port is not available."""
        app = web.Application(client_max_size=1)
        app.router.add_route("*", "/{path:.*}", self._handle)
        app.on_response_prepare.append(say_nothing_of_us)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=SILENT,
            keepalive_timeout=self._header_seconds,
            lingering_time=1.0,
            max_line_size=_MAX_LINE,
            max_field_size=_MAX_LINE,
            handler_cancellation=True,
        )
        await self._runner.setup()
        try:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._connect, self._host, self._port, backlog=128)
        except OSError as error:
            await self._runner.cleanup()
            self._runner = None
            raise StartError(
                f"Port {self._port} on {self._host} can't be listened on ({error.strerror}): "
                f"stop what uses it, or set {self._option}."
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
        return _Closing() if self.connections >= self._most_connections() else self._protocols()


def split_listen(listen: str) -> tuple[str, int]:
    """Return the host and the port of "host:port"; an address of IPv6 is without its brackets then."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


async def send_in_pieces(
    request: web.Request, response: web.StreamResponse, content: bytes, seconds: float
) -> web.StreamResponse:
    """Send an answer piece by piece, so that a reader who takes one byte a second is let go after so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await response.prepare(request)
            for at in range(0, len(content), _PIECE_BYTES):
                await response.write(content[at : at + _PIECE_BYTES])
            await response.write_eof()
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
    return response


class _Closing(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            transport.abort()


async def say_nothing_of_us(_request: web.Request, response: web.StreamResponse) -> None:
    """Take out of an answer's head which program answers, and its version."""
    response.headers.pop(hdrs.SERVER, None)
