"""A day of the bot, message by message, on a clock that takes no time (pure, but for the seed).

Planning is what was measured; the rate is the arithmetic of the bot's own throttle (`Gate`, `RateWindow`), and what
follows from a refusal is its own table (`next_step`). As in the ledger, whatever is due first goes first, and people
who wait for an answer go before all of it.
"""

from __future__ import annotations

import heapq
import random
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bot.telegram.gates import Gate, RateWindow
from digests.model.outcome import Form, NotAccepted, Outcome, Unreachable, Wait
from digests.model.step import RetryLater, end_of_retries, next_step

TICK_SECONDS = 5
"""How often due chats are looked for: delivery.tick_seconds."""
PLAN_BATCH = 3000
PLANNED_A_SECOND = 20_000
"""Chats, as measured (docs/benchmarks.md): 100,000 in 4 to 5 s."""
RETRY_FOR = timedelta(hours=6)
BIN_SECONDS = 600
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
# What Telegram answers besides taking the message, and how often.
_REFUSALS: tuple[tuple[float, Outcome], ...] = (
    (0.01, Unreachable("blocked")),
    (0.005, NotAccepted("502")),
    (0.001, Wait(5)),
)
# Of a hundred who got their digest, so many ask for something, two minutes later on average.
_ASKING = 0.05
_ASKED_AFTER = 120.0


class Pace(NamedTuple):
    """How fast messages may leave: the rate that is allowed, and the one that the bot keeps to.

    Its throttle stays a little below what is allowed, so that no second holds more.
    """

    allowed: int
    kept: float
    is_paid: bool = False


FREE = Pace(30, 29.57)
PAID = Pace(1000, 994.0, is_paid=True)


class Planned(NamedTuple):
    """So many digests that were due at one moment, and when they are in the ledger; in seconds."""

    at: float
    slot: float
    digests: int


