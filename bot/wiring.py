"""Builds every room from the settings and joins them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.handlers.services import House
from bot.render.digest import ClassicRenderer
from bot.telegram.client import DigestBot, Line
from bot.telegram.contents import Shower
from bot.telegram.copier import TelegramCopier
from bot.telegram.editor import TelegramEditor
from bot.telegram.limiter import Limiter
from bot.telegram.messenger import Messenger
from bot.telegram.screens import Screens
from bot.telegram.sender import TelegramSender
from config.settings import Settings
from digests.announcements.broadcast import Announcer
from digests.announcements.copies import FollowUp
from digests.announcements.edit import Changer
from digests.announcements.upkeep import AnnouncementUpkeep, PausePolicy
from digests.delivery.attempt import Terms
from digests.delivery.withdraw import Withdrawer
from digests.delivery.worker import Courier
from digests.lookup import Lookup
from digests.offload import in_own_thread
from digests.planning.planner import Layout, Planner
from digests.ports import Clock
from digests.storage.announcements.acts import ActStore
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
from digests.storage.moments import MomentStore
from digests.storage.moves import MoveStore
from digests.storage.people import PeopleStore
from digests.storage.places import PlaceStore
from digests.storage.search.index import SearchIndex
from digests.storage.visits import VisitStore
from digests.subscriptions import Subscriptions


@dataclass(frozen=True)
class Rooms:
    """Everything that is stored; what the commands of the program work with, and the bot too."""

    database: Database
    articles: ArticleStore
    categories: CategoryStore
    posts: IngestStore
    places: PlaceStore
    moves: MoveStore
    due: DueStore
    deliveries: DeliveryStore
    ledger: LedgerStore
    announcements: AnnouncementStore
    announcement_rows: AnnouncementRows
    audiences: AudienceStore
    acts: ActStore
    audit: AuditLog
    people: PeopleStore
    index: SearchIndex
    hidden: HiddenStore
    withdrawals: WithdrawalStore
    moments: MomentStore

    async def close(self) -> None:
        await self.index.close()
        await self.database.close()


def build_rooms(settings: Settings) -> Rooms:
    """All stores over one database. Nothing is opened yet."""
    database = Database(settings.database_url)
    return Rooms(
        database=database,
        articles=ArticleStore(database),
        categories=CategoryStore(database),
        posts=IngestStore(database, timedelta(days=settings.posts.story_days)),
        places=PlaceStore(database),
        moves=MoveStore(database),
        due=DueStore(database),
        deliveries=DeliveryStore(database),
        ledger=LedgerStore(database),
        announcements=AnnouncementStore(database),
        announcement_rows=AnnouncementRows(database),
        audiences=AudienceStore(database),
        acts=ActStore(database),
        audit=AuditLog(database),
        people=PeopleStore(database),
        index=SearchIndex(settings.search_path),
        hidden=HiddenStore(database),
        withdrawals=WithdrawalStore(database),
        moments=MomentStore(database),
    )


@asynccontextmanager
async def open_rooms(settings: Settings) -> AsyncIterator[Rooms]:
    """The stores of a database that was brought up to date, for one command of the program."""
    await in_own_thread(prepare_data_folder, settings)
    await in_own_thread(migrate, settings.database_url)
    rooms = build_rooms(settings)
    try:
        await rooms.index.open()
        yield rooms
    finally:
        await rooms.close()


def build_house(settings: Settings, clock: Clock, line: Line, rooms: Rooms, owner: str) -> House:
    """All use cases over the stores. `owner` names this process in its leases."""
    sender = TelegramSender(
        line.bot,
        line.throttle,
        line.bulk,
        line.people,
        paid=settings.telegram.paid,
        may_pay=settings.telegram.paid_announcements,
        on_album=rooms.announcement_rows.keep_album,
    )
    terms = terms_of(settings)
    planner = build_planner(settings, rooms)
    messenger = Messenger(line.bot.base_url, line.people, Limiter(line.throttle))
    return House(
        settings=settings,
        clock=clock,
        bot=line.bot,
        shower=Shower(messenger),
        messenger=messenger,
        screens=Screens(messenger, rooms.places.lose, seconds=1 / settings.telegram.chat_rate),
        visits=VisitStore(rooms.database),
        articles=rooms.articles,
        categories=rooms.categories,
        posts=rooms.posts,
        places=rooms.places,
        deliveries=rooms.deliveries,
        ledger=rooms.ledger,
        announcements=rooms.announcements,
        people=rooms.people,
        index=rooms.index,
        lookup=Lookup(rooms.index, rooms.articles, rooms.hidden),
        planner=planner,
        courier=Courier(rooms.ledger, rooms.deliveries, rooms.places, sender, clock, terms, owner),
        hidden=rooms.hidden,
        withdrawer=Withdrawer(
            rooms.withdrawals,
            rooms.articles,
            rooms.deliveries,
            ClassicRenderer(),
            TelegramEditor(line.bot),
            clock,
            picture=settings.digest.picture,
        ),
        subscriptions=Subscriptions(rooms.places, rooms.categories, rooms.deliveries, planner),
        announcer=build_announcer(rooms),
        changer=build_changer(rooms),
        follow_up=build_follow_up(settings, clock, line.bot, rooms),
        upkeep=build_upkeep(settings, rooms),
        audit_log=rooms.audit,
    )


def build_announcer(rooms: Rooms) -> Announcer:
    return Announcer(rooms.announcements, rooms.announcement_rows, rooms.audiences, rooms.deliveries, rooms.categories)


def build_changer(rooms: Rooms) -> Changer:
    return Changer(rooms.announcements, build_announcer(rooms), rooms.acts)


def build_follow_up(settings: Settings, clock: Clock, bot: DigestBot, rooms: Rooms) -> FollowUp:
    terms = terms_of(settings)
    return FollowUp(rooms.acts, rooms.places, TelegramCopier(bot), clock, terms.workers, terms.retry_for)


def build_upkeep(settings: Settings, rooms: Rooms) -> AnnouncementUpkeep:
    delivery = settings.delivery
    return AnnouncementUpkeep(
        rooms.announcements,
        build_announcer(rooms),
        rooms.announcement_rows,
        rooms.acts,
        rooms.audit,
        PausePolicy(delivery.pause_failures, delivery.workers),
    )


def build_planner(settings: Settings, rooms: Rooms) -> Planner:
    return Planner(
        rooms.due, rooms.deliveries, rooms.articles, rooms.categories, ClassicRenderer(), layout_of(settings)
    )


def layout_of(settings: Settings) -> Layout:
    digest = settings.digest
    return Layout(
        max_items=digest.max_items,
        first_items=digest.first_items,
        picture=digest.picture,
        send_empty=digest.send_empty,
        max_late=timedelta(days=digest.max_late),
    )


def terms_of(settings: Settings) -> Terms:
    delivery = settings.delivery
    return Terms(
        workers=delivery.workers,
        lease=timedelta(seconds=delivery.lease_seconds),
        retry_for=timedelta(hours=delivery.retry_hours),
        resend_unknown=delivery.uncertain == "resend",
    )
