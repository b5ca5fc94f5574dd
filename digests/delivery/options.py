"""How deliveries are sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """How patiently deliveries are sent. `workers` at once, so at most as many are uncertain after a crash."""

    workers: int
    lease: timedelta
    retry_for: timedelta
    resend_unknown: bool
