"""A server of the test's own that keeps no rule of HTTP unless it is told to, and the way to it from any name."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from digests.fetch.connector import GuardedConnector
from digests.fetch.guard import AllowedHosts
from tests.factories.pictures import grey_png

Behave = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: the path with its query, and the headers by their names in lower case."""

    path: str
    headers: Mapping[str, str]


@dataclass
class HostileServer:
    """Answers each path as `pages` says; everything else is 404."""

    port: int = 0
    pages: dict[str, Behave] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    under_way: int = 0
    most_at_once: int = 0

    @property
    def url(self) -> str:
        """Where the server is, by its number."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def name(self) -> str:
        """The server as `fetch.allow_hosts` names it."""
        return f"127.0.0.1:{self.port}"

    def asked(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(1 for request in self.requests if request.path == path)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                request = Request(first.split(" ")[1], headers)
                self.requests.append(request)
                self.under_way += 1
                self.most_at_once = max(self.most_at_once, self.under_way)
                try:
                    await self.pages.get(request.path, status(404))(writer)
                    await writer.drain()
                finally:
                    self.under_way -= 1
                if writer.is_closing():
                    return
        writer.close()


@asynccontextmanager
async def serve_hostile(
    pages: Mapping[str, Behave] | None = None, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[HostileServer]:
    """Serve until the block ends, and cut what is under way then."""
    hostile = HostileServer(pages=dict(pages or {}))
    connections: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(hostile.answer(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)
        task.add_done_callback(lambda _task: writer.close())

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    hostile.port = server.sockets[0].getsockname()[1]
    try:
        yield hostile
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


class LoopbackConnector(GuardedConnector):
    """A guarded connector in a world of the test's own: no packet leaves the machine.

    `names` are the addresses of each name, look-up by look-up; the last of them stays. Every connection that the guard
    lets pass ends at `port` on this machine; `reached` are the addresses that it was meant for.
    """

    def __init__(
        self, port: int, names: Mapping[str, Sequence[Sequence[str]]] | None = None, allowed: Sequence[str] = ()
    ) -> None:
        self._names = {name: list(answers) for name, answers in (names or {}).items()}
        self._port = port
        self.looked_up: list[str] = []
        self.reached: list[str] = []
        super().__init__(AllowedHosts(allowed), self._find)

    async def _find(self, host: str, _port: int) -> Sequence[str]:
        host = host.lower()
        self.looked_up.append(host)
        if host not in self._names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = self._names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def _wrap_create_connection(self, *args: Any, addr_infos: list[Any], **options: Any) -> Any:
        for address in addr_infos:
            self._open_socket(address).close()
            self.reached.append(address[4][0])
        here: list[Any] = [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", self._port))]
        guard, self._socket_factory = self._socket_factory, None
        try:
            return await super()._wrap_create_connection(*args, addr_infos=here, **options)
        finally:
            self._socket_factory = guard


def answer(
    body: bytes = b"", *, kind: str = "image/png", headers: Mapping[str, str] | None = None, code: int = 200
) -> Behave:
    """Answer as a decent server does."""
    return raw(head(code, {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}) + body)


def picture(width: int = 320, height: int = 200) -> Behave:
    """Answer with a picture."""
    return answer(grey_png(width, height))


def status(code: int, **headers: str) -> Behave:
    """Answer with a status alone."""
    return answer(code=code, headers={name.replace("_", "-"): value for name, value in headers.items()})


def redirect(to: str, code: int = 302) -> Behave:
    """Send the client elsewhere."""
    return status(code, location=to)


def raw(data: bytes, *, close: bool = False) -> Behave:
    """Answer with these bytes, whatever they are."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        if close:
            writer.close()

    return behave


def endless(start: bytes, piece: bytes, pause: float = 0.0) -> Behave:
    """Answer without an end."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return behave


def late(then: Behave, seconds: float) -> Behave:
    """Answer after a while."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await then(writer)

    return behave


def head(code: int, headers: Mapping[str, str]) -> bytes:
    """Return the head of an answer."""
    lines = [f"HTTP/1.1 {code} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def gzip_bomb(size: int) -> bytes:
    """Return so many zero bytes, packed."""
    return gzip.compress(bytes(size))
