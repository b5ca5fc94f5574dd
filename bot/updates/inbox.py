"""Updates between their arrival and their handler: in order within a chat, many chats at once.

A chat keeps only its newest few waiting updates, so a flood harms nobody but its sender. The total is bounded by
leaving the rest with Telegram: `room` says how many more can be taken.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from time import monotonic

from bot.runtime.work_permits import WorkPermits
from bot.updates.arrivals import Arrival, RawUpdate, UpdateKind, read_arrival
from digests.telemetry.measures import QUICK, Histograms

logger = logging.getLogger(__name__)

AT_ONCE = 64
"""Updates that are handled at once; those that wait for Telegram's rates do not count."""
_READY = 2 * AT_ONCE
_CAPACITY = 2000
_KEPT = {
    UpdateKind.MESSAGE: 5,
    UpdateKind.PRESS: 20,
    UpdateKind.ALBUM: 20,
    UpdateKind.MEMBER: 2,
    UpdateKind.MOVE: 10,
    UpdateKind.INLINE: 1,
}
"""How many updates of a kind may wait in one chat. Presses are quick, and all parts of an album belong together."""
_REMEMBERED = 4096
_LANES = 1000
DOUBLE_TAP_SECONDS = 1.0

HandleUpdate = Callable[[Arrival], Awaitable[None]]
OnDone = Callable[[Arrival], None]
AnswerPress = Callable[[str], Coroutine[None, None, None]]


@dataclass(slots=True)
class _ChatQueue:
    """The updates of one chat. `dropped` is the newest one dropped since the chat was last told about it."""

    waiting: deque[Arrival] = field(default_factory=deque)
    at_work: asyncio.Task[None] | None = None
    dropped: Arrival | None = None
    last_press: tuple[object, ...] = ()
    last_press_at: float = 0.0

    @property
    def is_busy(self) -> bool:
        """Whether an update of the chat is being handled."""
        return self.at_work is not None


