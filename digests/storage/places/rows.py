"""Rows of the table `places`: as values, and the conditions and statements that several stores share."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.digest import DigestOrder
from digests.model.ids import CategoryId, IngestNumber, PlaceId
from digests.model.layout import Layout
from digests.model.place import Place, PlaceKind, PlaceState
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.place_tables import places, subscriptions


def to_place(row: sa.Row[*tuple[Any, ...]]) -> Place:
    """Return the place in a row that has all columns of `places`."""
    values = dict(row._mapping)
    return Place(
        id=PlaceId(values["id"]),
        chat_id=values["chat_id"],
        thread_id=values["thread_id"],
        kind=PlaceKind(values["kind"]),
        title=values["title"],
        language=values["language"],
        time=values["time"],
        timezone=values["timezone"],
        state=PlaceState(values["state"]),
        state_reason=values["state_reason"],
        next_at=values["next_at"],
        window_from=IngestNumber(values["window_from"]),
        window_from_at=values["window_from_at"],
        created_at=values["created_at"],
        active_at=values["active_at"],
        weekdays=values["weekdays"],
        quiet=values["quiet"],
        resume_at=values["resume_at"],
        least_items=values["least_items"],
        silent=values["silent"],
        layout=Layout(values["layout"]),
        refuses_magazine=values["refuses_magazine"],
        max_items=values["max_items"],
        digest_order=DigestOrder(values["digest_order"]),
        says_empty=values["says_empty"],
        has_chosen_language=values["has_chosen_language"],
        knows_zone=values["knows_zone"],
        refuses_ephemeral=values["refuses_ephemeral"],
        topic_of=values["topic_of"],
    )


PlaceRange = tuple[int, int]
"""Places by their ids: those after the first up to the second."""


def audience(
    categories: Collection[CategoryId] | None, of: sa.FromClause = places, within: PlaceRange | None = None
) -> sa.ColumnElement[bool]:
    """Return the condition for places that an announcement reaches; `within` is true of all that are asked about.

    `categories` includes descendants; None means everybody. Paused places are reached too, since their readers did not
    leave; new ones are not, since they have chosen nothing yet.
    """
    reachable = of.c.state.in_([PlaceState.ACTIVE, PlaceState.PAUSED])
    if categories is None:
        return reachable
    inside = sa.select(subscriptions.c.place_id).where(subscriptions.c.category_id.in_(list(categories)))
    if within is not None:
        inside = inside.where(subscriptions.c.place_id > within[0], subscriptions.c.place_id <= within[1])
    return reachable & of.c.id.in_(inside)


async def cancel_deliveries(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> None:
    """Cancel the pending deliveries to the places that meet the condition."""
    inside = sa.select(places.c.id).where(condition)
    await connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.place_id.in_(inside), deliveries.c.state == "pending")
        .values(state="cancelled")
    )
