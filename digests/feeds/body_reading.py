"""Reading the bytes of feeds, which anybody may have written, in the second process.

The parser is loaded there alone. A feed that takes too long, or too much memory, costs that process and nothing else.
"""

from __future__ import annotations

import logging
from datetime import datetime

from digests.articles.options import PostOptions
from digests.isolation.process import IsolatedProcess, WorkLost
from digests.model.feed import FeedFault, FeedKind, FeedOptions, FeedTrouble, ReadFeed
from digests.origins.feed.contents import FeedBounds

logger = logging.getLogger(__name__)

READING_SECONDS = 10.0
"""How long the reading of a feed may take."""


class FeedReader:
    """Reads feeds, one after another, in a process that is there while it is needed."""

    def __init__(self, process: IsolatedProcess, reading: PostOptions, bounds: FeedBounds) -> None:
        self._process = process
        self._reading = reading
        self._bounds = bounds

    async def __call__(
        self, data: bytes, content_type: str, base: str, options: FeedOptions, now: datetime
    ) -> ReadFeed:
        """Return what the bytes of a feed say; `base` is where they were, `content_type` the header Content-Type.

        Raises:
            ProcessUnavailable: The second process can't be started, or the bot is stopping.
        """
        args = (data, content_type, base, options, self._reading, now, self._bounds)
        try:
            return await self._process.call_within(READING_SECONDS, read_feed_body, *args)
        except WorkLost as error:
            logger.warning("a feed ended the second process", extra={"reason": str(error), "bytes": len(data)})
            words = f"it can't be read within {READING_SECONDS:g} s and a bounded memory"
            return ReadFeed(FeedKind.NONE, fault=FeedFault(FeedTrouble.TOO_LARGE, words))

    async def close(self) -> None:
        """End the process at once, whatever it is at."""
        await self._process.close()


def read_feed_body(
    data: bytes,
    content_type: str,
    base: str,
    options: FeedOptions,
    reading: PostOptions,
    now: datetime,
    bounds: FeedBounds,
) -> ReadFeed:
    """Return what the bytes of a feed say: the work of the second process."""
    # Not at the top, which the first process loads too: the parser takes time and memory.
    from digests.origins.feed.reading import read_feed

    return read_feed(data, content_type, base, options, reading, now, bounds)
