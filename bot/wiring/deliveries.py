"""What plans, renders and sends deliveries, and changes them later, joined over the stores."""

from __future__ import annotations

from datetime import timedelta

from bot.limits import DELETABLE_FOR
from bot.render.layouts.options import LayoutOptions
from bot.render.renderer import DigestRenderer
from bot.telegram.client import DigestBot
from bot.telegram.copy_editor import TelegramCopyEditor
from bot.telegram.editor import TelegramEditor
from bot.telegram.limiter import Limiter
from bot.telegram.part_pictures import PartPictures
from bot.telegram.sender import TelegramSender
from bot.wiring.foundation import Foundation
from bot.wiring.media import has_mosaics, mosaic_secret, shows_pictures
from bot.wiring.stores import Stores
from config.settings import Settings
from digests.announcements.copies import CopyChangeWorker
from digests.delivery.options import DeliveryOptions
from digests.delivery.withdraw import Withdrawer
from digests.delivery.worker import DeliveryWorker
from digests.planning.news import CatchUp, nothing_to_catch_up
from digests.planning.options import DigestOptions
from digests.planning.planner import Planner
from digests.ports import Clock, MosaicsToCome


def build_delivery_worker(
    foundation: Foundation, part_pictures: PartPictures, mosaics: MosaicsToCome
) -> DeliveryWorker:
    """Return the worker that sends what is due."""
    settings, stores, client = foundation.settings, foundation.stores, foundation.client
    sender = TelegramSender(
        client.bot,
        client.throttle,
        client.bulk,
        client.people,
        paid=settings.telegram.paid,
        may_pay=settings.telegram.paid_announcements,
        on_album=stores.announcement_rows.keep_album,
        pictures=part_pictures,
    )
    return DeliveryWorker(
        stores.ledger,
        stores.deliveries,
        stores.places,
        sender,
        foundation.clock,
        delivery_options(settings),
        foundation.owner,
        mosaics,
    )


def build_withdrawer(foundation: Foundation, part_pictures: PartPictures, mosaics: MosaicsToCome) -> Withdrawer:
    """Return the use case that removes withdrawn articles, also from messages already sent."""
    settings, stores, client = foundation.settings, foundation.stores, foundation.client
    return Withdrawer(
        stores.withdrawals,
        stores.articles,
        stores.deliveries,
        build_renderer(settings),
        TelegramEditor(client.bot, client.people, Limiter(client.throttle), part_pictures),
        foundation.clock,
        picture=shows_pictures(settings),
        make_mosaics=mosaics.hurry,
    )


def build_copy_change_worker(settings: Settings, clock: Clock, bot: DigestBot, stores: Stores) -> CopyChangeWorker:
    """Return the worker that carries out edits and recalls."""
    options = delivery_options(settings)
    return CopyChangeWorker(
        stores.copy_changes,
        stores.places,
        TelegramCopyEditor(bot),
        clock,
        at_once=options.at_once,
        patience=options.retry_for,
        deletable_for=DELETABLE_FOR,
    )


def build_renderer(settings: Settings) -> DigestRenderer:
    """Return what renders digests."""
    return DigestRenderer(
        LayoutOptions(
            has_pictures=shows_pictures(settings),
            has_mosaics=has_mosaics(settings),
            has_previews=bool(settings.web.public_url),
            draws_categories=settings.media.category_tiles,
            secret=mosaic_secret(settings),
        )
    )


def build_planner(settings: Settings, stores: Stores, catch_up: CatchUp = nothing_to_catch_up) -> Planner:
    """Return the use case that plans digests."""
    return Planner(
        stores.due,
        stores.deliveries,
        stores.articles,
        stores.categories,
        build_renderer(settings),
        digest_options(settings),
        catch_up,
    )


def digest_options(settings: Settings) -> DigestOptions:
    """Return the settings that the planner needs."""
    digest = settings.digest
    return DigestOptions(
        max_items=digest.max_items,
        first_items=digest.first_items,
        picture=shows_pictures(settings),
        send_empty=digest.send_empty,
        max_late=timedelta(days=digest.max_late),
    )


def delivery_options(settings: Settings) -> DeliveryOptions:
    """Return the settings that the workers need."""
    delivery = settings.delivery
    return DeliveryOptions(
        at_once=delivery.workers,
        lease=timedelta(seconds=delivery.lease_seconds),
        retry_for=timedelta(hours=delivery.retry_hours),
        resend_unknown=delivery.uncertain == "resend",
    )
