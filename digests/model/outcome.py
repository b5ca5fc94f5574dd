"""What a send came to, and what is to be done then (pure).

Every outcome has its step; leaving one out fails the type check. The words of Telegram that lead to each outcome
are in one table in `bot.telegram.outcomes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import assert_never

from digests.model.delivery import DeliveryState
from digests.model.waits import growing_wait


@dataclass(frozen=True, slots=True)
class Sent:
    message_id: int


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An edit that would have changed nothing: all is as it should be."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A rate limit: nothing is lost, however long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Throttled:
    """Our own throttle did not let it pass yet: nothing was sent, nothing refused."""

    seconds: float


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """The service did not take it, and says or shows so: it may be tried again without doubling."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request left and no answer came: nobody knows whether the message did."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The reader blocked the bot, or the chat is gone."""

    reason: str


@dataclass(frozen=True, slots=True)
class TopicGone:
    """The forum topic was closed or deleted; the rest of the chat is well."""

    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A group became a supergroup with another id."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class BadPicture:
    """The service could not take the picture; the text is well."""

    reason: str


@dataclass(frozen=True, slots=True)
class BadMarkup:
    """The service refused our markup: a fault of ours."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The service does not know this form of message: a plainer one will do."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Refused for another reason, for good."""

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
    | BadMarkup
    | Unsupported
    | Refused
)


class Form(IntEnum):
    """How much of a part is sent; each next form leaves out what was refused."""

    WHOLE = 0
    WITHOUT_PICTURE = 1
    PLAIN = 2


@dataclass(frozen=True, slots=True)
class Done:
    message_id: int | None


@dataclass(frozen=True, slots=True)
class RetrySimpler:
    """At once, in a simpler form."""

    form: Form
    reason: str


@dataclass(frozen=True, slots=True)
class RetryAtNewChat:
    """At once, to the chat's new id, which is to be stored first."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class RetryLater:
    """The same again at `at`; the part is pending until then. `failed`: the try counts as a failure."""

    at: datetime
    reason: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The delivery ends in `state`; `lost` says that the place falls silent: the chat, or only its topic."""

    state: DeliveryState
    reason: str
    lost_chat: bool = False
    lost_topic: bool = False


Step = Done | RetrySimpler | RetryAtNewChat | RetryLater | GiveUp

_FIRST_WAIT = 2.0
LONGEST_WAIT = timedelta(minutes=10)


def retry_wait(attempts: int) -> timedelta:
    """2 s, 4 s, 8 s … up to ten minutes."""
    return timedelta(seconds=growing_wait(attempts, _FIRST_WAIT, LONGEST_WAIT.total_seconds()))


def next_step(  # noqa: C901 - one branch an outcome: the table is the point
    outcome: Outcome, form: Form, attempts: int, now: datetime, give_up_at: datetime, *, resend_unknown: bool = False
) -> Step:
    """What follows from `outcome` for a part that was sent in `form` after `attempts` earlier failures."""
    match outcome:
        case Sent(message_id):
            return Done(message_id)
        case Unchanged():
            return Done(None)
        case Wait(seconds):
            return RetryLater(now + timedelta(seconds=max(seconds, 1)), f"rate limit, {seconds:g} s")
        case Throttled(seconds):
            return RetryLater(now + timedelta(seconds=seconds), f"the chat's turn comes in {seconds:.1f} s")
        case NotAccepted(reason):
            at = now + retry_wait(attempts)
            return (
                RetryLater(at, reason, failed=True)
                if at < give_up_at
                else GiveUp(DeliveryState.FAILED, f"too late: {reason}")
            )
        case Unknown(reason):
            if resend_unknown:
                return RetryLater(now + retry_wait(attempts), reason, failed=True)
            return GiveUp(DeliveryState.UNCERTAIN, reason)
        case Unreachable(reason):
            return GiveUp(DeliveryState.FAILED, reason, lost_chat=True)
        case TopicGone(reason):
            return GiveUp(DeliveryState.FAILED, reason, lost_topic=True)
        case Moved(chat_id):
            return RetryAtNewChat(chat_id)
        case BadPicture(reason):
            if form is Form.PLAIN:
                return GiveUp(DeliveryState.FAILED, reason)
            return RetrySimpler(Form(form + 1), reason)
        case BadMarkup(reason) | Unsupported(reason):
            if form is Form.PLAIN:
                return GiveUp(DeliveryState.FAILED, reason)
            return RetrySimpler(Form.PLAIN, reason)
        case Refused(reason):
            return GiveUp(DeliveryState.FAILED, reason)
        case _:
            assert_never(outcome)
