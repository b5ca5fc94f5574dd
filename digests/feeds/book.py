"""The book of feeds: what admins and the program do with them. The bot looks at what is in it (`looking.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from digests.feeds.results import AddedFeed, FoundFeeds, ImportedFeeds, OpmlPreview, TriedFeed
from digests.feeds.visiting import FeedVisitor
from digests.fetch.guard import NOBODY, AllowedHosts
from digests.model.category_tree import CategoryTree
from digests.model.feed import Feed, FeedId, FeedKind, FeedOptions
from digests.model.feed_refusal import FeedRefusal, FeedRefused
from digests.ports import Clock, OnProgress, no_progress

MOST_LEVELS = 8
LONGEST_NAME = 100
"""How many levels a category may have, and each of its names characters."""


class StoredFeeds(Protocol):
    """What the book needs of the store of feeds (`digests.storage.feeds.FeedStore`)."""

    async def all(self) -> tuple[Feed, ...]:
        """Return all feeds, by title."""
        ...

    async def find(self, feed: FeedId) -> Feed | None:
        """Return a feed; None if there is none of this id."""
        ...

    async def by_url(self, url: str) -> Feed | None:
        """Return the feed of a canonical address."""
        ...

    async def add(
        self,
        url: str,
        title: str,
        link: str,
        kind: FeedKind,
        options: FeedOptions,
        now: datetime,
        *,
        is_configured: bool = False,
        next_look_at: datetime | None = None,
    ) -> tuple[Feed, bool]:
        """Store a feed; return it, and False if it was there already."""
        ...

    async def change(
        self,
        feed: FeedId,
        *,
        options: FeedOptions | None = None,
        is_paused: bool | None = None,
        next_look_at: datetime | None = None,
    ) -> Feed | None:
        """Change what is given; None if there is none of this id."""
        ...

    async def remove(self, feed: FeedId) -> Feed | None:
        """Remove a feed, and return it as it was; its articles stay."""
        ...


class CategoryTrees(Protocol):
    """What the book needs of the store of categories."""

    async def tree(self) -> CategoryTree:
        """Return all categories."""
        ...


@dataclass(frozen=True, slots=True)
class FeedBookOptions:
    """What the settings say of all feeds.

    Attributes:
        rsshub: Where routes of RSSHub (`rsshub://…`) are read from.
        allowed: Hosts that may be asked although they are not public.
        max_age: How old news may be to be in digests; None: as old as it likes.
    """

    rsshub: str = ""
    allowed: AllowedHosts = NOBODY
    max_age: timedelta | None = timedelta(days=3)


class FeedBook:
    """Adds, changes and removes feeds, for the chat and the program alike. Any method may raise StorageError.

    Methods that change a feed return it as it is then, None if it is gone meanwhile, and raise FeedRefused with
    FeedRefusal.CONFIGURED if the settings hold it.
    """

    def __init__(
        self,
        store: StoredFeeds,
        visitor: FeedVisitor,
        categories: CategoryTrees,
        clock: Clock,
        options: FeedBookOptions,
    ) -> None:
        self._store = store
        self._visitor = visitor
        self._categories = categories
        self._clock = clock
        self._options = options

    async def all(self) -> tuple[Feed, ...]:
        """Return all feeds, by title."""
        return await self._store.all()

    async def get(self, feed: FeedId) -> Feed | None:
        """Return a feed; None if there is none of this id."""
        return await self._store.find(feed)

    def address(self, text: str) -> str:
        """Return the canonical form of an address as somebody wrote it.

        Raises:
            FeedRefused: It is no address that the bot would ask.
        """
        raise NotImplementedError

    async def find(self, address: str) -> FoundFeeds:
        """Return what is at an address as somebody wrote it: a feed, or the feeds that a page names; else why none.

        It may take as long as several requests. Nothing is stored.

        Raises:
            FeedRefused: It is no address that the bot would ask.
        """
        raise NotImplementedError

    async def try_out(self, url: str, options: FeedOptions) -> TriedFeed:
        """Fetch a feed and read it as the bot would; nothing is stored. Raises FeedRefused as `find` does."""
        raise NotImplementedError

    async def add(
        self, url: str, options: FeedOptions, *, title: str = "", link: str = "", kind: FeedKind = FeedKind.NONE
    ) -> AddedFeed:
        """Store a feed, of which the first look is due at once; one that is there already stays as it is.

        `title`, `link` and `kind` are what `try_out` found, until the first look says it.

        Raises:
            FeedRefused: The address or the category can't be used.
        """
        raise NotImplementedError

    async def pause(self, feed: FeedId) -> Feed | None:
        """Look at a feed no more until it is resumed."""
        return await self._change(feed, is_paused=True)

    async def resume(self, feed: FeedId) -> Feed | None:
        """Look at a feed again, now."""
        return await self._change(feed, is_paused=False, next_look_at=self._clock.now())

    async def move(self, feed: FeedId, category: Sequence[str]) -> Feed | None:
        """Put what comes of a feed from now on into another category; () for one of its own title.

        Raises:
            FeedRefused: The category can't be used, or the settings hold the feed.
        """
        stored = await self._changeable(feed)
        if stored is None:
            return None
        options = replace(stored.options, category=await self.category(category))
        return await self._store.change(feed, options=options)

    async def remove(self, feed: FeedId) -> Feed | None:
        """Remove a feed, and return it as it was; its articles stay."""
        if await self._changeable(feed) is None:
            return None
        return await self._store.remove(feed)

    async def look_again(self, feed: FeedId) -> Feed | None:
        """Make the next look at a feed due now, also at one of the settings."""
        return await self._store.change(feed, next_look_at=self._clock.now())

    async def category(self, names: str | Sequence[str]) -> tuple[str, ...]:
        """Return a category's path as it is in the tree, if it is there without regard to case; else as it is given.

        A text is split at slashes; a name that holds one is given in a sequence.

        Raises:
            FeedRefused: FeedRefusal.BAD_CATEGORY.
        """
        raise NotImplementedError

    async def preview_opml(self, data: bytes) -> OpmlPreview:
        """Return what the import of an OPML file would do; nothing is stored.

        Raises:
            FeedRefused: FeedRefusal.NOT_OPML or TOO_LARGE, with words for an operator.
        """
        raise NotImplementedError

    async def import_opml(self, preview: OpmlPreview, progress: OnProgress = no_progress) -> ImportedFeeds:
        """Store the new feeds of a preview. Twice does nothing twice."""
        raise NotImplementedError

    async def export_opml(self) -> bytes:
        """Return all feeds as an OPML file, with their categories as folders."""
        raise NotImplementedError

    async def _changeable(self, feed: FeedId) -> Feed | None:
        stored = await self._store.find(feed)
        if stored is not None and stored.is_configured:
            raise FeedRefused(FeedRefusal.CONFIGURED)
        return stored

    async def _change(
        self, feed: FeedId, *, is_paused: bool | None = None, next_look_at: datetime | None = None
    ) -> Feed | None:
        if await self._changeable(feed) is None:
            return None
        return await self._store.change(feed, is_paused=is_paused, next_look_at=next_look_at)
