"""What a delivery sends where rich messages are refused: the same digest in a layout that every client shows (pure)."""

from __future__ import annotations

from dataclasses import replace

from digests.delivery.renderings import CachedRendering
from digests.model.delivery import Delivery, DeliveryState, PartRow
from digests.model.layout import Layout
from digests.model.place import Place, PlaceKind
from digests.model.step import FallBack
from digests.storage.deliveries.results import Replaced

_GROUPS = (PlaceKind.GROUP, PlaceKind.SUPERGROUP)


def takes_rich(place: Place) -> bool:
    """Return whether a place may be sent rich messages: never a group, nor one that refused one."""
    return not (place.refuses_magazine or place.kind in _GROUPS)


def fallback_key(delivery: Delivery, rendering: CachedRendering, *, resend_unknown: bool) -> str:
    """Return the key of what the delivery can send instead.

    "" if there is nothing, or if some of the delivery has arrived, or may have: then its items would arrive twice.
    """
    unsent = [DeliveryState.PENDING, DeliveryState.SENDING, *([DeliveryState.UNCERTAIN] if resend_unknown else ())]
    return rendering.rendering.fallback if all(row.state in unsent for row in delivery.parts) else ""


def replacement(delivery: Delivery, fallback: CachedRendering, step: FallBack) -> Replaced:
    """Return the change that makes the delivery send its fallback, as the ledger stores it."""
    place, key = delivery.place.id, fallback.rendering.key
    return Replaced(delivery.id, place, delivery.rendering, key, fallback.hashes, step.for_good)


def fallen_back(delivery: Delivery, fallback: CachedRendering, step: FallBack) -> Delivery:
    """Return the delivery as it is after that change."""
    place = delivery.place
    if step.for_good:
        layout = Layout.GALLERY if place.layout is Layout.MAGAZINE else place.layout
        place = replace(place, layout=layout, refuses_magazine=True)
    rows = tuple(PartRow(number, DeliveryState.PENDING, each) for number, each in enumerate(fallback.hashes))
    return replace(delivery, rendering=fallback.rendering.key, parts=rows, place=place)
