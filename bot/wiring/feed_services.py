"""What admins look after feeds with in the chat, by the stores."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.handlers.background import BackgroundWork
from bot.handlers.recent_presses import RecentPresses
from bot.handlers.services import FeedServices
from bot.handlers.work_claims import WorkClaims
from bot.wiring.stores import Stores
from digests.feeds.book import FeedBook
from digests.origins.feed.full_text import full_text_is_installed
from digests.ports import Clock
from digests.storage.cluster.leases import LeaseStore
from digests.storage.feeds.lists import FeedListStore

_FOLLOWED = 32


def build_feed_services(
    stores: Stores, book: FeedBook, wake: Callable[[str], None], owner: str, clock: Clock
) -> FeedServices:
    """Return the services that admins look after feeds with; `owner` names this process in its claims."""
    # The only process needs none.
    claims = None if stores.database.is_sqlite else WorkClaims(LeaseStore(stores.database), owner, clock)
    return FeedServices(
        book=book,
        feeds=stores.feeds,
        lists=FeedListStore(stores.database),
        articles=stores.articles,
        categories=stores.categories,
        people=stores.people,
        background=BackgroundWork(claims=claims),
        following=BackgroundWork(at_once=_FOLLOWED, most=_FOLLOWED, claims=claims),
        recent=RecentPresses(),
        has_full_text=full_text_is_installed(),
        wake_feeds=partial(wake, "feeds"),
    )
