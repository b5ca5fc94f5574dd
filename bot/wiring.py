"""Builds every room from the settings and joins them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.handlers.command import Command
from bot.handlers.menus import CommandMenus
from bot.handlers.services import Services
from bot.limits import DELETABLE_FOR
from bot.render.digest import ClassicRenderer
from bot.telegram.client import DigestBot, TelegramClient
from bot.telegram.contents import PreviewSender
from bot.telegram.copier import TelegramCopyEditor
from bot.telegram.editor import TelegramEditor
from bot.telegram.limiter import Limiter
from bot.telegram.messenger import Messenger
from bot.telegram.screens import Screens
from bot.telegram.sender import TelegramSender
from config.settings import Settings
from digests.announcements.broadcast import Broadcaster
from digests.announcements.copies import CopyChangeWorker
from digests.announcements.edit import AnnouncementEditor
from digests.announcements.upkeep import AnnouncementUpkeep, PausePolicy
from digests.delivery.attempt import DeliveryOptions
from digests.delivery.withdraw import Withdrawer
from digests.delivery.worker import DeliveryWorker
from digests.ingest.scan import ScanStores
from digests.lookup import Lookup
from digests.offload import in_own_thread
from digests.planning.planner import DigestOptions, Planner
from digests.ports import Clock
from digests.storage.announcements.acts import CopyChangeStore
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.announcements.audience import AudienceStore
from digests.storage.announcements.rows import AnnouncementRows
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.hidden import HiddenStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.audit import AuditLog
from digests.storage.data_folder import prepare_data_folder
from digests.storage.database import Database
from digests.storage.deliveries.due import DueStore
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.withdrawals import WithdrawalStore
from digests.storage.migrate import migrate
from digests.storage.moments import ClockRepairStore
from digests.storage.moves import ChatImportStore
from digests.storage.people import PeopleStore
from digests.storage.places import PlaceStore
from digests.storage.search.index import SearchIndex
from digests.storage.visits import VisitorStore
from digests.subscriptions import Subscriptions


@dataclass(frozen=True)
class Stores:
    """Everything that is stored; what the commands of the program work with, and the bot too."""

    database: Database
    articles: ArticleStore
    categories: CategoryStore
    posts: IngestStore
    places: PlaceStore
    chat_imports: ChatImportStore
    due: DueStore
    deliveries: DeliveryStore
    ledger: LedgerStore
    announcements: AnnouncementStore
    announcement_rows: AnnouncementRows
    audiences: AudienceStore
    copy_changes: CopyChangeStore
    audit: AuditLog
    people: PeopleStore
    index: SearchIndex
    hidden: HiddenStore
    withdrawals: WithdrawalStore
    clock_repairs: ClockRepairStore

    async def close(self) -> None:
        await self.index.close()
        await self.database.close()


def build_stores(settings: Settings) -> Stores:
    """All stores over one database. Nothing is opened yet."""
    database = Database(settings.database_url)
    return Stores(
        database=database,
        articles=ArticleStore(database),
        categories=CategoryStore(database),
        posts=IngestStore(database, timedelta(days=settings.posts.story_days)),
        places=PlaceStore(database),
        chat_imports=ChatImportStore(database),
        due=DueStore(database),
        deliveries=DeliveryStore(database),
        ledger=LedgerStore(database),
        announcements=AnnouncementStore(database),
        announcement_rows=AnnouncementRows(database),
        audiences=AudienceStore(database),
        copy_changes=CopyChangeStore(database),
        audit=AuditLog(database),
        people=PeopleStore(database),
        index=SearchIndex(settings.search_path),
        hidden=HiddenStore(database),
        withdrawals=WithdrawalStore(database),
        clock_repairs=ClockRepairStore(database),
    )


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncIterator[Stores]:
    """The stores of a database that was brought up to date, for one command of the program."""
    await in_own_thread(prepare_data_folder, settings)
    await in_own_thread(migrate, settings.database_url)
    stores = build_stores(settings)
    try:
        await stores.index.open()
        yield stores
    finally:
        await stores.close()


def build_services(
    settings: Settings,
    clock: Clock,
    client: TelegramClient,
    stores: Stores,
    owner: str,
    commands: Sequence[Command[object]],
) -> Services:
    """All use cases over the stores. `owner` names this process in its leases; menus show the commands."""
    sender = TelegramSender(
        client.bot,
        client.throttle,
        client.bulk,
        client.people,
        paid=settings.telegram.paid,
        may_pay=settings.telegram.paid_announcements,
        on_album=stores.announcement_rows.keep_album,
    )
    options = delivery_options(settings)
    planner = build_planner(settings, stores)
    messenger = Messenger(client.bot.base_url, client.people, Limiter(client.throttle))
    return Services(
        settings=settings,
        clock=clock,
        bot=client.bot,
        preview_sender=PreviewSender(messenger),
        messenger=messenger,
        screens=Screens(messenger, stores.places.mark_lost, seconds=1 / settings.telegram.chat_rate),
        visitors=VisitorStore(stores.database),
        articles=stores.articles,
        categories=stores.categories,
        posts=stores.posts,
        places=stores.places,
        deliveries=stores.deliveries,
        ledger=stores.ledger,
        announcements=stores.announcements,
        people=stores.people,
        index=stores.index,
        lookup=Lookup(stores.index, stores.articles, stores.hidden),
        planner=planner,
        delivery_worker=DeliveryWorker(stores.ledger, stores.deliveries, stores.places, sender, clock, options, owner),
        hidden=stores.hidden,
        withdrawer=Withdrawer(
            stores.withdrawals,
            stores.articles,
            stores.deliveries,
            ClassicRenderer(),
            TelegramEditor(client.bot),
            clock,
            picture=settings.digest.picture,
        ),
        subscriptions=Subscriptions(stores.places, stores.categories, stores.deliveries, planner),
        broadcaster=build_broadcaster(stores),
        announcement_editor=build_announcement_editor(stores),
        copy_change_worker=build_copy_change_worker(settings, clock, client.bot, stores),
        upkeep=build_upkeep(settings, stores),
        audit_log=stores.audit,
        menus=CommandMenus(client.bot, commands),
    )


def scan_stores(stores: Stores) -> ScanStores:
    """Return the stores that a scanner works with."""
    return ScanStores(stores.posts, stores.articles, stores.index, stores.people)


def build_broadcaster(stores: Stores) -> Broadcaster:
    return Broadcaster(
        stores.announcements, stores.announcement_rows, stores.audiences, stores.deliveries, stores.categories
    )


def build_announcement_editor(stores: Stores) -> AnnouncementEditor:
    return AnnouncementEditor(stores.announcements, build_broadcaster(stores), stores.copy_changes)


def build_copy_change_worker(settings: Settings, clock: Clock, bot: DigestBot, stores: Stores) -> CopyChangeWorker:
    options = delivery_options(settings)
    return CopyChangeWorker(
        stores.copy_changes,
        stores.places,
        TelegramCopyEditor(bot),
        clock,
        workers=options.workers,
        patience=options.retry_for,
        deletable_for=DELETABLE_FOR,
    )


def build_upkeep(settings: Settings, stores: Stores) -> AnnouncementUpkeep:
    delivery = settings.delivery
    return AnnouncementUpkeep(
        stores.announcements,
        build_broadcaster(stores),
        stores.announcement_rows,
        stores.copy_changes,
        stores.audit,
        PausePolicy(delivery.pause_failures, delivery.workers),
    )


def build_planner(settings: Settings, stores: Stores) -> Planner:
    return Planner(
        stores.due, stores.deliveries, stores.articles, stores.categories, ClassicRenderer(), digest_options(settings)
    )


def digest_options(settings: Settings) -> DigestOptions:
    digest = settings.digest
    return DigestOptions(
        max_items=digest.max_items,
        first_items=digest.first_items,
        picture=digest.picture,
        send_empty=digest.send_empty,
        max_late=timedelta(days=digest.max_late),
    )


def delivery_options(settings: Settings) -> DeliveryOptions:
    delivery = settings.delivery
    return DeliveryOptions(
        workers=delivery.workers,
        lease=timedelta(seconds=delivery.lease_seconds),
        retry_for=timedelta(hours=delivery.retry_hours),
        resend_unknown=delivery.uncertain == "resend",
    )
