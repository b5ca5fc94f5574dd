"""Feeds that are silent or fail, or are about to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from digests.model.feed import Feed, FeedFault, FeedId, FeedKind, FeedOptions, FeedState, FeedTrouble
from tests.factories.times import DAY, NOW


def make_feed(
    number: int = 1, *, title: str = "Tidewater Journal", url: str = "", is_paused: bool = False, **state: Any
) -> Feed:
    """Return a feed with that state; what is not said is as it is right after adding."""
    return Feed(
        id=FeedId(number),
        url=url or f"https://feeds.example/{number}.xml",
        title=title,
        link="https://feeds.example/",
        kind=FeedKind.RSS,
        options=FeedOptions(category=("Science",)),
        state=replace(FeedState(next_look_at=NOW), **state),
        added_at=NOW - 100 * DAY,
        is_paused=is_paused,
    )


def news_every(gap: timedelta, times: int, last: datetime) -> tuple[datetime, ...]:
    """Return the moments of so many news, the last of them then."""
    return tuple(last - gap * back for back in range(times - 1, -1, -1))


def silent_feed(number: int = 1, **more: Any) -> Feed:
    """Return a feed that brought something every day until thirty days ago."""
    brought = news_every(DAY, 8, NOW - 30 * DAY)
    return make_feed(number, looked_at=NOW, read_at=NOW, news_at=brought[-1], brought=brought, **more)


def failing_feed(number: int = 1, trouble: FeedTrouble = FeedTrouble.NOT_FOUND, **more: Any) -> Feed:
    """Return a feed that fails since five days ago."""
    fault = FeedFault(trouble, "it answers 404: there is nothing at this address")
    return make_feed(number, looked_at=NOW, failures=4, failing_since=NOW - 5 * DAY, fault=fault, **more)
