"""What somebody can add who names an address: the feed there, or the feeds to choose from."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from digests.feeds.book import FeedBook
from digests.feeds.results import FoundFeeds, TriedFeed
from digests.fetch.outcome import FetchFault
from digests.model.feed import FeedOptions, FeedTrouble
from digests.model.feed_refusal import FeedRefused
from digests.origins.feed.known_sites import known_site

_NOT_WORTH_MORE = (FeedTrouble.UNREACHABLE, FeedTrouble.FORBIDDEN, FeedTrouble.BUSY)
_NO_HTTPS = (FetchFault.NO_CONNECTION, FetchFault.TIMEOUT)
_HTTPS = "https://"
_OPTIONS = FeedOptions()


async def explore(book: FeedBook, address: str, *, or_http: bool = False) -> TriedFeed | FoundFeeds:
    """Return the feed at a canonical address, read; the only feed of a page, read; else several, or why there is none.

    A feed costs one request, while `FeedBook.find` alone would ask for it once more. With `or_http` https is a guess:
    where nothing answers by it, the same is asked by http, which the address of what is returned then says. A
    certificate that is not valid is an answer, and not gone around. Raises FeedRefused as `FeedBook.find` does.
    """
    if known_site(address) is None:
        tried = await book.try_out(address, _OPTIONS)
        if tried.fault is None:
            return await _where_it_is_for_good(book, tried)
        if or_http and tried.answer.fetch_fault in _NO_HTTPS and address.startswith(_HTTPS):
            plain = await explore(book, f"http://{address.removeprefix(_HTTPS)}")
            if isinstance(plain, TriedFeed) or plain.fault is None or plain.fault.trouble not in _NOT_WORTH_MORE:
                return plain
        if tried.fault.trouble in _NOT_WORTH_MORE:
            return FoundFeeds(address, fault=tried.fault)
    found = await book.find(address)
    if len(found.feeds) != 1:
        return found
    # There is nothing to choose.
    tried = await book.try_out(found.feeds[0].url, _OPTIONS)
    if tried.fault is not None:
        return FoundFeeds(address, fault=tried.fault)
    return await _where_it_is_for_good(book, tried)


async def _where_it_is_for_good(book: FeedBook, tried: TriedFeed) -> TriedFeed:
    """Return a feed by the address to which permanent redirects led, as when a site went over to https."""
    moved_to = tried.answer.moved_to
    with contextlib.suppress(FeedRefused):
        if moved_to and not tried.url.startswith("rsshub://"):
            url = book.address(moved_to)
            return replace(tried, url=url, known=await book.by_address(url))
    return tried


def rsshub_route(words: str) -> str:
    """Return the route of RSSHub that a fault's words propose for a page without a feed; "" if they propose none."""
    _, mark, route = words.partition(" rsshub://")
    return f"rsshub://{route.split()[0]}" if mark and route.strip() else ""
