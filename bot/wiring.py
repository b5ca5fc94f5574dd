"""Builds every room from the settings and joins them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.handlers.access import Access
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.commands import COMMANDS, build_routes
from bot.handlers.context import ChatClient, Contexts
from bot.handlers.invitations import Invitations
from bot.handlers.menus import CommandMenus
from bot.handlers.notifier import Notifier
from bot.handlers.readers.groups import Memberships
from bot.handlers.router import Router, RouterServices
from bot.handlers.services import AdminServices, AnnouncementServices, ListOptions, ReaderServices, SendRates
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
from digests.curation import Curation
from digests.delivery.attempt import DeliveryOptions
from digests.delivery.withdraw import Withdrawer
from digests.delivery.worker import DeliveryWorker
from digests.doctor import Health
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


@dataclass(frozen=True, slots=True)
class Parts:
    """What the running bot is made of beside its stores."""

    chats: ChatClient
    access: Access
    menus: CommandMenus
    invitations: Invitations
    planner: Planner
    delivery_worker: DeliveryWorker
    withdrawer: Withdrawer
    broadcaster: Broadcaster
    copy_change_worker: CopyChangeWorker
    upkeep: AnnouncementUpkeep
    curation: Curation
    reporter: Reporter
    router: Router


def build_parts(
    settings: Settings, clock: Clock, client: TelegramClient, stores: Stores, owner: str, wake: Callable[[str], None]
) -> Parts:
    """Join all use cases and handlers over the stores.

    `owner` names this process in its leases; `wake` runs a job as soon as may be.
    """
    messenger = Messenger(client.bot.base_url, client.people, Limiter(client.throttle))
    screens = Screens(messenger, stores.places.mark_lost, seconds=1 / settings.telegram.chat_rate)
    chats = ChatClient(client.bot, messenger, screens, PreviewSender(messenger))
    access = Access(settings, VisitorStore(stores.database), stores.people)
    notifier = Notifier(client.bot, stores.places, settings.chat.language)
    menus = CommandMenus(client.bot, COMMANDS)
    is_needed = settings.chat.access == "invite"
    invitations = Invitations(
        client.bot, stores.people, access, notifier, menus, stores.audit, clock, is_needed=is_needed
    )
    planner = build_planner(settings, stores)
    worker = build_delivery_worker(settings, clock, client, stores, owner)
    withdrawer = build_withdrawer(settings, clock, client.bot, stores)
    lookup = Lookup(stores.index, stores.articles, stores.hidden)
    curation = Curation(stores.hidden, withdrawer, stores.articles, stores.categories, lookup, stores.index)
    readers = ReaderServices(
        subscriptions=Subscriptions(stores.places, stores.categories, stores.deliveries, planner),
        categories=stores.categories,
        articles=stores.articles,
        lookup=lookup,
        deliveries=stores.deliveries,
        delivery_worker=worker,
        people=stores.people,
        options=ListOptions(settings.search.page_size, settings.digest.max_items, settings.digest.picture),
    )
    admins = AdminServices(
        people=stores.people,
        menus=menus,
        invitations=invitations,
        curation=curation,
        health=build_health(settings, stores),
        ledger=stores.ledger,
        audit=stores.audit,
    )
    announcements = build_announcement_services(settings, stores, wake)
    reporter = Reporter(announcements, access, notifier, screens)
    router = Router(
        RouterServices(
            bot=client.bot,
            contexts=Contexts(chats, clock, access, notifier, stores.audit, stores.places, settings.digest),
            invitations=invitations,
            memberships=Memberships(client.bot, stores.places, access, notifier, clock),
            menus=menus,
            notifier=notifier,
            places=stores.places,
            deliveries=stores.deliveries,
        ),
        build_routes(readers, admins, announcements, reporter),
    )
    return Parts(
        chats=chats,
        access=access,
        menus=menus,
        invitations=invitations,
        planner=planner,
        delivery_worker=worker,
        withdrawer=withdrawer,
        broadcaster=announcements.broadcaster,
        copy_change_worker=build_copy_change_worker(settings, clock, client.bot, stores),
        upkeep=announcements.upkeep,
        curation=curation,
        reporter=reporter,
        router=router,
    )


def build_announcement_services(
    settings: Settings, stores: Stores, wake: Callable[[str], None]
) -> AnnouncementServices:
    """Return what announcements are written, sent and changed with."""
    telegram = settings.telegram
    return AnnouncementServices(
        announcements=stores.announcements,
        broadcaster=build_broadcaster(stores),
        editor=build_announcement_editor(stores),
        upkeep=build_upkeep(settings, stores),
        categories=stores.categories,
        people=stores.people,
        rates=SendRates(
            free=telegram.rate,
            paid=telegram.paid_rate,
            is_paid=telegram.paid,
            may_pay=telegram.paid or telegram.paid_announcements,
        ),
        wake=wake,
    )


def build_delivery_worker(
    settings: Settings, clock: Clock, client: TelegramClient, stores: Stores, owner: str
) -> DeliveryWorker:
    """Return the worker that sends what is due."""
    sender = TelegramSender(
        client.bot,
        client.throttle,
        client.bulk,
        client.people,
        paid=settings.telegram.paid,
        may_pay=settings.telegram.paid_announcements,
        on_album=stores.announcement_rows.keep_album,
    )
    return DeliveryWorker(
        stores.ledger, stores.deliveries, stores.places, sender, clock, delivery_options(settings), owner
    )


def build_withdrawer(settings: Settings, clock: Clock, bot: DigestBot, stores: Stores) -> Withdrawer:
    """Return what takes articles out of digests, and out of messages that were sent."""
    return Withdrawer(
        stores.withdrawals,
        stores.articles,
        stores.deliveries,
        ClassicRenderer(),
        TelegramEditor(bot),
        clock,
        picture=settings.digest.picture,
    )


def build_health(settings: Settings, stores: Stores) -> Health:
    """Return what says how the bot is."""
    return Health(
        settings, stores.articles, stores.categories, stores.places, stores.deliveries, stores.people, stores.index
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
