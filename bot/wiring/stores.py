"""The stores, opened for the bot or for one command of the program."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from config.settings import Settings
from digests.doctor.health import CheckedStores, Health
from digests.feeds.overview import FeedOverviews
from digests.ingest.scan import ScanStores
from digests.offload import in_own_thread
from digests.operation.retention import Retention, RetentionOptions
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.announcements.audience import AudienceStore
from digests.storage.announcements.copy_changes import CopyChangeStore
from digests.storage.announcements.rows import AnnouncementRows
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.gaps import GapStore
from digests.storage.articles.hidden import HiddenStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.subjects import SubjectStore
from digests.storage.articles.top import TopStore
from digests.storage.articles.write import IngestStore
from digests.storage.clock_repairs import ClockRepairStore
from digests.storage.cluster.processes import ProcessStore
from digests.storage.cluster.rates import RateStore
from digests.storage.database import Database
from digests.storage.deliveries.abandoned import AbandonedStore
from digests.storage.deliveries.due import DueStore
from digests.storage.deliveries.history import HistoryStore
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.withdrawals import WithdrawalStore
from digests.storage.feeds.counts import FeedCountStore
from digests.storage.feeds.feeds import FeedStore
from digests.storage.files.data_folder import prepare_data_folder
from digests.storage.media.kept import KeptStore
from digests.storage.media.mosaics import MosaicStore
from digests.storage.media.pictures import PictureStore
from digests.storage.media.report import PictureReportStore
from digests.storage.media.uploads import UploadStore
from digests.storage.migrate import migrate
from digests.storage.people.audit import AuditLog
from digests.storage.people.people import PeopleStore
from digests.storage.people.saved import SavedStore
from digests.storage.places.chat_imports import ChatImportStore
from digests.storage.places.managed import ManagedStore
from digests.storage.places.own_data import OwnDataStore
from digests.storage.places.places import PlaceStore
from digests.storage.places.private_topics import PrivateTopicStore
from digests.storage.search.port import ArticleIndex
from digests.storage.search.postgresql.index import PostgresSearchIndex
from digests.storage.search.sqlite.index import SearchIndex
from digests.storage.statistics.daily_counts import DailyCountStore
from digests.storage.statistics.measurements import MeasurementStore
from digests.storage.wishes.matches import MatchStore
from digests.storage.wishes.wishes import WishStore


@dataclass(frozen=True)
class Stores:
    """Every store over one database, and the search index beside it; the bot and the program's commands use these."""

    database: Database
    articles: ArticleStore
    categories: CategoryStore
    gaps: GapStore
    posts: IngestStore
    places: PlaceStore
    managed: ManagedStore
    private_topics: PrivateTopicStore
    chat_imports: ChatImportStore
    due: DueStore
    deliveries: DeliveryStore
    history: HistoryStore
    ledger: LedgerStore
    abandoned: AbandonedStore
    announcements: AnnouncementStore
    announcement_rows: AnnouncementRows
    audiences: AudienceStore
    copy_changes: CopyChangeStore
    audit: AuditLog
    people: PeopleStore
    index: ArticleIndex
    hidden: HiddenStore
    withdrawals: WithdrawalStore
    clock_repairs: ClockRepairStore
    daily_counts: DailyCountStore
    measurements: MeasurementStore
    mosaics: MosaicStore
    uploads: UploadStore
    pictures: PictureStore
    kept_pictures: KeptStore
    saved: SavedStore
    own_data: OwnDataStore
    wishes: WishStore
    matches: MatchStore
    subjects: SubjectStore
    top: TopStore
    feeds: FeedStore
    processes: ProcessStore
    rates: RateStore

    async def close(self) -> None:
        """Close the index and the database."""
        await self.index.close()
        await self.rates.close()
        await self.database.close()


def build_stores(settings: Settings) -> Stores:
    """Build all stores over one database. Nothing is opened yet."""
    database = Database(settings.database_url)
    return Stores(
        database=database,
        articles=ArticleStore(database),
        categories=CategoryStore(database),
        gaps=GapStore(database),
        posts=IngestStore(
            database, timedelta(days=settings.posts.story_days), wants_pictures=fetches_pictures(settings)
        ),
        places=PlaceStore(database),
        managed=ManagedStore(database),
        private_topics=PrivateTopicStore(database),
        chat_imports=ChatImportStore(database),
        due=DueStore(database),
        deliveries=DeliveryStore(database),
        history=HistoryStore(database),
        ledger=LedgerStore(database),
        abandoned=AbandonedStore(database),
        announcements=AnnouncementStore(database),
        announcement_rows=AnnouncementRows(database),
        audiences=AudienceStore(database),
        copy_changes=CopyChangeStore(database),
        audit=AuditLog(database),
        people=PeopleStore(database),
        index=SearchIndex(settings.search_path) if database.is_sqlite else PostgresSearchIndex(database),
        hidden=HiddenStore(database),
        withdrawals=WithdrawalStore(database),
        clock_repairs=ClockRepairStore(database),
        daily_counts=DailyCountStore(database),
        measurements=MeasurementStore(database),
        mosaics=MosaicStore(database),
        uploads=UploadStore(database),
        pictures=PictureStore(database),
        kept_pictures=KeptStore(database),
        saved=SavedStore(database),
        own_data=OwnDataStore(database),
        wishes=WishStore(database),
        matches=MatchStore(database),
        subjects=SubjectStore(database),
        top=TopStore(database),
        feeds=FeedStore(database),
        processes=ProcessStore(database),
        rates=RateStore(database),
    )


def fetches_pictures(settings: Settings) -> bool:
    """Return whether articles' pictures are fetched: only mosaics are made of them."""
    return settings.digest.picture and settings.media.pictures == "mosaic"


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncIterator[Stores]:
    """Migrate the database, and yield its stores for one command of the program. Closes them at the end."""
    await in_own_thread(prepare_data_folder, settings)
    await in_own_thread(migrate, settings.database_url)
    stores = build_stores(settings)
    try:
        await stores.index.open()
        yield stores
    finally:
        await stores.close()


def scan_stores(stores: Stores) -> ScanStores:
    """Return the stores that a scanner works with."""
    return ScanStores(stores.posts, stores.articles, stores.index, stores.people)


def build_health(settings: Settings, stores: Stores) -> Health:
    """Return the health check."""
    feeds = build_feed_overviews(stores)
    checked = CheckedStores(
        articles=stores.articles,
        people=stores.people,
        index=stores.index,
        gaps=stores.gaps,
        pictures=PictureReportStore(stores.database),
        feeds=feeds,
        processes=None if stores.database.is_sqlite else stores.processes,
        database=stores.database,
    )
    return Health(settings, checked, stores.categories, stores.places, stores.deliveries, feeds)


def build_feed_overviews(stores: Stores) -> FeedOverviews:
    """Return what says how all feeds are."""
    return FeedOverviews(stores.feeds, FeedCountStore(stores.database))


def build_retention(settings: Settings, stores: Stores) -> Retention:
    """Return what deletes what is older than it is to be kept."""

    def kept(days: int) -> timedelta | None:
        return timedelta(days=days) if days else None

    retention = settings.retention
    options = RetentionOptions(kept(retention.articles), kept(retention.ledger), kept(retention.audit))
    return Retention(stores.database, options)
