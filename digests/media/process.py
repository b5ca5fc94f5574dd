"""The second process for pictures: Pillow is loaded there, and what strangers sent is decoded there alone."""

from __future__ import annotations

import asyncio
import logging

from digests.isolation.process import IsolatedProcess, WorkLost
from digests.media.judged import Judged, Unusable
from digests.media.work import judge_picture

logger = logging.getLogger(__name__)


class DrawingProcess(IsolatedProcess):
    """Draws and judges pictures, one call after another; judging one takes `judge_seconds` at most.

    What is drawn waits for one picture that is judged at most: strangers choose those, and how many they are.
    """

    def __init__(self, call_seconds: float = 20, idle_seconds: float = 30, judge_seconds: float = 8) -> None:
        super().__init__(call_seconds, idle_seconds)
        self._judge_seconds = judge_seconds
        self._judging = asyncio.Lock()

    async def judge(self, data: bytes) -> Judged | Unusable:
        """Return what `judge_picture` says; a picture that ends the process is unusable too.

        Raises:
            ProcessUnavailable: as for a call.
        """
        try:
            # One of them at a time waits for the turn that all calls share.
            async with self._judging:
                return await self.call_within(self._judge_seconds, judge_picture, data)
        except WorkLost as error:
            logger.warning("a picture ended the second process", extra={"reason": str(error), "bytes": len(data)})
            return Unusable("takes too much time or memory")
