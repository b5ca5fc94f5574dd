"""The renderings of deliveries under way: each is read once for all that share it, and the newest are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from digests.model.delivery import Rendering
from digests.model.mosaic import Mosaic
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.rows import part_hashes

_KEPT = 1500
"""Some kilobytes each; more than are claimed ahead at a time."""


@dataclass(frozen=True, slots=True)
class CachedRendering:
    """A rendering with the hashes of its parts, by which a delivery knows that it is the planned one.

    `mosaics` are those in its parts.
    """

    rendering: Rendering
    hashes: tuple[str, ...]
    mosaics: tuple[Mosaic, ...] = ()


class RenderingCache:
    """Renderings by their keys. Any method may raise StorageError."""

    def __init__(self, deliveries: DeliveryStore) -> None:
        self._deliveries = deliveries
        self._kept: OrderedDict[str, CachedRendering] = OrderedDict()

    async def fetch(self, keys: Iterable[str]) -> None:
        """Read those that are missing, in one go."""
        wanted = set(keys)
        missing = [key for key in wanted if key not in self._kept]
        for key in wanted.difference(missing):
            self._kept.move_to_end(key)
        if missing:
            for rendering in await self._deliveries.renderings(missing):
                mosaics = tuple([part.mosaic for part in rendering.parts if part.mosaic is not None])
                self._kept[rendering.key] = CachedRendering(rendering, part_hashes(rendering), mosaics)
        while len(self._kept) > max(_KEPT, len(wanted)):
            self._kept.popitem(last=False)

    def mosaics_of(self, key: str) -> tuple[Mosaic, ...]:
        """Return the mosaics of a rendering that was fetched lately; none if it wasn't."""
        cached = self._kept.get(key)
        return () if cached is None else cached.mosaics

    async def of(self, key: str) -> CachedRendering | None:
        """Return a rendering; None: it is gone from the database."""
        if key not in self._kept:
            await self.fetch([key])
        return self._kept.get(key)
