"""Builds what announcements are written, planned, sent and changed with."""

from __future__ import annotations

from collections.abc import Callable

from bot.handlers.services import AnnouncementServices, SendRates
from bot.wiring.stores import Stores
from config.settings import Settings
from digests.announcements.broadcast import Broadcaster
from digests.announcements.edit import AnnouncementEditor
from digests.announcements.upkeep import AnnouncementUpkeep, PausePolicy


def build_announcement_services(
    settings: Settings, stores: Stores, wake: Callable[[str], None]
) -> AnnouncementServices:
    """Return the services that announcements are written, sent and changed with."""
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


def build_broadcaster(stores: Stores) -> Broadcaster:
    """Return the use case that plans announcements to their audiences."""
    return Broadcaster(
        stores.announcements, stores.announcement_rows, stores.audiences, stores.deliveries, stores.categories
    )


def build_announcement_editor(stores: Stores) -> AnnouncementEditor:
    """Return the use case that edits and recalls announcements already sent."""
    return AnnouncementEditor(stores.announcements, build_broadcaster(stores), stores.copy_changes)


def build_upkeep(settings: Settings, stores: Stores) -> AnnouncementUpkeep:
    """Return the use case that pauses failing announcements and finishes complete ones."""
    delivery = settings.delivery
    return AnnouncementUpkeep(
        stores.announcements,
        build_broadcaster(stores),
        stores.announcement_rows,
        stores.copy_changes,
        stores.audit,
        PausePolicy(delivery.pause_failures, delivery.workers),
    )
