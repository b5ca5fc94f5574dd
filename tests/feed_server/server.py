"""Serves what scripts say, by host or by path, on this machine; from each name there is a way to it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import trustme

from tests.feed_server.record import Answer, Exchange, FeedRecord, FeedRequest
from tests.feed_server.scripts import Script, Status
from tests.hostile_server import LoopbackConnector

_LOOK_SECONDS = 0.005
"""How often the server looks whether the client is still there."""
PUBLIC = (("93.184.216.34",),)


class FeedServer:
    """The servers of a whole web, by http and by https, with one record.

    `sites` are the scripts, by URL, by host and path, or by path alone; the first that is there answers. `now` is the
    clock by which requests are written down.
    """

    def __init__(self, now: Callable[[], datetime], authority: trustme.CA) -> None:
        self.sites: dict[str, Script] = {}
        self.record = FeedRecord()
        self.now = now
        self.port = 0
        self.secure_port = 0
        self._authority = authority
        self._connections = set[asyncio.Task[None]]()
        self._certificates: dict[str, ssl.SSLContext] = {}

    @property
    def exchanges(self) -> list[Exchange]:
        """All that was asked and answered."""
        return self.record.exchanges

    @property
    def url(self) -> str:
        """Where the server is, by its number."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def name(self) -> str:
        """The server as `fetch.allow_hosts` names it."""
        return f"127.0.0.1:{self.port}"

    def connector(
        self, names: Mapping[str, Sequence[Sequence[str]]] | None = None, allowed: Sequence[str] = ()
    ) -> LoopbackConnector:
        """Return a way to the server from every name that a script has, with public addresses unless `names` say."""
        hosts = {key.split("://")[-1].split("/")[0].split(":")[0] for key in self.sites if not key.startswith("/")}
        connector = _WebConnector(self, dict.fromkeys(hosts, PUBLIC) | dict(names or {}), allowed)
        trusting = ssl.create_default_context()
        self._authority.configure_trust(trusting)
        connector._ssl = trusting
        return connector

    @asynccontextmanager
    async def run(self) -> AsyncIterator[FeedServer]:
        """Serve until the block ends, and cut what is under way then."""
        context = self._certified("127.0.0.1")
        context.sni_callback = self._choose_certificate
        plain = await asyncio.start_server(self._accept("http"), "127.0.0.1", 0)
        secure = await asyncio.start_server(self._accept("https"), "127.0.0.1", 0, ssl=context)
        self.port, self.secure_port = (each.sockets[0].getsockname()[1] for each in (plain, secure))
        try:
            yield self
        finally:
            plain.close()
            secure.close()
            for task in list(self._connections):
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)

    def _certified(self, host: str) -> ssl.SSLContext:
        if host not in self._certificates:
            self._certificates[host] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._authority.issue_cert(host).configure_cert(self._certificates[host])
        return self._certificates[host]

    def _choose_certificate(self, connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        if name:
            connection.context = self._certified(name)

    def _accept(self, scheme: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._serve(scheme, reader, writer))
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
            task.add_done_callback(lambda _task: writer.close())

        return accept

    async def _serve(self, scheme: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while not writer.is_closing():
                request = self._request(scheme, await reader.readuntil(b"\r\n\r\n"))
                answer = self._script(request).answer(request)
                exchange = self.record.begin(request, answer)
                await self._send_until_gone(exchange, reader, writer)

    async def _send_until_gone(
        self, exchange: Exchange, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Send an answer; whoever hangs up before its end gets no more of it."""
        sending = asyncio.ensure_future(_send(exchange.answer, writer))
        # At once, before whoever reads the last byte goes on.
        sending.add_done_callback(lambda _task: self.record.end(exchange))
        try:
            while not sending.done() and not reader.at_eof() and reader.exception() is None:
                await asyncio.wait({sending}, timeout=_LOOK_SECONDS)
            if sending.done():
                await sending
            else:
                writer.close()
        finally:
            sending.cancel()

    def _request(self, scheme: str, head: bytes) -> FeedRequest:
        first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        method, path, version = first.split(" ")
        assert version == "HTTP/1.1"
        headers = tuple(_header(line) for line in lines)
        host = next(value for name, value in headers if name == "host")
        return FeedRequest(f"{scheme}://{host.lower()}{path}", headers, self.now(), method, monotonic())

    def _script(self, request: FeedRequest) -> Script:
        place = request.url.split("://")[1]
        path = "/" + place.partition("/")[2]
        return next((self.sites[key] for key in (request.url, place, path) if key in self.sites), Status(404))


class _WebConnector(LoopbackConnector):
    """Leads https to the server's own port for it; what is allowed by number is reached as it is."""

    def __init__(
        self, server: FeedServer, names: Mapping[str, Sequence[Sequence[str]]], allowed: Sequence[str]
    ) -> None:
        super().__init__(server.port, names, allowed)
        self._server = server

    async def _wrap_create_connection(self, *args: Any, addr_infos: list[Any], **options: Any) -> Any:
        self._port = self._server.secure_port if options.get("ssl") else self._server.port
        return await super()._wrap_create_connection(*args, addr_infos=addr_infos, **options)


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.lower(), value.strip(" \t")


async def _send(answer: Answer, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(answer.delay)
    length = len(answer.body) if answer.length is None else answer.length
    lines = [f"HTTP/1.1 {answer.status} Whatever", *(f"{name}: {value}" for name, value in answer.headers)]
    if answer.status != 304:
        lines.append(f"Content-Length: {length}")
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    if answer.pause:
        for byte in answer.body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(answer.pause)
    elif answer.status != 304:
        writer.write(answer.body)
    await writer.drain()
    if answer.is_cut:
        writer.close()


@asynccontextmanager
async def serve_feeds(
    sites: Mapping[str, Script] | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncIterator[FeedServer]:
    """Serve these scripts until the block ends."""
    server = FeedServer(now, trustme.CA())
    server.sites.update(sites or {})
    async with server.run():
        yield server
