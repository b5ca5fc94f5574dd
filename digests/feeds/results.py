"""What is known of feeds before they are stored: found, tried out, and listed in a file (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from digests.fetch.outcome import FetchFault
from digests.model.feed import Feed, FeedFault, FeedItem, FeedKind, ReadFeed
from digests.origins.feed.opml import OpmlFeed, RefusedOutline


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed at an address or named by a page.

    `is_read`: it was fetched and can be read. Else this is what the page says of it: `title` may be "", `kind` NONE.
    `link` is the address of its site, "" where it is not known.
    """

    url: str
    title: str
    kind: FeedKind
    link: str = ""
    is_read: bool = False


@dataclass(frozen=True, slots=True)
class FoundFeeds:
    """What is at an address.

    `address` is the canonical form of what was asked. `feeds` are the feeds that were found, best first: the address
    itself if `is_feed`. `fault` says why there are none.
    """

    address: str
    feeds: tuple[FoundFeed, ...] = ()
    is_feed: bool = False
    fault: FeedFault | None = None


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What a server said.

    `status` is None where there was no answer. `final_url` is where it came from, after all redirects, and `moved_to`
    where the feed is for good, "" if the redirects were temporary or none. `headers` are those that matter here, by
    their names in lower case. `seconds` is how long it took, `size` how many bytes came of it, unpacked. `fetch_fault`
    is why nothing was fetched.
    """

    status: int | None
    final_url: str
    moved_to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    seconds: float = 0.0
    size: int = 0
    fetch_fault: FetchFault | None = None


@dataclass(frozen=True, slots=True)
class TriedItem:
    """An item as readers would see its article (`item.post`); `is_news`: new enough to be in digests."""

    item: FeedItem
    is_news: bool


@dataclass(frozen=True, slots=True)
class TriedFeed:
    """A feed, read as the bot would; nothing of it is stored.

    `url` is the address as it would be stored. `read` says what it holds, with its `fault`. `latest` are its newest
    articles, up to three, and `news` is how many of all its items are new enough to be in digests. `known` is the feed
    of this address that is there already.
    """

    url: str
    answer: ServerAnswer
    read: ReadFeed
    latest: tuple[TriedItem, ...] = ()
    news: int = 0
    known: Feed | None = None

    @property
    def fault(self) -> FeedFault | None:
        """Why it can't be used; None if it can."""
        return self.read.fault


@dataclass(frozen=True, slots=True)
class AddedFeed:
    """A feed that was added; `is_new` is False if it was there already, and then nothing of it was changed."""

    feed: Feed
    is_new: bool


@dataclass(frozen=True, slots=True)
class OpmlPreview:
    """What the import of an OPML file would do.

    `new` are the feeds that would be added, each with its category, () for a feed in no folder. `known` are there
    already, and `doubles` is how many outlines repeat another of the file. `refused` can't be used, each with the
    reason. `problems` are what was odd about the file, a sentence each.
    """

    title: str
    new: tuple[OpmlFeed, ...]
    known: tuple[OpmlFeed, ...]
    doubles: int
    refused: tuple[RefusedOutline, ...]
    problems: tuple[str, ...] = ()

    @property
    def categories(self) -> tuple[tuple[str, ...], ...]:
        """The categories of the new feeds, each once, in the order of the file."""
        return tuple(dict.fromkeys(feed.category for feed in self.new if feed.category))


@dataclass(frozen=True, slots=True)
class ImportedFeeds:
    """What an import did: how many feeds it added, and how many were there already, some only since the preview."""

    added: int
    known: int
    refused: int
