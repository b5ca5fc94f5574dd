"""Importing chats from a list, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.chat_import import ImportedChat, ImportedWish, settle_known, settle_new
from digests.model.place import Place, PlaceKind, PlaceState
from digests.model.wish import OPPOSITES, QueryId, Subject
from digests.storage.articles.read import ingest_now
from digests.storage.bulk import batches
from digests.storage.database import Database
from digests.storage.places.rows import cancel_deliveries, to_place
from digests.storage.places.wish_rows import query_id
from digests.storage.schema.article_tables import articles
from digests.storage.schema.place_tables import places, saved_articles, subscriptions
from digests.storage.schema.wish_tables import wishes

ChatKey = tuple[int, int]


class ChatImportStore:
    """Imports chats. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def import_chats(self, chats: Sequence[ImportedChat], now: datetime) -> int:
        """Import all of the chats or, on an error, none; no chat may be listed twice. Return how many there are."""
        async with self._database.write() as connection:
            known = await self._known(connection, [chat.chat_id for chat in chats])
            subscription_counts = await self._count_subscriptions(connection, [place.id for place in known.values()])
            new: list[dict[str, Any]] = []
            subscribing: list[ImportedChat] = []
            number = await ingest_now(connection)
            for chat in chats:
                place = known.get((chat.chat_id, chat.thread_id))
                if place is None:
                    new.append(_row(chat, now) | {"window_from": number})
                elif (changed := settle_known(chat, place, subscription_counts.get(place.id, 0), now)) is None:
                    continue
                elif changed:
                    await _change(connection, place, changed)
                subscribing.append(chat)
            if new:
                await connection.execute(sa.insert(places), new)
            await self._subscribe(connection, subscribing, now)
            await self._save(connection, subscribing, now)
        return len(chats)

    async def _known(self, connection: AsyncConnection, chat_ids: Sequence[int]) -> dict[ChatKey, Place]:
        found: dict[ChatKey, Place] = {}
        for batch in batches(dict.fromkeys(chat_ids)):
            for row in await connection.execute(sa.select(places).where(places.c.chat_id.in_(batch))):
                found[row.chat_id, row.thread_id] = to_place(row)
        return found

    async def _count_subscriptions(self, connection: AsyncConnection, place_ids: Sequence[int]) -> Mapping[int, int]:
        counts: dict[int, int] = {}
        column = subscriptions.c.place_id
        for batch in batches(place_ids):
            query = sa.select(column, sa.func.count()).where(column.in_(batch)).group_by(column)
            counts |= {row[0]: row[1] for row in await connection.execute(query)}
        return counts

    async def _subscribe(self, connection: AsyncConnection, chats: Sequence[ImportedChat], now: datetime) -> None:
        known = await self._known(connection, [chat.chat_id for chat in chats])
        await self._wish(connection, chats, known, now)
        rows = [
            {"place_id": known[chat.chat_id, chat.thread_id].id, "category_id": category, "created_at": now}
            for chat in chats
            for category in sorted(chat.categories)
        ]
        if rows:
            await connection.execute(self._database.insert(subscriptions).on_conflict_do_nothing(), rows)

    async def _wish(
        self, connection: AsyncConnection, chats: Sequence[ImportedChat], known: Mapping[ChatKey, Place], now: datetime
    ) -> None:
        """Store the wishes that a list gives; one that is here already, or its opposite, stays as it is."""
        stored = {subject: await query_id(self._database, connection, subject, now) for subject in _subjects(chats)}
        rows: list[dict[str, Any]] = []
        for batch in batches(chats):
            ids = [known[chat.chat_id, chat.thread_id].id for chat in batch]
            query = sa.select(wishes).where(wishes.c.place_id.in_(ids))
            here = {(row.place_id, row.kind, row.matter, row.value) for row in await connection.execute(query)}
            for chat, place_id in zip(batch, ids, strict=True):
                for wish in chat.wishes:
                    about = (str(wish.subject.matter), wish.subject.value)
                    kinds = (wish.kind, OPPOSITES.get(wish.kind, wish.kind))
                    if not any((place_id, str(kind), *about) in here for kind in kinds):
                        here.add((place_id, str(wish.kind), *about))
                        rows.append(_wish_row(wish, place_id, stored[wish.subject], now))
        if rows:
            await connection.execute(sa.insert(wishes), rows)

    async def _save(self, connection: AsyncConnection, chats: Sequence[ImportedChat], now: datetime) -> None:
        """Save for people the articles with these addresses, as far as they are known here."""
        savers: dict[str, list[int]] = {}
        for chat in chats:
            if chat.kind is PlaceKind.PRIVATE:
                for address in chat.saved:
                    savers.setdefault(address, []).append(chat.chat_id)
        rows: dict[tuple[int, int], None] = {}
        for batch in batches(savers):
            query = sa.select(articles.c.id, articles.c.url, articles.c.original_url)
            has_address = articles.c.url.in_(batch) | articles.c.original_url.in_(batch)
            for row in await connection.execute(query.where(has_address)):
                for address in {row.url, row.original_url} & savers.keys():
                    rows.update(dict.fromkeys((user, row.id) for user in savers[address]))
        if rows:
            insert = self._database.insert(saved_articles).on_conflict_do_nothing()
            values = [{"user_id": user, "article_id": article, "at": now} for user, article in rows]
            await connection.execute(insert, values)


def _subjects(chats: Sequence[ImportedChat]) -> list[Subject]:
    return list(dict.fromkeys(wish.subject for chat in chats for wish in chat.wishes))


def _wish_row(wish: ImportedWish, place_id: int, query: QueryId | None, now: datetime) -> dict[str, Any]:
    return {
        "place_id": place_id,
        "kind": wish.kind,
        "matter": wish.subject.matter,
        "value": wish.subject.value,
        "query_id": query,
        "at_once": wish.at_once,
        "most": wish.most,
        "until": wish.until,
        "created_at": now,
    }


def _row(chat: ImportedChat, now: datetime) -> dict[str, Any]:
    identity = {"chat_id": chat.chat_id, "thread_id": chat.thread_id, "kind": chat.kind}
    return {**identity, "window_from_at": now, "created_at": now, **settle_new(chat, now)}


async def _change(connection: AsyncConnection, place: Place, changed: Mapping[str, Any]) -> None:
    at = places.c.id == place.id
    await connection.execute(sa.update(places).where(at).values(changed))
    if changed.get("state") is PlaceState.STOPPED:
        await cancel_deliveries(connection, at)
