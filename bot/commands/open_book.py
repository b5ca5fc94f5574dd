"""The book of feeds, opened for one command of the program."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bot.runtime.clock import SystemClock
from bot.wiring.feeds import bring_in_feeds, build_feeding
from bot.wiring.stores import Stores, open_stores
from config.settings import Settings
from digests.doctor.health import is_alive
from digests.feeds.book import FeedBook


@asynccontextmanager
async def open_feed_book(settings: Settings) -> AsyncIterator[tuple[FeedBook, Stores]]:
    """Yield the book of feeds, with those of the settings in it, and the stores; close all of it at the end."""
    async with open_stores(settings) as stores:
        if not await is_alive(stores.people, datetime.now(UTC)):
            # A running bot has brought them in, and it knows its settings better than whoever types here.
            await bring_in_feeds(settings, stores, datetime.now(UTC))
        feeding = build_feeding(settings, SystemClock(), stores, _publish_nothing)
        try:
            yield feeding.book, stores
        finally:
            feeding.end()
            for _name, closing in feeding.closing():
                await closing


async def _publish_nothing() -> None:
    """Do nothing: a command of the program takes no article in."""
