"""Builds every room from the settings and joins them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.handlers.house import House
from bot.render.classic import ClassicRenderer
from bot.telegram.client import DigestBot
from bot.telegram.copier import TelegramCopier
from bot.telegram.sender import TelegramSender
from config.settings import Settings
from digests.articles import SiteRules
from digests.articles.site import SiteConfigError, read_site_config
from digests.delivery.announce import Announcer
from digests.delivery.deliver import Courier, Terms
from digests.delivery.follow_up import FollowUp
from digests.delivery.plan import Layout, Planner
from digests.errors import OriginError
from digests.ingest import Reading
from digests.lookup import Lookup
from digests.ports import Clock
from digests.storage.announcement_acts import ActStore
from digests.storage.announcements import AnnouncementStore
from digests.storage.articles import ArticleStore
from digests.storage.audit import AuditLog
from digests.storage.categories import CategoryStore
from digests.storage.database import Database
from digests.storage.deliveries import DeliveryStore
from digests.storage.ingest import IngestStore
from digests.storage.migrate import migrate
from digests.storage.people import PeopleStore
from digests.storage.places import PlaceStore
from digests.storage.search_index import SearchIndex


@dataclass(frozen=True)
class Rooms:
    """Everything that is stored; what the commands of the program work with, and the bot too."""

    database: Database
    articles: ArticleStore
    categories: CategoryStore
    posts: IngestStore
    places: PlaceStore
    deliveries: DeliveryStore
    announcements: AnnouncementStore
    acts: ActStore
    audit: AuditLog
    people: PeopleStore
    index: SearchIndex

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
        posts=IngestStore(database),
        places=PlaceStore(database),
        deliveries=DeliveryStore(database),
        announcements=AnnouncementStore(database),
        acts=ActStore(database),
        audit=AuditLog(database),
        people=PeopleStore(database),
        index=SearchIndex(settings.search_path),
    )


@asynccontextmanager
async def open_rooms(settings: Settings) -> AsyncIterator[Rooms]:
    """The stores of a database that was brought up to date, for one command of the program."""
    await asyncio.to_thread(migrate, settings.database_url)
    rooms = build_rooms(settings)
    try:
        await rooms.index.open()
        yield rooms
    finally:
        await rooms.close()


def build_house(settings: Settings, clock: Clock, bot: DigestBot, rooms: Rooms, owner: str) -> House:
    """All use cases over the stores. `owner` names this process in its leases."""
    announcer = build_announcer(rooms)
    return House(
        settings=settings,
        clock=clock,
        bot=bot,
        articles=rooms.articles,
        categories=rooms.categories,
        posts=rooms.posts,
        places=rooms.places,
        deliveries=rooms.deliveries,
        announcements=rooms.announcements,
        people=rooms.people,
        index=rooms.index,
        lookup=Lookup(rooms.index, rooms.articles),
        planner=build_planner(settings, rooms),
        courier=Courier(
            rooms.deliveries,
            rooms.places,
            TelegramSender(bot, announcer.rows.keep_album),
            clock,
            terms_of(settings),
            owner,
        ),
        announcer=announcer,
        follow_up=build_follow_up(settings, clock, bot, rooms),
        audit_log=rooms.audit,
    )


def build_announcer(rooms: Rooms) -> Announcer:
    return Announcer(rooms.announcements, rooms.deliveries, rooms.categories)


def build_follow_up(settings: Settings, clock: Clock, bot: DigestBot, rooms: Rooms) -> FollowUp:
    terms = terms_of(settings)
    return FollowUp(rooms.acts, rooms.places, TelegramCopier(bot), clock, terms.workers, terms.retry_for)


def build_planner(settings: Settings, rooms: Rooms) -> Planner:
    return Planner(rooms.deliveries, rooms.articles, rooms.categories, ClassicRenderer(), layout_of(settings))


def layout_of(settings: Settings) -> Layout:
    digest = settings.digest
    return Layout(digest.max_items, digest.first_items, digest.picture, digest.send_empty)


def terms_of(settings: Settings) -> Terms:
    delivery = settings.delivery
    return Terms(
        workers=delivery.workers,
        lease=timedelta(seconds=delivery.lease_seconds),
        retry_for=timedelta(hours=delivery.retry_hours),
        resend_unknown=delivery.uncertain == "resend",
    )


def reading_of(settings: Settings) -> Reading:
    """How posts are read. Raises OriginError when the site's configuration can't be used."""
    posts = settings.posts
    return Reading(
        site=_site(posts.site_config),
        timezone=ZoneInfo(posts.timezone),
        max_age=timedelta(days=posts.max_age_days) if posts.max_age_days else None,
        max_bytes=int(posts.max_file_mb * 1_000_000),
    )


def _site(path: str) -> SiteRules | None:
    if not path:
        return None
    try:
        return read_site_config(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise OriginError(f"The site's configuration {path} can't be read ({error}): set posts.site_config.") from error
    except SiteConfigError as error:
        raise OriginError(f"The site's configuration {path} can't be used: {error}") from error
