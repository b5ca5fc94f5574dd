"""What a request that failed means for a feed (pure)."""

from __future__ import annotations

from digests.fetch.outcome import FetchFault, NotFetched
from digests.model.feed import FeedFault, FeedTrouble

_RSSHUB = "RSSHub"
_BY_KIND = {
    FetchFault.NOT_WEB: FeedTrouble.FORBIDDEN,
    FetchFault.HAS_PASSWORD: FeedTrouble.FORBIDDEN,
    FetchFault.FORBIDDEN_HOST: FeedTrouble.FORBIDDEN,
    FetchFault.REDIRECT: FeedTrouble.UNREACHABLE,
    FetchFault.NO_NAME: FeedTrouble.UNREACHABLE,
    FetchFault.NO_CONNECTION: FeedTrouble.UNREACHABLE,
    FetchFault.TLS: FeedTrouble.UNREACHABLE,
    FetchFault.TIMEOUT: FeedTrouble.UNREACHABLE,
    FetchFault.BROKEN_OFF: FeedTrouble.UNREACHABLE,
    FetchFault.TOO_LARGE: FeedTrouble.TOO_LARGE,
    FetchFault.BAD_ANSWER: FeedTrouble.SERVER,
    FetchFault.CHALLENGE: FeedTrouble.REFUSED,
}
_BY_STATUS = {
    404: FeedTrouble.NOT_FOUND,
    408: FeedTrouble.BUSY,
    410: FeedTrouble.GONE,
    425: FeedTrouble.BUSY,
    429: FeedTrouble.BUSY,
    503: FeedTrouble.BUSY,
}


def fault_of(failed: NotFetched, page: FeedFault | None = None) -> FeedFault:
    """Return what a request that failed means for a feed.

    `page` is what the answer's page reads as. Who answers so says more than a status: a firewall that asks for a
    browser, or RSSHub, which failed at a route.
    """
    if failed.kind is not FetchFault.STATUS:
        return FeedFault(_BY_KIND[failed.kind], failed.reason)
    status = failed.status or 0
    trouble = _BY_STATUS.get(status, FeedTrouble.REFUSED if 400 <= status < 500 else FeedTrouble.SERVER)
    if trouble is FeedTrouble.GONE and failed.may_lead_elsewhere:
        # What is gone is where it leads today; the feed's own address says nothing of the kind.
        return FeedFault(FeedTrouble.NOT_FOUND, f"{failed.reason} where a temporary redirect leads")
    if page is None or not (page.trouble is FeedTrouble.REFUSED or _RSSHUB in page.words):
        return FeedFault(trouble, failed.reason)
    is_refused = page.trouble is FeedTrouble.REFUSED and trouble is not FeedTrouble.GONE
    return FeedFault(FeedTrouble.REFUSED if is_refused else trouble, f"{failed.reason}: {page.words}")
