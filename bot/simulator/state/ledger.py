"""What the bot asked for and what came of it: what tests compare the bot's own books with."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field

from bot.simulator.text.formatted import Json


@dataclass(slots=True)
class LoggedCall:
    """One call. `description` is the refusal's; `fault` the kind of fault that it met."""

    number: int
    at: float
    method: str
    parameters: Json
    ok: bool = True
    description: str = ""
    fault: str = ""
    message_id: int = 0

    def as_json(self) -> Json:
        shown: Json = {
            "n": self.number,
            "at": self.at,
            "method": self.method,
            "parameters": self.parameters,
            "ok": self.ok,
            "description": self.description,
        }
        if self.fault:
            shown["fault"] = self.fault
        if self.message_id:
            shown["message_id"] = self.message_id
        return shown


@dataclass
class Ledger:
    """`accepted`: messages per chat, those whose answer was cut off included; `calls` only while `hold_calls`."""

    accepted: Counter[int] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)
    unknown_parameters: Counter[str] = field(default_factory=Counter)
    wrong_types: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    bad_start_links: Counter[str] = field(default_factory=Counter)
    calls: deque[LoggedCall] = field(default_factory=deque)
    seconds: Counter[int] = field(default_factory=Counter)
    floods: int = 0
    dropped_entities: int = 0
    paid: int = 0
    hold_calls: bool = True
    _number: int = 0

    def enter(self, method: str, parameters: Json) -> LoggedCall:
        self._number += 1
        entry = LoggedCall(self._number, time.time(), method, parameters)
        self.methods[method] += 1
        if self.hold_calls:
            self.calls.append(entry)
        return entry

    def accept(self, chat_id: int) -> None:
        """A message came into being."""
        self.accepted[chat_id] += 1
        self.seconds[int(time.time())] += 1

    def refuse(self, entry: LoggedCall, code: int, description: str) -> None:
        entry.ok, entry.description = False, description
        if code == 429:
            self.floods += 1
            description = description.partition(": retry after")[0]
        self.refusals[description] += 1

    def since(self, number: int, limit: int) -> list[LoggedCall]:
        """The calls after number `number`, oldest first."""
        if not self.calls:
            return []
        start = max(0, number + 1 - self.calls[0].number)
        stop = min(len(self.calls), start + limit)
        if start == 0:
            return [self.calls[at] for at in range(stop)]
        # From the right: a deque is slow in its middle, and what is asked for is new.
        return [self.calls[at - len(self.calls)] for at in range(start, stop)]

    def as_json(self, unanswered: list[Json]) -> Json:
        return {
            "accepted": {str(chat): count for chat, count in self.accepted.items()},
            "messages": self.accepted.total(),
            "refusals": dict(self.refusals),
            "floods": self.floods,
            "faults": dict(self.faults),
            "unanswered": unanswered,
            "unknown_parameters": dict(self.unknown_parameters),
            "wrong_types": dict(self.wrong_types),
            "bad_start_links": dict(self.bad_start_links),
            "dropped_entities": self.dropped_entities,
            "paid": self.paid,
            "methods": dict(self.methods),
            "largest_second": max(self.seconds.values(), default=0),
            "calls": self._number,
        }
