"""Inline queries, which people type behind the bot's name in any chat, and the results that the bot answers with."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from bot.simulator.text.formatted import FormattedText, Json

# Telegram does not document how long an inline query can be answered; going by what bots see, it is some ten seconds.
_LIFETIME_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class InlineResult:
    """A result: what the list shows of it, and the message that is sent when it is chosen."""

    shown: Json
    body: FormattedText
    markup: Json | None
    preview: Json | None
    dropped: int


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """The bot's answer to a query; `button` is shown above the results."""

    results: tuple[InlineResult, ...]
    next_offset: str
    button: Json | None
    cache_seconds: int
    is_personal: bool

    def result(self, result_id: str) -> InlineResult | None:
        """Return the result with this id."""
        return next((result for result in self.results if result.shown["id"] == result_id), None)


@dataclass(slots=True, eq=False)
class InlineQuery:
    """A query; `answered` is set with the bot's answer."""

    id: str
    user_id: int
    text: str
    offset: str
    at: float = field(default_factory=time.monotonic)
    answer: InlineAnswer | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class InlineLog:
    """All inline queries by their id, and the answers that Telegram keeps for others who ask the same."""

    def __init__(self) -> None:
        self._queries: dict[str, InlineQuery] = {}
        self._kept: dict[tuple[int, str, str], tuple[float, InlineAnswer]] = {}
        self._number = 5_000_000_000_000_000_000

    def add(self, user_id: int, text: str, offset: str) -> InlineQuery:
        """Add a query; it is answered at once where Telegram still has an answer to the same."""
        self._number += 1
        query = InlineQuery(str(self._number), user_id, text, offset)
        self._queries[query.id] = query
        for asker in (user_id, 0):
            until, answer = self._kept.get((asker, text, offset), (0.0, None))
            if answer is not None and time.monotonic() < until:
                query.answer = answer
                query.answered.set()
        return query

    def get(self, query_id: str) -> InlineQuery | None:
        """Return the query with this id."""
        return self._queries.get(query_id)

    def is_open(self, query_id: str) -> bool:
        """Return whether the query can still be answered."""
        query = self._queries.get(query_id)
        return query is not None and query.answer is None and time.monotonic() - query.at <= _LIFETIME_SECONDS

    def answer(self, query_id: str, answer: InlineAnswer) -> None:
        """Answer a query that is open, and keep the answer for as long as the bot said."""
        query = self._queries[query_id]
        query.answer = answer
        asker = query.user_id if answer.is_personal else 0
        self._kept[asker, query.text, query.offset] = (time.monotonic() + answer.cache_seconds, answer)
        query.answered.set()

    def expire(self, query_id: str) -> None:
        """Make a query too old to be answered."""
        self._queries[query_id].at -= _LIFETIME_SECONDS + 1

    def forget_kept(self) -> None:
        """Forget the kept answers, as if their time were over."""
        self._kept.clear()
