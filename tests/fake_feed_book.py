"""A book of feeds over the real store, whose web is what a test says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from bot.wiring.stores import Stores
from digests.feeds.book import FeedBook, FeedBookOptions
from digests.feeds.results import (
    AddedFeed,
    FoundFeed,
    FoundFeeds,
    ImportedFeeds,
    OpmlPreview,
    ServerAnswer,
    TriedFeed,
    TriedItem,
)
from digests.feeds.visiting import FeedVisitor
from digests.fetch.outcome import FetchFault
from digests.model.feed import FeedFault, FeedKind, FeedOptions, FeedTrouble, ReadFeed
from digests.model.feed_input import feed_address
from digests.model.feed_refusal import FeedRefusal, FeedRefused
from digests.origins.feed.opml import OpmlFeed
from digests.ports import Clock, OnProgress, no_progress
from tests.factories.feeds import feed_item

NO_FEED = FeedFault(FeedTrouble.NOT_A_FEED, "a page")


class FakeFeedBook(FeedBook):
    """Finds what was put at addresses with `put_feed`, `put_page` and `put_fault`.

    Nothing is found while `opened` is not set.
    """

    def __init__(self, stores: Stores, clock: Clock) -> None:
        # Its web is never visited.
        visitor = FeedVisitor(None, None, clock)  # type: ignore[arg-type]
        super().__init__(stores.feeds, visitor, stores.categories, clock, FeedBookOptions())
        self._feeds: dict[str, ReadFeed] = {}
        self._pages: dict[str, tuple[FoundFeed, ...]] = {}
        self._faults: dict[str, FeedFault] = {}
        self._kinds: dict[str, FetchFault | None] = {}
        self._moved: dict[str, str] = {}
        self.opened = asyncio.Event()
        self.opened.set()
        self.asked: list[str] = []
        self.preview = OpmlPreview("", (), (), 0, ())

    def put_feed(self, url: str, title: str, *titles: str, tags: tuple[str, ...] = (), moved_to: str = "") -> None:
        """Put a feed at an address, with articles of these titles, an hour between them."""
        self._moved[url] = moved_to
        now = self._clock.now()
        items = tuple(
            feed_item(str(number), name, tags=tags, published_at=now - timedelta(hours=number))
            for number, name in enumerate(titles, 1)
        )
        self._feeds[url] = ReadFeed(FeedKind.RSS, title, f"{url}/..", items=items)

    def put_page(self, url: str, *feeds: FoundFeed) -> None:
        """Put a page at an address, which names these feeds."""
        self._pages[url] = feeds

    def put_fault(self, url: str, trouble: FeedTrouble, kind: FetchFault | None = None) -> None:
        """Put something at an address that can't be read, or (`kind`) that is not even fetched."""
        self._faults[url] = FeedFault(trouble, "as a test wants it")
        self._kinds[url] = kind

    def put_words(self, url: str, words: str) -> None:
        """Put a page at an address that has no feed, for this reason."""
        self._faults[url] = FeedFault(FeedTrouble.NOT_A_FEED, words)

    def address(self, text: str) -> str:
        """Return the canonical form of an address."""
        return feed_address(text)

    async def try_out(self, url: str, options: FeedOptions) -> TriedFeed:
        """Return what a test put there."""
        self.asked.append(url)
        await self.opened.wait()
        read = self._feeds.get(url) or ReadFeed(FeedKind.NONE, fault=self._faults.get(url, NO_FEED))
        latest = tuple(TriedItem(item, item.post.published_at is not None) for item in read.items[:3])
        known = await self._store.by_url(url)
        answer = ServerAnswer(200, url, self._moved.get(url, ""), fetch_fault=self._kinds.get(url))
        return TriedFeed(url, answer, read, latest, len(latest), known)

    async def find(self, address: str) -> FoundFeeds:
        """Return what a test put there."""
        feeds = self._pages.get(address, ())
        return FoundFeeds(address, feeds, fault=None if feeds else self._faults.get(address, NO_FEED))

    async def add(
        self, url: str, options: FeedOptions, *, title: str = "", link: str = "", kind: FeedKind = FeedKind.NONE
    ) -> AddedFeed:
        """Store the feed."""
        return AddedFeed(*await self._store.add(url, title, link, kind, options, self._clock.now()))

    async def category(self, names: str | Sequence[str]) -> tuple[str, ...]:
        """Return a path as it is given."""
        parts = names.split("/") if isinstance(names, str) else names
        path = tuple(part.strip() for part in parts)
        if not all(0 < len(part) <= 100 for part in path) and path:
            raise FeedRefused(FeedRefusal.BAD_CATEGORY)
        return path

    async def preview_opml(self, data: bytes) -> OpmlPreview:
        """Return what a test says of a file that looks like one."""
        if b"<opml" not in data:
            raise FeedRefused(FeedRefusal.NOT_OPML)
        return self.preview

    async def import_opml(self, preview: OpmlPreview, progress: OnProgress = no_progress) -> ImportedFeeds:
        """Store the new feeds."""
        added = 0
        for number, each in enumerate(preview.new, 1):
            added += (await self.add(each.url, FeedOptions(each.category), title=each.title)).is_new
            progress(number, len(preview.new))
        return ImportedFeeds(added, len(preview.new) - added, len(preview.refused))

    async def export_opml(self) -> bytes:
        """Return a list of addresses."""
        rows = "".join(f'<outline xmlUrl="{feed.url}"/>' for feed in await self._store.all())
        return f"<opml><body>{rows}</body></opml>".encode()


def preview_of(*titles: str, known: int = 0, refused: int = 0) -> OpmlPreview:
    """Return what would be imported of a file with feeds of these titles."""
    new = tuple(OpmlFeed(f"https://{title.lower()}.example/feed", title, ("Imported",)) for title in titles)
    there = tuple(OpmlFeed(f"https://known{number}.example/feed") for number in range(known))
    return OpmlPreview("My feeds", new, there, 0, ())
