"""How much of what is fetched may be in memory at once."""

from __future__ import annotations

import asyncio


class RoomInMemory:
    """Bytes for what is being fetched and what waits for its judgement: room for many pictures, for large ones less."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._changed = asyncio.Event()

    async def take(self, number: int) -> int:
        """Return the number once there is room for so many bytes."""
        while self._left < number:
            self._changed.clear()
            await self._changed.wait()
        self._left -= number
        return number

    def keep(self, taken: int, needed: int) -> int:
        """Return `needed`, and give back what was taken beyond that."""
        self._left += taken - needed
        self._changed.set()
        return needed
