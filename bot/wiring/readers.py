"""What readers subscribe with, look articles up with and type inline queries for, joined over the stores."""

from __future__ import annotations

from bot.handlers.covers import StartCovers
from bot.handlers.inline.queries import InlineQueries, InlineServices
from bot.handlers.recent_presses import RecentPresses
from bot.handlers.services import ArticleServices, ListOptions, ReaderServices
from bot.render.settings import DigestDefaults
from bot.wiring.contact import Contact
from bot.wiring.deliveries import build_renderer
from bot.wiring.foundation import Foundation
from bot.wiring.media import shows_pictures
from config.settings import Settings
from digests.delivery.worker import DeliveryWorker
from digests.planning.planner import Planner
from digests.planning.trial import TrialPlanner
from digests.readers.explaining import Explainer
from digests.readers.lookup import Lookup
from digests.readers.personal_lookup import PersonalLookup
from digests.readers.place_wishes import PlaceWishes
from digests.readers.reading_list import ReadingList
from digests.readers.subjects import Subjects
from digests.readers.subscriptions import Subscriptions


def build_reader_services(
    foundation: Foundation,
    contact: Contact,
    planner: Planner,
    worker: DeliveryWorker,
    wishes: PlaceWishes,
    lookup: Lookup,
    covers: StartCovers | None,
) -> ReaderServices:
    """Return the services that readers subscribe and look things up with."""
    settings, stores = foundation.settings, foundation.stores
    subscriptions = Subscriptions(stores.places, stores.categories, stores.deliveries, planner)
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
        options=list_options(settings),
        defaults=DigestDefaults(settings.digest.max_items, settings.digest.send_empty),
        covers=covers,
        menus=contact.menus,
        own_data=stores.own_data,
        look_up=build_article_services(foundation, contact, subscriptions, wishes, lookup),
    )


def build_article_services(
    foundation: Foundation, contact: Contact, subscriptions: Subscriptions, wishes: PlaceWishes, lookup: Lookup
) -> ArticleServices:
    """Return the services that articles are looked up and kept with."""
    stores = foundation.stores
    return ArticleServices(
        lookup=lookup,
        articles=stores.articles,
        categories=stores.categories,
        subscriptions=subscriptions,
        deliveries=stores.deliveries,
        people=stores.people,
        top=stores.top,
        wishes=wishes,
        reading_list=ReadingList(stores.saved, stores.articles, stores.categories),
        photos=contact.photos,
        recent=RecentPresses(),
        options=list_options(foundation.settings),
    )


def list_options(settings: Settings) -> ListOptions:
    """Return how lists of articles look."""
    return ListOptions(settings.search.page_size, settings.digest.max_items, shows_pictures(settings))


def build_inline_queries(
    foundation: Foundation, contact: Contact, lookup: Lookup, readers: ReaderServices
) -> InlineQueries:
    """Return what answers what people type behind the bot's name in any chat."""
    settings, stores = foundation.settings, foundation.stores
    return InlineQueries(
        InlineServices(
            bot=foundation.client.bot,
            messenger=contact.chats.messenger,
            access=contact.access,
            notifier=contact.notifier,
            lookup=PersonalLookup(
                lookup, stores.index, stores.articles, stores.categories, readers.subscriptions, readers.wishes
            ),
            articles=stores.articles,
            clock=foundation.clock,
            defaults=settings.digest,
            shows_pictures=shows_pictures(settings),
        )
    )
