"""The book of feeds: what admins and the program do with them. The bot looks at what is in it (`looking.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from digests.articles.dates.plausible import plausible
from digests.feeds.category_names import category_of
from digests.feeds.exchange import FeedExchange
from digests.feeds.finding import FeedFinder
from digests.feeds.results import (
    AddedFeed,
    FoundFeeds,
    ImportedFeeds,
    OpmlPreview,
    TriedFeed,
    TriedItem,
)
from digests.feeds.visiting import FeedVisitor
from digests.fetch.guard import NOBODY, AllowedHosts, host_fault
from digests.ingest.batch import is_fresh
from digests.model.feed import Feed, FeedId, FeedItem, FeedKind, FeedOptions, FeedTrouble
from digests.model.feed_address import RSSHUB
from digests.model.feed_input import feed_address
from digests.model.feed_refusal import FeedRefusal, FeedRefused
from digests.offload import IN_THREAD, Offload
from digests.ports import Clock, OnProgress, no_progress
from digests.storage.articles.categories import CategoryStore
from digests.storage.feeds.feeds import FeedStore

SHOWN = 3
"""How many articles of a feed that is tried out are shown."""
_JUST_NOW = timedelta(minutes=1)
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class FeedBookOptions:
    """What the settings say of all feeds.

    Attributes:
        allowed: Hosts that may be asked although they are not public.
        max_age: How old news may be to be in digests; None: as old as it likes.
    """

    allowed: AllowedHosts = NOBODY
    max_age: timedelta | None = timedelta(days=3)


class FeedBook:
    """Adds, changes and removes feeds, for the chat and the program alike. Any method may raise StorageError.

    Methods that change a feed return it as it is then, None if it is gone meanwhile, and raise FeedRefused with
    FeedRefusal.CONFIGURED if the settings hold it.
    """

    def __init__(
        self,
        store: FeedStore,
        visitor: FeedVisitor,
        categories: CategoryStore,
        clock: Clock,
        options: FeedBookOptions,
        offload: Offload = IN_THREAD,
    ) -> None:
        self._store = store
        self._visitor = visitor
        self._finder = FeedFinder(visitor, lambda url: not not_public(url, options.allowed))
        self._categories = categories
        self._clock = clock
        self._options = options
        self._exchange = FeedExchange(store, categories, offload)

    async def all(self) -> tuple[Feed, ...]:
        """Return all feeds, by title."""
        return await self._store.all()

    async def get(self, feed: FeedId) -> Feed | None:
        """Return a feed; None if there is none of this id."""
        return await self._store.find(feed)

    async def by_address(self, text: str) -> Feed | None:
        """Return the feed of an address as somebody wrote it; None if there is none. Raises FeedRefused as `find`."""
        return await self._store.by_url(feed_address(text))

    def address(self, text: str) -> str:
        """Return the canonical form of an address as somebody wrote it.

        Raises:
            FeedRefused: It is no address that the bot would ask.
        """
        url = feed_address(text)
        if not_public(url, self._options.allowed):
            raise FeedRefused(FeedRefusal.NOT_PUBLIC)
        return url

    async def find(self, address: str) -> FoundFeeds:
        """Return what is at an address as somebody wrote it: a feed, or the feeds that a page names; else why none.

        It may take as long as a dozen requests. Nothing is stored.

        Raises:
            FeedRefused: It is no address that the bot would ask.
        """
        return await self._finder.find(self.address(address))

    async def try_out(self, url: str, options: FeedOptions) -> TriedFeed:
        """Fetch a feed and read it as the bot would; nothing is stored. Raises FeedRefused as `find` does."""
        url = self.address(url)
        visit = await self._visitor.visit(url, options)
        now = self._clock.now()
        items = [TriedItem(item, self._is_news(item, now)) for item in visit.read.items]
        return TriedFeed(
            url,
            visit.answer,
            visit.read,
            tuple(sorted(items, key=_age)[:SHOWN]),
            sum(item.is_news for item in items),
            await self._store.by_url(url),
        )

    def _is_news(self, item: FeedItem, now: datetime) -> bool:
        # As the first look takes it in: what has no date is not new then.
        return is_fresh(plausible(item.post.published_at, now), now, self._options.max_age)

    async def add(
        self, url: str, options: FeedOptions, *, title: str = "", link: str = "", kind: FeedKind = FeedKind.NONE
    ) -> AddedFeed:
        """Store a feed, of which the first look is due at once; one that is there already stays as it is.

        `title`, `link` and `kind` are what `try_out` found, until the first look says it.

        Raises:
            FeedRefused: The address or the category can't be used.
        """
        url = self.address(url)
        options = replace(options, category=await self.category(options.category))
        return AddedFeed(*await self._store.add(url, title, link, kind, options, self._clock.now()))

    async def pause(self, feed: FeedId) -> Feed | None:
        """Look at a feed no more until it is resumed."""
        if await self._changeable(feed) is None:
            return None
        return await self._store.change(feed, is_paused=True)

    async def resume(self, feed: FeedId) -> Feed | None:
        """Look at a paused feed again: now, unless it just was looked at, or its site asked to be left alone."""
        stored = await self._changeable(feed)
        if stored is None or not stored.is_paused:
            return stored
        now = self._clock.now()
        waits = is_left_alone(stored, now) or was_just_looked_at(stored, now)
        return await self._store.change(feed, is_paused=False, next_look_at=None if waits else now)

    async def move(self, feed: FeedId, category: str | Sequence[str]) -> Feed | None:
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
        return category_of(names, await self._categories.tree())

    async def preview_opml(self, data: bytes) -> OpmlPreview:
        """Return what the import of an OPML file would do; nothing is stored.

        Raises:
            FeedRefused: FeedRefusal.NOT_OPML or TOO_LARGE, with words for an operator.
        """
        return await self._exchange.preview(data, lambda url: not_public(url, self._options.allowed))

    async def import_opml(self, preview: OpmlPreview, progress: OnProgress = no_progress) -> ImportedFeeds:
        """Store the new feeds of a preview; twice does nothing twice. Their first looks are due at once."""
        return await self._exchange.take_in(preview, self._clock.now(), progress)

    async def export_opml(self) -> bytes:
        """Return all feeds as an OPML file, with their categories as folders."""
        return await self._exchange.export(self._clock.now())

    async def _changeable(self, feed: FeedId) -> Feed | None:
        stored = await self._store.find(feed)
        if stored is not None and stored.is_configured:
            raise FeedRefused(FeedRefusal.CONFIGURED)
        return stored


def is_left_alone(feed: Feed, now: datetime) -> bool:
    """Return whether the feed's site asked not to be asked yet (429, 503, Retry-After)."""
    state = feed.state
    return state.fault is not None and state.fault.trouble is FeedTrouble.BUSY and state.next_look_at > now


def was_just_looked_at(feed: Feed, now: datetime) -> bool:
    """Return whether a feed was looked at so shortly ago that nothing can have changed."""
    return feed.state.looked_at is not None and abs(now - feed.state.looked_at) < _JUST_NOW


def not_public(url: str, allowed: AllowedHosts) -> bool:
    """Return whether a canonical address can't be asked, as far as it tells itself; names are checked when asked."""
    if url.startswith(RSSHUB):
        # Where that leads is the operator's own choice.
        return False
    parts = urlsplit(url)
    return bool(host_fault(parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme, 0), allowed))


def _age(tried: TriedItem) -> float:
    """Return by what the newest come first, those without a date last, in the order of the feed."""
    at = tried.item.post.published_at
    return -at.timestamp() if at is not None else float("inf")
