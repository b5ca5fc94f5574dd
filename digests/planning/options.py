"""What all digests have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class DigestOptions:
    """How digests are where a place has no number or choice of its own; `first_items` is for the first of all."""

    max_items: int
    first_items: int
    picture: bool
    send_empty: bool
    max_late: timedelta = timedelta(days=7)
