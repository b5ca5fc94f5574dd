"""What is counted on each day in UTC, so that there is a past to look back on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

MOST_LABELS = 30
"""Names of a kind that are kept for a day; what more there are is added up under OTHERS."""
OTHERS = ""


class CountKind(StrEnum):
    """What is counted, and by what."""

    PLACES = "places"
    """Places in each state, as they were when the day was last counted."""
    READERS = "readers"
    """Active places that are subscribed to each category, by its id, as on the day's last count."""
    DELIVERIES = "deliveries"
    """Deliveries that were planned on the day, by what became of them."""
    ARTICLES = "articles"
    """Articles of each source, by the day that readers are shown."""


class DailyCount(NamedTuple):
    """A number of a day. `label` is what it was counted by, or OTHERS."""

    day: date
    kind: CountKind
    label: str
    number: int


def largest(numbers: Mapping[str, int], most: int = MOST_LABELS) -> dict[str, int]:
    """Return the largest of the numbers, the others added up under OTHERS, and none that is 0."""
    named = {label: number for label, number in numbers.items() if number and label != OTHERS}
    ranked = sorted(named, key=lambda label: (-named[label], label))
    kept = {label: named[label] for label in ranked[:most]}
    others = numbers.get(OTHERS, 0) + sum(named[label] for label in ranked[most:])
    return kept | ({OTHERS: others} if others else {})
