"""The feeds of the settings, brought into the table of feeds when the bot starts."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from config.origins import OriginSettings
from digests.model.feed import Feed, FeedOptions, NewFeed
from digests.model.feed_address import canonical_feed_url
from digests.storage.feeds.feeds import FeedStore

logger = logging.getLogger(__name__)


def configured_feeds(origins: Iterable[OriginSettings]) -> tuple[NewFeed, ...]:
    """Return the feeds among the [[origins]] of the settings; of two with one address, the first."""
    found: dict[str, NewFeed] = {}
    for own in origins:
        if own.is_feed:
            url = canonical_feed_url(own.url)
            options = FeedOptions(
                category=own.category,
                language=own.language,
                every=own.every,
                full_text=own.full_text,
                tags_as_categories=own.tags_as_categories,
                user_agent=own.user_agent,
            )
            found.setdefault(url, NewFeed(url, own.name, options=options, is_configured=True))
    return tuple(found.values())


async def bring_in_configured(feeds: FeedStore, wanted: Iterable[NewFeed], now: datetime) -> None:
    """Make the table hold the feeds of the settings as they say, and none that has left them.

    A feed that an admin had added becomes the settings'. Articles of one that has left them stay. It may raise
    StorageError.
    """
    by_url = {feed.url: feed for feed in wanted}
    there = {feed.url: feed for feed in await feeds.all()}
    new = [feed for url, feed in by_url.items() if url not in there]
    if new:
        await feeds.add_all(new, now)
    for url, stored in there.items():
        if url in by_url:
            await _configure(feeds, stored, by_url[url])
        elif stored.is_configured:
            await feeds.remove(stored.id)
            logger.info("a feed has left the settings; its articles stay", extra={"feed": stored.id})


async def _configure(feeds: FeedStore, stored: Feed, wanted: NewFeed) -> None:
    title = wanted.title if wanted.title and wanted.title != stored.title else None
    if not stored.is_configured:
        # What an admin had paused is looked at, since the settings say so.
        await feeds.change(stored.id, options=wanted.options, title=title, is_configured=True, is_paused=False)
    elif stored.options != wanted.options or title is not None:
        await feeds.change(stored.id, options=wanted.options, title=title)
