"""Whom an announcement reaches, as a condition on places, and how many they are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from digests.announcement import Audience, Kind
from digests.storage.database import Database
from digests.storage.places import audience
from digests.storage.schema import places
from digests.types import CategoryId, PlaceKind, PlaceState

Condition = sa.ColumnElement[bool]


def reached(wanted: Audience, categories: Collection[CategoryId] | None, now: datetime) -> Condition:
    """The places of an audience; `categories` are its categories with all that lies in them and above them.

    Who is on a list is meant himself, so a list reaches those too who have chosen nothing yet.
    """
    condition: Condition = audience(categories)
    if wanted.ids and categories is None:
        condition = places.c.state.in_([PlaceState.ACTIVE, PlaceState.PAUSED, PlaceState.NEW])
    if wanted.ids:
        condition &= places.c.chat_id.in_(list(wanted.ids))
    if wanted.languages:
        condition &= places.c.language.in_(list(wanted.languages))
    if wanted.active_days:
        condition &= places.c.active_at >= now - timedelta(days=wanted.active_days)
    if wanted.kind is Kind.PEOPLE:
        condition &= places.c.kind == PlaceKind.PRIVATE
    elif wanted.kind is Kind.CHATS:
        condition &= places.c.kind != PlaceKind.PRIVATE
    return condition


def speaking(condition: Condition, language: str, others: Collection[str]) -> Condition:
    """Those of them who get the text of `language`; "": whose language is none of `others`."""
    if language:
        return condition & (places.c.language == language)
    return condition & places.c.language.not_in(list(others)) if others else condition


def living_in(condition: Condition, zones: Collection[str]) -> Condition:
    return condition & places.c.timezone.in_(list(zones))


class AudienceStore:
    """Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def languages(self, condition: Condition) -> dict[str, int]:
        """How many places there are, by language."""
        query = sa.select(places.c.language, sa.func.count()).where(condition).group_by(places.c.language)
        async with self._database.read() as connection:
            return {row.language: row[1] for row in await connection.execute(query)}

    async def zones(self, condition: Condition) -> tuple[str, ...]:
        query = sa.select(places.c.timezone).where(condition).distinct().order_by(places.c.timezone)
        async with self._database.read() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def known(self, ids: Collection[int]) -> frozenset[int]:
        """Those of these chats that the bot has met."""
        query = sa.select(places.c.chat_id).where(places.c.chat_id.in_(list(ids)))
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())
