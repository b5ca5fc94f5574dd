"""Connections to public addresses alone.

The check is at the connection: the addresses that a name has just now are checked, and the socket is opened to one of
them, without another look-up between. A name that resolves differently the second time wins nothing by it.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from digests.fetch.guard import AllowedHosts, address_fault, addresses_fault
from digests.offload import in_own_thread

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest, ConnectionKey
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

_KEEP_ALIVE_SECONDS = 2.0
"""Pictures of a site come in bunches, its feeds a second apart; a thousand other sites would stay open for nothing."""

LookUp = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the IP addresses of a name, all of them; raises OSError for a name that has none."""


class ForbiddenHostError(OSError):
    """The host, or an address of it, may not be connected to."""


_target: ContextVar[tuple[str, int]] = ContextVar("target", default=("", 0))
"""The host, and its port, that is being connected to."""


async def look_up(host: str, port: int) -> Sequence[str]:
    """Ask the system for the IP addresses of a name, in a thread of its own, since it may hang for half a minute."""
    found = await in_own_thread(_system_addresses, host, port)
    return list(dict.fromkeys(found))


def _system_addresses(host: str, port: int) -> list[str]:
    return [str(address[0]) for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class GuardedResolver(AbstractResolver):
    """Resolves names none of whose addresses is forbidden."""

    def __init__(self, allowed: AllowedHosts, look_up: LookUp = look_up) -> None:
        self._allowed = allowed
        self._look_up = look_up

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the name's addresses. Raises ForbiddenHostError, or OSError for a name that has none."""
        addresses = await self._look_up(host, port)
        if not addresses:
            raise OSError(f"{host} has no address")
        if fault := addresses_fault(host, port, addresses, self._allowed):
            raise ForbiddenHostError(fault)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Do nothing: no resource is held."""


class GuardedConnector(aiohttp.TCPConnector):
    """Opens sockets to public addresses, and to those of allowed hosts."""

    def __init__(self, allowed: AllowedHosts, look_up: LookUp = look_up) -> None:
        self._allowed_hosts = allowed
        super().__init__(
            resolver=GuardedResolver(allowed, look_up),
            socket_factory=self._open_socket,
            # What was checked is connected to: an answer that is kept would be as good, but never fresh.
            use_dns_cache=False,
            limit=0,
            keepalive_timeout=_KEEP_ALIVE_SECONDS,
        )

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own
    ) -> Connection:
        """Return a connection to the host of the request, whose name the check of its addresses needs."""
        token = _target.set((req.url.raw_host or "", req.url.port or 0))
        try:
            return await super().connect(req, traces, timeout)
        finally:
            _target.reset(token)

    async def _get(self, key: ConnectionKey, traces: list[Trace]) -> Connection | None:
        """Return a connection that is kept, but none on which the server said more than it was asked.

        What a wrong length left over, or a server sent unasked, would be taken for the next answer.
        """
        while (connection := await super()._get(key, traces)) is not None:
            if connection.protocol is not None and not connection.protocol.should_close:
                return connection
            connection.close()
        return None

    def _open_socket(self, address: tuple[Any, ...]) -> socket.socket:
        """Return a socket for an entry of `getaddrinfo`, to which it is connected next: the last check of all.

        Addresses that are written in an URL come by here without any look-up.
        """
        family, kind, protocol, _, place = address
        fault = address_fault(str(place[0]))
        if fault and not self._allowed_hosts.allow(*_target.get()):
            raise ForbiddenHostError(f"its host is not public ({fault})")
        return socket.socket(family, kind, protocol)
