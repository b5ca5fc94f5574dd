"""Builds every room from the settings and joins them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from digests.articles import SiteRules
from digests.articles.site import SiteConfigError, read_site_config
from telegram.ext import ExtBot

from bot.house import DigestBot, House
from bot.render.classic import ClassicRenderer
from bot.telegram.limiter import Limiter
from bot.telegram.request import AiohttpRequest
from bot.telegram.sender import TelegramSender
from bot.telegram.throttle import Throttle
from config.settings import Settings
from digests.delivery.deliver import Courier, Terms
from digests.delivery.plan import Layout, Planner
from digests.errors import OriginError
from digests.ingest import Reading
from digests.ports import Clock
from digests.storage.announcements import AnnouncementStore
from digests.storage.articles import ArticleStore
from digests.storage.categories import CategoryStore
from digests.storage.database import Database
from digests.storage.deliveries import DeliveryStore
from digests.storage.ingest import IngestStore
from digests.storage.people import PeopleStore
from digests.storage.places import PlaceStore
from digests.storage.search_index import SearchIndex


def build_bot(settings: Settings) -> DigestBot:
    """PTB's bot over our own requests and throttle. Nothing is connected yet."""
    telegram = settings.telegram
    proxy = telegram.proxy.get_secret_value()
    return ExtBot(
        token=telegram.token.get_secret_value(),
        base_url=f"{telegram.api_url}/bot",
        base_file_url=f"{telegram.api_url}/file/bot",
        request=AiohttpRequest(connections=settings.delivery.workers * 2, proxy=proxy),
        get_updates_request=AiohttpRequest(connections=2, proxy=proxy, answer_seconds=10),
        rate_limiter=Limiter(Throttle(telegram.rate, telegram.group_rate)),
    )


def build_house(settings: Settings, clock: Clock, bot: DigestBot, database: Database, owner: str) -> House:
    """All stores and use cases over one database. `owner` names this process in its leases."""
    articles, categories, deliveries = ArticleStore(database), CategoryStore(database), DeliveryStore(database)
    places = PlaceStore(database)
    return House(
        settings=settings,
        clock=clock,
        bot=bot,
        articles=articles,
        categories=categories,
        posts=IngestStore(database),
        places=places,
        deliveries=deliveries,
        announcements=AnnouncementStore(database),
        people=PeopleStore(database),
        index=SearchIndex(settings.search_path),
        planner=Planner(deliveries, articles, categories, ClassicRenderer(), layout_of(settings)),
        courier=Courier(deliveries, places, TelegramSender(bot), clock, terms_of(settings), owner),
    )


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
