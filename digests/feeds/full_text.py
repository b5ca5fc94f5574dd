"""Fetching the pages of new articles, for feeds that give only their beginnings and are set so."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from digests.articles.language import detect_language
from digests.feeds.visiting import FeedClient
from digests.fetch.outcome import NotFetched
from digests.isolation.process import ProcessUnavailable, WorkLost
from digests.model.feed import Feed, FeedItem
from digests.model.gaps import GapKind
from digests.origins.feed.full_text import LIBRARY_IS_MISSING, FullText, full_text_is_installed, is_stub, read_page

logger = logging.getLogger(__name__)

ReturnT = TypeVar("ReturnT")

_FILES = (
    *(".mp3", ".m4a", ".ogg", ".opus", ".flac", ".wav", ".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi"),
    *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg", ".pdf", ".epub", ".doc", ".docx", ".xls", ".xlsx"),
    *(".zip", ".gz", ".xz", ".7z", ".rar", ".tar", ".exe", ".dmg", ".apk", ".iso", ".torrent", ".xml", ".json", ".txt"),
)
PAGE_TYPES = "text/html, application/xhtml+xml;q=0.9"
"""What a page is asked for as, in the header Accept."""


@dataclass(frozen=True, slots=True)
class FullTextOptions:
    """The bounds of what is read of pages.

    Attributes:
        most: How many pages are asked for in a look at a feed.
        max_bytes: How large a page may be, unpacked.
        seconds: How long reading one may take.
        look_seconds: How long all of a look may take; what is not there by then is done without.
    """

    most: int = 10
    max_bytes: int = 3_000_000
    seconds: float = 10
    look_seconds: float = 90


class PageProcess(Protocol):
    """The second process, which reads pages (`digests.isolation.process.IsolatedProcess`)."""

    async def call_within(self, seconds: float, work: Callable[..., ReturnT], *args: object) -> ReturnT:
        """Return the function's result; raise WorkLost if it takes longer or ends the process."""
        ...


class StoredTexts(Protocol):
    """The texts that were stored of an origin's articles. Methods may raise StorageError."""

    async def texts_of(self, origin: str, keys: Collection[str]) -> Mapping[str, str]:
        """Return the texts of the articles that these items are, by the items' keys."""
        ...


class FullTextReader:
    """Gives articles the texts of their pages. What fails costs nothing but the text."""

    def __init__(
        self,
        client: FeedClient,
        process: PageProcess,
        texts: StoredTexts,
        options: FullTextOptions = FullTextOptions(),
    ) -> None:
        self._client = client
        self._process = process
        self._texts = texts
        self._options = options

    async def complete(self, feed: Feed, items: Sequence[FeedItem], known: Mapping[str, str]) -> tuple[FeedItem, ...]:
        """Return the items of a look, with the texts of their pages where the feed gives only a beginning.

        Only new articles' pages are fetched, the first in the feed, once each; one that the feed has changed keeps the
        text that it has. `known` are the hashes of the items that were taken in before, by their keys.

        Raises:
            StorageError: the stored texts can't be read.
        """
        if not feed.options.full_text or not full_text_is_installed():
            return tuple(items)
        stubs = {item.key: item for item in items if _may_have_page(item.post.url) and is_stub(item.post.text)}
        new = [item for key, item in stubs.items() if key not in known][: self._options.most]
        changed = [key for key, item in stubs.items() if known.get(key, item.content_hash) != item.content_hash]
        stored = await self._texts.texts_of(feed.origin, changed) if changed else {}
        pages = await self._pages(feed, new)
        return tuple(_completed(item, pages.get(item.key), stored.get(item.key, "")) for item in items)

    async def _pages(self, feed: Feed, items: Sequence[FeedItem]) -> dict[str, FullText]:
        """Return what the pages of these items say, by their keys; those that say nothing are missing."""
        pages: dict[str, FullText] = {}

        async def read(item: FeedItem) -> None:
            if (page := await self._page(feed, item)) is not None:
                pages[item.key] = page

        try:
            async with asyncio.timeout(self._options.look_seconds), asyncio.TaskGroup() as group:
                for item in items:
                    group.create_task(read(item))
        except TimeoutError:
            logger.info("not all pages of a feed's articles came in time", extra={"feed": feed.id})
        return pages

    async def _page(self, feed: Feed, item: FeedItem) -> FullText | None:
        options = self._options
        fetched = await self._client.fetch(
            item.post.url or "", accept=PAGE_TYPES, max_bytes=options.max_bytes, user_agent=feed.options.user_agent
        )
        if isinstance(fetched, NotFetched):
            logger.debug("a page was not fetched", extra={"feed": feed.id, "reason": fetched.reason})
            return None
        kind = fetched.headers.get("content-type", "")
        try:
            return await self._process.call_within(
                options.seconds, read_page, fetched.body, kind, fetched.address, item.post.title
            )
        except ImportError as error:
            logger.warning(LIBRARY_IS_MISSING, extra={"reason": str(error)})
        except (WorkLost, ProcessUnavailable) as error:
            logger.warning("a page could not be read", extra={"feed": feed.id, "reason": str(error)})
        return None


def _completed(item: FeedItem, page: FullText | None, stored: str) -> FeedItem:
    """Return an item with its page's text, or the stored one, if that says more."""
    post = item.post
    text = max((stored, page.text if page is not None else ""), key=len)
    if len(text) <= len(post.text):
        return item
    summary = post.summary or (page.summary if page is not None else "")
    picture = page.picture if page is not None and not post.pictures and _is_for_pictures(page.picture) else ""
    filled = {GapKind.SUMMARY: bool(summary), GapKind.PICTURE: bool(picture)}
    return replace(
        item,
        post=replace(
            post,
            text=text,
            summary=summary,
            thumbnail=post.thumbnail or picture or None,
            pictures=post.pictures or ((picture,) if picture else ()),
            language=post.language or detect_language(post.title, text),
            gaps=tuple(gap for gap in post.gaps if not filled.get(gap.kind, False)),
        ),
    )


def _may_have_page(address: str | None) -> bool:
    """Return whether there may be a page at an address: what is a film or a file would be fetched for nothing."""
    if not address:
        return False
    path = urlsplit(address).path
    return bool(path.strip("/")) and not path.lower().endswith(_FILES)


def _is_for_pictures(address: str) -> bool:
    """Return whether an address may be a picture's; most sites name their own sign where an article has none."""
    return bool(address) and not urlsplit(address).path.lower().endswith((".svg", ".ico"))
