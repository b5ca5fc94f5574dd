"""Updates that 0.1.0 noted at its stop as a fact; since then each is stored when it comes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from bot.updates.arrivals import RawUpdate
from digests.storage.cluster.updates import KEPT
from digests.storage.people.people import PeopleStore

_FACT = "left over"


async def take_up_left_over(
    people: PeopleStore, take: Callable[[Sequence[RawUpdate]], Awaitable[None]], now: datetime
) -> None:
    """Take the updates that the older version left, once. May raise StorageError."""
    fact = await people.fact(_FACT)
    if fact is None:
        return
    if now - fact[1] < KEPT:
        await take(json.loads(fact[0]))
    await people.forget_fact(_FACT)
