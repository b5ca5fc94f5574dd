"""All that the running bot does with feeds: looking at them, and what admins look at them with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.wiring.fetching import feed_bounds, feed_fetch_options
from bot.wiring.stores import Stores
from config.settings import Settings
from digests.feeds.body_reading import READING_SECONDS, FeedReader
from digests.feeds.book import FeedBook, FeedBookOptions
from digests.feeds.configured import bring_in_configured, configured_feeds
from digests.feeds.full_text import FullTextReader
from digests.feeds.look import LookMaker, LookOptions, LookStores
from digests.feeds.looking import FeedLooker
from digests.feeds.reports import FeedReporter, NotedFacts, Tell
from digests.feeds.schedule import LookPace
from digests.feeds.visiting import FeedVisitor
from digests.feeds.web import FeedWeb
from digests.fetch.client import WebClient
from digests.fetch.guard import AllowedHosts
from digests.ingest.configured import reading_of
from digests.ingest.parsing import ReadingOptions
from digests.isolation.process import IsolatedProcess
from digests.ports import Clock
from digests.storage.articles.item_texts import ItemTextStore
from digests.storage.cluster.leases import LeaseStore
from digests.storage.feeds.feeds import FeedStore

_IDLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Feeding:
    """What looks at feeds; `book` is for admins, in the chat and the program alike."""

    looker: FeedLooker
    book: FeedBook
    visitor: FeedVisitor
    web: FeedWeb
    reader: FeedReader
    process: IsolatedProcess
    feeds: FeedStore
    facts: NotedFacts
    clock: Clock

    async def report(self, tell: Tell) -> None:
        """Tell admins about feeds that bring nothing any more."""
        await FeedReporter(self.feeds, self.facts, tell).report(self.clock.now())

    def end(self) -> None:
        """Begin nothing more."""
        self.looker.stop()

    def closing(self) -> Iterator[tuple[str, Awaitable[None]]]:
        """Yield the steps that close everything, each with its name, in order."""
        yield "reading of feeds", self.reader.close()
        yield "connections to feeds", self.web.close()


def build_feeding(settings: Settings, clock: Clock, stores: Stores, publish: Callable[[], Awaitable[None]]) -> Feeding:
    """Join all that has to do with feeds over the stores; `publish` is called when articles came. Nothing is opened."""
    reading = _reading(settings)
    web = FeedWeb(lambda: WebClient(feed_fetch_options(settings), now=clock.now))
    process = IsolatedProcess(READING_SECONDS, _IDLE_SECONDS)
    reader = FeedReader(process, reading.post, feed_bounds(settings))
    visitor = FeedVisitor(web, reader, clock, settings.feeds.rsshub)
    allowed = AllowedHosts(settings.fetch.allow_hosts)
    options = LookOptions(
        pace=LookPace(timedelta(minutes=settings.feeds.every), timedelta(minutes=settings.feeds.least_every)),
        at_once=settings.feeds.at_once,
        host_seconds=settings.feeds.host_seconds,
        max_age=reading.max_age,
        rsshub=settings.feeds.rsshub,
        allowed=allowed,
        reading=reading.fingerprint,
    )
    full_text = FullTextReader(web, process, ItemTextStore(stores.database))
    maker = LookMaker(LookStores(stores.feeds, stores.posts), web, reader, clock, options, full_text.complete)
    looker = FeedLooker(stores.feeds, LeaseStore(stores.database), maker, clock, options, publish)
    book = FeedBook(stores.feeds, visitor, stores.categories, clock, FeedBookOptions(allowed, reading.max_age))
    return Feeding(looker, book, visitor, web, reader, process, stores.feeds, stores.people, clock)


async def bring_in_feeds(settings: Settings, stores: Stores, now: datetime) -> None:
    """Bring the feeds of the settings into the database."""
    await bring_in_configured(stores.feeds, configured_feeds(settings.origins), now)


def _reading(settings: Settings) -> ReadingOptions:
    """Return how items are read: as posts are, but for what is said of the folder of posts."""
    reading = reading_of(settings, with_site=False)
    return replace(reading, post=replace(reading.post, origin="", folder=""))
