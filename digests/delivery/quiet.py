"""Announcements and news at once in a place's quiet hours (pure).

Digests keep out of quiet hours by their slot. A long broadcast runs into them, or is resumed in them, whatever was
planned, and so may what watches found at once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from digests.model.delivery import Delivery, DeliveryKind, Part
from digests.model.place import Place
from digests.model.schedule import after_quiet


def quiet_until(delivery: Delivery, first: Part, now: datetime) -> datetime | None:
    """Return until when a delivery other than a digest waits for the place's quiet hours to end; None: it need not."""
    place = delivery.place
    if not place.quiet or delivery.kind is DeliveryKind.DIGEST or first.despite_quiet:
        return None
    until = after_quiet(now, place.timezone, place.quiet)
    return until if until > now else None


def silenced(part: Part, place: Place, now: datetime) -> Part:
    """Return a part, without a sound where it is sent in spite of quiet hours."""
    if place.quiet and part.despite_quiet and not part.silent:
        return replace(part, silent=after_quiet(now, place.timezone, place.quiet) > now)
    return part
