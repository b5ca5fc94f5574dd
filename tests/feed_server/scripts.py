"""What servers of feeds do: each script answers one address, request by request."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Protocol

import brotli  # type: ignore[import-untyped]

from digests.fetch.packing import zstd
from tests.feed_server.record import Answer, FeedRequest

PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}
RSS = "application/rss+xml; charset=utf-8"


class Script(Protocol):
    """Answers the requests for an address."""

    def answer(self, request: FeedRequest) -> Answer:
        """Return what is sent."""
        ...


@dataclass
class ServedFeed:
    """A feed on a server that keeps the rules: 304 to exactly the validators of what it has, and to nothing else.

    Attributes:
        body: What it says now.
        etag: Its ETag as it is written; "" for none.
        last_modified: Its Last-Modified as it is written; "" for none.
        packing: How it is packed, in the words of Content-Encoding.
        content_type: Its Content-Type; "" for none.
        headers: Further headers.
        is_feed: Whether it is one that can be read.
    """

    body: bytes
    etag: str = '"1"'
    last_modified: str = ""
    packing: str = ""
    content_type: str = RSS
    headers: Mapping[str, str] = field(default_factory=dict)
    is_feed: bool = True

    def answer(self, request: FeedRequest) -> Answer:
        """Return 304 to the validators that it has, else the feed."""
        if self.is_known(request):
            return Answer(304, self._validators(), is_feed=self.is_feed)
        kind = (("Content-Type", self.content_type),) if self.content_type else ()
        packed = (("Content-Encoding", self.packing),) if self.packing else ()
        body = PACKERS[self.packing](self.body) if self.packing else self.body
        return Answer(200, (*kind, *packed, *self._validators(), *self.headers.items()), body, is_feed=self.is_feed)

    def is_known(self, request: FeedRequest) -> bool:
        """Return whether the request has what the feed is known by (RFC 9110, 13.1: If-None-Match comes first)."""
        if self.etag:
            return request.header("if-none-match") == self.etag
        return bool(self.last_modified) and request.header("if-modified-since") == self.last_modified

    def _validators(self) -> tuple[tuple[str, str], ...]:
        pairs = (("ETag", self.etag), ("Last-Modified", self.last_modified))
        return tuple((name, value) for name, value in pairs if value)


class DeafFeed(ServedFeed):
    """A feed on a server that says validators and never looks at them."""

    def is_known(self, request: FeedRequest) -> bool:
        """Return that nothing is known."""
        return False


class StubbornFeed(ServedFeed):
    """A feed on a server that answers 304 whatever it is asked."""

    def is_known(self, request: FeedRequest) -> bool:
        """Return that all is known."""
        return True


@dataclass
class RestlessFeed(ServedFeed):
    """A feed with another ETag in each answer, although it says the same."""

    answers: int = 0

    def answer(self, request: FeedRequest) -> Answer:
        """Return the feed under a new ETag."""
        self.answers += 1
        self.etag = f'"{self.answers}"'
        return super().answer(request)


@dataclass(frozen=True)
class RedirectTo:
    """Another address, written as it is sent."""

    location: str
    status: int = 301

    def answer(self, request: FeedRequest) -> Answer:
        """Return the redirect."""
        return Answer(self.status, (("Location", self.location),))


@dataclass(frozen=True)
class Status:
    """A status, with words of its own; `wait` is Retry-After, in seconds, or as a date where `as_date`."""

    status: int
    body: bytes = b"Sorry."
    wait: timedelta | None = None
    as_date: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self, request: FeedRequest) -> Answer:
        """Return the status."""
        headers = [("Content-Type", "text/html"), *self.headers.items()]
        if self.wait is not None:
            headers.append(("Retry-After", _retry_after(request.at, self.wait, as_date=self.as_date)))
        return Answer(self.status, tuple(headers), self.body)


def _retry_after(now: datetime, wait: timedelta, *, as_date: bool) -> str:
    # A date has whole seconds.
    return format_datetime(now + wait, usegmt=True) if as_date else str(int(wait.total_seconds()))


@dataclass(frozen=True)
class RefusesStrangers:
    """A site that lets only those in whose name it knows."""

    feed: Script
    known: str = r"Mozilla/5\.0"

    def answer(self, request: FeedRequest) -> Answer:
        """Return the feed to those, else 403."""
        if re.match(self.known, request.header("user-agent")):
            return self.feed.answer(request)
        return Answer(403, (("Content-Type", "text/html"),), b"<h1>Forbidden</h1>")


@dataclass
class InTurn:
    """One script after another, a request each; the last one stays."""

    scripts: Sequence[Script]
    asked: int = 0

    def answer(self, request: FeedRequest) -> Answer:
        """Return what the next script says."""
        script = self.scripts[min(self.asked, len(self.scripts) - 1)]
        self.asked += 1
        return script.answer(request)


@dataclass(frozen=True)
class Altered:
    """A script whose answers are sent in another way: slowly, with a wrong length, cut."""

    script: Script
    length: int | None = None
    pause: float = 0.0
    delay: float = 0.0
    is_cut: bool = False
    is_usable: bool = True

    def answer(self, request: FeedRequest) -> Answer:
        """Return the altered answer."""
        return replace(
            self.script.answer(request),
            length=self.length,
            pause=self.pause,
            delay=self.delay,
            is_cut=self.is_cut,
            is_usable=self.is_usable,
        )


def bomb(packing: str, size: int = 100_000_000) -> Script:
    """Return a feed that is small on its way and huge when it is unpacked."""
    packed = PACKERS[packing](b"<rss><channel>" + b" " * size)
    return Always(Answer(200, (("Content-Type", RSS), ("Content-Encoding", packing)), packed, is_usable=False))


@dataclass(frozen=True)
class Always:
    """One answer, whatever is asked."""

    said: Answer

    def answer(self, request: FeedRequest) -> Answer:
        """Return it."""
        return self.said
