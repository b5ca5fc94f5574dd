"""Telegram's answers to requests that were made without PTB, read as PTB reads them."""

from __future__ import annotations

import json
import re
from http import HTTPStatus

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

# How every answer to a message begins; reading the whole echo of a digest would cost more than all else.
_ACCEPTED = re.compile(rb'\s*\{"ok":\s*true,\s*"result":\s*\{"message_id":\s*(\d+)')
_ERRORS: dict[int, type[TelegramError]] = {
    HTTPStatus.BAD_REQUEST: BadRequest,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.UNAUTHORIZED: InvalidToken,
    HTTPStatus.NOT_FOUND: InvalidToken,
}


def message_id_of(status: int, payload: bytes) -> int:
    """The message's id. Raises what PTB would raise for this answer."""
    if status < 300:
        if quick := _ACCEPTED.match(payload):
            return int(quick[1])
        try:
            return int(json.loads(payload)["result"]["message_id"])
        except (ValueError, KeyError, TypeError):
            # It was taken; only its number is not to be had.
            return 0
    raise error_of(status, payload)


def message_ids_of(status: int, payload: bytes) -> tuple[int, ...]:
    """The same of what may be an album: the ids of all its messages in their order, else of the one."""
    if status < 300 and not _ACCEPTED.match(payload):
        try:
            result = json.loads(payload)["result"]
            if isinstance(result, list) and result:
                return tuple(sorted(int(one["message_id"]) for one in result))
        except (ValueError, KeyError, TypeError):
            return (0,)
    return (message_id_of(status, payload),)


def error_of(status: int, payload: bytes) -> TelegramError:
    """The error of an answer that is none of success."""
    try:
        answer = json.loads(payload)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        return _ERRORS.get(status, NetworkError)(f"{status}, and no answer of Telegram's")
    parameters = answer.get("parameters") or {}
    if parameters.get("migrate_to_chat_id"):
        return ChatMigrated(int(parameters["migrate_to_chat_id"]))
    if parameters.get("retry_after"):
        return RetryAfter(int(parameters["retry_after"]))
    words = str(answer.get("description") or f"status {status}")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RetryAfter(1)
    return _ERRORS.get(status, NetworkError)(words)
