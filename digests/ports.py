"""The seams: what the use cases need from outside, in as few methods as will do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from digests.model.delivery import Delivery, Part
from digests.model.digest import Digest
from digests.model.outcome import Form, Outcome, Throttled
from digests.model.place import Place


class Clock(Protocol):
    """The only source of the present moment; everything else takes it as an argument."""

    def now(self) -> datetime: ...


class Renderer(Protocol):
    """Turns a digest into messages within the service's limits; equal input gives equal output."""

    def render(self, digest: Digest, language: str, timezone: str, now: datetime) -> tuple[Part, ...]: ...

    def render_empty(self, language: str) -> tuple[Part, ...]: ...


class Turn(Protocol):
    """A part's turn: it waits for nothing more, and nothing of it has left."""

    async def send(self) -> Outcome:
        """Let the request leave, once; never raises for what the service answers, nor for a broken network."""
        ...


class Sender(Protocol):
    """Sends deliveries, part by part."""

    def turn(
        self, delivery: Delivery, part: Part, form: Form, *, last: bool, rest: int, urgent: bool
    ) -> AbstractAsyncContextManager[Turn | Throttled]:
        """Wait for the part's turn and for a free connection, and keep them while the context is open.

        A Hold instead of a turn: it is so far away that others are rather sent first. `last`: the buttons of the
        delivery go below this part: one for `rest` more articles (0: none), and one for what it `offers`. `urgent`: a
        person waits for it, so it goes before what goes to many.
        """
        ...

    async def topic_gone(self, place: Place) -> None:
        """Tells the chat's admins, once, that the topic of this place can't be written to any more."""
        ...


class Editor(Protocol):
    """Changes messages that were sent. True: done; False: it can't be, ever; None: not now."""

    async def edit(self, delivery: Delivery, message_id: int, part: Part, *, rest: int) -> bool | None:
        """`rest` as for `Sender.turn`."""
        ...

    async def remove(self, delivery: Delivery, message_id: int) -> bool | None: ...


class File(NamedTuple):
    """A post's file. `path` is relative to its origin, with "/", and printable whatever the name's bytes are.

    `mtime_ns` stands for any number that changes when the file does. A tuple, because there are 100,000 at each look.
    """

    path: str
    mtime_ns: int
    size: int


class Origin(Protocol):
    """Where posts lie. Blocking: call it in a thread. Any method may raise OriginError.

    `unreadable` are the folders (with "/" at their ends) into which the last `files` could not look.
    """

    name: str
    unreadable: tuple[str, ...]

    def files(self) -> Sequence[File]: ...

    def read(self, file: File) -> bytes:
        """The file's bytes; raises OSError when this one can't be read."""
        ...

    def close(self) -> None:
        """Lets go of what is held, from any thread; what is under way ends with an error."""
        ...


OnProgress = Callable[[int, int], None]
"""Is told how far long work has come: (done, total)."""


def no_progress(_done: int, _total: int) -> None:
    """For work that nobody watches."""
