"""Builds the bot from the settings: every use case, every handler, and what sends for them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.handlers.access import Access
from bot.handlers.admins.alert_notices import AlertNotices
from bot.handlers.admins.feed_notices import FeedNotices
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.commands import Routes, build_routes
from bot.handlers.context import ChatClient
from bot.handlers.contexts import Contexts
from bot.handlers.inline.queries import InlineQueries
from bot.handlers.places.memberships import Memberships
from bot.handlers.router import Router, RouterServices
from bot.handlers.services import AdminServices, AnnouncementServices, FeedServices, PlaceServices, ReaderServices
from bot.telegram.topics import TelegramTopics
from bot.wiring.admins import build_admin_services
from bot.wiring.announcements import build_announcement_services
from bot.wiring.contact import Contact, build_contact
from bot.wiring.deliveries import (
    build_copy_change_worker,
    build_delivery_worker,
    build_planner,
    build_renderer,
    build_withdrawer,
)
from bot.wiring.feed_services import build_feed_services
from bot.wiring.foundation import Foundation
from bot.wiring.media import Media, build_media, shows_pictures
from bot.wiring.readers import build_inline_queries, build_reader_services
from bot.wiring.wishes import Wishing, build_place_wishes, build_wishing
from digests.announcements.copies import CopyChangeWorker
from digests.delivery.withdraw import Withdrawer
from digests.delivery.worker import DeliveryWorker
from digests.feeds.book import FeedBook
from digests.operation.statistics import StatisticsKeeper
from digests.planning.planner import Planner
from digests.planning.writing import DigestWriter
from digests.readers.lookup import Lookup
from digests.readers.private_topics import PrivateTopics


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


def build_parts(foundation: Foundation, book: FeedBook) -> Parts:
    """Join all use cases and handlers."""
    settings, clock, stores = foundation.settings, foundation.clock, foundation.stores
    media = build_media(settings, clock, stores, lambda: worker.is_busy)
    contact = build_contact(foundation, media.own)
    writer = DigestWriter(build_renderer(settings), with_picture=shows_pictures(settings))
    wishing = build_wishing(settings, clock, stores, writer, foundation.wake)
    planner = build_planner(settings, stores, wishing.matcher.catch_up)
    worker = build_delivery_worker(foundation, contact.part_pictures, media.mosaics)
    withdrawer = build_withdrawer(foundation, contact.part_pictures, media.mosaics)
    lookup = Lookup(stores.index, stores.articles, stores.hidden)
    wishes = build_place_wishes(settings, clock, stores, wishing.matcher)
    readers = build_reader_services(foundation, contact, planner, worker, wishes, lookup, media.covers)
    admins = build_admin_services(foundation, contact, withdrawer, lookup, media)
    announcements = build_announcement_services(settings, stores, foundation.wake)
    feeds = build_feed_services(stores, book, foundation.wake, foundation.owner, clock)
    private_topics = PrivateTopics(stores.private_topics, stores.categories, TelegramTopics(foundation.client.bot))
    places = PlaceServices(stores.places, stores.managed, stores.people, private_topics)
    reporter = Reporter(announcements, contact.access, contact.notifier, contact.chats.screens)
    routes = build_routes(readers, admins, announcements, places, feeds, reporter)
    inline = build_inline_queries(foundation, contact, lookup, readers)
    return Parts(
        chats=contact.chats,
        access=contact.access,
        readers=readers,
        admins=admins,
        announcements=announcements,
        feeds=feeds,
        wishing=wishing,
        planner=planner,
        delivery_worker=worker,
        withdrawer=withdrawer,
        copy_change_worker=build_copy_change_worker(settings, clock, foundation.client.bot, stores),
        reporter=reporter,
        router=build_router(foundation, contact, routes, inline),
        routes=routes,
        private_topics=private_topics,
        statistics=admins.statistics,
        media=media,
        feed_notices=FeedNotices(contact.access, contact.notifier, clock),
        alert_notices=AlertNotices(contact.access, contact.notifier, clock),
    )


def build_router(foundation: Foundation, contact: Contact, routes: Routes, inline: InlineQueries) -> Router:
    """Return what leads each update to its handler."""
    settings, clock, stores, bot = foundation.settings, foundation.clock, foundation.stores, foundation.client.bot
    access, notifier = contact.access, contact.notifier
    return Router(
        RouterServices(
            bot=bot,
            contexts=Contexts(contact.chats, clock, access, notifier, stores.audit, stores.places, settings.digest),
            invitations=contact.invitations,
            memberships=Memberships(bot, stores.places, stores.managed, stores.people, access, notifier, clock),
            menus=contact.menus,
            notifier=notifier,
            places=stores.places,
            managed=stores.managed,
            deliveries=stores.deliveries,
            inline=inline,
        ),
        routes,
    )
