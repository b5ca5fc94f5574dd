"""What an operator should know of the feeds (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType

from config.masking import plain_address
from digests.articles.text import one_line
from digests.feeds.overview import FeedOverview
from digests.feeds.reports import FeedConcern
from digests.model.check import Check
from digests.model.feed import Feed, FeedHealth, FeedTrouble
from digests.origins.feed.full_text import LIBRARY_IS_MISSING

_NAMED = 3
_NAME = 60
_WORDS = 200
_NEW_ADDRESS = "look for the feed's new address on its site, add that, and remove the old one"
_FIXES: Mapping[FeedTrouble, tuple[str, str]] = MappingProxyType(
    {
        FeedTrouble.UNREACHABLE: (
            "feeds without an answer",
            f"if there are many, mend this machine's connection or its DNS; else {_NEW_ADDRESS}",
        ),
        FeedTrouble.FORBIDDEN: (
            "feeds that may not be asked",
            "allow their hosts by fetch.allow_hosts if they are yours, or remove them",
        ),
        FeedTrouble.GONE: ("feeds that are gone for good", "remove them; their articles stay"),
        FeedTrouble.NOT_FOUND: ("feeds that are not found", _NEW_ADDRESS),
        FeedTrouble.REFUSED: (
            "feeds that turn the bot away",
            "set fetch.contact, ask their sites to let it in, or set a user_agent for the feed",
        ),
        FeedTrouble.BUSY: ("feeds that ask to wait", "nothing, unless it lasts; a larger `every` asks them less often"),
        FeedTrouble.SERVER: ("feeds whose sites have errors", "nothing, unless it lasts: only their sites can mend it"),
        FeedTrouble.TOO_LARGE: ("feeds that are too large", "raise feeds.max_mb, or find smaller ones on their sites"),
        FeedTrouble.NOT_A_FEED: ("addresses without a feed", _NEW_ADDRESS),
        FeedTrouble.DUPLICATE: ("feeds that are others by now", "remove them; their articles stay"),
    }
)


def feed_findings(overview: FeedOverview, *, is_installed: bool) -> Iterator[Check]:
    """Yield how many feeds there are, and what is wrong with some; nothing where there are none.

    `is_installed`: whether the extra is there by which pages are read.
    """
    if not overview.counts:
        return
    told = ", ".join(f"{number:,} {health}" for health, number in overview.counts.items())
    yield Check("ok", "feeds", f"{sum(overview.counts.values()):,}: {told}")
    if overview.full_text and not is_installed:
        yield Check("warning", "full text of feeds", LIBRARY_IS_MISSING)
    silent = [concern for concern in overview.concerns if concern.health is FeedHealth.SILENT]
    broken = [concern for concern in overview.concerns if concern.health is not FeedHealth.SILENT]
    for trouble, concerns in groupby(sorted(broken, key=_trouble), key=_trouble):
        yield _of_trouble(trouble, list(concerns))
    if silent:
        fix = "look at their sites: perhaps they have ended, or have other feeds"
        yield Check("warning", "feeds that are silent", f"{_names(silent)} bring nothing new any more. Fix: {fix}")


def _trouble(concern: FeedConcern) -> FeedTrouble:
    fault = concern.feed.state.fault
    return fault.trouble if fault is not None else FeedTrouble.UNREACHABLE


def _of_trouble(trouble: FeedTrouble, concerns: Sequence[FeedConcern]) -> Check:
    what, fix = _FIXES[trouble]
    fault = concerns[0].feed.state.fault
    said = f": {one_line(fault.words)[:_WORDS]}" if fault is not None and fault.words else ""
    return Check("warning", what, f"{_names(concerns)}{said}. Fix: {fix}")


def _names(concerns: Sequence[FeedConcern]) -> str:
    names = ", ".join(_name(concern.feed) for concern in concerns[:_NAMED])
    more = len(concerns) - _NAMED
    return f"{names} and {more:,} more" if more > 0 else names


def _name(feed: Feed) -> str:
    return one_line(feed.title)[:_NAME] or one_line(plain_address(feed.url))[:_NAME]