@dataclass
class Day:
    """What came of a simulation. Lists have an entry for each ten minutes."""

    seconds: float
    planned: int = 0
    sent: int = 0
    failed: int = 0
    retried: int = 0
    answered: int = 0
    most_in_a_second: int = 0
    late: list[array[float]] = field(default_factory=list)
    """How many seconds after its slot each digest was sent, by the slot."""
    latest_of_first_tries: float = 0.0
    deepest: list[int] = field(default_factory=list)
    """The most digests that were planned and not sent."""
    waits: array[float] = field(default_factory=lambda: array("d"))
    """How long each person waited for an answer, besides the bot's own time."""

    def __post_init__(self) -> None:
        bins = int(self.seconds // BIN_SECONDS) + 1
        self.late = [array("d") for _ in range(bins)]
        self.deepest = [0] * bins

    @property
    def lost(self) -> int:
        """How many digests were neither sent nor failed."""
        return self.planned - self.sent - self.failed

    def hour(self, first: int, hours: int = 1) -> array[float]:
        """Return how late the digests were whose slots lie in these hours, in order of lateness."""
        bins = 3600 // BIN_SECONDS
        return array("d", sorted(late for part in self.late[first * bins : (first + hours) * bins] for late in part))

    def depth(self, first: int) -> int:
        """Return the most digests that waited at any moment of this hour."""
        bins = 3600 // BIN_SECONDS
        return max(self.deepest[first * bins : (first + 1) * bins])


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies; 0 for none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def plan(due: Sequence[tuple[float, int]]) -> Iterator[Planned]:
    """Yield what is due in the batches in which it is planned, by ticks that never overlap."""
    waiting: deque[tuple[float, int]] = deque()
    now, place = 0.0, 0
    while place < len(due) or waiting:
        if not waiting:
            now = max(now, due[place][0])
        now = -(-now // TICK_SECONDS) * TICK_SECONDS
        while place < len(due) and due[place][0] <= now:
            waiting.append(due[place])
            place += 1
        while waiting:
            slot, digests = waiting.popleft()
            for start in range(0, digests, PLAN_BATCH):
                some = min(PLAN_BATCH, digests - start)
                now += some / PLANNED_A_SECOND
                yield Planned(now, slot, some)


def latest_of_fluid(due: Sequence[tuple[float, int]], rate: float) -> float:
    """Return how late the last of a queue is that is emptied at exactly this rate: nothing can do better."""
    free_at, latest = 0.0, 0.0
    for slot, digests in due:
        free_at = max(free_at, slot) + digests / rate
        latest = max(latest, free_at - slot)
    return latest


class _Lane:
    """A common rate, as the bot's throttle has it: evenly spaced, and no second ever above what is allowed."""

    def __init__(self, pace: Pace) -> None:
        self._gate = Gate(pace.kept, max(1, pace.allowed // 10))
        self._window = RateWindow(pace.allowed, 1.003)
        self._left: deque[float] = deque()
        self._last = 0.0
        self.most_in_a_second = 0

    def next_place(self, now: float) -> float:
        """Return when a message may leave that is ready now."""
        now = max(now, self._last)
        return now + max(self._gate.wait_of(now), self._window.wait_of(now))

    def take(self, at: float) -> None:
        """Let a message leave, and count those of the second that ends now."""
        self._gate.reserve(at)
        self._window.reserve(at)
        self._last = at
        self._left.append(at)
        while self._left[0] <= at - 1.0:
            self._left.popleft()
        self.most_in_a_second = max(self.most_in_a_second, len(self._left))


class _Try(NamedTuple):
    """A digest that is tried again."""

    at: float
    slot: float
    attempts: int


def simulate(due: Sequence[tuple[float, int]], pace: Pace, seconds: float, seed: int = 1) -> Day:
    """Send everything that is due; the simulation ends when nothing is left."""
    return _Simulation(pace, seconds, seed).run(plan(due))


class _Simulation:
    """What is under way: the batch at the front, those behind it, what is tried again, and who waits for an answer."""

    def __init__(self, pace: Pace, seconds: float, seed: int) -> None:
        self._day = Day(seconds)
        self._chance = random.Random(seed)
        self._lane = _Lane(pace)
        # What is paid for has a rate of its own; answers never are.
        self._answers = _Lane(FREE) if pace.is_paid else self._lane
        self._asked: list[float] = []
        self._tries: list[_Try] = []
        self._batches: deque[Planned] = deque()
        self._rest = 0
        self._depth = 0

    def run(self, planned: Iterator[Planned]) -> Day:
        coming = next(planned, None)
        while coming or self._batches or self._tries:
            ready = [batch.at for batch in (self._batches[0] if self._batches else coming,) if batch]
            at = self._lane.next_place(min(ready + [again.at for again in self._tries[:1]]))
            while coming and coming.at <= at:
                self._add(coming)
                coming = next(planned, None)
            if not self._answer(at):
                self._send(at)
        while self._asked:
            self._answer(self._asked[0])
        self._day.most_in_a_second = self._lane.most_in_a_second
        return self._day

    def _add(self, batch: Planned) -> None:
        self._rest = self._rest if self._batches else batch.digests
        self._batches.append(batch)
        self._day.planned += batch.digests
        self._depth += batch.digests
        self._note_depth(batch.at)

    def _note_depth(self, at: float) -> None:
        place = min(int(at // BIN_SECONDS), len(self._day.deepest) - 1)
        self._day.deepest[place] = max(self._day.deepest[place], self._depth)

    def _answer(self, until: float) -> bool:
        """Answer those who asked before then, and return whether somebody took the place of a digest."""
        took = False
        while self._asked and self._asked[0] <= until and not took:
            asked = heapq.heappop(self._asked)
            at = self._answers.next_place(asked)
            self._answers.take(at)
            self._day.answered += 1
            self._day.waits.append(at - asked)
            took = self._answers is self._lane
        return took

    def _send(self, at: float) -> None:
        self._lane.take(at)
        self._note_depth(at)
        slot, attempts, is_first = self._first_due(at)
        refusal = self._refusal()
        if refusal is not None:
            self._refused(refusal, at, slot, attempts)
            return
        self._depth -= 1
        self._day.sent += 1
        self._day.late[min(int(slot // BIN_SECONDS), len(self._day.late) - 1)].append(at - slot)
        if is_first:
            self._day.latest_of_first_tries = max(self._day.latest_of_first_tries, at - slot)
        if self._chance.random() < _ASKING:
            heapq.heappush(self._asked, at + self._chance.expovariate(1 / _ASKED_AFTER))

    def _first_due(self, at: float) -> tuple[float, int, bool]:
        """Take what is due first, the next digest of a batch or one that is tried again: its slot, tries that failed.

        What is tried again is due when it may be, so it waits behind all that was due before.
        """
        if self._tries and self._tries[0].at <= at and not (self._batches and self._batches[0].at <= self._tries[0].at):
            again = heapq.heappop(self._tries)
            return again.slot, again.attempts, False
        slot = self._batches[0].slot
        self._rest -= 1
        if self._rest == 0:
            self._batches.popleft()
            self._rest = self._batches[0].digests if self._batches else 0
        return slot, 0, True

    def _refusal(self) -> Outcome | None:
        """Return what Telegram answers, None when it takes the message."""
        drawn = self._chance.random()
        for share, outcome in _REFUSALS:
            if drawn < share:
                return outcome
            drawn -= share
        return None

    def _refused(self, outcome: Outcome, at: float, slot: float, attempts: int) -> None:
        now, since = _EPOCH + timedelta(seconds=at), _EPOCH + timedelta(seconds=slot)
        step = next_step(outcome, Form.WHOLE, attempts, now, end_of_retries(since, attempts, now, RETRY_FOR))
        if isinstance(step, RetryLater):
            self._day.retried += 1
            again = (step.at - _EPOCH).total_seconds()
            heapq.heappush(self._tries, _Try(again, slot, attempts + step.failed))
            return
        self._depth -= 1
        self._day.failed += 1
