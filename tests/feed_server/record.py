"""What a server of feeds was asked, and what it answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from urllib.parse import urljoin, urlsplit

PERMANENT = frozenset({301, 308})
REDIRECTS = PERMANENT | {302, 303, 307}


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """A request as it came; header names are in lower case, each character of a value is a byte.

    `at` is by the clock that the test moves, `began` by the machine's.
    """

    url: str
    headers: tuple[tuple[str, str], ...]
    at: datetime
    method: str = "GET"
    began: float = 0.0

    @property
    def host(self) -> str:
        """The name of the host, without a port."""
        return urlsplit(self.url).hostname or ""

    @property
    def origin(self) -> tuple[str, str]:
        """The scheme, and the host with its port."""
        parts = urlsplit(self.url)
        return parts.scheme, parts.netloc

    def header(self, name: str) -> str:
        """Return the value of a header, "" if it was not sent."""
        return next((value for each, value in self.headers if each == name), "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered, truthful or not.

    Attributes:
        status: The status.
        headers: Names and values, each character a byte.
        body: As it is sent: packed, if the headers say so.
        length: What Content-Length says, if not the truth.
        pause: How many seconds lie between two bytes of the body.
        delay: How many seconds pass before the answer begins.
        is_cut: Whether the connection is closed after the body.
        is_feed: Whether the body, if it is one, is a feed that can be read.
        is_usable: Whether it can be had at all, within the bounds of a request.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    length: int | None = None
    pause: float = 0.0
    delay: float = 0.0
    is_cut: bool = False
    is_feed: bool = True
    is_usable: bool = True

    def header(self, name: str) -> str:
        """Return the value of a header, "" if there is none."""
        return next((value for each, value in self.headers if each.lower() == name), "")


@dataclass(slots=True)
class Exchange:
    """A request with its answer; `ended` is when the answer was sent, or the connection was gone."""

    request: FeedRequest
    answer: Answer
    ended: float = float("inf")

    @property
    def leads_to(self) -> str:
        """Where the answer redirects to, "" if it does not."""
        location = self.answer.header("location")
        return urljoin(self.request.url, location) if location and self.answer.status in REDIRECTS else ""


@dataclass(frozen=True, slots=True)
class RecordedLook:
    """A look at a feed: the request to its own address, and those that redirects led to."""

    exchanges: tuple[Exchange, ...]

    @property
    def url(self) -> str:
        """The address that it began at."""
        return self.exchanges[0].request.url

    @property
    def at(self) -> datetime:
        """When it began."""
        return self.exchanges[0].request.at

    @property
    def last(self) -> Exchange:
        """What it ended with."""
        return self.exchanges[-1]

    @property
    def moved_to(self) -> str:
        """Where permanent redirects led all along, "" if others did, or none, or from https to http."""
        steps = self.exchanges[:-1]
        is_permanent = bool(steps) and all(step.answer.status in PERMANENT for step in steps)
        schemes = [exchange.request.origin[0] for exchange in self.exchanges]
        if schemes != sorted(schemes):
            return ""
        return self.last.request.url if is_permanent and not self.has_failed else ""

    @property
    def has_failed(self) -> bool:
        """Whether there was no feed at its end."""
        answer = self.last.answer
        return answer.status not in (200, 304) or answer.is_cut or not answer.is_feed or not answer.is_usable


class FeedRecord:
    """All exchanges with all servers, in the order in which they began."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def begin(self, request: FeedRequest, answer: Answer) -> Exchange:
        """Write a request down with what it is about to be answered."""
        self.exchanges.append(Exchange(request, answer))
        return self.exchanges[-1]

    def end(self, exchange: Exchange) -> None:
        """Note that an answer was sent."""
        exchange.ended = monotonic()

    def asked(self, url: str) -> list[Exchange]:
        """Return what was asked of an address."""
        return [exchange for exchange in self.exchanges if exchange.request.url == url]

    def statuses(self, url: str) -> list[int]:
        """Return what an address has answered."""
        return [exchange.answer.status for exchange in self.asked(url)]


def looks_of(exchanges: Sequence[Exchange]) -> list[RecordedLook]:
    """Return the looks that the exchanges make up: what a redirect led to belongs to the look that it was met in."""
    looks = list[list[Exchange]]()
    expected: dict[str, list[list[Exchange]]] = {}
    for exchange in exchanges:
        waiting = expected.get(exchange.request.url)
        look = waiting.pop(0) if waiting else []
        look.append(exchange)
        if len(look) == 1:
            looks.append(look)
        if exchange.leads_to:
            expected.setdefault(exchange.leads_to, []).append(look)
    return [RecordedLook(tuple(look)) for look in looks]


def looks_by_url(exchanges: Sequence[Exchange]) -> Iterator[list[RecordedLook]]:
    """Yield the looks at each address."""
    by_url: dict[str, list[RecordedLook]] = {}
    for look in looks_of(exchanges):
        by_url.setdefault(look.url, []).append(look)
    yield from by_url.values()
