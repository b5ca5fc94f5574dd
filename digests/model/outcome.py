"""The outcomes of a send (pure).

Which of Telegram's replies leads to which outcome is in one table, in `bot.telegram.outcomes`; what follows from each
is in `digests.model.step`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


@dataclass(frozen=True, slots=True)
class Sent:
    """The message arrived and has this id."""

    message_id: int


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An edit would have changed nothing: the message is as it should be."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A rate limit: however long it lasts, nothing is lost."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Throttled:
    """Our own throttle is holding the message back: nothing was sent, nothing was refused."""

    seconds: float


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """The service certainly did not accept the message: a retry cannot send it twice."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request left and no answer came: the message may or may not have arrived."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The reader blocked the bot, or the chat is gone."""

    reason: str


@dataclass(frozen=True, slots=True)
class TopicGone:
    """The forum topic was closed or deleted; the rest of the chat can be reached."""

    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A group became a supergroup with another id."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class BadPicture:
    """The service could not use the picture; the text is fine."""

    reason: str


@dataclass(frozen=True, slots=True)
class PictureNotAllowed:
    """The picture is fine, but can't be sent there or with this text; the text alone can."""

    reason: str


@dataclass(frozen=True, slots=True)
class FileForgotten:
    """The service does not know, or no longer knows, a file by the name that it once gave it."""

    reason: str


@dataclass(frozen=True, slots=True)
class OwnPictureRefused:
    """The service took none of the message because of a picture of ours, and the sender has seen to that.

    The same part can be sent again at once: the picture is uploaded anew, or left out.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class BadMarkup:
    """The service rejected our markup: a fault of ours."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The service does not know this form of message; a simpler one will do."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The service refused the message for another reason, and always will."""

    reason: str


Outcome = (
    Sent
    | Unchanged
    | Wait
    | Throttled
    | NotAccepted
    | Unknown
    | Unreachable
    | TopicGone
    | Moved
    | BadPicture
    | PictureNotAllowed
    | FileForgotten
    | OwnPictureRefused
    | BadMarkup
    | Unsupported
    | Refused
)

PICTURE_REFUSALS = (BadPicture, PictureNotAllowed, FileForgotten)
"""Outcomes after which the text can be sent without its picture."""


class Form(IntEnum):
    """How much of a part is sent; each following form leaves out more."""

    WHOLE = 0
    WITHOUT_PICTURE = 1
    PLAIN = 2
