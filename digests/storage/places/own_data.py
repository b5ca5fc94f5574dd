"""What is kept about a person or a chat: read as a whole, and deleted as a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.delivery import DeliveryKind, DeliveryState
from digests.model.dialogs import FEED_NOTE
from digests.model.ids import ArticleId, CategoryId
from digests.model.place import Place, PlaceState
from digests.model.role import Role
from digests.model.wish import QueryId, Wish
from digests.storage.articles.visibility import is_visible
from digests.storage.database import Database
from digests.storage.erasing import erasing
from digests.storage.places.rows import to_place
from digests.storage.places.wish_rows import delete_unwished, to_wish
from digests.storage.schema.article_tables import articles
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.place_tables import (
    admins,
    dialogs,
    links,
    lookups,
    managed,
    members,
    places,
    saved_articles,
    subscriptions,
)
from digests.storage.schema.wish_tables import wishes

_BATCH = 500
KEPT_DAYS = 90
"""How long searches and unfinished dialogs are kept."""
_SAVED_ADDRESSES = (
    sa.select(saved_articles.c.user_id, articles.c.url, articles.c.original_url)
    .join(articles, articles.c.id == saved_articles.c.article_id)
    .where(articles.c.url.is_not(None) | articles.c.original_url.is_not(None))
    .order_by(saved_articles.c.at, articles.c.id)
)
_GONE = (PlaceState.NEW, PlaceState.STOPPED, PlaceState.UNREACHABLE)
"""States in which a place gets nothing, and of which no reader said that they want it back."""


@dataclass(frozen=True, slots=True)
class KeptDelivery:
    """A digest or an announcement that a place got."""

    kind: DeliveryKind
    slot: datetime
    state: DeliveryState


@dataclass(frozen=True, slots=True)
class KeptPlace:
    """A place with all that refers to it."""

    place: Place
    categories: tuple[CategoryId, ...]
    wishes: tuple[Wish, ...]
    deliveries: tuple[KeptDelivery, ...]


@dataclass(frozen=True, slots=True)
class ExportedPlace:
    """A place with what it wants, and the addresses of the articles that its person saved.

    `lost_from` is the state to which an unreachable place comes back.
    """

    place: Place
    lost_from: PlaceState | None
    categories: tuple[CategoryId, ...]
    wishes: tuple[Wish, ...]
    saved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SavedArticle:
    """An article that a person saved; `url` is where it leads, "" where it leads nowhere.

    What readers don't see any more has no title either.
    """

    article: ArticleId
    title: str
    url: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class KeptData:
    """All that is kept about a chat and, in a private one, about its person.

    `feed_notes` are what buttons under feeds refer to that the person, an admin, was adding or removing.
    """

    places: tuple[KeptPlace, ...]
    searches: tuple[tuple[str, datetime], ...]
    feed_notes: tuple[tuple[str, datetime], ...]
    saved: tuple[SavedArticle, ...]
    role: Role | None
    let_in_at: datetime | None


class OwnDataStore:
    """Reads and deletes what is kept about chats. Any method may raise StorageError.

    `user_id` is the person of a private chat, whose saved articles and role count too; None for any other chat.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, chat_id: int, user_id: int | None) -> KeptData:
        """Return all that is kept."""
        async with self._database.read() as connection:
            rows = (
                await connection.execute(
                    sa.select(places).where(places.c.chat_id == chat_id).order_by(places.c.thread_id)
                )
            ).all()
            # In a group they are of single people, who saw the answers alone.
            typed = await _lookups(connection, chat_id) if user_id is not None else ()
            return KeptData(
                places=tuple([await _kept_place(connection, to_place(row)) for row in rows]),
                searches=tuple(kept for kept in typed if not kept[0].startswith(FEED_NOTE)),
                feed_notes=tuple(kept for kept in typed if kept[0].startswith(FEED_NOTE)),
                saved=await _saved(connection, user_id) if user_id is not None else (),
                role=await _role(connection, user_id) if user_id is not None else None,
                let_in_at=await connection.scalar(sa.select(members.c.granted_at).where(members.c.chat_id == chat_id)),
            )

    async def export(self) -> tuple[ExportedPlace, ...]:
        """Return every place with what it wants, in the order in which the bot met them."""
        async with self._database.read() as connection:
            categories: dict[int, list[CategoryId]] = defaultdict(list)
            for row in await connection.execute(sa.select(subscriptions).order_by(subscriptions.c.category_id)):
                categories[row.place_id].append(CategoryId(row.category_id))
            wished: dict[int, list[Wish]] = defaultdict(list)
            for row in await connection.execute(sa.select(wishes).order_by(wishes.c.id)):
                wished[row.place_id].append(to_wish(row))
            saved: dict[int, list[str]] = defaultdict(list)
            for row in await connection.execute(_SAVED_ADDRESSES):
                saved[row.user_id].append(row.url or row.original_url)
            rows = (await connection.execute(sa.select(places).order_by(places.c.id))).all()
        return tuple(
            ExportedPlace(
                place,
                PlaceState(row.lost_from) if row.lost_from and place.state is PlaceState.UNREACHABLE else None,
                tuple(categories[place.id]),
                tuple(wished[place.id]),
                tuple(saved[place.chat_id]) if not place.thread_id else (),
            )
            for row, place in ((row, to_place(row)) for row in rows)
        )

    async def forget(self, chat_id: int, user_id: int | None) -> None:
        """Delete all of it, so that nothing of it is left in the database's files either.

        What stays is a role: it is the owners' to take away, and its acts are for them to account for.
        """
        async with erasing(self._database) as connection:
            wished = await _forget_chats(connection, [chat_id])
            if user_id is not None:
                await connection.execute(sa.delete(saved_articles).where(saved_articles.c.user_id == user_id))
                await connection.execute(sa.delete(managed).where(managed.c.user_id == user_id))
                await connection.execute(sa.delete(dialogs).where(dialogs.c.user_id == user_id))
                await connection.execute(sa.update(links).where(links.c.used_by == user_id).values(used_by=None))
        await self._forget_words(wished)

    async def forget_inactive(self, before: datetime) -> int:
        """Forget all chats that get nothing any more and in which nobody was since then; return how many.

        A chat with a place that still gets digests, or is paused, stays as a whole.
        """
        others = places.alias("others")
        is_wanted = sa.exists().where(
            others.c.chat_id == places.c.chat_id, others.c.state.not_in(_GONE) | (others.c.active_at >= before)
        )
        query = sa.select(places.c.chat_id).distinct().where(~is_wanted).order_by(places.c.chat_id)
        # An admin's chat is no reader's: it is where the bot tells of trouble.
        query = query.where(places.c.chat_id.not_in(sa.select(admins.c.user_id))).limit(_BATCH)
        forgotten = 0
        while True:
            async with self._database.read() as connection:
                chats = list((await connection.execute(query)).scalars())
            if not chats:
                return forgotten
            async with erasing(self._database) as connection:
                wished = await _forget_chats(connection, chats)
                await connection.execute(sa.delete(saved_articles).where(saved_articles.c.user_id.in_(chats)))
            await self._forget_words(wished)
            forgotten += len(chats)

    async def _forget_words(self, wished: Collection[QueryId]) -> None:
        """Delete the words that were wished for there and nowhere else.

        It is a transaction of its own, since whoever matches articles locks the queries first.
        """
        if wished:
            async with erasing(self._database) as connection:
                await delete_unwished(self._database, connection, wished)


