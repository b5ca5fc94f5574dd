"""Stand-ins for the ports: they keep the same promises, and tell what was asked of them."""

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
    """Stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, by: timedelta) -> None:
        self._now += by


@dataclass(frozen=True)
class SentPart:
    chat_id: int
    html: str
    form: Form
    rest: int
    urgent: bool
    offers: DeliveryId | None = None
    silent: bool = False


@dataclass
class FakeTurn:
    request: Callable[[], Awaitable[Outcome]]

    async def send(self) -> Outcome:
        return await self.request()


@dataclass
class FakeSender:
    """Takes everything, unless `answer` says otherwise for a part."""

    answer: Callable[[Delivery, Part, Form], Outcome | None] = lambda _delivery, _part, _form: None
    sent: list[SentPart] = field(default_factory=list)
    tried: list[SentPart] = field(default_factory=list)
    topics_gone: list[Place] = field(default_factory=list)

    @asynccontextmanager
    async def turn(
        self, delivery: Delivery, part: Part, form: Form, *, last: bool, rest: int, urgent: bool
    ) -> AsyncIterator[Turn | Throttled]:
        yield FakeTurn(lambda: self.send(delivery, part, form, last=last, rest=rest, urgent=urgent))

    async def send(self, delivery: Delivery, part: Part, form: Form, *, last: bool, rest: int, urgent: bool) -> Outcome:
        offers = delivery.offers if last else None
        row = SentPart(delivery.place.chat_id, part.html, form, rest if last else 0, urgent, offers, part.silent)
        self.tried.append(row)
        outcome = self.answer(delivery, part, form) or Sent(len(self.sent) + 1)
        if isinstance(outcome, Sent):
            self.sent.append(row)
        return outcome

    async def topic_gone(self, place: Place) -> None:
        self.topics_gone.append(place)


class MemoryOrigin:
    """Posts in memory."""

    def __init__(self, posts: dict[str, str | bytes]) -> None:
        self.name = "memory"
        self.unreadable: tuple[str, ...] = ()
        self._posts: dict[str, tuple[bytes, int]] = {}
        self._changes = 0
        for path, text in posts.items():
            self.put(path, text)

    def put(self, path: str, text: str | bytes) -> None:
        self._changes += 1
        self._posts[path] = (text.encode() if isinstance(text, str) else text, self._changes)

    def remove(self, path: str) -> None:
        del self._posts[path]

    def files(self) -> Sequence[File]:
        return [File(path, changed, len(data)) for path, (data, changed) in sorted(self._posts.items())]

    def read(self, file: File) -> bytes:
        if file.path not in self._posts:
            raise FileNotFoundError(2, "No such file or directory")
        return self._posts[file.path][0]

    def close(self) -> None:
        """Nothing is held."""


class BrokenOrigin(MemoryOrigin):
    """A place that can't be read."""

    def files(self) -> Sequence[File]:
        raise OriginError("The posts folder is not there: create it.")
