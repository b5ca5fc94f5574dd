"""Polls Telegram for updates, and leaves with it those that there is no room for, or that can't be stored."""

from __future__ import annotations

import json
import logging
import re
from asyncio import CancelledError, ensure_future, shield, sleep, wait
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from time import monotonic
from typing import Any

from telegram.error import Conflict, RetryAfter, TelegramError

from bot.telegram.answers import error_of
from bot.telegram.limiter import seconds_of
from bot.telegram.messages import method_url
from bot.telegram.request import AiohttpRequest
from digests.errors import StorageError
from digests.model.waits import growing_wait

logger = logging.getLogger(__name__)

_MOST = 100
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 30.0
_LONGEST_FLOOD_WAIT = 900.0
_SLACK_SECONDS = 60.0
# Less than what the stop of a bot allows for this.
_TAKING_SECONDS = 1.0
_TOO_LARGE = 1 << 53
_NUMBER = re.compile(rb'"update_id"\s*:\s*(\d{1,18})')


class Poller:
    """Polls for updates.

    `room` waits until updates can be accepted and returns how many. `take` accepts those of one answer, as Telegram's
    JSON, and returns once Telegram may forget them; if it raises StorageError, they are asked for again.
    """

    def __init__(
        self,
        base_url: str,
        connections: AiohttpRequest,
        room: Callable[[], Awaitable[int]],
        take: Callable[[Sequence[Mapping[str, Any]]], Awaitable[None]],
        *,
        seconds: int,
        kinds: Sequence[str],
    ) -> None:
        self._base_url = base_url
        self._connections = connections
        self._room = room
        self._take_all = take
        self._seconds = seconds
        self._kinds = list(kinds)
        self._offset = 0
        self._most = _MOST
        self._failures = 0
        self._asked_at = monotonic()

    @property
    def is_stuck(self) -> bool:
        """Whether the last request is longer ago than any request may take."""
        return monotonic() - self._asked_at > self._seconds + _LONGEST_WAIT + _SLACK_SECONDS

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            limit = min(await self._room(), self._most)
            self._asked_at = monotonic()
            try:
                answer = await self._ask(limit, self._seconds)
            except TelegramError as error:
                await self._pause(error)
                continue
            updates = _updates_of(answer)
            if updates is None:
                await self._pass_over(answer)
                continue
            before = self._offset
            try:
                await self._take_to_the_end(updates)
            except StorageError as error:
                await self._pause(TelegramError(str(error)))
                continue
            if updates and self._offset == before:
                # Telegram would send them again at once.
                await self._pause(TelegramError("updates without a new number"))
                continue
            self._failures, self._most = 0, _MOST

    async def _pass_over(self, answer: bytes) -> None:
        """Find the update that makes an answer unreadable, by asking for single updates, and skip it."""
        number = _NUMBER.search(answer)
        if self._most == 1 and number is not None:
            self._offset = int(number[1]) + 1
            logger.error("an update that can't be read was passed over", extra={"update": int(number[1])})
            self._most = _MOST
            return
        self._most = 1
        await self._pause(TelegramError("an answer that can't be read"))

    async def _take_to_the_end(self, updates: Sequence[object]) -> None:
        """Have the updates taken, also when polling is cancelled meanwhile. May raise StorageError.

        Some are handled by then; without their numbers, `confirm` would leave them to be sent, and answered, again.
        """
        taking = ensure_future(self._take(updates))
        try:
            await shield(taking)
        except CancelledError:
            await wait([taking], timeout=_TAKING_SECONDS)
            if not taking.cancel() and not taking.cancelled() and (error := taking.exception()) is not None:
                logger.info("updates were not taken; Telegram sends them again", extra={"reason": str(error)})
            raise

    async def _take(self, updates: Sequence[object]) -> None:
        """Have the updates taken, and confirm them with the next request. May raise StorageError."""
        taken, offset = [], self._offset
        for update in updates:
            number = update.get("update_id") if isinstance(update, Mapping) else None
            if not isinstance(update, Mapping) or not isinstance(number, int) or not 0 <= number < _TOO_LARGE:
                # It can't be confirmed without its number; the number of the next update confirms it.
                logger.error("an update without a number was passed over")
                continue
            # Not the maximum: after a week without updates, Telegram may start from any number (Bot API, Update).
            offset = number + 1
            taken.append(update)
        if taken:
            await self._take_all(taken)
        self._offset = offset

    async def confirm(self) -> None:
        """Tell Telegram which updates were taken; otherwise the next start would handle them again."""
        if self._offset:
            await self._ask(1, 0)

    async def _ask(self, limit: int, seconds: int) -> bytes:
        fields = {"offset": self._offset, "limit": limit, "timeout": seconds, "allowed_updates": self._kinds}
        url = method_url(self._base_url, "getUpdates")
        status, answer = await self._connections.send_json(url, json.dumps(fields).encode(), waits=seconds)
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise error_of(status, answer)
        return answer

    async def _pause(self, error: TelegramError) -> None:
        wait = growing_wait(self._failures, _FIRST_WAIT, _LONGEST_WAIT)
        if isinstance(error, RetryAfter):
            wait = min(max(wait, seconds_of(error)), _LONGEST_FLOOD_WAIT)
        self._failures += 1
        if isinstance(error, Conflict):
            logger.error(
                "Another program receives this bot's updates (409): end it, or give it another token. Trying again."
            )
        else:
            logger.warning("updates can't be fetched; trying again", extra={"reason": error.message, "in": wait})
        self._asked_at = monotonic() + wait
        await sleep(wait)


def _updates_of(answer: bytes) -> list[object] | None:
    try:
        result = json.loads(answer)["result"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return result if isinstance(result, list) else None
