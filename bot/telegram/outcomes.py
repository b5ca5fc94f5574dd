"""From Telegram's words to outcomes, in one table.

PTB strips "Bad Request: " and "Forbidden: " and recapitalises, so the words are compared in small letters. The
table was read off Telegram's own server; what it does not know is Refused, with the words kept.
"""

from __future__ import annotations

from collections.abc import Callable

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

from bot.telegram.errors import NoAnswerError, NotSentError
from bot.telegram.limiter import seconds_of
from digests.model.outcome import (
    BadMarkup,
    BadPicture,
    Moved,
    NotAccepted,
    Outcome,
    Refused,
    TopicGone,
    Unchanged,
    Unknown,
    Unreachable,
    Unsupported,
    Wait,
)

WORDS: tuple[tuple[str, Callable[[str], Outcome]], ...] = (
    ("message thread not found", TopicGone),
    ("topic_closed", TopicGone),
    ("topic_deleted", TopicGone),
    ("can't parse entities", BadMarkup),
    ("message is too long", BadMarkup),
    ("caption is too long", BadMarkup),
    ("failed to get http url content", BadPicture),
    ("wrong type of the web page content", BadPicture),
    ("wrong file identifier", BadPicture),
    ("webpage_", BadPicture),
    ("photo_invalid", BadPicture),
    ("image_process_failed", BadPicture),
    ("not enough rights to send photos", BadPicture),
    ("chat_send_photos_forbidden", BadPicture),
    ("chat_send_media_forbidden", BadPicture),
    ("rich_message_photo_no_media_found", BadPicture),
    ("rich_", Unsupported),
    ("sendrichmessage", Unsupported),
    ("message is not modified", lambda _words: Unchanged()),
    ("chat not found", Unreachable),
    ("chat_write_forbidden", Unreachable),
    # The chat lets nobody write, or not the bot: "CHAT_RESTRICTED", and its kin of channels and discussions.
    ("chat_restricted", Unreachable),
    ("chat_guest_send_forbidden", Unreachable),
    ("chat_admin_required", Unreachable),
    ("user_banned_in_channel", Unreachable),
    ("channel_private", Unreachable),
    ("chat_send_plain_forbidden", Unreachable),
    ("have no write access", Unreachable),
    ("need administrator rights", Unreachable),
    ("not enough rights", Unreachable),
    ("user is deactivated", Unreachable),
    ("bot was kicked", Unreachable),
    ("bot was blocked", Unreachable),
    ("bot is not a member", Unreachable),
    ("group chat was deleted", Unreachable),
    ("peer_id_invalid", Unreachable),
    ("user_is_blocked", Unreachable),
    ("internal server error", NotAccepted),
)


def outcome_of(error: TelegramError) -> Outcome:
    """Return what a failed send came to. Every class of PTB's errors is named here, which a test holds."""
    words = error.message
    match error:
        case RetryAfter():
            return Wait(seconds_of(error))
        case ChatMigrated(new_chat_id=new):
            return Moved(new)
        case BadRequest() | Forbidden():
            return _by_words(words) or (Unreachable(words) if isinstance(error, Forbidden) else Refused(words))
        case NotSentError():
            return NotAccepted(words)
        case NoAnswerError() | TimedOut():
            return Unknown(words)
        case EndPointNotFound():
            return _by_words(words) or NotAccepted(words)
        case InvalidToken() | Conflict():
            return NotAccepted(words)
        case NetworkError():
            # PTB makes 5xx of these: Telegram says itself that it did not act.
            return NotAccepted(words)
        case _:
            return _by_words(words) or Refused(words)


def is_unchanged(error: TelegramError) -> bool:
    """Return whether an edit was refused because it would have changed nothing: all is as it should be."""
    return isinstance(outcome_of(error), Unchanged)


def _by_words(words: str) -> Outcome | None:
    small = words.lower()
    return next((make(words) for known, make in WORDS if known in small), None)
