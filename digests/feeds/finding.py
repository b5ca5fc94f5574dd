"""Finding the feeds at an address that somebody wrote: the address itself, what its page names, what its site has."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from time import monotonic

from digests.feeds.results import FoundFeed, FoundFeeds
from digests.feeds.visiting import FeedVisit, FeedVisitor
from digests.model.feed import FeedFault, FeedOptions, FeedTrouble
from digests.model.feed_address import RSSHUB
from digests.model.feed_input import feed_address
from digests.model.feed_refusal import FeedRefused
from digests.origins.feed.known_sites import fallback_addresses, known_site
from digests.origins.feed.links_in_page import feeds_in_page

MOST_REQUESTS = 12
"""How many requests are worth an address; they go one after another."""
_SECONDS = 90.0
"""After so much time no further request is begun, since a person waits."""
_MOST_LINKED = 4
"""How many links that only look like feeds are tried."""
_ONLY_HERE = frozenset({FeedTrouble.NOT_A_FEED, FeedTrouble.NOT_FOUND, FeedTrouble.GONE})
"""Troubles of an address that say nothing of the rest of its site."""
_OPTIONS = FeedOptions()


class FeedFinder:
    """Finds feeds. Nothing raises for what a server does; it takes a dozen requests at most, one after another.

    `may_ask` says whether a canonical address that a page names is worth a choice: others could not be added.
    """

    def __init__(self, visitor: FeedVisitor, may_ask: Callable[[str], bool]) -> None:
        self._visitor = visitor
        self._may_ask = may_ask

    async def find(self, address: str) -> FoundFeeds:
        """Return the feeds at a canonical address, or why there are none."""
        search = _Search(self._visitor, self._may_ask, address)
        return await search.run()


class _Search:
    """One search, with what is left of its requests and its time."""

    def __init__(self, visitor: FeedVisitor, may_ask: Callable[[str], bool], address: str) -> None:
        self._visitor = visitor
        self._may_ask = may_ask
        self._address = address
        self._requests_left = MOST_REQUESTS
        self._ends = monotonic() + _SECONDS
        self._visited: set[str] = set()

    async def run(self) -> FoundFeeds:
        site = known_site(self._address)
        if site is not None and site.feed and (found := await self._try(site.feed)) is not None:
            return FoundFeeds(self._address, (found,))
        visit = await self._visit(self._address)
        if visit.read.fault is None:
            return FoundFeeds(self._address, (_found(self._address, visit),), is_feed=True)
        if found_feeds := await self._of_page(visit):
            return FoundFeeds(self._address, found_feeds)
        if site is not None and site.words:
            return FoundFeeds(self._address, fault=FeedFault(FeedTrouble.NOT_A_FEED, site.words))
        fault = visit.read.fault
        # Some sites refuse their pages to programs, but not their feeds.
        if fault.trouble in _ONLY_HERE | {FeedTrouble.REFUSED}:
            found = await self._at_usual_places(visit.answer.final_url)
            if found is not None:
                return FoundFeeds(self._address, (found,))
        return FoundFeeds(self._address, fault=fault)

    async def _of_page(self, visit: FeedVisit) -> tuple[FoundFeed, ...]:
        """Return the feeds that a page declares; else the first that a link of it leads to."""
        named = feeds_in_page(visit.body, visit.content_type, visit.answer.final_url) if visit.body else ()
        linked = [feed for feed in named if self._may_ask(feed.url)]
        declared = tuple(FoundFeed(feed.url, feed.title, feed.kind) for feed in linked if feed.is_declared)
        if declared:
            return declared
        for feed in linked[:_MOST_LINKED]:
            if (found := await self._try(feed.url)) is not None:
                return (found,)
        return ()

    async def _at_usual_places(self, page: str) -> FoundFeed | None:
        for place in fallback_addresses(page):
            visit = await self._visit_new(place)
            if visit is None:
                continue
            if visit.read.fault is None:
                return _found(place, visit)
            if visit.read.fault.trouble not in _ONLY_HERE:
                # The site does not answer, or wants to be left alone.
                return None
        return None

    async def _try(self, url: str) -> FoundFeed | None:
        visit = await self._visit_new(url)
        return _found(url, visit) if visit is not None and visit.read.fault is None else None

    async def _visit_new(self, url: str) -> FeedVisit | None:
        """Visit an address that was not visited yet, if a request and time are left for it."""
        if url in self._visited or self._requests_left <= 0 or monotonic() > self._ends:
            return None
        return await self._visit(url)

    async def _visit(self, url: str) -> FeedVisit:
        self._visited.add(url)
        self._requests_left -= 1
        visit = await self._visitor.visit(url, _OPTIONS)
        self._visited.add(visit.answer.final_url)
        return visit


def _found(url: str, visit: FeedVisit) -> FoundFeed:
    """Return a feed that was read. Where permanent redirects led to it, it is added as what it is for good."""
    if visit.answer.moved_to and not url.startswith(RSSHUB):
        with contextlib.suppress(FeedRefused):
            url = feed_address(visit.answer.moved_to)
    return FoundFeed(url, visit.read.title, visit.read.kind, visit.read.link or "", is_read=True)
