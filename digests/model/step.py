"""The step that follows from each outcome of a send (pure). Leaving an outcome out fails the type check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from digests.model.delivery import DeliveryState
from digests.model.outcome import (
    BadMarkup,
    BadPicture,
    FileForgotten,
    Form,
    Moved,
    NotAccepted,
    Outcome,
    OwnPictureRefused,
    PictureNotAllowed,
    Refused,
    Sent,
    Throttled,
    TopicGone,
    Unchanged,
    Unknown,
    Unreachable,
    Unsupported,
    Wait,
)
from digests.model.waits import growing_wait


@dataclass(frozen=True, slots=True)
class Done:
    """The part is sent; an edit that changed nothing has no message id."""

    message_id: int | None


@dataclass(frozen=True, slots=True)
class RetrySimpler:
    """Send the part again at once, in a simpler form."""

    form: Form
    reason: str


@dataclass(frozen=True, slots=True)
class SendAgain:
    """Send the part again at once, in the same form: what was in the way no longer is."""

    reason: str


@dataclass(frozen=True, slots=True)
class FallBack:
    """Send the same digest in the layout that every client shows instead, at once.

    `for_good`: the place can't be sent any such message, so it gets that layout from now on.
    """

    reason: str
    for_good: bool


@dataclass(frozen=True, slots=True)
class RetryAtNewChat:
    """Store the chat's new id, then send the part there at once."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Send the same again at `at`; the part is pending until then. `failed` counts the attempt as a failure."""

    at: datetime
    reason: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """End the delivery in `state`; `lost_chat` and `lost_topic` say which places get nothing from now on."""

    state: DeliveryState
    reason: str
    lost_chat: bool = False
    lost_topic: bool = False


Step = Done | RetrySimpler | SendAgain | FallBack | RetryAtNewChat | RetryLater | GiveUp

MOST_REPEATS = 60
"""How often a part is sent again in the same form. A message has at most 50 pictures of which any may be refused."""
_FIRST_WAIT = 2.0
LONGEST_WAIT = timedelta(minutes=10)


def retry_wait(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: 2 s, 4 s, 8 s … up to ten minutes."""
    return timedelta(seconds=growing_wait(attempts, _FIRST_WAIT, LONGEST_WAIT.total_seconds()))


def end_of_retries(since: datetime, attempts: int, now: datetime, retry_for: timedelta) -> datetime:
    """Return when retrying ends for what was to be sent at `since` and has failed so many times.

    That is `retry_for` later, and never before so much was waited between its tries: what waited in a long queue
    until its first try, of a broadcast to very many or while the bot was down, is tried as long as anything else.
    """
    waited = sum((retry_wait(attempt) for attempt in range(attempts)), timedelta())
    return max(since + retry_for, now + retry_for - waited)


def next_step(  # noqa: C901 - a branch per outcome: the table is the point
    outcome: Outcome,
    form: Form,
    attempts: int,
    now: datetime,
    give_up_at: datetime,
    *,
    resend_unknown: bool = False,
    repeats: int = 0,
    has_fallback: bool = False,
) -> Step:
    """Return what follows from `outcome` for a part that was sent in `form` after `attempts` earlier failures.

    `give_up_at` is when retrying ends. `resend_unknown` says that a message which may have arrived may be sent twice.
    `repeats` is how often the part was sent again in this form. A part that `has_fallback` is never sent as plain text:
    its delivery has another layout instead.
    """
    match outcome:
        case Sent(message_id):
            return Done(message_id)
        case Unchanged():
            return Done(None)
        case Wait(seconds):
            return RetryLater(now + timedelta(seconds=max(seconds, 1)), f"rate limit, {seconds:g} s")
        case Throttled(seconds):
            return RetryLater(now + timedelta(seconds=seconds), f"its turn comes in {seconds:.1f} s")
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
        case OwnPictureRefused(reason) if repeats < MOST_REPEATS:
            return SendAgain(reason)
        case BadPicture(reason) | PictureNotAllowed(reason) | FileForgotten(reason) | OwnPictureRefused(reason):
            if form is Form.WHOLE:
                return RetrySimpler(Form.WITHOUT_PICTURE, reason)
            return _without_markup(form, reason, has_fallback=has_fallback)
        case BadMarkup(reason):
            return _without_markup(form, reason, has_fallback=has_fallback)
        case Unsupported(reason):
            return _without_markup(form, reason, has_fallback=has_fallback, for_good=True)
        case Refused(reason):
            return FallBack(reason, for_good=False) if has_fallback else GiveUp(DeliveryState.FAILED, reason)
        case _:
            assert_never(outcome)


def _without_markup(form: Form, reason: str, *, has_fallback: bool, for_good: bool = False) -> Step:
    """Return the step after the service refused a part in this form for other than its picture."""
    if has_fallback:
        return FallBack(reason, for_good)
    if form is Form.PLAIN:
        return GiveUp(DeliveryState.FAILED, reason)
    return RetrySimpler(Form.PLAIN, reason)
