"""A web of a test's own, without a network: what is at each address, and a reader of feeds that are one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from digests.feeds.visiting import FeedVisitor
from digests.fetch.outcome import Fetched, FetchFault, NotFetched
from digests.model.feed import FeedFault, FeedItem, FeedKind, FeedOptions, FeedTrouble, ReadFeed
from tests.factories.feeds import feed_item
from tests.factories.times import DAY, NOW
from tests.fakes import FakeClock

NOT_FOUND = NotFetched("it answers 404", status=404, kind=FetchFault.STATUS)


def page(html: str, address: str = "") -> Fetched:
    """Return an answer with a page."""
    return Fetched(address, 200, {"content-type": "text/html; charset=utf-8"}, html.encode())


def one_line_feed(title: str = "News", items: int = 1, *, moved_to: str = "") -> Fetched:
    """Return an answer with a feed that `read_line` reads, of this many items, each a day older than the one before."""
    headers = {"content-type": "application/rss+xml", "etag": '"1"', "set-cookie": "secret=1"}
    return Fetched("", 200, headers, f"<rss {items} {title}".encode(), moved_to)


@dataclass
class FakeWeb:
    """Answers what `pages` has for an address, and 404 for all else; `asked` are the addresses, in their order."""

    pages: dict[str, Fetched | NotFetched] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)

    async def fetch(
        self,
        address: str,
        headers: Mapping[str, str] = {},
        *,
        accept: str = "",
        max_bytes: int | None = None,
        user_agent: str = "",
    ) -> Fetched | NotFetched:
        """Return what is at an address."""
        assert not headers
        assert "application/rss+xml" in accept
        self.asked.append(address)
        self.agents.append(user_agent)
        found = self.pages.get(address, NOT_FOUND)
        if isinstance(found, Fetched) and not found.address:
            return Fetched(found.moved_to or address, found.status, found.headers, found.body, found.moved_to)
        return found

    def visitor(self, rsshub: str = "https://hub.example") -> FeedVisitor:
        """Return a visitor of this web."""
        return FeedVisitor(self, read_line, FakeClock(NOW), rsshub)


async def read_line(data: bytes, _kind: str, base: str, _options: FeedOptions, _now: datetime) -> ReadFeed:
    """Read what `one_line_feed` returns."""
    text = data.decode()
    if not text.startswith("<rss "):
        return ReadFeed(FeedKind.NONE, fault=FeedFault(FeedTrouble.NOT_A_FEED, "it is a web page, not a feed"))
    _, items, title = text.split(" ", 2)
    return ReadFeed(FeedKind.RSS, title, base, items=tuple(map(_item, range(int(items)))))


def _item(number: int) -> FeedItem:
    # The oldest first, as some feeds have it.
    return feed_item(str(number), published_at=NOW - 5 * DAY + number * DAY)
