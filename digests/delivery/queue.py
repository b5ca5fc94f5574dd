"""The deliveries that were claimed and not begun. Those whose mosaic is being made let others go first, for seconds."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from digests.delivery.renderings import RenderingCache
from digests.model.delivery import Delivery
from digests.model.ids import DeliveryId
from digests.ports import MosaicsToCome

_MOST_ASIDE = 500
"""How many deliveries let others go first at a time; beyond that, digests leave without their mosaic."""


class DeliveryQueue:
    """Deliveries in the order in which they are begun with. `on_return` is called when one has waited long enough."""

    def __init__(
        self, renderings: RenderingCache, mosaics: MosaicsToCome | None, on_return: Callable[[], None]
    ) -> None:
        self._renderings = renderings
        self._mosaics = mosaics
        self._on_return = on_return
        self._ready: deque[Delivery] = deque()
        self._back: deque[Delivery] = deque()
        self._aside: dict[asyncio.Task[None], Delivery] = {}

    def __bool__(self) -> bool:
        """Return whether there is any, ready or aside."""
        return bool(self._ready or self._back or self._aside)

    def __iter__(self) -> Iterator[Delivery]:
        """Return all of them."""
        return iter([*self._back, *self._ready, *self._aside.values()])

    @property
    def ready(self) -> int:
        """How many wait for nothing but a place."""
        return len(self._ready) + len(self._back)

    def extend(self, deliveries: Iterable[Delivery]) -> None:
        """Put deliveries behind the others."""
        self._ready.extend(deliveries)

    def next(self) -> Delivery | None:
        """Take the next one to begin with, and put those aside that wait for a mosaic, each once."""
        if self._back:
            return self._back.popleft()
        while self._ready:
            delivery = self._ready.popleft()
            coming = self._coming(delivery)
            if not coming or len(self._aside) >= _MOST_ASIDE:
                return delivery
            task = asyncio.create_task(self._arrival(coming))
            self._aside[task] = delivery
            task.add_done_callback(self._returned)
        return None

    def _coming(self, delivery: Delivery) -> list[str]:
        """Return the mosaics that the delivery shows and that may be there within seconds."""
        if self._mosaics is None:
            return []
        shown = self._renderings.mosaics_of(delivery.rendering)
        return [mosaic.key for mosaic in shown if self._mosaics.is_coming(mosaic.key)]

    async def _arrival(self, keys: Sequence[str]) -> None:
        assert self._mosaics is not None
        for key in keys:
            await self._mosaics.arrive(key)

    def _returned(self, task: asyncio.Task[None]) -> None:
        if (delivery := self._aside.pop(task, None)) is not None:
            self._back.append(delivery)
            self._on_return()

    def drop(self, ids: Collection[DeliveryId]) -> None:
        """Drop deliveries that are not to be begun with."""
        self._ready = deque(delivery for delivery in self._ready if delivery.id not in ids)
        self._back = deque(delivery for delivery in self._back if delivery.id not in ids)
        for task in [task for task, delivery in self._aside.items() if delivery.id in ids]:
            del self._aside[task]
            task.cancel()

    def clear(self) -> list[Delivery]:
        """Drop all, and return them."""
        dropped = list(self)
        self.drop({delivery.id for delivery in dropped})
        return dropped
