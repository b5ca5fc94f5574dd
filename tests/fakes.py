"""Fakes of the ports: they keep the same promises, and record what was asked of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digests.errors import OriginError
from digests.model.delivery import Delivery, Part
from digests.model.ids import DeliveryId
from digests.model.outcome import Form, Outcome, Sent, Throttled
from digests.model.place import Place
from digests.ports import File, Turn


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the time that the clock was moved to."""
        return self._now

    def move(self, by: timedelta) -> None:
        """Move the clock, backwards where the span is negative."""
        self._now += by


@dataclass(frozen=True)
class SentPart:
    """A part as it was sent, or tried to be."""

    chat_id: int
    html: str
    form: Form
    rest: int
    urgent: bool
    offers: DeliveryId | None = None
    silent: bool = False


@dataclass
class FakeTurn:
    """A turn that comes at once."""

    request: Callable[[], Awaitable[Outcome]]

    async def send(self) -> Outcome:
        """Send the part."""
        return await self.request()


@dataclass
class FakeSender:
    """A sender that accepts every part, unless `answer` gives another outcome."""

    answer: Callable[[Delivery, Part, Form], Outcome | None] = lambda _delivery, _part, _form: None
    sent: list[SentPart] = field(default_factory=list)
    tried: list[SentPart] = field(default_factory=list)
    topics_gone: list[Place] = field(default_factory=list)

    @asynccontextmanager
    async def turn(
        self, delivery: Delivery, part: Part, form: Form, *, last: bool, rest: int, urgent: bool
    ) -> AsyncIterator[Turn | Throttled]:
        """Give the part its turn at once."""
        yield FakeTurn(lambda: self.send(delivery, part, form, last=last, rest=rest, urgent=urgent))

    async def send(self, delivery: Delivery, part: Part, form: Form, *, last: bool, rest: int, urgent: bool) -> Outcome:
        """Record the part, and return its outcome."""
        offers = delivery.offers if last else None
        row = SentPart(delivery.place.chat_id, part.html, form, rest if last else 0, urgent, offers, part.silent)
        self.tried.append(row)
        outcome = self.answer(delivery, part, form) or Sent(len(self.sent) + 1)
        if isinstance(outcome, Sent):
            self.sent.append(row)
        return outcome

    async def topic_gone(self, place: Place) -> None:
        """Record a place whose topic is gone."""
        self.topics_gone.append(place)


class MemoryOrigin:
    """An origin whose posts are in memory."""

    def __init__(self, posts: dict[str, str | bytes]) -> None:
        self.name = "memory"
        self.unreadable: tuple[str, ...] = ()
        self._posts: dict[str, tuple[bytes, int]] = {}
        self._changes = 0
        for path, text in posts.items():
            self.put(path, text)

    def put(self, path: str, text: str | bytes) -> None:
        """Write a post, whose modification time is a new one."""
        self._changes += 1
        self._posts[path] = (text.encode() if isinstance(text, str) else text, self._changes)

    def remove(self, path: str) -> None:
        """Delete a post."""
        del self._posts[path]

    def files(self) -> Sequence[File]:
        """Return all posts, in the order of their paths."""
        return [File(path, changed, len(data)) for path, (data, changed) in sorted(self._posts.items())]

    def read(self, file: File) -> bytes:
        """Return a post's bytes."""
        if file.path not in self._posts:
            raise FileNotFoundError(2, "No such file or directory")
        return self._posts[file.path][0]

    def close(self) -> None:
        """Do nothing: no resource is held."""


class BrokenOrigin(MemoryOrigin):
    """An origin that cannot be read."""

    def files(self) -> Sequence[File]:
        """Raise OriginError."""
        raise OriginError("The posts folder is not there: create it.")
