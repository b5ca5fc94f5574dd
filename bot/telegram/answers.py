"""Telegram's answers to requests that were made without PTB, read as PTB reads them."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

# How every answer to a message begins. Parsing a digest's whole echo would cost more than everything else.
_ACCEPTED = re.compile(rb'\s*\{"ok":\s*true,\s*"result":\s*\{"message_id":\s*(\d+)')
_ERRORS: dict[int, type[TelegramError]] = {
    HTTPStatus.BAD_REQUEST: BadRequest,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.UNAUTHORIZED: InvalidToken,
    HTTPStatus.NOT_FOUND: InvalidToken,
}
_TOO_LARGE = "Request Entity Too Large"
"""What Telegram says of it; a server in front of it may say it in other words."""


def message_id_of(status: int, payload: bytes) -> int:
    """Return the message's id, or 0 if it can't be read. Raises what PTB would raise for this answer."""
    if status < 300:
        if quick := _ACCEPTED.match(payload):
            return int(quick[1])
        try:
            return int(json.loads(payload)["result"]["message_id"])
        except (ValueError, KeyError, TypeError):
            # The message was accepted; only its id is unknown.
            return 0
    raise error_of(status, payload)


def message_ids_of(status: int, payload: bytes) -> tuple[int, ...]:
    """Return the ids of all messages of an album in their order, or else of the only message.

    Raises what PTB would raise for this answer.
    """
    if status < 300 and not _ACCEPTED.match(payload):
        try:
            result = json.loads(payload)["result"]
            if isinstance(result, list) and result:
                return tuple(sorted(int(message["message_id"]) for message in result))
        except (ValueError, KeyError, TypeError):
            return (0,)
    return (message_id_of(status, payload),)


def error_of(status: int, payload: bytes) -> TelegramError:
    """Return the error that an unsuccessful answer stands for."""
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
            return RetryAfter(seconds)
    words = str(answer.get("description") or f"status {status}")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RetryAfter(1)
    return _ERRORS.get(status, NetworkError)(words)


def _number(parameters: dict[str, Any], name: str) -> int:
    """Return a number, or 0 if there is none: a server between Telegram and us may write anything."""
    value = parameters.get(name)
    return value if isinstance(value, int) else 0
