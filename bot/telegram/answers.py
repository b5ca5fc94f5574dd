"""Telegram's answers to requests that were made without PTB, read as PTB reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

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
)

# How every answer to a message begins. Parsing a digest's whole echo would cost more than everything else.
_ACCEPTED = re.compile(rb'\s*\{"ok":\s*true,\s*"result":\s*\{"message_id":\s*(\d{1,15})(?!\d)')
_ERRORS: dict[int, type[TelegramError]] = {
    HTTPStatus.BAD_REQUEST: BadRequest,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.UNAUTHORIZED: InvalidToken,
    HTTPStatus.NOT_FOUND: InvalidToken,
}
_MOST = 1 << 53
"""No id of Telegram's is larger (Bot API, Chat); what is would not fit into the database."""
LONGEST_FLOOD = 86_400
"""Seconds; Telegram's longest waits are some hours, but a server in front of it may ask for any number."""
_DEEPEST = 100
"""Of levels in an answer; a rich message has at most 16, of two or three each."""
_TOO_LARGE = "Request Entity Too Large"
"""What Telegram says of it; a server in front of it may say it in other words."""


def message_id_of(status: int, payload: bytes, method: str = "") -> int:
    """Return the message's id, or 0 if it can't be read. Raises what PTB would raise for this answer of the method."""
    if status < 300:
        if quick := _ACCEPTED.match(payload):
            return int(quick[1])
        try:
            return _id_in(json.loads(payload)["result"])
        except (ValueError, KeyError, TypeError, RecursionError):
            # The message was accepted; only its id is unknown.
            return 0
    raise error_of(status, payload, method)


def message_ids_of(status: int, payload: bytes, method: str = "") -> tuple[int, ...]:
    """Return the ids of all messages of an album in their order, or else of the only message.

    Raises what PTB would raise for this answer of the method.
    """
    if status < 300 and not _ACCEPTED.match(payload):
        try:
            result = json.loads(payload)["result"]
            if isinstance(result, list) and result:
                return tuple(sorted(_id_in(message) for message in result))
        except (ValueError, KeyError, TypeError, RecursionError):
            return (0,)
    return (message_id_of(status, payload, method),)


def _id_in(message: dict[str, Any]) -> int:
    """Return a message's id; raise ValueError for what can't be one."""
    number = int(message["message_id"])
    if not 0 < number < _MOST:
        raise ValueError("no message has this id")
    return number


def rich_photo_ids_of(payload: bytes) -> tuple[str, ...]:
    """Return the file_ids of the photos in Telegram's echo of a rich message, in the order in which they are shown.

    Each is that of the largest size (Bot API, RichBlockPhoto); "" for one that can't be read.
    """
    try:
        message = json.loads(payload)["result"]["rich_message"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ()
    return tuple(largest_file_id(sizes) for sizes in _photos_in(message, 0))


def _photos_in(value: object, depth: int) -> Iterator[object]:
    """Yield the sizes of each photo below a part of a rich message, which nests its blocks."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict) and value.get("type") == "photo" and "photo" in value:
        yield value["photo"]
    elif isinstance(value, dict | list):
        for below in value.values() if isinstance(value, dict) else value:
            yield from _photos_in(below, depth + 1)


def largest_file_id(sizes: object) -> str:
    """Return the file_id of the largest of a photo's sizes (PhotoSize); "" if it can't be read."""
    try:
        return str(max(sizes, key=lambda size: int(size["width"]) * int(size["height"]))["file_id"])  # type: ignore[call-overload]
    except (ValueError, KeyError, TypeError):
        return ""


def error_of(status: int, payload: bytes, method: str = "") -> TelegramError:
    """Return the error that an unsuccessful answer stands for.

    With its method, an answer of Telegram's that there is no such method is told apart from one that no bot has this
    token.
    """
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return BadRequest(_TOO_LARGE)
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        return _ERRORS.get(status, NetworkError)(f"{status}, and no answer of Telegram's")
    parameters = answer.get("parameters")
    if isinstance(parameters, dict):
        if moved_to := _number(parameters, "migrate_to_chat_id"):
            return ChatMigrated(moved_to)
        if seconds := _number(parameters, "retry_after"):
            return RetryAfter(min(seconds, LONGEST_FLOOD))
    words = str(answer.get("description") or f"status {status}")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RetryAfter(1)
    if status == HTTPStatus.NOT_FOUND and method:
        return EndPointNotFound(f"{method}: {words}")
    return _ERRORS.get(status, NetworkError)(words)


def _number(parameters: dict[str, Any], name: str) -> int:
    """Return a number, or 0 if there is none: a server between Telegram and us may write anything."""
    value = parameters.get(name)
    return value if isinstance(value, int) and abs(value) < _MOST else 0
