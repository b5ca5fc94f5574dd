"""How the bot fetches from the web, by its settings: pictures, and feeds."""

from __future__ import annotations

from config.settings import Settings
from digests.feeds.schedule import LONGEST_WAIT
from digests.fetch.client import FetchOptions
from digests.fetch.guard import AllowedHosts
from digests.fetch.packing import MODERN
from digests.origins.feed.contents import FeedBounds

_BYTES_PER_MB = 1_000_000
_FAULT_BYTES = 65_536
_FOR_PEOPLE = 4
"""So many more requests are under way at once where admins look at feeds while the bot does."""


def fetch_options(settings: Settings) -> FetchOptions:
    """Return how pictures are fetched."""
    fetch = settings.fetch
    return FetchOptions(
        seconds=fetch.seconds,
        max_bytes=int(fetch.max_mb * _BYTES_PER_MB),
        per_host=fetch.per_host,
        contact=fetch.contact,
        allowed=AllowedHosts(fetch.allow_hosts),
    )


def feed_fetch_options(settings: Settings) -> FetchOptions:
    """Return how feeds are fetched, and the pages that name them: a host is asked for one thing at a time.

    They are for everybody to read, so a site that leaves https is followed as browsers follow it.
    """
    feeds = settings.feeds
    return FetchOptions(
        seconds=feeds.seconds,
        max_bytes=feed_bounds(settings).bytes,
        per_host=1,
        at_once=feeds.at_once + _FOR_PEOPLE,
        contact=settings.fetch.contact,
        allowed=AllowedHosts(settings.fetch.allow_hosts),
        host_seconds=feeds.host_seconds,
        longest_wait=LONGEST_WAIT.total_seconds(),
        packings=MODERN,
        allows_downgrade=True,
        fault_bytes=_FAULT_BYTES,
    )


def feed_bounds(settings: Settings) -> FeedBounds:
    """Return how much of a feed is read."""
    return FeedBounds(bytes=int(settings.feeds.max_mb * _BYTES_PER_MB), items=settings.feeds.max_items)
