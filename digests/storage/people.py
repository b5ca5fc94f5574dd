"""Who is an admin, who was let in, which one-time links are open, and what a person was about to say."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digests.storage.database import Database
from digests.storage.schema import admins, dialogs, facts, links, lookups, members
from digests.types import Role


@dataclass(frozen=True, slots=True)
class Dialog:
    """The step of a longer talk that a person is at, kept so that it survives a restart."""

    step: str
    data: dict[str, Any] = field(default_factory=dict)


class PeopleStore:
    """Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def admins(self) -> frozenset[int]:
        """Those who may do everything that an admin may: owners too, but no editors."""
        return frozenset(user for user, role in (await self.roles()).items() if role is not Role.EDITOR)

    async def roles(self) -> dict[int, Role]:
        """Everybody to whom a role was given, in that order."""
        query = sa.select(admins.c.user_id, admins.c.role).order_by(admins.c.granted_at, admins.c.user_id)
        async with self._database.read() as connection:
            return {user: Role(role) for user, role in await connection.execute(query)}

    async def grant(self, user_id: int, role: Role, now: datetime) -> None:
        await self._put(admins, {"user_id": user_id, "role": role, "granted_at": now}, ["user_id"])

    async def revoke(self, user_id: int) -> bool:
        async with self._database.write() as connection:
            result = await connection.execute(sa.delete(admins).where(admins.c.user_id == user_id))
        return bool(result.rowcount)

    async def make_owner(self, user_id: int, now: datetime) -> None:
        await self.grant(user_id, Role.OWNER, now)

    async def let_in(self, chat_id: int, now: datetime) -> None:
        await self._put(members, {"chat_id": chat_id, "granted_at": now}, ["chat_id"])

    async def is_member(self, chat_id: int) -> bool:
        async with self._database.read() as connection:
            found = await connection.scalar(sa.select(members.c.chat_id).where(members.c.chat_id == chat_id))
        return found is not None

    async def open_link(self, code: str, purpose: str, now: datetime, expires_at: datetime) -> None:
        """Only the code's hash is stored, so that a copy of the database opens no door."""
        row = {"hash": _hash(code), "purpose": purpose, "created_at": now, "expires_at": expires_at}
        async with self._database.write() as connection:
            if purpose == "owner":
                # An older owner link would be a second key to the house.
                await connection.execute(sa.delete(links).where(links.c.purpose == purpose))
            await connection.execute(sa.insert(links).values(row))

    async def use_link(self, code: str, user_id: int, now: datetime) -> str | None:
        """The purpose of a link that is open, which it is no more after this; None for any other code."""
        statement = (
            sa.update(links)
            .where(links.c.hash == _hash(code), links.c.used_by.is_(None), links.c.expires_at > now)
            .values(used_by=user_id)
            .returning(links.c.purpose)
        )
        async with self._database.write() as connection:
            purpose: str | None = await connection.scalar(statement)
        return purpose

    async def dialog(self, chat_id: int, user_id: int) -> Dialog | None:
        query = sa.select(dialogs).where(dialogs.c.chat_id == chat_id, dialogs.c.user_id == user_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return Dialog(row.step, dict(row.data)) if row else None

    async def set_dialog(self, chat_id: int, user_id: int, dialog: Dialog | None, now: datetime) -> None:
        if dialog is None:
            statement = sa.delete(dialogs).where(dialogs.c.chat_id == chat_id, dialogs.c.user_id == user_id)
            async with self._database.write() as connection:
                await connection.execute(statement)
            return
        row = {"chat_id": chat_id, "user_id": user_id, "step": dialog.step, "data": dialog.data, "at": now}
        await self._put(dialogs, row, ["chat_id", "user_id"])

    async def keep_lookup(self, query: str, now: datetime) -> int:
        """A number for a search, which fits into a button where the words would not."""
        insert = self._database.insert(lookups).values(query=query, at=now)
        statement = insert.on_conflict_do_update(index_elements=[lookups.c.query], set_={"at": now})
        async with self._database.write() as connection:
            return int((await connection.execute(statement.returning(lookups.c.id))).scalar_one())

    async def lookup(self, number: int) -> str | None:
        async with self._database.read() as connection:
            found: str | None = await connection.scalar(sa.select(lookups.c.query).where(lookups.c.id == number))
        return found

    async def note(self, name: str, value: str, now: datetime) -> None:
        """Keeps a fact about the running bot, such as its last scan."""
        await self._put(facts, {"name": name, "value": value, "at": now}, ["name"])

    async def fact(self, name: str) -> tuple[str, datetime] | None:
        query = sa.select(facts.c.value, facts.c.at).where(facts.c.name == name)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return (row.value, row.at) if row else None

    async def forget_fact(self, name: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.delete(facts).where(facts.c.name == name))

    async def tidy(self, before: datetime) -> None:
        """Forgets talks, searches and links that were left lying since before then."""
        async with self._database.write() as connection:
            await connection.execute(sa.delete(dialogs).where(dialogs.c.at < before))
            await connection.execute(sa.delete(lookups).where(lookups.c.at < before))
            await connection.execute(sa.delete(links).where(links.c.expires_at < before))

    async def _put(self, table: sa.Table, row: dict[str, Any], key: list[str]) -> None:
        insert = self._database.insert(table).values(row)
        changed = {name: insert.excluded[name] for name in row if name not in key}
        async with self._database.write() as connection:
            await connection.execute(insert.on_conflict_do_update(index_elements=key, set_=changed))


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
