"""The ledger of the bot's calls and their results, with which tests compare the bot's own records."""

from __future__ import annotations

import hashlib
import time
from collections import Counter, deque
from dataclasses import dataclass, field

from bot.simulator.text.formatted import Json


@dataclass(slots=True)
class LoggedCall:
    """A call of the bot; `description` is its refusal's, `fault` the kind of fault that hit it."""

    number: int
    at: float
    method: str
    parameters: Json
    ok: bool = True
    description: str = ""
    fault: str = ""
    message_id: int = 0

    def as_json(self) -> Json:
        """Return a CALL, as `person.routes` describes it."""
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
    """Counts of everything that the bot did, and the calls themselves while `hold_calls` is set.

    `accepted` counts messages by chat, also those whose answer was cut off; `messages_by_second` counts them by Unix
    second. `uploads` counts uploaded files by method, `upload_contents` by their SHA-256.
    """

    accepted: Counter[int] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)
    unknown_parameters: Counter[str] = field(default_factory=Counter)
    wrong_types: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    bad_start_links: Counter[str] = field(default_factory=Counter)
    uploads: Counter[str] = field(default_factory=Counter)
    upload_contents: Counter[str] = field(default_factory=Counter)
    uploaded_bytes: int = 0
    dangling_anchors: Counter[str] = field(default_factory=Counter)
    largest_rich: Json = field(default_factory=dict)
    calls: deque[LoggedCall] = field(default_factory=deque)
    messages_by_second: Counter[int] = field(default_factory=Counter)
    floods: int = 0
    dropped_entities: int = 0
    paid: int = 0
    hold_calls: bool = True
    _number: int = 0

    def log_call(self, method: str, parameters: Json) -> LoggedCall:
        """Log a call; it counts as successful until its refusal is logged."""
        self._number += 1
        call = LoggedCall(self._number, time.time(), method, parameters)
        self.methods[method] += 1
        if self.hold_calls:
            self.calls.append(call)
        return call

    def count_message(self, chat_id: int) -> None:
        """Count a message that Telegram accepted."""
        self.accepted[chat_id] += 1
        self.messages_by_second[int(time.time())] += 1

    def count_upload(self, method: str, content: bytes) -> str:
        """Count an uploaded file, and return its SHA-256 in hexadecimal digits."""
        digest = hashlib.sha256(content).hexdigest()
        self.uploads[method] += 1
        self.upload_contents[digest] += 1
        self.uploaded_bytes += len(content)
        return digest

    def count_rich(self, size: Json, dangling: list[str]) -> None:
        """Keep the largest sizes of rich messages, and count the links in them that jump nowhere."""
        for name, value in size.items():
            self.largest_rich[name] = max(int(str(self.largest_rich.get(name, 0))), int(str(value)))
        self.dangling_anchors.update(dangling)

    def log_refusal(self, call: LoggedCall, code: int, description: str) -> None:
        """Log that a call was refused; refusals for flooding count as one, whatever the wait."""
        call.ok, call.description = False, description
        if code == 429:
            self.floods += 1
            description = description.partition(": retry after")[0]
        self.refusals[description] += 1

    def since(self, number: int, limit: int) -> list[LoggedCall]:
        """Return at most `limit` of the calls after a number, oldest first."""
        if not self.calls:
            return []
        start = max(0, number + 1 - self.calls[0].number)
        stop = min(len(self.calls), start + limit)
        if start == 0:
            return [self.calls[at] for at in range(stop)]
        # Index from the right: a deque is slow in its middle, and new calls are what is asked for.
        return [self.calls[at - len(self.calls)] for at in range(start, stop)]

    def as_json(self, unanswered: list[Json]) -> Json:
        """Return the counts as `person.routes` describes them."""
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
            "uploads": dict(self.uploads),
            "upload_contents": dict(self.upload_contents),
            "uploaded_bytes": self.uploaded_bytes,
            "dangling_anchors": dict(self.dangling_anchors),
            "largest_rich": dict(self.largest_rich),
            "paid": self.paid,
            "methods": dict(self.methods),
            "largest_second": max(self.messages_by_second.values(), default=0),
            "calls": self._number,
        }
