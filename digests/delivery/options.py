"""How deliveries are sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """How patiently deliveries are sent. `at_once` go out together, so at most as many are uncertain after a crash."""

    at_once: int
    lease: timedelta
    retry_for: timedelta
    resend_unknown: bool
