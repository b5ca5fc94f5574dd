"""What goes on in the categories, read for those who browse them: all of it in one statement."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from digests.model.category_activity import ALIVE_FOR, FEWEST_CHATS, NEW_FOR, CategoryActivity
from digests.model.ids import CategoryId
from digests.model.place import PlaceState
from digests.storage.articles.visibility import is_visible
from digests.storage.columns import UtcDateTime
from digests.storage.database import Database
from digests.storage.schema.article_tables import article_categories, articles
from digests.storage.schema.place_tables import places, subscriptions

_RECENT, _FOLLOWED = "recent", "followed"


async def read_activity(database: Database, now: datetime) -> CategoryActivity:
    """Return what goes on at this moment. May raise StorageError."""
    values = {"now": now, "alive": now - ALIVE_FOR, "new": now - NEW_FOR}

    def work(connection: sa.Connection) -> CategoryActivity:
        recent: dict[CategoryId, int] = {}
        new: dict[CategoryId, int] = {}
        followed: list[tuple[int, CategoryId]] = []
        for kind, category, number, new_number in connection.execute(_statement(), values):
            if kind == _FOLLOWED:
                followed.append((-number, CategoryId(category)))
                continue
            recent[CategoryId(category)] = number
            if new_number:
                new[CategoryId(category)] = new_number
        return CategoryActivity(recent, new, tuple(category for _, category in sorted(followed)))

    return await database.run(work)


@cache
def _statement() -> sa.CompoundSelect[*tuple[Any, ...]]:
    now, alive, new = (sa.bindparam(name, type_=UtcDateTime()) for name in ("now", "alive", "new"))
    links, shown_at = article_categories, articles.c.shown_at
    # What was first seen today is new, as it is to digests; what an archive brought is not.
    is_new = articles.c.fresh & (articles.c.first_seen_at > new)
    recent = (
        sa.select(
            sa.literal(_RECENT, literal_execute=True),
            links.c.category_id,
            sa.func.count(),
            sa.func.sum(sa.case((is_new, 1), else_=0)),
        )
        .select_from(articles.join(links, links.c.article_id == articles.c.id))
        .where(shown_at > alive, shown_at <= now, is_visible())
        .group_by(links.c.category_id)
    )
    chats = sa.func.count(sa.distinct(places.c.chat_id))
    # Whoever is still choosing, or has left, makes nothing popular.
    followed = (
        sa.select(
            sa.literal(_FOLLOWED, literal_execute=True),
            subscriptions.c.category_id,
            chats,
            sa.literal(0, literal_execute=True),
        )
        .select_from(subscriptions.join(places, places.c.id == subscriptions.c.place_id))
        .where(places.c.state.in_([PlaceState.ACTIVE, PlaceState.PAUSED]))
        .group_by(subscriptions.c.category_id)
        .having(chats >= FEWEST_CHATS)
    )
    return sa.union_all(recent, followed)
