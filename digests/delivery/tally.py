"""What came of deliveries: counted for whoever measures, and a line in the log for each that has ended."""

from __future__ import annotations

import logging
import re
from collections import Counter
from datetime import datetime
from functools import lru_cache
from typing import get_args

from digests.model.delivery import Delivery, DeliveryKind, DeliveryState
from digests.model.outcome import Outcome, Throttled
from digests.telemetry.measures import LATENESS, Histogram

logger = logging.getLogger(__name__)

RETRIED = "retried"
"""What came of a delivery whose attempt failed, and that is tried again."""
POSTPONED = "postponed"
"""What came of a delivery that waits for its chat's turn, or for the end of quiet hours."""


class DeliveryTally:
    """Counts what attempts came to.

    Attributes:
        ended: How many deliveries of a kind came to an outcome: an end by the name of its state, RETRIED or POSTPONED.
        sends: How many requests for a kind of delivery had an outcome, by its name in snake case.
        lateness: By how many seconds digests were sent after their slots.
    """

    def __init__(self) -> None:
        self.ended: Counter[tuple[DeliveryKind, str]] = Counter()
        self.sends: Counter[tuple[DeliveryKind, str]] = Counter()
        self.lateness = Histogram(LATENESS)

    def sent(self, kind: DeliveryKind, outcome: Outcome) -> None:
        """Count what a request came to."""
        self.sends[kind, outcome_name(outcome)] += 1

    def settled(self, delivery: Delivery, state: DeliveryState, at: datetime, seconds: float) -> None:
        """Count a delivery that has ended, and log it. The log hashes the chat's id (`config.logs`)."""
        self.ended[delivery.kind, str(state)] += 1
        if state is DeliveryState.SENT and delivery.kind is DeliveryKind.DIGEST:
            self.lateness.observe((at - delivery.slot).total_seconds())
        logger.info(
            "delivery",
            extra={
                "delivery": delivery.id,
                "kind": str(delivery.kind),
                "place": delivery.place.id,
                "chat": delivery.place.chat_id,
                "outcome": str(state),
                "parts": len(delivery.parts),
                "ms": round(1000 * seconds),
            },
        )

    def put_off(self, kind: DeliveryKind, *, failed: bool) -> None:
        """Count a delivery that is tried again later, as its attempt `failed` or its turn has not come."""
        self.ended[kind, RETRIED if failed else POSTPONED] += 1


def outcome_name(outcome: Outcome) -> str:
    """Return the name of an outcome as a label: that of a `BadPicture` is "bad_picture"."""
    return _label_of(type(outcome).__name__)


@lru_cache(maxsize=64)
def _label_of(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


OUTCOME_NAMES = tuple(_label_of(outcome.__name__) for outcome in get_args(Outcome) if outcome is not Throttled)
"""The names of all outcomes that a request can have; what our own throttle holds back is no request."""
