"""Which of the feeds that are due is asked next: the one that waits longest, of a host that nobody asks just now."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from urllib.parse import urlsplit

from digests.fetch.guard import plain_host
from digests.model.feed import Feed
from digests.model.feed_address import asked_address


class FeedQueue:
    """Feeds that wait, by host: a site with a thousand feeds delays its own alone (no clock: time is an argument).

    Whoever takes a feed says when they are done with it; its host is then left alone for `host_seconds`.
    """

    def __init__(self, rsshub: str, host_seconds: float) -> None:
        self._rsshub = rsshub
        self._host_seconds = host_seconds
        self._waiting: OrderedDict[str, deque[Feed]] = OrderedDict()
        self._asked: set[str] = set()
        self._free_at: dict[str, float] = {}
        self._number = 0

    def __len__(self) -> int:
        return self._number

    def add(self, feeds: Iterable[Feed]) -> None:
        """Have more feeds wait, after those of their host that wait already."""
        for feed in feeds:
            self._waiting.setdefault(self._host(feed), deque()).append(feed)
            self._number += 1

    def take(self, now: float) -> Feed | None:
        """Return the next feed, and count its host as asked; None while there is none that may be asked now."""
        for host, feeds in self._waiting.items():
            if host in self._asked or self._free_at.get(host, now) > now:
                continue
            feed = feeds.popleft()
            self._number -= 1
            self._asked.add(host)
            self._free_at.pop(host, None)
            # Hosts take turns.
            self._waiting.move_to_end(host)
            if not feeds:
                del self._waiting[host]
            return feed
        return None

    def give_up(self, host: str) -> list[Feed]:
        """Return the feeds of a host that wait, and have them wait no more: it wants to be left alone for longer."""
        feeds = list(self._waiting.pop(host, ()))
        self._number -= len(feeds)
        return feeds

    def done(self, feed: Feed, now: float) -> None:
        """Count the host of a feed that was taken as asked no more."""
        host = self._host(feed)
        self._asked.discard(host)
        if self._host_seconds and host in self._waiting:
            self._free_at[host] = now + self._host_seconds

    def seconds_to_wait(self, now: float) -> float | None:
        """Return after how many seconds a host may be asked that is only left alone; None if there is no such host."""
        waits = (
            self._free_at[host] - now for host in self._waiting if host not in self._asked and host in self._free_at
        )
        return min(waits, default=None)

    def _host(self, feed: Feed) -> str:
        return plain_host_of(asked_address(feed.url, self._rsshub))


def plain_host_of(address: str) -> str:
    """Return the host of an address as hosts are told apart; "" if it has none."""
    try:
        return plain_host(urlsplit(address).hostname or "")
    except ValueError:
        return ""
