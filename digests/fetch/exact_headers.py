"""Headers byte by byte: what a server sent as its validator is what it gets back, whatever bytes it is made of.

A value is text whose characters are bytes (latin-1, RFC 9110, 5.5). aiohttp reads and writes UTF-8 instead, and leaves
out what is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientResponse
    from aiohttp.connector import Connection

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# A tab, and everything but the control characters (RFC 9110, 5.5): none of them ends a line.
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def received_headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers of an answer by their names in lower case; of a name that comes twice, the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1").strip(" \t") for name, value in raw}


def sendable_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return those of the headers that can be sent exactly as they are: none of them makes another line."""
    return {
        name: value for name, value in headers.items() if value and _NAME.fullmatch(name) and _VALUE.fullmatch(value)
    }


class ExactRequest(aiohttp.ClientRequest):
    """Sends header values as the bytes that their characters stand for."""

    async def send(self, conn: Connection) -> ClientResponse:
        """Send the request, which has no body: its head is written at once."""
        protocol = conn.protocol
        if protocol is None or all(value.isascii() for value in self.headers.values()):
            return await super().send(conn)
        transport = protocol.transport
        exact: Any = _LatinTransport(transport)
        protocol.transport = exact
        try:
            return await super().send(conn)
        finally:
            if protocol.transport is exact:
                protocol.transport = transport


class _LatinTransport:
    """A transport that turns what is written as UTF-8 back into the bytes that were meant."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write the bytes that the characters stand for."""
        self._transport.write(bytes(data).decode().encode("latin-1"))

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Write several pieces."""
        self.write(b"".join(lines))
