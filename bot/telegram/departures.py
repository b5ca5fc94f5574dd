"""The moments at which messages of one process may leave, and how the database's moments become this process's."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

SECOND = 1.0
_SAMPLES = 64


class Departures:
    """A process's departures: those to come, those that may still be used, and those of the last second.

    One is lent to a message that may leave, which uses it when it does, at most `seconds` later.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._to_come: deque[float] = deque()
        self._unused: deque[float] = deque()
        self._recent: deque[float] = deque()
        self._left: deque[float] = deque()

    @property
    def upcoming(self) -> int:
        """How many are to come."""
        return len(self._to_come)

    @property
    def next(self) -> float | None:
        """When the next one is."""
        return self._to_come[0] if self._to_come else None

    def unused(self, now: float) -> int:
        """Return how many of those that have come may still be used."""
        self._move_on(now)
        return max(0, min(len(self._unused), len(self._recent) - len(self._left)))

    def add(self, moments: Iterable[float]) -> None:
        """Add departures, which are to come one after the other, none before those that are there."""
        for at in moments:
            self._to_come.append(max(at, self._to_come[-1]) if self._to_come else at)

    def clear(self) -> None:
        """Drop all of them."""
        self._to_come.clear()
        self._unused.clear()
        self._recent.clear()

    def lend(self, now: float) -> float | None:
        """Lend a departure, if there is one, and return its moment."""
        return self._unused.popleft() if self.unused(now) else None

    def give_back(self, moment: float) -> None:
        """Take back one that was lent and not used."""
        self._unused.appendleft(moment)

    def use(self, moment: float, now: float) -> bool:
        """Use one that was lent; return False if it is gone by now, and the message needs another."""
        self._move_on(now)
        if moment <= now - self._seconds or len(self._left) >= len(self._recent):
            return False
        self._left.append(now)
        return True

    def left(self, now: float) -> int:
        """Return how many left within the last second."""
        self._move_on(now)
        return len(self._left)

    def _move_on(self, now: float) -> None:
        while self._to_come and self._to_come[0] <= now:
            at = self._to_come.popleft()
            self._unused.append(at)
            self._recent.append(at)
        for moments, seconds in ((self._unused, self._seconds), (self._recent, SECOND), (self._left, SECOND)):
            while moments and moments[0] <= now - seconds:
                moments.popleft()


class DatabaseMoments:
    """Turns moments of the database's clock into moments of this process's monotonic clock.

    An answer comes a little after the moment that it names; the quickest of the last ones shows by how much the clocks
    differ. So all processes agree to a millisecond on when a departure is.
    """

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=_SAMPLES)

    def learn(self, theirs: float, ours: float) -> float:
        """Take in that an answer of the moment `theirs` came at `ours`; return what to add to theirs."""
        sample = ours - theirs
        if self._samples and abs(sample - min(self._samples)) > SECOND:
            # The database's clock was set.
            self._samples.clear()
        self._samples.append(sample)
        return min(self._samples)
