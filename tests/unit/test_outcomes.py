"""The step after each outcome, and the outcome of each of Telegram's refusals and PTB's errors."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import telegram.error
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.telegram.answers import error_of, message_id_of, message_ids_of
from bot.telegram.errors import NoAnswerError, NotSentError
from bot.telegram.outcomes import outcome_of
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
from digests.model.step import (
    MOST_REPEATS,
    Done,
    FallBack,
    GiveUp,
    RetryAtNewChat,
    RetryLater,
    RetrySimpler,
    SendAgain,
    Step,
    end_of_retries,
    next_step,
    retry_wait,
)
from tests.factories.times import NOW

LATE = NOW + timedelta(hours=6)


@pytest.mark.parametrize(
    ("outcome", "form", "expected"),
    [
        (Sent(7), Form.WHOLE, Done(7)),
        (Wait(30), Form.WHOLE, RetryLater(NOW + timedelta(seconds=30), "rate limit, 30 s")),
        (Wait(10**6), Form.WHOLE, RetryLater(NOW + timedelta(seconds=10**6), "rate limit, 1e+06 s")),
        (Unchanged(), Form.WHOLE, Done(None)),
        (Throttled(2.5), Form.WHOLE, RetryLater(NOW + timedelta(seconds=2.5), "its turn comes in 2.5 s")),
        (NotAccepted("502"), Form.WHOLE, RetryLater(NOW + timedelta(seconds=8), "502", failed=True)),
        (Unknown("cut"), Form.WHOLE, GiveUp(DeliveryState.UNCERTAIN, "cut")),
        (Unreachable("blocked"), Form.WHOLE, GiveUp(DeliveryState.FAILED, "blocked", lost_chat=True)),
        (TopicGone("closed"), Form.WHOLE, GiveUp(DeliveryState.FAILED, "closed", lost_topic=True)),
        (Moved(-100), Form.WHOLE, RetryAtNewChat(-100)),
        (BadPicture("x"), Form.WHOLE, RetrySimpler(Form.WITHOUT_PICTURE, "x")),
        (BadPicture("x"), Form.WITHOUT_PICTURE, RetrySimpler(Form.PLAIN, "x")),
        (BadPicture("x"), Form.PLAIN, GiveUp(DeliveryState.FAILED, "x")),
        (BadMarkup("x"), Form.WHOLE, RetrySimpler(Form.PLAIN, "x")),
        (BadMarkup("x"), Form.PLAIN, GiveUp(DeliveryState.FAILED, "x")),
        (Unsupported("x"), Form.WHOLE, RetrySimpler(Form.PLAIN, "x")),
        (Unsupported("x"), Form.PLAIN, GiveUp(DeliveryState.FAILED, "x")),
        (Refused("x"), Form.WHOLE, GiveUp(DeliveryState.FAILED, "x")),
        (PictureNotAllowed("x"), Form.WHOLE, RetrySimpler(Form.WITHOUT_PICTURE, "x")),
        (PictureNotAllowed("x"), Form.WITHOUT_PICTURE, RetrySimpler(Form.PLAIN, "x")),
        (FileForgotten("x"), Form.WHOLE, RetrySimpler(Form.WITHOUT_PICTURE, "x")),
        (FileForgotten("x"), Form.PLAIN, GiveUp(DeliveryState.FAILED, "x")),
        (OwnPictureRefused("x"), Form.WHOLE, SendAgain("x")),
        (OwnPictureRefused("x"), Form.WITHOUT_PICTURE, SendAgain("x")),
    ],
)
def test_the_step_after_each_outcome(outcome: Outcome, form: Form, expected: Step) -> None:
    assert next_step(outcome, form, 2, NOW, LATE) == expected


@pytest.mark.parametrize(
    ("outcome", "form", "expected"),
    [
        (Unsupported("x"), Form.WHOLE, FallBack("x", for_good=True)),
        (Unsupported("x"), Form.WITHOUT_PICTURE, FallBack("x", for_good=True)),
        (BadMarkup("x"), Form.WHOLE, FallBack("x", for_good=False)),
        (Refused("x"), Form.WHOLE, FallBack("x", for_good=False)),
        (BadPicture("x"), Form.WHOLE, RetrySimpler(Form.WITHOUT_PICTURE, "x")),
        (BadPicture("x"), Form.WITHOUT_PICTURE, FallBack("x", for_good=False)),
        (FileForgotten("x"), Form.WITHOUT_PICTURE, FallBack("x", for_good=False)),
        (PictureNotAllowed("x"), Form.WITHOUT_PICTURE, FallBack("x", for_good=False)),
        (Unreachable("x"), Form.WHOLE, GiveUp(DeliveryState.FAILED, "x", lost_chat=True)),
        (Unknown("x"), Form.WHOLE, GiveUp(DeliveryState.UNCERTAIN, "x")),
        (Wait(30), Form.WHOLE, RetryLater(NOW + timedelta(seconds=30), "rate limit, 30 s")),
    ],
)
def test_what_has_another_layout_to_fall_back_to_is_never_plain_text(
    outcome: Outcome, form: Form, expected: Step
) -> None:
    assert next_step(outcome, form, 2, NOW, LATE, has_fallback=True) == expected


def test_sending_again_in_the_same_form_comes_to_an_end() -> None:
    step = next_step(OwnPictureRefused("x"), Form.WHOLE, 0, NOW, LATE, repeats=MOST_REPEATS)
    assert step == RetrySimpler(Form.WITHOUT_PICTURE, "x")


def test_a_failing_service_is_given_up_when_it_is_too_late() -> None:
    step = next_step(NotAccepted("502"), Form.WHOLE, 9, NOW, NOW + timedelta(seconds=1))
    assert step == GiveUp(DeliveryState.FAILED, "too late: 502")


def test_retrying_ends_hours_after_the_first_try_however_long_that_was_waited_for() -> None:
    hours = timedelta(hours=6)
    assert end_of_retries(NOW, 0, NOW, hours) == NOW + hours
    assert end_of_retries(NOW, 3, NOW + timedelta(seconds=14), hours) == NOW + hours
    # Nine hours in the queue of a broadcast to a million chats.
    first_try = NOW + timedelta(hours=9)
    assert end_of_retries(NOW, 0, first_try, hours) == first_try + hours
    assert end_of_retries(NOW, 9, first_try + timedelta(seconds=1022), hours) == first_try + hours
    assert end_of_retries(NOW, 60, first_try + timedelta(hours=9), hours) < first_try + timedelta(hours=9)


def test_a_rate_limit_is_never_given_up() -> None:
    assert isinstance(next_step(Wait(60), Form.WHOLE, 99, NOW, NOW - timedelta(days=1)), RetryLater)


def test_uncertain_parts_are_sent_again_where_the_setting_says_so() -> None:
    assert isinstance(next_step(Unknown("cut"), Form.WHOLE, 0, NOW, LATE, resend_unknown=True), RetryLater)


def test_waits_grow_to_ten_minutes() -> None:
    waits = [retry_wait(attempt).total_seconds() for attempt in range(12)]
    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == 600
    assert retry_wait(10**6) == timedelta(minutes=10)


# Telegram's descriptions, as PTB passes them on.
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Forbidden("Forbidden: bot was blocked by the user"), Unreachable),
        (Forbidden("Forbidden: user is deactivated"), Unreachable),
        (Forbidden("Forbidden: bot can't initiate conversation with a user"), Unreachable),
        (Forbidden("Forbidden: bot was kicked from the supergroup chat"), Unreachable),
        (Forbidden("Forbidden: bot is not a member of the channel chat"), Unreachable),
        (Forbidden("Forbidden: the group chat was deleted"), Unreachable),
        (BadRequest("Chat not found"), Unreachable),
        (BadRequest("Have no write access to the chat"), Unreachable),
        (BadRequest("Need administrator rights in the channel chat"), Unreachable),
        (BadRequest("CHAT_WRITE_FORBIDDEN"), Unreachable),
        (BadRequest("CHAT_RESTRICTED"), Unreachable),
        (BadRequest("Chat_restricted"), Unreachable),
        (BadRequest("CHAT_GUEST_SEND_FORBIDDEN"), Unreachable),
        (BadRequest("CHAT_ADMIN_REQUIRED"), Unreachable),
        (BadRequest("USER_BANNED_IN_CHANNEL"), Unreachable),
        (BadRequest("CHANNEL_PRIVATE"), Unreachable),
        (BadRequest("Not enough rights to send text messages to the chat"), Unreachable),
        (BadRequest("Not enough rights to send photos to the chat"), PictureNotAllowed),
        (Forbidden("Forbidden: not enough rights to send photos to the chat"), PictureNotAllowed),
        (BadRequest("CHAT_SEND_MEDIA_FORBIDDEN"), PictureNotAllowed),
        (BadRequest("Message caption is too long"), PictureNotAllowed),
        (BadRequest("Wrong file identifier/HTTP URL specified"), FileForgotten),
        (BadRequest("Wrong remote file identifier specified: wrong padding in the string"), FileForgotten),
        (BadRequest("FILE_REFERENCE_EXPIRED"), FileForgotten),
        (BadRequest("FILE_REFERENCE_0_INVALID"), FileForgotten),
        (BadRequest("PHOTO_INVALID_DIMENSIONS"), BadPicture),
        (BadRequest("PHOTO_SAVE_FILE_INVALID"), BadPicture),
        (BadRequest("IMAGE_PROCESS_FAILED"), BadPicture),
        (BadRequest("File must be non-empty"), BadPicture),
        (error_of(413, b'{"ok":false,"description":"Request Entity Too Large"}'), PictureNotAllowed),
        (error_of(413, b"<html>nginx</html>"), PictureNotAllowed),
        (ChatMigrated(-1001), Moved),
        (BadRequest("Message thread not found"), TopicGone),
        (BadRequest("TOPIC_CLOSED"), TopicGone),
        (BadRequest("Can't parse entities: unsupported start tag"), BadMarkup),
        (BadRequest("Message is too long"), BadMarkup),
        (BadRequest("Failed to get HTTP URL content"), BadPicture),
        (BadRequest("Wrong type of the web page content"), BadPicture),
        (BadRequest("RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND"), BadPicture),
        (BadRequest("CHAT_SEND_PHOTOS_FORBIDDEN"), PictureNotAllowed),
        (BadRequest("Message is not modified: specified new message content is the same"), Unchanged),
        (BadRequest("RICH_MESSAGE_UNSUPPORTED"), Unsupported),
        (EndPointNotFound("Endpoint 'sendRichMessage' not found in Bot API"), Unsupported),
        (BadRequest("Something that nobody knows"), Refused),
        (RetryAfter(timedelta(seconds=9)), Wait),
        (NetworkError("Bad Gateway"), NotAccepted),
        (NotSentError("no connection"), NotAccepted),
        (NoAnswerError("no answer"), Unknown),
        (TimedOut("Timed out"), Unknown),
        (InvalidToken(), NotAccepted),
        (EndPointNotFound("Not Found"), NotAccepted),
        (Conflict("terminated by other getUpdates request"), NotAccepted),
    ],
)
def test_the_outcome_of_each_answer(error: TelegramError, kind: type[Outcome]) -> None:
    assert isinstance(outcome_of(error), kind)


def _classes() -> Iterator[type[TelegramError]]:
    for _, value in inspect.getmembers(telegram.error, inspect.isclass):
        if issubclass(value, TelegramError):
            yield value


def test_every_error_of_ptb_has_an_outcome() -> None:
    arguments: dict[str, tuple[Any, ...]] = {
        "ChatMigrated": (-1,),
        "RetryAfter": (timedelta(seconds=1),),
        "InvalidToken": (),
        "PassportDecryptionError": ("x",),
    }
    kinds = {error.__name__: outcome_of(error(*arguments.get(error.__name__, ("words",)))) for error in _classes()}
    assert len(kinds) >= 11
    assert {name for name, kind in kinds.items() if isinstance(kind, Refused)} == {
        "BadRequest",
        "PassportDecryptionError",
        "TelegramError",
    }


@pytest.mark.parametrize("words", ["a\0b", "a\ud800b", "x" * 2_000_000, "\0" * 1000])
def test_what_is_kept_of_a_servers_words_can_be_stored(words: str) -> None:
    for error in (BadRequest(words), Forbidden(words), NetworkError(words), TelegramError(words)):
        reason = getattr(outcome_of(error), "reason")  # noqa: B009
        assert len(reason.encode()) <= 1500
        assert "\0" not in reason


def test_no_wait_is_absurdly_long() -> None:
    for seconds in (86_400, 10**9, 10**15):
        answer = b'{"ok": false, "description": "x", "parameters": {"retry_after": %d}}' % seconds
        assert outcome_of(error_of(429, answer)) == Wait(86_400)
    assert outcome_of(RetryAfter(10**9)) == Wait(86_400)


@pytest.mark.parametrize(
    "number", ["0", "-5", "9007199254740992", "1" + "0" * 400, "1" + "0" * 6000, '"x"', "[" * 5000]
)
def test_an_id_that_can_be_none_leaves_the_message_sent(number: str) -> None:
    answer = f'{{"ok": true, "result": {{"message_id": {number}}}}}'.encode()
    assert message_id_of(200, answer) == 0
    assert message_ids_of(200, answer) == (0,)
    album = f'{{"ok": true, "result": [{{"message_id": {number}}}]}}'.encode()
    assert message_ids_of(200, album) == (0,)


def test_a_chat_that_is_said_to_move_to_no_chat_does_not_move() -> None:
    answer = b'{"ok": false, "description": "x", "parameters": {"migrate_to_chat_id": -1%s}}' % (b"0" * 30)
    assert type(error_of(400, answer)) is BadRequest
