"""One client for all that ask feeds: open while somebody does, and closed soon afterwards."""

from __future__ import annotations

import asyncio

from digests.feeds.web import FeedWeb
from digests.fetch.client import FetchOptions, WebClient
from digests.fetch.outcome import NotFetched
from tests.waiting import until


class CountedClient(WebClient):
    """A client that answers nothing, after a moment, and counts how many are open."""

    opened = 0
    closed = 0

    def __init__(self) -> None:
        super().__init__(FetchOptions())
        type(self).opened += 1

    async def fetch(self, *_args: object, **_options: object) -> NotFetched:
        """Answer nothing."""
        await asyncio.sleep(0.02)
        return NotFetched("nothing")

    async def close(self) -> None:
        """Count it."""
        type(self).closed += 1
        await super().close()


async def test_the_client_is_open_only_while_somebody_asks() -> None:
    CountedClient.opened = CountedClient.closed = 0
    web = FeedWeb(CountedClient, idle_seconds=0.05)
    assert [web.is_open] == [False]
    await asyncio.gather(*(web.fetch("https://site.example/") for _ in range(5)))
    await web.fetch("https://site.example/")
    assert [web.is_open] == [True]
    assert (CountedClient.opened, CountedClient.closed) == (1, 0)
    await until(lambda: not web.is_open)
    await until(lambda: CountedClient.closed == 1)
    await web.fetch("https://site.example/")
    await web.close()
    await web.close()
    assert (CountedClient.opened, CountedClient.closed) == (2, 2)
