"""What a request that failed means for a feed (pure)."""

from __future__ import annotations

from digests.fetch.outcome import FetchFault, NotFetched
from digests.model.feed import FeedFault, FeedTrouble

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


def fault_of(failed: NotFetched) -> FeedFault:
    """Return what a request that failed means for a feed."""
    if failed.kind is not FetchFault.STATUS:
        return FeedFault(_BY_KIND[failed.kind], failed.reason)
    status = failed.status or 0
    trouble = FeedTrouble.REFUSED if 400 <= status < 500 else FeedTrouble.SERVER
    return FeedFault(_BY_STATUS.get(status, trouble), failed.reason)