async def _kept_place(connection: AsyncConnection, place: Place) -> KeptPlace:
    followed = await connection.execute(
        sa.select(subscriptions.c.category_id)
        .where(subscriptions.c.place_id == place.id)
        .order_by(subscriptions.c.category_id)
    )
    wished = await connection.execute(sa.select(wishes).where(wishes.c.place_id == place.id).order_by(wishes.c.id))
    delivered = await connection.execute(
        sa.select(deliveries.c.kind, deliveries.c.slot, deliveries.c.state)
        .where(deliveries.c.place_id == place.id)
        .order_by(deliveries.c.slot, deliveries.c.id)
    )
    return KeptPlace(
        place,
        tuple(CategoryId(number) for number in followed.scalars()),
        tuple(to_wish(row) for row in wished),
        tuple(KeptDelivery(DeliveryKind(row.kind), row.slot, DeliveryState(row.state)) for row in delivered),
    )


async def _lookups(connection: AsyncConnection, chat_id: int) -> tuple[tuple[str, datetime], ...]:
    query = sa.select(lookups.c.query, lookups.c.at).where(lookups.c.chat_id == chat_id).order_by(lookups.c.at)
    return tuple((row.query, row.at) for row in await connection.execute(query))


async def _saved(connection: AsyncConnection, user_id: int) -> tuple[SavedArticle, ...]:
    query = (
        sa.select(
            articles.c.id,
            articles.c.title,
            articles.c.url,
            articles.c.original_url,
            saved_articles.c.at,
            is_visible().label("is_visible"),
        )
        .join(saved_articles, saved_articles.c.article_id == articles.c.id)
        .where(saved_articles.c.user_id == user_id)
        .order_by(saved_articles.c.at, articles.c.id)
    )
    return tuple(
        SavedArticle(ArticleId(row.id), row.title, row.url or row.original_url or "", row.at)
        if row.is_visible
        else SavedArticle(ArticleId(row.id), "", "", row.at)
        for row in await connection.execute(query)
    )


async def _role(connection: AsyncConnection, user_id: int) -> Role | None:
    role = await connection.scalar(sa.select(admins.c.role).where(admins.c.user_id == user_id))
    return Role(role) if role else None


async def _forget_chats(connection: AsyncConnection, chats: Sequence[int]) -> frozenset[QueryId]:
    """Delete the places of chats with all that refers to them, what was searched and asked there, and their access.

    Return the queries of what was wished for there.
    """
    theirs = sa.select(wishes.c.query_id).join(places, places.c.id == wishes.c.place_id)
    theirs = theirs.where(places.c.chat_id.in_(chats), wishes.c.query_id.is_not(None))
    wished = frozenset((await connection.execute(theirs)).scalars())
    for table in (dialogs, lookups, members, places):
        await connection.execute(sa.delete(table).where(table.c.chat_id.in_(chats)))
    return wished
