"""What workers report to the ledger: new states of parts, and the ends of deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digests.model.delivery import DeliveryState
from digests.model.ids import DeliveryId, PlaceId

PartId = tuple[DeliveryId, int]


@dataclass(frozen=True, slots=True)
class PartChange:
    """The new state of a part."""

    delivery: DeliveryId
    number: int
    state: DeliveryState
    message_id: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """The end of a delivery, and of its lease."""

    delivery: DeliveryId
    state: DeliveryState
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Postponed:
    """The release of a delivery until `until`; `failed` counts one more attempt.

    `anew` says that it is first tried only then, so that the time for which it is retried starts then.
    """

    delivery: DeliveryId
    until: datetime
    error: str
    failed: bool
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another rendering of the same digest for a delivery of which nothing has arrived.

    `hashes` are those of the new parts. `for_good` gives the place that layout for all its digests to come.
    """

    delivery: DeliveryId
    place: PlaceId
    old: str
    new: str
    hashes: tuple[str, ...]
    for_good: bool
