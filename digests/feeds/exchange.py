"""Lists of feeds as OPML files: what the import of one would do, the import, and the export of all feeds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from digests.feeds.category_names import Spellings
from digests.feeds.results import ImportedFeeds, OpmlPreview
from digests.model.category_tree import canonical, fold_name
from digests.model.feed import Feed, FeedKind, FeedOptions, NewFeed
from digests.model.feed_input import shown_address
from digests.model.feed_refusal import FeedRefusal
from digests.offload import Offload, in_own_thread
from digests.origins.feed.opml import OpmlContents, OpmlFeed, RefusedOutline, read_opml
from digests.origins.feed.opml_writing import write_opml
from digests.ports import OnProgress
from digests.storage.articles.categories import CategoryStore
from digests.storage.feeds.feeds import FeedStore

_BATCH = 500
"""How many feeds are stored in one transaction, which others wait for."""
_TITLE = "digestbot"


class FeedExchange:
    """Imports and exports lists of feeds. Any method may raise StorageError."""

    def __init__(self, store: FeedStore, categories: CategoryStore, offload: Offload) -> None:
        self._store = store
        self._categories = categories
        self._offload = offload

    async def preview(self, data: bytes, is_forbidden: Callable[[str], bool]) -> OpmlPreview:
        """Return what an import would do; addresses for which `is_forbidden` holds are refused as not public.

        Raises:
            FeedRefused: It is no OPML, or too large.
        """
        contents = await self._offload(read_opml, data)
        spellings = Spellings(await self._categories.tree())
        known_urls = await self._store.known_urls([feed.url for feed in contents.feeds])
        # A list of 100,000 takes a second, in which nobody else would be answered.
        return await in_own_thread(_preview, contents, spellings, known_urls, is_forbidden)

    async def take_in(self, preview: OpmlPreview, now: datetime, progress: OnProgress) -> ImportedFeeds:
        """Store the new feeds of a preview, those that are there by now excepted."""
        added, total = 0, len(preview.new)
        progress(0, total)
        for start in range(0, total, _BATCH):
            batch = [
                NewFeed(feed.url, feed.title, feed.link, FeedKind.NONE, FeedOptions(category=feed.category))
                for feed in preview.new[start : start + _BATCH]
            ]
            added += sum(is_new for _, is_new in await self._store.add_all(batch, now))
            progress(start + len(batch), total)
        return ImportedFeeds(added, len(preview.known) + total - added, len(preview.refused))

    async def export(self, now: datetime) -> bytes:
        """Return all feeds as an OPML file, by category and title."""
        return await in_own_thread(_export, await self._store.all(), now)


def _preview(
    contents: OpmlContents, spellings: Spellings, known_urls: Collection[str], is_forbidden: Callable[[str], bool]
) -> OpmlPreview:
    new, known, refused = list[OpmlFeed](), list[OpmlFeed](), list(contents.refused)
    spelt: dict[tuple[str, ...], tuple[str, ...]] = {}
    for feed in contents.feeds:
        if feed.url in known_urls:
            known.append(feed)
        elif is_forbidden(feed.url):
            refused.append(RefusedOutline(feed.title, shown_address(feed.url), FeedRefusal.NOT_PUBLIC))
        else:
            path = canonical(feed.category)
            # One spelling for all of a folder, be it twice in the file with other capitals.
            folded = tuple(map(fold_name, path))
            category = spelt.setdefault(folded, spellings.of(path))
            new.append(OpmlFeed(feed.url, feed.title, category, feed.link))
    return OpmlPreview(contents.title, tuple(new), tuple(known), contents.doubles, tuple(refused), contents.problems)


def _export(feeds: Sequence[Feed], now: datetime) -> bytes:
    listed = [OpmlFeed(feed.url, feed.title, feed.options.category, feed.link) for feed in feeds]
    return write_opml(listed, _TITLE, now)
