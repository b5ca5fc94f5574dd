"""Maps Telegram's error texts to outcomes, in one table.

PTB strips "Bad Request: " and "Forbidden: " and recapitalises, so texts are compared in lower case. The table was taken
from Telegram's own server; a text that it does not know becomes Refused, which keeps the text.
"""

from __future__ import annotations

import re
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
    FileForgotten,
    Moved,
    NotAccepted,
    Outcome,
    PictureNotAllowed,
    Refused,
    TopicGone,
    Unchanged,
    Unknown,
    Unreachable,
    Unsupported,
    Wait,
)

_MOST_WORDS = 500
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
WORDS: tuple[tuple[str, Callable[[str], Outcome]], ...] = (
    ("message thread not found", TopicGone),
    ("topic_closed", TopicGone),
    ("topic_deleted", TopicGone),
    ("can't parse entities", BadMarkup),
    ("message is too long", BadMarkup),
    ("caption is too long", PictureNotAllowed),
    ("not enough rights to send photos", PictureNotAllowed),
    ("not enough rights to send media", PictureNotAllowed),
    ("chat_send_photos_forbidden", PictureNotAllowed),
    ("chat_send_media_forbidden", PictureNotAllowed),
    # Of all files of the request together, and often said by a server in front of Telegram's.
    ("request entity too large", PictureNotAllowed),
    # What a file_id is called that was made up, belongs to another bot, or is no longer known.
    ("wrong file identifier", FileForgotten),
    ("wrong remote file identifier", FileForgotten),
    ("wrong file_id", FileForgotten),
    ("file_id_invalid", FileForgotten),
    ("file_reference", FileForgotten),
    ("file is temporarily unavailable", FileForgotten),
    ("failed to get http url content", BadPicture),
    ("wrong type of the web page content", BadPicture),
    ("webpage_", BadPicture),
    ("photo_", BadPicture),
    ("image_process_failed", BadPicture),
    ("media_empty", BadPicture),
    ("media_invalid", BadPicture),
    ("media_file_invalid", BadPicture),
    ("file must be non-empty", BadPicture),
    ("file_part", BadPicture),
    ("too big for a photo", BadPicture),
    ("can't use file of type", BadPicture),
    ("type of file mismatch", BadPicture),
    ("rich_", Unsupported),
    ("sendrichmessage", Unsupported),
    ("message is not modified", lambda _words: Unchanged()),
    ("chat not found", Unreachable),
    ("chat_write_forbidden", Unreachable),
    # The chat lets nobody write, or not the bot: "CHAT_RESTRICTED", and similar for channels and discussions.
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
    """Return the outcome of a failed send. Every class of PTB's errors is named here, which a test ensures."""
    words = _storable(error.message)
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
            # PTB raises this for 5xx, by which Telegram itself says that it did not act.
            return NotAccepted(words)
        case _:
            return _by_words(words) or Refused(words)


def is_unchanged(error: TelegramError) -> bool:
    """Return whether an edit was refused because the message already shows what it should."""
    return isinstance(outcome_of(error), Unchanged)


def _storable(words: str) -> str:
    """Return what is kept of a server's words; one in front of Telegram's may say anything, and at any length.

    What no database stores would otherwise fail the results of all messages that are written down with it.
    """
    return _UNSTORABLE.sub("�", words[:_MOST_WORDS])


def _by_words(words: str) -> Outcome | None:
    small = words.lower()
    return next((make(words) for known, make in WORDS if known in small), None)
