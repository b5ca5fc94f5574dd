"""What tests have the second process do with feeds: reading some of them never ends, or ends the process."""

from __future__ import annotations

import os
import time
from datetime import datetime

from digests.articles.options import PostOptions
from digests.model.feed import FeedOptions, ReadFeed
from digests.origins.feed.contents import FeedBounds
from digests.origins.feed.reading import read_feed


def read_or_hang(
    data: bytes,
    content_type: str,
    base: str,
    options: FeedOptions,
    reading: PostOptions,
    now: datetime,
    bounds: FeedBounds,
) -> ReadFeed:
    """Read a feed as the second process does; one that says so hangs it, or ends it."""
    if b"hang the parser" in data:
        time.sleep(600)
    if b"end the parser" in data:
        os.abort()
    return read_feed(data, content_type, base, options, reading, now, bounds)
