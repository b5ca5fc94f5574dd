"""The seams: what the use cases need from the outside, in as few methods as possible."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from digests.model.delivery import Delivery, Part
from digests.model.digest import Digest
from digests.model.layout import DigestStyle
from digests.model.mosaic import Mosaic
from digests.model.outcome import Form, Outcome, Throttled
from digests.model.place import Place


class Clock(Protocol):
    """The only source of the current time; everything else takes it as an argument."""

    def now(self) -> datetime:
        """Return the current time, in UTC."""
        ...


class Taken(NamedTuple):
    """What a process was given of a shared rate.

    It may send `tokens` messages: the first `wait` seconds after the moment `at` (seconds of the source's clock), each
    other one `interval` seconds after the one before. Without tokens, `wait` is when to ask again. `paused` is for how
    many seconds nobody may send.
    """

    tokens: int
    wait: float
    at: float
    interval: float
    paused: float = 0.0


class RateSource(Protocol):
    """Shares rates out to several processes, each rate by its name. Methods may raise StorageError."""

    async def take(self, name: str, rate: float, most: int, *, urgent: bool) -> Taken:
        """Take up to `most` tokens of `rate` a second. What is `urgent` goes before what is not, in all processes."""
        ...

    async def pause(self, name: str, rate: float, seconds: float) -> None:
        """Give nobody a token for so many seconds, and tell all processes at once."""
        ...


class Renderer(Protocol):
    """Turns digests into messages within the service's limits; equal input gives equal output."""

    def render(self, digest: Digest, style: DigestStyle, now: datetime) -> tuple[Part, ...]:
        """Return the digest's messages, in order."""
        ...

    def render_empty(self, language: str) -> tuple[Part, ...]:
        """Return the message that says that there is nothing new."""
        ...


class TrialRenderer(Protocol):
    """Turns digests into trials of the magazine."""

    def render_trial(
        self, digest: Digest, style: DigestStyle, now: datetime
    ) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        """Return the digest as a magazine above the question whether it is seen, and what is sent if it is refused."""
        ...


class Turn(Protocol):
    """A part's turn: it waits for nothing more, and nothing of it has left."""

    async def send(self) -> Outcome:
        """Send the request, once; never raises for an answer of the service, nor for a broken network."""
        ...


class Sender(Protocol):
    """Sends deliveries, part by part."""

    def turn(
        self, delivery: Delivery, part: Part, form: Form, *, last: bool, rest: int, items: int, urgent: bool
    ) -> AbstractAsyncContextManager[Turn | Throttled]:
        """Wait for the part's turn and a free connection, and keep both while the context is open.

        The context gives Throttled instead of a turn if the turn is so far away that others should be sent first.

        Args:
            delivery: The delivery that the part belongs to.
            part: The message to send.
            form: How much of the part to send.
            last: Whether the delivery's buttons go below this part: one for the rest, and one for what it `offers`.
            rest: How many more articles there are; 0 for no button.
            items: How many items the delivery has in all its parts; 0 for no button that leads to them.
            urgent: Whether a person is waiting for it, so that it goes before bulk messages.
        """
        ...

    def note_elsewhere(self, chat_id: int, seconds_ago: Sequence[float]) -> None:
        """Count what other workers sent to a chat within the last minute, each so many seconds ago."""
        ...

    async def topic_gone(self, place: Place) -> None:
        """Tell the chat, once, that the topic of this place can no longer be written to."""
        ...


class TopicKeeper(Protocol):
    """Opens and deletes topics of private chats."""

    @property
    def has_topics(self) -> bool:
        """Whether the service has topics there."""

    async def open(self, chat_id: int, name: str) -> int:
        """Open a topic, and return its thread; 0 where the service refuses."""
        ...

    async def delete(self, chat_id: int, thread: int) -> None:
        """Delete a topic with its messages; one that is gone already is fine."""
        ...


class Editor(Protocol):
    """Changes messages that were sent. Results: True for done, False for never possible, None for not now."""

    async def edit(self, delivery: Delivery, message_id: int, part: Part, *, rest: int, items: int) -> bool | None:
        """Replace the message's contents by those of `part`; `rest` and `items` are as for `Sender.turn`."""
        ...

    async def remove(self, delivery: Delivery, message_id: int) -> bool | None:
        """Delete the message."""
        ...


class File(NamedTuple):
    """A post's file.

    `path` is relative to the origin, with "/" as the separator, and printable whatever the bytes of the name are.
    `mtime_ns` may be any number that changes when the file does. A tuple, since each scan makes 100,000 of them.
    """

    path: str
    mtime_ns: int
    size: int


class Origin(Protocol):
    """A place that posts come from. Its methods block: call them in a thread. Any may raise OriginError.

    `unreadable` are the folders, each with a trailing "/", that the last `files` could not read.
    """

    name: str
    unreadable: tuple[str, ...]

    def files(self) -> Sequence[File]:
        """Return all posts, sorted by path."""
        ...

    def read(self, file: File) -> bytes:
        """Return the bytes of the file.

        Raises:
            OSError: This file can't be read.
        """
        ...

    def first_times(self, *, history: bool) -> Mapping[str, datetime]:
        """Return when files of the last `files` first appeared, by path, as far as that can be told.

        With `history` it is worth minutes, once.
        """
        ...

    def close(self) -> None:
        """Release all resources, from any thread; calls under way end with an error."""
        ...


OnProgress = Callable[[int, int], None]
"""Receives how far long work has come, as (done, total)."""
ShowProgress = Callable[[str], AbstractContextManager[OnProgress]]
"""Shows how far a step with this name has come while its context is open."""


def no_progress(_done: int, _total: int) -> None:
    """Ignore the progress of work that nobody watches."""


@dataclass(frozen=True, slots=True)
class OwnPicture:
    """A picture of our own that can be sent: a mosaic, or the kept picture of an article.

    `file_id` is the service's name for it; "" before it was uploaded.
    """

    key: str
    is_mosaic: bool
    file_id: str


class PictureContent(NamedTuple):
    """The file of a picture, and when it was written, in seconds since 1970."""

    data: bytes
    written_at: float


class OwnPictures(Protocol):
    """The pictures that we made ourselves, as a sender needs them: each is uploaded once. Methods don't raise."""

    async def mosaic(self, key: str) -> OwnPicture | None:
        """Return a mosaic; None while it is not made, or if its file is gone."""
        ...

    async def kept(self, keys: Sequence[str]) -> Mapping[str, OwnPicture]:
        """Return the kept pictures among these keys that can be sent, each in its large size."""
        ...

    async def latest(self, picture: OwnPicture) -> OwnPicture:
        """Return a picture with the service's name for it as of now: another process may just have uploaded it."""
        ...

    async def content(self, picture: OwnPicture) -> PictureContent | None:
        """Return the file of a picture; None if it can't be had now."""
        ...

    async def uploaded(self, picture: OwnPicture, file_id: str) -> None:
        """Remember the service's name for a picture."""
        ...

    async def forgotten(self, picture: OwnPicture) -> None:
        """Forget the service's name for a picture, since the service does not know it any more."""
        ...

    async def refused(self, picture: OwnPicture) -> None:
        """Never send a picture again: the service refuses its file."""
        ...


class MosaicsToCome(Protocol):
    """The mosaics that are being made, as deliveries need to know of them. Methods don't raise."""

    def is_coming(self, key: str) -> bool:
        """Return whether a mosaic may be made within seconds, so that a delivery should let others go first."""
        ...

    async def arrive(self, key: str) -> None:
        """Return once a mosaic is made, or isn't going to be made in time."""
        ...

    async def hurry(self, mosaics: Sequence[Mosaic]) -> None:
        """Make mosaics now, since a person waits for them; return once they are made, or a few seconds have passed."""
        ...
