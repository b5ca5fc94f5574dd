"""A bot of a few lines, for testing the page alone: it answers messages and presses as a script says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

import aiohttp

from bot.simulator.server import Simulator

Update = Mapping[str, Any]
AnswerUpdate = Callable[["ScriptedBot", Update], Awaitable[object]]


class ScriptedBot:
    """A bot with a script of answers.

    `on["/start"]` answers messages that begin with this text, `on["press:DATA"]` presses with this data, and
    `on["inline"]` inline queries; they get the message or query. All updates are kept in `received`.
    """

    def __init__(self, simulator: Simulator, on: Mapping[str, AnswerUpdate] | None = None) -> None:
        self._base = f"{simulator.url}/bot{simulator.token}"
        self.on: dict[str, AnswerUpdate] = dict(on or {})
        self.received: list[Update] = []
        self._session: aiohttp.ClientSession | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        self._task = asyncio.create_task(self._poll())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        assert self._session is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError, aiohttp.ClientError):
            await self._task
        await self._session.close()

    async def call(self, method: str, **parameters: object) -> Any:
        """Return the result of a method; raise RuntimeError with the description when it is refused."""
        assert self._session is not None
        async with self._session.post(f"{self._base}/{method}", json=parameters) as answer:
            body = await answer.json()
        if not body["ok"]:
            raise RuntimeError(f"{method}: {body['description']}")
        return body["result"]

    async def _poll(self) -> None:
        offset = 0
        while True:
            for update in await self.call("getUpdates", offset=offset, timeout=20):
                offset = update["update_id"] + 1
                self.received.append(update)
                await self._answer(update)

    async def _answer(self, update: Update) -> None:
        if "callback_query" in update:
            query = update["callback_query"]
            found = self.on.get(f"press:{query['data']}")
            if found is not None:
                await found(self, query)
        elif "inline_query" in update:
            if (found := self.on.get("inline")) is not None:
                await found(self, update["inline_query"])
        elif "message" in update:
            message = update["message"]
            text = message.get("text", message.get("caption", ""))
            for beginning in sorted(self.on, key=len, reverse=True):
                if not beginning.startswith("press:") and text.startswith(beginning):
                    await self.on[beginning](self, message)
                    return


class JumpingClock:
    """A clock that stands still until its button moves it to the next day; a move can be held up."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._may_move = asyncio.Event()
        self._may_move.set()
        self.moves = 0

    def now(self) -> datetime:
        """Return the time at which the clock stands."""
        return self._now

    def hold(self) -> None:
        """Hold up moves until `release`."""
        self._may_move.clear()

    def release(self) -> None:
        """Let moves happen."""
        self._may_move.set()

    async def next_moment(self) -> datetime | None:
        """Return 08:00 on the next day."""
        return self._now.replace(hour=8, minute=0) + timedelta(days=1)

    async def move_to_next(self) -> datetime | None:
        """Move the clock to its next moment, once moves may happen."""
        await self._may_move.wait()
        moment = await self.next_moment()
        assert moment is not None
        self._now = moment
        self.moves += 1
        return moment
