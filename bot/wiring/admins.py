"""What admins and owners work with, joined over the stores."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.handlers.covers import StartCovers
from bot.handlers.services import AdminServices
from bot.wiring.contact import Contact
from bot.wiring.foundation import Foundation
from bot.wiring.media import Media
from bot.wiring.stores import Stores, build_health
from digests.delivery.withdraw import Withdrawer
from digests.media.work import draw_chart
from digests.operation.statistics import StatisticsKeeper
from digests.readers.curation import Curation
from digests.readers.lookup import Lookup


def build_admin_services(
    foundation: Foundation, contact: Contact, withdrawer: Withdrawer, lookup: Lookup, media: Media
) -> AdminServices:
    """Return the services that admins curate, invite and look after the bot with."""
    stores = foundation.stores
    return AdminServices(
        people=stores.people,
        menus=contact.menus,
        invitations=contact.invitations,
        curation=build_curation(stores, withdrawer, lookup, media.covers, foundation.wake),
        health=build_health(foundation.settings, stores),
        statistics=StatisticsKeeper(stores.daily_counts, stores.categories),
        draw_chart=partial(media.drawing, draw_chart),
        ledger=stores.ledger,
        audit=stores.audit,
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
