"""A visit to an address for somebody who asks what is there: fetched and read as the bot would, and nothing stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Protocol

from digests.feeds.faults import fault_of
from digests.feeds.results import ServerAnswer
from digests.fetch.outcome import Fetched, FetchFault, NotFetched
from digests.model.feed import FeedFault, FeedKind, FeedOptions, ReadFeed
from digests.model.feed_address import asked_address
from digests.ports import Clock

FEED_TYPES = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/json;q=0.8, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5"
)
"""What a feed is asked for as, in the header Accept."""


class FeedClient(Protocol):
    """Fetches addresses over the one way out to the web (`digests.fetch.client.WebClient`)."""

    async def fetch(
        self,
        address: str,
        headers: Mapping[str, str] = ...,
        *,
        accept: str = ...,
        max_bytes: int | None = ...,
        user_agent: str = ...,
    ) -> Fetched | NotFetched:
        """Return what is at an address; never raises for what a server does."""
        ...


ReadBody = Callable[[bytes, str, str, FeedOptions, datetime], Awaitable[ReadFeed]]
"""Reads the bytes of a feed in the second process: bytes, the header Content-Type, their address, options, the time."""


async def read_fault(failed: NotFetched, address: str, read: ReadBody, now: datetime) -> FeedFault:
    """Return what a request that failed means for a feed, with what the page says that came with its status."""
    if failed.kind is not FetchFault.STATUS or not failed.page.strip():
        return fault_of(failed)
    page = await read(failed.page, failed.headers.get("content-type", ""), address, FeedOptions(), now)
    return fault_of(failed, page.fault)


@dataclass(frozen=True, slots=True)
class FeedVisit:
    """What a server said, what it means as a feed, and the body, by which a page can be looked through for feeds."""

    answer: ServerAnswer
    read: ReadFeed
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""


class FeedVisitor:
    """Visits addresses. Nothing raises for what a server does, or for what is there."""

    def __init__(self, client: FeedClient, read: ReadBody, clock: Clock, rsshub: str = "") -> None:
        """Create it; `rsshub` is where routes of RSSHub are read from."""
        self._rsshub = rsshub
        self._client = client
        self._read = read
        self._clock = clock

    async def visit(self, url: str, options: FeedOptions) -> FeedVisit:
        """Fetch an address and read it as a feed."""
        began, asked = monotonic(), asked_address(url, self._rsshub)
        fetched = await self._client.fetch(asked, accept=FEED_TYPES, user_agent=options.user_agent)
        seconds = monotonic() - began
        if isinstance(fetched, NotFetched):
            where, kind_of_fault = fetched.address or asked, fetched.kind
            answer = ServerAnswer(
                fetched.status, where, headers=fetched.headers, seconds=seconds, fetch_fault=kind_of_fault
            )
            fault = await read_fault(fetched, answer.final_url, self._read, self._clock.now())
            # A page that says that something is not there may still name what is.
            kind = fetched.headers.get("content-type", "")
            return FeedVisit(answer, ReadFeed(FeedKind.NONE, fault=fault), fetched.page, kind)
        kind = fetched.headers.get("content-type", "")
        read = await self._read(fetched.body, kind, fetched.address, options, self._clock.now())
        answer = ServerAnswer(
            fetched.status, fetched.address, fetched.moved_to, fetched.headers, seconds, len(fetched.body)
        )
        return FeedVisit(answer, read, fetched.body, kind)
