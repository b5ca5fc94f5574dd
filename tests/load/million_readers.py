"""A million readers who chose their times: how many digests are due at each moment (pure, but for the seed).

The shares are assumptions, written down here and in docs/scaling.md; what follows from them is the bot's own
arithmetic: zones, weekdays and quiet hours are read and turned into slots by `digests.model.schedule`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from digests.model.place import EVERY_DAY
from digests.model.schedule import next_slot, parse_times, read_schedule, show_time, show_times

ZONES = {
    "Asia/Shanghai": 45,
    "America/New_York": 12,
    "Europe/Berlin": 10,
    "Asia/Kolkata": 8,
    "Europe/London": 7,
    "America/Los_Angeles": 6,
    "Asia/Tokyo": 4,
    "Asia/Singapore": 3,
    "America/Sao_Paulo": 3,
    "Australia/Sydney": 2,
}
POPULAR = "08:00"
"""The default, which most people keep."""
TIMES = {
    POPULAR: 45,
    "07:00": 12,
    "07:30": 10,
    "09:00": 8,
    "12:00": 5,
    "18:00": 5,
    "20:00": 4,
    "21:00": 3,
    "08:00,18:00": 3,
    "06:15": 2,
    "08:45": 2,
    "13:30": 1,
}
WEEKDAYS = {EVERY_DAY: 80, "12345": 18, "67": 2}
QUIET = {"": 70, "22:00-07:00": 18, "23:00-08:00": 7, "22:00-08:30": 5}


class Choice(NamedTuple):
    """What a reader chose, as places store it."""

    times: str
    zone: str
    weekdays: str
    quiet: str


def choose(chats: int, seed: int = 1) -> Counter[Choice]:
    """Return how many of so many chats made each choice; the same for the same seed."""
    chance = random.Random(seed)
    drawn = [chance.choices(list(shares), list(shares.values()), k=chats) for shares in (TIMES, ZONES, WEEKDAYS, QUIET)]
    return Counter(map(Choice, *drawn))


def spread(choices: Mapping[Choice, int], minutes: int, seed: int = 1) -> Counter[Choice]:
    """Return the choices with the popular time spread evenly over so many minutes up to it: nobody gets it later."""
    chance = random.Random(seed)
    result: Counter[Choice] = Counter()
    for choice, chats in choices.items():
        if minutes == 0 or POPULAR not in choice.times.split(","):
            result[choice] += chats
            continue
        others = [time for time in choice.times.split(",") if time != POPULAR]
        moved = Counter(chance.randrange(minutes) for _ in range(chats))
        for earlier, some in moved.items():
            result[choice._replace(times=_times([_earlier(POPULAR, earlier), *others]))] += some
    return result


def _earlier(time: str, minutes: int) -> str:
    (at,) = parse_times(time)
    return show_time((datetime.combine(date(2026, 1, 2), at) - timedelta(minutes=minutes)).time())


def _times(times: Sequence[str]) -> str:
    return show_times(parse_times(" ".join(times)))


def due(choices: Mapping[Choice, int], begin: datetime, days: int) -> list[tuple[float, int]]:
    """Return how many digests are due at each moment from `begin` on, as seconds after it, in order."""
    found: Counter[float] = Counter()
    end = begin + timedelta(days=days)
    for choice, chats in choices.items():
        for slot in _slots(choice, begin, end):
            found[(slot - begin).total_seconds()] += chats
    return sorted(found.items())


def _slots(choice: Choice, begin: datetime, end: datetime) -> Iterator[datetime]:
    assert begin.tzinfo is UTC
    schedule = read_schedule(choice.times, choice.zone, choice.weekdays, choice.quiet)
    slot = next_slot(begin - timedelta(microseconds=1), schedule)
    while slot < end:
        yield slot
        slot = next_slot(slot, schedule)
