"""Whom an announcement reaches, as a condition on places, and how many they are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from digests.model.announcement import Audience, AudienceKind
from digests.model.delivery import DeliveryKind
from digests.model.ids import AnnouncementId, CategoryId
from digests.model.place import PlaceKind, PlaceState
from digests.storage.database import Database
from digests.storage.places import audience
from digests.storage.schema import deliveries, places

Condition = sa.ColumnElement[bool]
Hours = tuple[str, str]
"""A place's zone and its quiet hours, as they are stored."""


def reached(wanted: Audience, categories: Collection[CategoryId] | None, now: datetime) -> Condition:
    """The places of an audience; `categories` are its categories with all that lies in them and above them.

    A chat with several topics gets it once: in the chat itself, or else in the first of the topics that are reached.
    Others of the chat are asked for only where a place is a topic, so that it costs nothing elsewhere (measured).
    """
    rival = places.alias("rival")
    goes_before = (rival.c.thread_id == 0) | (rival.c.id < places.c.id)
    has_rival = sa.exists().where(
        rival.c.chat_id == places.c.chat_id,
        rival.c.id != places.c.id,
        goes_before,
        _meets(wanted, categories, now, rival),
    )
    return _meets(wanted, categories, now, places) & ((places.c.thread_id == 0) | ~has_rival)


def _meets(wanted: Audience, categories: Collection[CategoryId] | None, now: datetime, of: sa.FromClause) -> Condition:
    """Whoever is on a list is meant, so a list reaches those too who have chosen nothing yet."""
    condition: Condition = audience(categories, of)
    if wanted.ids and categories is None:
        condition = of.c.state.in_([PlaceState.ACTIVE, PlaceState.PAUSED, PlaceState.NEW])
    if wanted.ids:
        condition &= of.c.chat_id.in_(list(wanted.ids))
    if wanted.languages:
        condition &= of.c.language.in_(list(wanted.languages))
    if wanted.active_days:
        condition &= of.c.active_at >= now - timedelta(days=wanted.active_days)
    if wanted.kind is AudienceKind.PEOPLE:
        condition &= of.c.kind == PlaceKind.PRIVATE
    elif wanted.kind is AudienceKind.CHATS:
        condition &= of.c.kind != PlaceKind.PRIVATE
    return condition


def speaking(condition: Condition, language: str, others: Collection[str]) -> Condition:
    """Those of them who get the text of `language`; "": whose language is none of `others`."""
    if language:
        return condition & (places.c.language == language)
    return condition & places.c.language.not_in(list(others)) if others else condition


def keeping(condition: Condition, hours: Collection[Hours]) -> Condition:
    """Those of them with one of these zones and quiet hours."""
    return condition & sa.tuple_(places.c.timezone, places.c.quiet).in_(sorted(hours))


def left_out(condition: Condition, announcement_id: AnnouncementId) -> Condition:
    """Those of them for whom the announcement has no row yet."""
    planned = sa.exists().where(
        deliveries.c.place_id == places.c.id,
        deliveries.c.kind == DeliveryKind.ANNOUNCEMENT,
        deliveries.c.announcement_id == announcement_id,
    )
    return condition & ~planned


class AudienceStore:
    """Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def languages(self, condition: Condition) -> dict[str, int]:
        """How many places there are, by language."""
        query = sa.select(places.c.language, sa.func.count()).where(condition).group_by(places.c.language)
        async with self._database.read() as connection:
            return {row.language: row[1] for row in await connection.execute(query)}

    async def hours(self, condition: Condition) -> dict[Hours, int]:
        """How many places there are, by zone and quiet hours."""
        of_each = (places.c.timezone, places.c.quiet)
        query = sa.select(*of_each, sa.func.count()).where(condition).group_by(*of_each).order_by(*of_each)
        async with self._database.read() as connection:
            return {(zone, quiet): number for zone, quiet, number in await connection.execute(query)}

    async def known(self, ids: Collection[int]) -> frozenset[int]:
        """Those of these chats that the bot has met."""
        query = sa.select(places.c.chat_id).where(places.c.chat_id.in_(list(ids)))
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())