class Inbox:
    """Hands updates to `handle`, one at a time for each chat.

    When a chat sends too many, `on_dropped` gets the newest of them once. `answer_press` answers a pressed button if
    its handler has not done so within `press_seconds`. `on_done` is called with each update that needs no more work:
    because it was handled, or passed over; not with those that a stop cut off.
    """

    def __init__(
        self,
        handle: HandleUpdate,
        on_dropped: HandleUpdate,
        answer_press: AnswerPress,
        *,
        press_seconds: float = 0.2,
        on_done: OnDone = lambda _arrival: None,
    ) -> None:
        self._handle = handle
        self._on_dropped = on_dropped
        self._on_done = on_done
        self._answer_press = answer_press
        self._press_seconds = press_seconds
        self._lanes: OrderedDict[tuple[int, bool], _ChatQueue] = OrderedDict()
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._open = 0
        self._changed = asyncio.Event()
        self._permits = WorkPermits(AT_ONCE, self._changed.set)
        self._answering: set[asyncio.Task[None]] = set()
        self._stopped = False
        self.received = self.dropped = self.failed = 0
        self.handling = Histograms[str](QUICK, (kind.name.lower() for kind in UpdateKind))
        """How many seconds handlers took, by the kind of update; waiting for Telegram is part of it."""

    @property
    def waiting(self) -> int:
        """How many updates wait for their turn."""
        return self._open

    @property
    def room(self) -> int:
        """How many more updates can be taken now."""
        if self._stopped:
            return 0
        return max(0, min(_READY - self._permits.pressure, _CAPACITY - self._open))

    async def wait_for_room(self) -> int:
        """Wait until updates can be taken, and return how many."""
        while not (room := self.room):
            self._changed.clear()
            await self._changed.wait()
        return room

    @property
    def is_stopped(self) -> bool:
        """Whether nothing more is taken."""
        return self._stopped

    def put(self, update: RawUpdate) -> None:
        """Take an update. One that came before is ignored, and so is one that does not concern the bot."""
        arrival = read_arrival(update)
        if arrival is not None and self.expect(arrival):
            self.enter(arrival)

    def expect(self, arrival: Arrival) -> bool:
        """Return whether an update is one that has not come before, and see to it that its press is answered in time.

        It has to `enter` then, or to be forgotten.
        """
        if self._stopped or self._came_before(arrival.update_id):
            return False
        self._promise_answer(arrival)
        return True

    def forget(self, arrival: Arrival) -> None:
        """Let an update that did not enter come again."""
        self._seen.pop(arrival.update_id, None)

    def enter(self, arrival: Arrival) -> None:
        """Let an update wait for its turn. After a stop it does nothing."""
        if self._stopped:
            return
        self.received += 1
        lane = self._lane(arrival.lane)
        if arrival.kind is UpdateKind.PRESS and _is_double_tap(lane, arrival):
            self._on_done(arrival)
            return
        self._make_room(lane, arrival)
        lane.waiting.append(arrival)
        self._open += 1
        if not lane.is_busy:
            lane.at_work = asyncio.create_task(self._work(lane))

    def take_over(self, arrival: Arrival) -> None:
        """Let an update enter that another process has left behind, or has stored for this one."""
        self._came_before(arrival.update_id)
        self._promise_answer(arrival)
        self.enter(arrival)

    @property
    def busy_chats(self) -> frozenset[int]:
        """The chats with updates that wait or are being handled."""
        return frozenset(chat for (chat, inline), lane in self._lanes.items() if lane.is_busy and not inline)

    def drop_chat(self, chat_id: int) -> None:
        """Handle nothing more of what waits in a chat, since another process does."""
        lane = self._lanes.get((chat_id, False))
        if lane is not None:
            self._open -= len(lane.waiting)
            lane.waiting.clear()

    async def stop(self, seconds: float) -> None:
        """Take no more updates, and give the handlers under way this many seconds to finish."""
        self._stopped = True
        self._changed.set()
        tasks = [lane.at_work for lane in self._lanes.values() if lane.at_work is not None]
        tasks += self._answering
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _came_before(self, update_id: int) -> bool:
        if update_id in self._seen:
            return True
        self._seen[update_id] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return False

    def _lane(self, key: tuple[int, bool]) -> _ChatQueue:
        lane = self._lanes.get(key)
        if lane is None:
            self._lanes[key] = lane = _ChatQueue()
            if len(self._lanes) > _LANES:
                self._forget_idle()
        self._lanes.move_to_end(key)
        return lane

    def _forget_idle(self) -> None:
        for key in [key for key, lane in self._lanes.items() if not lane.is_busy][: _LANES // 2]:
            del self._lanes[key]

    def _make_room(self, lane: _ChatQueue, arrival: Arrival) -> None:
        """Drop the chat's oldest update of this kind when too many wait."""
        same = [each for each in lane.waiting if each.kind is arrival.kind]
        if len(same) >= _KEPT[arrival.kind]:
            lane.waiting.remove(same[0])
            self._open -= 1
            self._on_done(same[0])
            self.dropped += 1
            if arrival.kind is UpdateKind.MESSAGE:
                lane.dropped = arrival

    async def _work(self, lane: _ChatQueue) -> None:
        """Handle a chat's updates until none is waiting."""
        try:
            while lane.waiting or lane.dropped is not None:
                async with self._permits.acquired(lambda: bool(lane.waiting)):
                    await self._next(lane)
        finally:
            # Updates that still wait because of a stop are in the database.
            lane.at_work = None
            self._changed.set()

    async def _next(self, lane: _ChatQueue) -> None:
        if lane.waiting:
            arrival, handle = lane.waiting.popleft(), self._handle
            self._open -= 1
        else:
            assert lane.dropped is not None
            arrival, handle, lane.dropped = lane.dropped, self._on_dropped, None
        began = monotonic()
        try:
            await handle(arrival)
        except Exception:
            self.failed += 1
            logger.exception("an update could not be dealt with", extra={"update": arrival.update_id})
        if handle is self._handle:
            self._on_done(arrival)
        self.handling.observe(arrival.kind.name.lower(), monotonic() - began)
        if arrival.kind is UpdateKind.PRESS:
            # A second tap counts as a double tap even if handling the first took long.
            lane.last_press_at = monotonic()

    def _promise_answer(self, arrival: Arrival) -> None:
        if arrival.kind is UpdateKind.PRESS:
            asyncio.get_running_loop().call_later(self._press_seconds, self._answer_late, arrival)

    def _answer_late(self, arrival: Arrival) -> None:
        if arrival.answered or len(self._answering) > AT_ONCE:
            return
        arrival.answered = True
        task = asyncio.create_task(self._answer_press(arrival.query_id))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)


def _is_double_tap(lane: _ChatQueue, arrival: Arrival) -> bool:
    """Return whether the same person has just pressed the same button, and nothing else since."""
    last, last_at, now = lane.last_press, lane.last_press_at, monotonic()
    lane.last_press, lane.last_press_at = arrival.press, now
    is_soon = lane.is_busy or now - last_at < DOUBLE_TAP_SECONDS
    return bool(arrival.press) and arrival.press == last and is_soon
