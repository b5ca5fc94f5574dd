"""The HTTP client of everything that the bot fetches from the web by itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from time import monotonic
from types import MappingProxyType
from typing import Self

import aiohttp
from yarl import URL

from digests.fetch.body import ACCEPTED, BodyError, unpacked_body
from digests.fetch.connector import GuardedConnector
from digests.fetch.faults import error_fault, status_fault, too_large
from digests.fetch.guard import NOBODY, AllowedHosts, host_fault, plain_host
from digests.fetch.outcome import Fetched, NotFetched
from digests.fetch.turns import Turns

_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_MAX_ADDRESS = 8_192
_PLAIN = re.compile(r"[!-~]+")
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """The bounds of each request, and how polite all of them are together.

    `seconds` is for everything from the look-up of the name to the last byte, redirects and all, but for waiting for
    a turn. `contact` is an address or a mail where sites can reach the operator.
    """

    seconds: float = 8.0
    max_bytes: int = 5_000_000
    per_host: int = 2
    at_once: int = 8
    contact: str = ""
    allowed: AllowedHosts = NOBODY


class WebClient:
    """Fetches addresses that anybody may have written. It must be closed; `async with` does so.

    It sends no cookie, no Referer and no password, and asks no proxy.
    """

    def __init__(self, options: FetchOptions, connector: GuardedConnector | None = None) -> None:
        """Create the client; call it inside the loop. A `connector` is for tests, and is closed with the client."""
        self._options = options
        self._turns = Turns(options.per_host, options.at_once)
        self._session = aiohttp.ClientSession(
            connector=connector or GuardedConnector(options.allowed),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": user_agent(options.contact), "Accept-Encoding": ACCEPTED},
            timeout=aiohttp.ClientTimeout(total=None),
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
        headers: Mapping[str, str] = _NO_HEADERS,
        *,
        accept: str = "*/*",
        max_bytes: int | None = None,
    ) -> Fetched | NotFetched:
        """Return what is at an address, following redirects; never raises for what a server does.

        Args:
            address: An absolute http(s) address.
            headers: More headers of the request; only the first host gets them, since they may be secret.
            accept: The types that are wanted, as in the header Accept.
            max_bytes: How large the body may be, if not as in the options.
        """
        journey = _Journey(self._options.seconds, max_bytes or self._options.max_bytes, headers, accept)
        url = _parse(address)
        while isinstance(url, URL):
            if fault := self._fault(url, journey):
                return NotFetched(fault)
            journey.visited.append(url)
            async with self._turns.turn(plain_host(url.raw_host or "")):
                answer = await self._ask(url, journey)
            if not isinstance(answer, URL):
                return answer
            url = answer
        return url

    def _fault(self, url: URL, journey: _Journey) -> str:
        """Return why an address is not asked, as far as the address itself tells."""
        if url.scheme not in ("http", "https"):
            return "its address is not one of the web" if not journey.visited else "it redirects out of the web"
        if url.raw_user or url.raw_password:
            return "its address holds a password"
        if journey.visited:
            if url.scheme == "http" and journey.visited[-1].scheme == "https":
                return "it redirects from https to http"
            if url in journey.visited:
                return "it redirects in a circle"
            if len(journey.visited) > _MOST_REDIRECTS:
                return f"it redirects more than {_MOST_REDIRECTS} times"
        return host_fault(url.raw_host or "", url.port or 0, self._options.allowed)

    async def _ask(self, url: URL, journey: _Journey) -> Fetched | NotFetched | URL:
        """Make one request, with what is left of the time; return where it redirects to, if it does."""
        began = monotonic()
        try:
            async with (
                asyncio.timeout(journey.seconds_left),
                self._session.get(url, headers=journey.headers_for(url), allow_redirects=False) as response,
            ):
                return await self._read(url, response, journey)
        except (aiohttp.ClientError, OSError, ValueError, BodyError) as error:
            return error_fault(error, self._options.seconds, journey.max_bytes)
        finally:
            journey.seconds_left -= monotonic() - began

    async def _read(self, url: URL, response: aiohttp.ClientResponse, journey: _Journey) -> Fetched | NotFetched | URL:
        headers = {name.lower(): value for name, value in response.headers.items()}
        status = response.status
        if status in _REDIRECTS and "location" in headers:
            # Closed, since nothing was read of its body, which may be endless.
            response.close()
            journey.is_for_good = journey.is_for_good and status in _FOR_GOOD
            return _parse(headers["location"], url)
        if status not in (200, 304) or (status == 304 and not journey.headers):
            response.close()
            return status_fault(status, headers, datetime.now(UTC))
        length = response.content_length
        if length is not None and length > journey.max_bytes:
            response.close()
            return too_large(journey.max_bytes)
        chunks = response.content.iter_chunked(_CHUNK)
        body = await unpacked_body(chunks, headers.get("content-encoding", ""), journey.max_bytes)
        is_moved = journey.is_for_good and len(journey.visited) > 1
        return Fetched(str(url), status, headers, body, str(url) if is_moved else "")


class _Journey:
    """The way of one fetch from address to address."""

    def __init__(self, seconds: float, max_bytes: int, headers: Mapping[str, str], accept: str) -> None:
        self.seconds_left = seconds
        self.max_bytes = max_bytes
        self.headers = headers
        self.accept = accept
        self.visited: list[URL] = []
        self.is_for_good = True

    def headers_for(self, url: URL) -> Mapping[str, str]:
        """Return the headers for this address: those of the caller stay with the origin that he knows."""
        own = self.headers if url.origin() == self.visited[0].origin() else _NO_HEADERS
        return {"Accept": self.accept, **own}


def user_agent(contact: str) -> str:
    """Return the name under which sites see the bot, with where its operator can be reached."""
    plain = "".join(character for character in contact if " " <= character <= "~").strip()
    return f"digestbot/{metadata.version('digestbot')}" + (f" (+{plain})" if plain else "")


def _parse(address: str, base: URL | None = None) -> URL | NotFetched:
    """Return the address, relative to `base`; bytes that are fit for a request stay as they are written."""
    bad = NotFetched("its address is not valid" if base is None else "it redirects to an address that is not valid")
    text = address.strip().partition("#")[0]
    if not text or len(text) > _MAX_ADDRESS or any(character < " " or character == "\x7f" for character in text):
        return bad
    try:
        url = URL(text, encoded=_PLAIN.fullmatch(text) is not None)
        url = url if base is None else base.join(url)
        if not url.absolute or not url.raw_host or url.scheme not in ("http", "https"):
            return url if url.scheme and url.absolute else bad
        return url if url.port is not None else bad
    except (ValueError, UnicodeError):
        return bad
