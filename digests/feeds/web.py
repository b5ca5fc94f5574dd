"""The web as feeds are asked: one client for all that ask, open only while somebody does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from digests.fetch.client import WebClient
from digests.fetch.outcome import NO_HEADERS, Fetched, NotFetched

_IDLE_SECONDS = 20.0


class FeedWeb:
    """Fetches as `WebClient` does, all requests in one client, so that no host gets two at once or too soon.

    The client is opened for the first request, and closed `idle_seconds` after the last.
    """

    def __init__(self, open_client: Callable[[], WebClient], idle_seconds: float = _IDLE_SECONDS) -> None:
        self._open_client = open_client
        self._idle_seconds = idle_seconds
        self._client: WebClient | None = None
        self._users = 0
        self._closing: asyncio.TimerHandle | asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether a client is open, with its connections."""
        return self._client is not None

    async def fetch(
        self,
        address: str,
        headers: Mapping[str, str] = NO_HEADERS,
        *,
        accept: str = "*/*",
        max_bytes: int | None = None,
        user_agent: str = "",
    ) -> Fetched | NotFetched:
        """Return what is at an address, following redirects; never raises for what a server does."""
        if isinstance(self._closing, asyncio.TimerHandle):
            self._closing.cancel()
        if self._client is None:
            self._client = self._open_client()
        self._users += 1
        try:
            return await self._client.fetch(address, headers, accept=accept, max_bytes=max_bytes, user_agent=user_agent)
        finally:
            self._users -= 1
            if not self._users:
                self._closing = asyncio.get_running_loop().call_later(self._idle_seconds, self._close_idle)

    def _close_idle(self) -> None:
        if not self._users:
            self._closing = asyncio.ensure_future(self.close())

    async def close(self) -> None:
        """Close all connections; the next request opens others."""
        if isinstance(self._closing, asyncio.TimerHandle):
            self._closing.cancel()
        client, self._client = self._client, None
        if client is not None:
            await client.close()
