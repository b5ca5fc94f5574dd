"""The HTTP client of everything that the bot fetches from the web by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from time import monotonic
from typing import Self

import aiohttp
from yarl import URL

from digests.fetch.addresses import (
    address_as_sent,
    is_downgrade,
    is_same_origin,
    parse_address,
    parse_redirect,
    request_fault,
)
from digests.fetch.body import TooLargeError, body_beginning, unpacked_body
from digests.fetch.connector import GuardedConnector
from digests.fetch.exact_headers import ExactRequest, received_headers, sendable_headers
from digests.fetch.faults import error_fault, status_fault, too_large
from digests.fetch.guard import NOBODY, AllowedHosts, plain_host
from digests.fetch.outcome import NO_HEADERS, Fetched, FetchFault, NotFetched
from digests.fetch.packing import COMMON, BadPackingError
from digests.fetch.turns import Turns

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_CONDITIONS = frozenset({"if-none-match", "if-modified-since"})
_CHUNK = 65_536
_FAULT_SECONDS = 3.0
"""What an answer says that is a fault is not worth the whole time."""


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """The bounds of each request, and how polite all of them are together.

    Attributes:
        seconds: For everything from the look-up of the name to the last byte, redirects and all, but for waiting for a
            turn.
        max_bytes: How large a body may be, as it comes and unpacked.
        per_host: How many requests are under way at once to a host, whatever its port.
        at_once: How many are in all.
        contact: An address or a mail where sites can reach the operator.
        allowed: Hosts that may be asked although they are not public.
        host_seconds: How long a host is left alone after each request; redirects are requests too.
        longest_wait: How many seconds a server may ask to be left alone; more is taken for this.
        packings: The packings of bodies that are asked for, and accepted.
        allows_downgrade: Whether redirects from https to http are followed. What comes so may have been changed on its
            way, so it is for what is to be read by everybody; and nobody has moved by it.
        fault_bytes: How much is read of the body of an answer that is a fault.
    """

    seconds: float = 8.0
    max_bytes: int = 5_000_000
    per_host: int = 2
    at_once: int = 8
    contact: str = ""
    allowed: AllowedHosts = NOBODY
    host_seconds: float = 0.0
    longest_wait: float = 24 * 3600.0
    packings: tuple[str, ...] = COMMON
    allows_downgrade: bool = False
    fault_bytes: int = 0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class WebClient:
    """Fetches addresses that anybody may have written. It must be closed; `async with` does so.

    It sends no cookie, no Referer and no password, and asks no proxy.
    """

    def __init__(
        self,
        options: FetchOptions,
        connector: GuardedConnector | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Create the client; call it inside the loop. A `connector` is for tests, and is closed with the client.

        `now` is what the moments are held against that servers ask to be left alone until.
        """
        self._options = options
        self._now = now
        self._turns = Turns(options.per_host, options.at_once, options.host_seconds)
        self._session = aiohttp.ClientSession(
            connector=connector or GuardedConnector(options.allowed),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": user_agent(options.contact), "Accept-Encoding": ", ".join(options.packings)},
            timeout=aiohttp.ClientTimeout(total=None),
            request_class=ExactRequest,
            auto_decompress=False,
            trust_env=False,
            read_bufsize=_CHUNK,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def fetch(
        self,
        address: str,
        headers: Mapping[str, str] = NO_HEADERS,
        *,
        accept: str = "*/*",
        max_bytes: int | None = None,
        user_agent: str = "",
    ) -> Fetched | NotFetched:
        """Return what is at an address, following redirects; never raises for what a server does.

        Args:
            address: An absolute http(s) address.
            headers: More headers of the request, each character of a value a byte (latin-1), as in `Fetched.headers`;
                what can't be a header is left out. Only the first host gets them, since they may be secret; conditions
                (If-None-Match, If-Modified-Since) go along with redirects.
            accept: The types that are wanted, as in the header Accept.
            max_bytes: How large the body may be, if not as in the options.
            user_agent: The name to give to this address and where it redirects to, if not ours.
        """
        common = {"Accept": accept, **({"User-Agent": user_agent} if user_agent else {})}
        journey = _Journey(
            self._options.seconds,
            max_bytes or self._options.max_bytes,
            sendable_headers(headers),
            sendable_headers(common),
        )
        step: Fetched | NotFetched | URL = parse_address(address)
        while isinstance(step, URL):
            step = await self._go(step, journey)
        if isinstance(step, Fetched):
            return step
        if len(journey.visited) > 1 and step.kind is FetchFault.FORBIDDEN_HOST:
            step = replace(step, reason=f"it redirects elsewhere: {step.reason}")
        was_redirected = len(journey.visited) > 1
        return replace(step, address=journey.asked, may_lead_elsewhere=was_redirected and not journey.has_moved)

    async def _go(self, url: URL, journey: _Journey) -> Fetched | NotFetched | URL:
        """Ask one address when it is its host's turn."""
        options = self._options
        fault = request_fault(url, journey.visited, options.allowed, allows_downgrade=options.allows_downgrade)
        journey.visited.append(url)
        if fault is not None:
            return fault
        async with self._turns.turn(plain_host(url.raw_host or "")):
            return await self._ask(url, journey)

    async def _ask(self, url: URL, journey: _Journey) -> Fetched | NotFetched | URL:
        """Make one request, with what is left of the time; return where it redirects to, if it does."""
        began = monotonic()
        journey.asked = str(url)
        try:
            async with (
                asyncio.timeout(journey.seconds_left),
                self._session.get(url, headers=journey.headers_for(url), allow_redirects=False) as response,
            ):
                return await self._read(url, response, journey)
        except (aiohttp.ClientError, OSError, ValueError, TooLargeError, BadPackingError) as error:
            return error_fault(error, self._options.seconds, journey.max_bytes)
        finally:
            journey.seconds_left -= monotonic() - began

    async def _read(self, url: URL, response: aiohttp.ClientResponse, journey: _Journey) -> Fetched | NotFetched | URL:
        headers = received_headers(response.raw_headers)
        status = response.status
        if status in _REDIRECTS and "location" in headers:
            # Closed, since nothing was read of its body, which may be endless.
            response.close()
            journey.is_for_good = journey.is_for_good and status in _FOR_GOOD
            return parse_redirect(address_as_sent(headers["location"].encode("latin-1")), url)
        if status not in (200, 304) or (status == 304 and not journey.is_conditional(url)):
            page = await self._beginning(response, headers)
            response.close()
            return status_fault(status, headers, page, self._now(), self._options.longest_wait)
        length = response.content_length
        if length is not None and length > journey.max_bytes:
            response.close()
            return too_large(journey.max_bytes)
        chunks = response.content.iter_chunked(_CHUNK)
        packing = headers.get("content-encoding", "")
        body = await unpacked_body(chunks, packing, journey.max_bytes, self._options.packings)
        return Fetched(str(url), status, headers, body, str(url) if journey.has_moved else "")

    async def _beginning(self, response: aiohttp.ClientResponse, headers: Mapping[str, str]) -> bytes:
        """Return what an answer says that is a fault; its status counts, whatever becomes of its body."""
        if not self._options.fault_bytes or response.status == 304:
            return b""
        chunks = response.content.iter_chunked(_CHUNK)
        packing = headers.get("content-encoding", "")
        try:
            async with asyncio.timeout(_FAULT_SECONDS):
                return await body_beginning(chunks, packing, self._options.fault_bytes, self._options.packings)
        except (aiohttp.ClientError, OSError):
            return b""


class _Journey:
    """The way of one fetch from address to address."""

    def __init__(self, seconds: float, max_bytes: int, headers: Mapping[str, str], common: Mapping[str, str]) -> None:
        self.seconds_left = seconds
        self.max_bytes = max_bytes
        self.visited: list[URL] = []
        self.asked = ""
        self.is_for_good = True
        self._headers = headers
        self._conditions = {name: value for name, value in headers.items() if name.lower() in _CONDITIONS}
        self._common = common

    def headers_for(self, url: URL) -> Mapping[str, str]:
        """Return the headers for this address: those of the caller stay with the origin that they are meant for.

        Conditions go all the way, since what they were made from came from its end; but not by a way that others can
        read where it began on one that they can't.
        """
        if is_same_origin(self.visited[0], url):
            return {**self._common, **self._headers}
        conditions = {} if is_downgrade(self.visited[0], url) else self._conditions
        return {**self._common, **conditions}

    def is_conditional(self, url: URL) -> bool:
        """Return whether this address was asked only for what has changed."""
        return any(name.lower() in _CONDITIONS for name in self.headers_for(url))

    @property
    def has_moved(self) -> bool:
        """Whether permanent redirects led here, none of which others can have put on the way."""
        steps = zip(self.visited, self.visited[1:], strict=False)
        return self.is_for_good and len(self.visited) > 1 and not any(is_downgrade(*step) for step in steps)


def user_agent(contact: str) -> str:
    """Return the name under which sites see the bot, with where its operator can be reached."""
    plain = "".join(character for character in contact if " " <= character <= "~").strip()
    return f"digestbot/{metadata.version('digestbot')}" + (f" (+{plain})" if plain else "")
