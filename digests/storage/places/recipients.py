"""The recipients of announcements, as a condition on places."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from digests.model.announcement import AudienceKind
from digests.model.delivery import DeliveryKind
from digests.model.place import PlaceKind, PlaceState
from digests.model.recipients import Recipients
from digests.storage.places.rows import PlaceRange, audience
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.place_tables import places

Condition = sa.ColumnElement[bool]


def is_recipient(recipients: Recipients, of: sa.FromClause = places, within: PlaceRange | None = None) -> Condition:
    """Return the condition for the places, rows of `of`, that are among the recipients; all of them lie `within`.

    A chat with several topics gets an announcement once: in the chat itself or, failing that, in the first of the
    topics that are reached. The chat's other places are looked up only if a place is a topic, so that chats without
    topics cost nothing extra (measured).
    """
    rival = places.alias("rival")
    goes_before = (rival.c.thread_id == 0) | (rival.c.id < of.c.id)
    has_rival = sa.exists().where(
        rival.c.chat_id == of.c.chat_id,
        rival.c.id != of.c.id,
        goes_before,
        _is_in_audience(recipients, rival),
    )
    condition = _is_in_audience(recipients, of, within) & ((of.c.thread_id == 0) | ~has_rival)
    if recipients.language:
        condition &= of.c.language == recipients.language
    elif recipients.own_languages:
        condition &= of.c.language.not_in(list(recipients.own_languages))
    if recipients.hours is not None:
        condition &= sa.tuple_(of.c.timezone, of.c.quiet).in_(sorted(recipients.hours))
    if recipients.without_row_of is not None:
        condition &= ~sa.exists().where(
            deliveries.c.place_id == of.c.id,
            deliveries.c.kind == DeliveryKind.ANNOUNCEMENT,
            deliveries.c.announcement_id == recipients.without_row_of,
        )
    return condition


def _is_in_audience(recipients: Recipients, of: sa.FromClause, within: PlaceRange | None = None) -> Condition:
    """Return the condition for places in the audience; a list of ids also reaches places that chose nothing yet."""
    wanted, categories = recipients.audience, recipients.categories
    condition: Condition = audience(categories, of, within)
    if wanted.ids and categories is None:
        condition = of.c.state.in_([PlaceState.ACTIVE, PlaceState.PAUSED, PlaceState.NEW])
    if wanted.ids:
        condition &= of.c.chat_id.in_(list(wanted.ids))
    if wanted.languages:
        condition &= of.c.language.in_(list(wanted.languages))
    if wanted.active_days:
        condition &= of.c.active_at >= recipients.now - timedelta(days=wanted.active_days)
    if wanted.kind is AudienceKind.PEOPLE:
        condition &= of.c.kind == PlaceKind.PRIVATE
    elif wanted.kind is AudienceKind.CHATS:
        condition &= of.c.kind != PlaceKind.PRIVATE
    return condition
