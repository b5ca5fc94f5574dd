"""Feeds without a network and without a parser: what servers answer, and what their bodies say, as tests write it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from digests.fetch.outcome import NO_HEADERS, Fetched, FetchFault, NotFetched
from digests.model.feed import FeedFault, FeedItem, FeedKind, FeedOptions, FeedTrouble, ReadFeed
from tests.factories.feeds import feed_item

Answer = Fetched | NotFetched | Callable[[], Awaitable[Fetched | NotFetched]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a feed."""

    address: str
    headers: Mapping[str, str]
    user_agent: str


@dataclass
class FakeWeb:
    """Answers as it was told, and writes down what it was asked; `most_at_once` is how many asked it together."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    most_at_once: int = 0
    delay: float = 0.0
    _users: int = 0

    async def fetch(
        self,
        address: str,
        headers: Mapping[str, str] = NO_HEADERS,
        *,
        accept: str = "*/*",
        max_bytes: int | None = None,
        user_agent: str = "",
    ) -> Fetched | NotFetched:
        """Return the answer for the address; 404 where there is none."""
        self.asked.append(Asked(address, dict(headers), user_agent))
        self._users += 1
        self.most_at_once = max(self.most_at_once, self._users)
        try:
            await asyncio.sleep(self.delay)
            answer = self.answers.get(address) or status(404)
            return await answer() if callable(answer) else answer
        finally:
            self._users -= 1

    @property
    def addresses(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.address for asked in self.asked]


def body(address: str, *keys: str, moved_to: str = "", **headers: str) -> Fetched:
    """Return a feed with items of these keys; `headers` are written with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fetched(address, 200, named, " ".join(keys).encode(), moved_to)


def unchanged(address: str, moved_to: str = "", **headers: str) -> Fetched:
    """Return 304."""
    return Fetched(address, 304, {name.replace("_", "-"): value for name, value in headers.items()}, b"", moved_to)


def status(number: int, wait: float = 0.0) -> NotFetched:
    """Return a status other than success."""
    return NotFetched(f"the server answers {number}", wait=wait, status=number, kind=FetchFault.STATUS)


_MOVED = "moved:"


@dataclass
class FakeReader:
    """Reads bodies of `body`: a key for each word; `no-feed` is none, `bug` raises, `ttl` asks for four hours.

    `moved:` with an address says that the feed is there for good.
    """

    read: list[tuple[bytes, FeedOptions]] = field(default_factory=list)

    async def __call__(
        self, data: bytes, content_type: str, base: str, options: FeedOptions, now: datetime
    ) -> ReadFeed:
        """Return what the body says."""
        self.read.append((data, options))
        words = data.decode().split()
        if "no-feed" in words:
            return ReadFeed(FeedKind.NONE, fault=FeedFault(FeedTrouble.NOT_A_FEED, "it is a page"))
        if "bug" in words:
            raise ZeroDivisionError
        least = 240 if "ttl" in words else None
        moved_to = next((word.removeprefix(_MOVED) for word in words if word.startswith(_MOVED)), "")
        found = items([word for word in words if not word.startswith(_MOVED)])
        return ReadFeed(
            FeedKind.ATOM, "Own title", "https://site.example/", items=found, least_minutes=least, moved_to=moved_to
        )


def items(keys: Sequence[str]) -> tuple[FeedItem, ...]:
    """Return an item for each key but `ttl`."""
    return tuple(feed_item(key) for key in keys if key != "ttl")
