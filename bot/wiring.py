"""Builds the bot from the settings: every use case, every handler, and what sends for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bot.announcing import build_announcement_services
from bot.delivering import (
    build_copy_change_worker,
    build_delivery_worker,
    build_planner,
    build_renderer,
    build_withdrawer,
)
from bot.feed_screens import build_feed_services
from bot.handlers.access import Access
from bot.handlers.admins.alert_notices import AlertNotices
from bot.handlers.admins.feed_notices import FeedNotices
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.commands import COMMANDS, Routes, build_routes
from bot.handlers.context import ChatClient
from bot.handlers.contexts import Contexts
from bot.handlers.covers import StartCovers
from bot.handlers.inline.queries import InlineQueries, InlineServices
from bot.handlers.invitations import Invitations
from bot.handlers.menus import CommandMenus
from bot.handlers.notifier import Notifier
from bot.handlers.places.memberships import Memberships
from bot.handlers.recent_presses import RecentPresses
from bot.handlers.router import Router, RouterServices
from bot.handlers.services import (
    AdminServices,
    AnnouncementServices,
    ArticleServices,
    FeedServices,
    ListOptions,
    PlaceServices,
    ReaderServices,
)
from bot.media import Media, build_media, shows_pictures
from bot.render.settings import DigestDefaults
from bot.stores import Stores, build_health
from bot.telegram.client import TelegramClient
from bot.telegram.contents import PreviewSender
from bot.telegram.ephemeral import EphemeralSender
from bot.telegram.known_pictures import KnownPictures
from bot.telegram.limiter import Limiter
from bot.telegram.messenger import Messenger
from bot.telegram.part_pictures import PartPictures
from bot.telegram.photos import ArticlePhotos, UploadedPhotos
from bot.telegram.press_answers import PressAnswers
from bot.telegram.screens import Screens
from bot.telegram.topics import TelegramTopics
from bot.wishing import Wishing, build_place_wishes, build_wishing
from config.settings import Settings
from digests.announcements.copies import CopyChangeWorker
from digests.curation import Curation
from digests.delivery.withdraw import Withdrawer
from digests.delivery.worker import DeliveryWorker
from digests.explaining import Explainer
from digests.feeds.book import FeedBook
from digests.lookup import Lookup
from digests.media.work import draw_chart
from digests.personal_lookup import PersonalLookup
from digests.place_wishes import PlaceWishes
from digests.planning.planner import Planner
from digests.planning.trial import TrialPlanner
from digests.planning.writing import DigestWriter
from digests.ports import Clock
from digests.private_topics import PrivateTopics
from digests.reading_list import ReadingList
from digests.statistics import StatisticsKeeper
from digests.storage.visitors import VisitorStore
from digests.subjects import Subjects
from digests.subscriptions import Subscriptions


@dataclass(frozen=True, slots=True)
class Parts:
    """What the running bot is made of, besides its stores."""

    chats: ChatClient
    access: Access
    readers: ReaderServices
    admins: AdminServices
    announcements: AnnouncementServices
    feeds: FeedServices
    wishing: Wishing
    planner: Planner
    delivery_worker: DeliveryWorker
    withdrawer: Withdrawer
    copy_change_worker: CopyChangeWorker
    reporter: Reporter
    router: Router
    routes: Routes
    private_topics: PrivateTopics
    statistics: StatisticsKeeper
    media: Media
    feed_notices: FeedNotices
    alert_notices: AlertNotices


def build_parts(
    settings: Settings,
    clock: Clock,
    client: TelegramClient,
    stores: Stores,
    owner: str,
    wake: Callable[[str], None],
    book: FeedBook,
) -> Parts:
    """Join all use cases and handlers over the stores.

    `owner` names this process in its leases; `wake` runs a job, given its name, as soon as possible.
    """
    media = build_media(settings, clock, stores, lambda: worker.is_busy)
    known = KnownPictures(media.own)
    photos = UploadedPhotos(stores.people, clock, known)
    messenger = Messenger(client.bot.base_url, client.people, Limiter(client.throttle), photos)
    screens = Screens(messenger, stores.places.mark_lost, seconds=1 / settings.telegram.chat_rate)
    part_pictures = PartPictures(media.own, settings.web.public_url)
    ephemeral = EphemeralSender(messenger, stores.places.refuse_ephemeral, is_on=settings.chat.ephemeral)
    previews = PreviewSender(messenger, part_pictures)
    chats = ChatClient(client.bot, messenger, screens, PressAnswers(messenger), previews, ephemeral)
    access = Access(settings, VisitorStore(stores.database), stores.people)
    notifier = Notifier(client.bot, stores.places, settings.chat.language)
    menus = CommandMenus(client.bot, COMMANDS, settings.chat.language)
    is_needed = settings.chat.access == "invite"
    invitations = Invitations(
        client.bot, stores.people, access, notifier, menus, stores.audit, clock, is_needed=is_needed
    )
    writer = DigestWriter(build_renderer(settings), with_picture=shows_pictures(settings))
    wishing = build_wishing(settings, clock, stores, writer, wake)
    planner = build_planner(settings, stores, wishing.matcher.catch_up)
    statistics = StatisticsKeeper(stores.daily_counts, stores.categories)
    worker = build_delivery_worker(settings, clock, client, stores, owner, part_pictures, media.mosaics)
    withdrawer = build_withdrawer(settings, clock, client, stores, part_pictures, media.mosaics)
    lookup = Lookup(stores.index, stores.articles, stores.hidden)
    shown = ArticlePhotos(known)
    wishes = build_place_wishes(settings, clock, stores, wishing.matcher)
    readers = build_reader_services(settings, stores, planner, worker, lookup, media.covers, shown, wishes, menus)
    admins = AdminServices(
        people=stores.people,
        menus=menus,
        invitations=invitations,
        curation=build_curation(stores, withdrawer, lookup, media.covers, wake),
        health=build_health(settings, stores),
        statistics=statistics,
        draw_chart=partial(media.drawing, draw_chart),
        ledger=stores.ledger,
        audit=stores.audit,
    )
    announcements = build_announcement_services(settings, stores, wake)
    feeds = build_feed_services(stores, book, wake, owner, clock)
    private_topics = PrivateTopics(stores.private_topics, stores.categories, TelegramTopics(client.bot))
    reporter = Reporter(announcements, access, notifier, screens)
    routes = build_routes(
        readers,
        admins,
        announcements,
        PlaceServices(stores.places, stores.managed, stores.people, private_topics),
        feeds,
        reporter,
    )
    router = Router(
        RouterServices(
            bot=client.bot,
            contexts=Contexts(chats, clock, access, notifier, stores.audit, stores.places, settings.digest),
            invitations=invitations,
            memberships=Memberships(client.bot, stores.places, stores.managed, stores.people, access, notifier, clock),
            menus=menus,
            notifier=notifier,
            places=stores.places,
            managed=stores.managed,
            deliveries=stores.deliveries,
            inline=InlineQueries(
                InlineServices(
                    bot=client.bot,
                    messenger=messenger,
                    access=access,
                    notifier=notifier,
                    lookup=build_personal_lookup(stores, lookup, readers),
                    articles=stores.articles,
                    clock=clock,
                    defaults=settings.digest,
                    shows_pictures=shows_pictures(settings),
                )
            ),
        ),
        routes,
    )
    return Parts(
        chats=chats,
        access=access,
        readers=readers,
        admins=admins,
        announcements=announcements,
        feeds=feeds,
        wishing=wishing,
        planner=planner,
        delivery_worker=worker,
        withdrawer=withdrawer,
        copy_change_worker=build_copy_change_worker(settings, clock, client.bot, stores),
        reporter=reporter,
        router=router,
        routes=routes,
        private_topics=private_topics,
        statistics=statistics,
        media=media,
        feed_notices=FeedNotices(access, notifier, clock),
        alert_notices=AlertNotices(access, notifier, clock),
    )


def build_curation(
    stores: Stores, withdrawer: Withdrawer, lookup: Lookup, covers: StartCovers | None, wake: Callable[[str], None]
) -> Curation:
    """Return the use case that hides and withdraws, also from the covers that greet new readers."""

    def changed() -> None:
        if covers is not None:
            covers.forget()
        # In all processes that answer readers.
        wake("curation")

    return Curation(
        stores.hidden, withdrawer, stores.articles, stores.categories, lookup, stores.index, on_change=changed
    )


def build_reader_services(
    settings: Settings,
    stores: Stores,
    planner: Planner,
    worker: DeliveryWorker,
    lookup: Lookup,
    covers: StartCovers | None,
    photos: ArticlePhotos,
    wishes: PlaceWishes,
    menus: CommandMenus,
) -> ReaderServices:
    """Return the services that readers subscribe and look things up with."""
    subscriptions = Subscriptions(stores.places, stores.categories, stores.deliveries, planner)
    options = ListOptions(settings.search.page_size, settings.digest.max_items, shows_pictures(settings))
    return ReaderServices(
        subscriptions=subscriptions,
        planner=planner,
        explainer=Explainer(planner, stores.articles, stores.categories, stores.wishes, stores.history),
        wishes=wishes,
        subjects=Subjects(stores.categories, stores.subjects, stores.index),
        most_at_once=settings.wishes.at_once_per_day,
        ledger_days=settings.retention.ledger,
        trials=TrialPlanner(
            stores.deliveries, stores.articles, build_renderer(settings), with_picture=shows_pictures(settings)
        ),
        categories=stores.categories,
        articles=stores.articles,
        deliveries=stores.deliveries,
        delivery_worker=worker,
        people=stores.people,
        managed=stores.managed,
        options=options,
        defaults=DigestDefaults(settings.digest.max_items, settings.digest.send_empty),
        covers=covers,
        menus=menus,
        own_data=stores.own_data,
        look_up=ArticleServices(
            lookup=lookup,
            articles=stores.articles,
            categories=stores.categories,
            subscriptions=subscriptions,
            deliveries=stores.deliveries,
            people=stores.people,
            top=stores.top,
            wishes=wishes,
            reading_list=ReadingList(stores.saved, stores.articles, stores.categories),
            photos=photos,
            recent=RecentPresses(),
            options=options,
        ),
    )


def build_personal_lookup(stores: Stores, lookup: Lookup, readers: ReaderServices) -> PersonalLookup:
    """Return the use case that finds what one person is shown in inline mode."""
    return PersonalLookup(
        lookup, stores.index, stores.articles, stores.categories, readers.subscriptions, readers.wishes
    )
