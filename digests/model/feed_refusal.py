"""Why something can't be done with a feed: data for whoever tells it to a person (pure)."""

from __future__ import annotations

from enum import StrEnum

from digests.errors import InvalidInput

LONGEST_ADDRESS = 2_000
"""How many characters an address may have, as for those in the settings."""


class FeedRefusal(StrEnum):
    """Why something can't be done with a feed, or with a file of feeds."""

    NOT_WEB = "not_web"
    """It is no address of the web."""
    HAS_PASSWORD = "has_password"  # noqa: S105 - a word, not a password
    """It holds a user or a password."""
    TOO_LONG = "too_long"
    """It has more than LONGEST_ADDRESS characters."""
    NOT_PUBLIC = "not_public"
    """It leads into a network of the bot's own machine, by a port that is none of the web, or to no host at all."""
    BAD_CATEGORY = "bad_category"
    """The category has no name that can be read, or too many or too long ones."""
    CONFIGURED = "configured"
    """The settings hold the feed, so it is changed there."""
    NO_FEED = "no_feed"
    """An outline that names a page, but no feed."""
    OTHER_LIST = "other_list"
    """An outline that leads to another list of feeds, which is not followed."""
    NOT_OPML = "not_opml"
    """The file holds no list of feeds, or can't be read."""
    TOO_LARGE = "too_large"
    """The file, or the number of feeds in it, is larger than anybody's list."""


_WORDS = {
    FeedRefusal.NOT_WEB: "This is no address of the web: write it like https://example.com/feed.xml.",
    FeedRefusal.HAS_PASSWORD: "The address holds a user or a password: leave them out; feeds are read without.",
    FeedRefusal.TOO_LONG: f"The address has more than {LONGEST_ADDRESS:,} characters: use a shorter one.",
    FeedRefusal.NOT_PUBLIC: "The address is not a public one: set fetch.allow_hosts if the host is your own.",
    FeedRefusal.BAD_CATEGORY: "The category can't be used: write names and slashes, such as World/Japan.",
    FeedRefusal.CONFIGURED: "The feed is in the settings file: change it there.",
    FeedRefusal.NO_FEED: "It names a page, but no feed: add the page by its address.",
    FeedRefusal.OTHER_LIST: "It leads to another list of feeds, which is not followed: import that by itself.",
    FeedRefusal.NOT_OPML: "The file is no OPML, the lists of feeds that readers of feeds export.",
    FeedRefusal.TOO_LARGE: "The file is larger than a list of feeds may be.",
}


class FeedRefused(InvalidInput):
    """Something can't be done with a feed; `reason` says why, and the text says it to an operator, without a secret."""

    def __init__(self, reason: FeedRefusal, words: str = "") -> None:
        super().__init__(words or _WORDS[reason])
        self.reason = reason

    def __reduce__(self) -> tuple[type[FeedRefused], tuple[FeedRefusal, str]]:
        """Let it come back from a second process."""
        return FeedRefused, (self.reason, str(self))
