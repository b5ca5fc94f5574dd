"""People: their roles, who was let in, one-time links, unfinished dialogs and their searches."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from config.accounts import ACCOUNTS_OF_TELEGRAM, LARGEST_ID, is_group, is_person
from digests.errors import InvalidInput
from digests.model.dialogs import Dialog
from digests.model.role import Role
from digests.storage.database import Database
from digests.storage.engine.first_write import repeatable_writes
from digests.storage.people.dialogs import dialog_of, dialog_row
from digests.storage.schema.base import facts
from digests.storage.schema.place_tables import admins, dialogs, links, lookups, members

OWNER_LINK = "owner"
INVITE_LINK = "invite"
_TOKEN_BYTES = 12
_ANYBODY_HAS_A_ROLE = sa.exists().where(
    admins.c.user_id.between(1, LARGEST_ID), admins.c.user_id.not_in(list(ACCOUNTS_OF_TELEGRAM))
)


class PeopleStore:
    """Stores what the bot knows of people. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def admins(self) -> frozenset[int]:
        """Return everybody who may do what an admin may: owners too, but not editors."""
        return frozenset(user for user, role in (await self.roles()).items() if role is not Role.EDITOR)

    async def roles(self) -> dict[int, Role]:
        """Return everybody with a role, in the order in which roles were granted.

        An id that is not a person's has no role, whatever is stored.
        """
        query = sa.select(admins.c.user_id, admins.c.role).order_by(admins.c.granted_at, admins.c.user_id)

        def work(connection: sa.Connection) -> dict[int, Role]:
            return {user: Role(role) for user, role in connection.execute(query) if is_person(user)}

        return await self._database.peek(work)

    async def grant(self, user_id: int, role: Role, now: datetime) -> None:
        """Give a person a role, in place of any other.

        Raises:
            InvalidInput: The id is not a person's.
        """
        async with self._database.write() as connection:
            await self._grant(connection, user_id, role, now)

    async def _grant(self, connection: AsyncConnection, user_id: int, role: Role, now: datetime) -> None:
        if not is_person(user_id):
            raise InvalidInput(f"{user_id} can't have a role: that is not a person's id.")
        # Once anybody has a role, the owner link of the first start must not work any more.
        await connection.execute(sa.delete(links).where(links.c.purpose == OWNER_LINK))
        await self._upsert_in(connection, admins, {"user_id": user_id, "role": role, "granted_at": now}, ["user_id"])

    async def revoke(self, user_id: int) -> bool:
        """Take away a person's role, and return whether they had one."""
        async with self._database.write() as connection:
            result = await connection.execute(sa.delete(admins).where(admins.c.user_id == user_id))
        return bool(result.rowcount)

    async def make_owner(self, user_id: int, now: datetime) -> None:
        """Make a person an owner; raise InvalidInput if the id is not a person's."""
        await self.grant(user_id, Role.OWNER, now)

    async def let_in(self, chat_id: int, now: datetime) -> None:
        """Let in a person, or a whole group.

        Raises:
            InvalidInput: The id is neither a person's nor a group's.
        """
        async with self._database.write() as connection:
            await self._let_in(connection, chat_id, now)

    async def _let_in(self, connection: AsyncConnection, chat_id: int, now: datetime) -> None:
        if not (is_person(chat_id) or is_group(chat_id)):
            raise InvalidInput(f"{chat_id} can't be let in: that is neither a person's id nor a group's.")
        await self._upsert_in(connection, members, {"chat_id": chat_id, "granted_at": now}, ["chat_id"])

    async def is_member(self, chat_id: int) -> bool:
        """Return whether a person or a group was let in; any other id never is, whatever is stored."""
        if not (is_person(chat_id) or is_group(chat_id)):
            return False
        query = sa.select(members.c.chat_id).where(members.c.chat_id == chat_id)
        return await self._database.peek(lambda connection: connection.scalar(query)) is not None

    async def open_owner_link(self, code: str, now: datetime, expires_at: datetime) -> bool:
        """Open the only link by which somebody becomes the owner; return False, without one, if anybody has a role."""
        async with self._database.write() as connection:
            await connection.execute(sa.delete(links).where(links.c.purpose == OWNER_LINK))
            if await connection.scalar(sa.select(sa.literal(1)).where(_ANYBODY_HAS_A_ROLE)):
                return False
            await connection.execute(sa.insert(links).values(_link(code, OWNER_LINK, now, expires_at)))
        return True

    async def close_owner_link(self) -> None:
        """Close the link by which somebody becomes the owner, if it is open."""
        async with self._database.write() as connection:
            await connection.execute(sa.delete(links).where(links.c.purpose == OWNER_LINK))

    async def use_owner_link(self, code: str, user_id: int, now: datetime) -> bool:
        """Make a person the owner by using up the open link; return False if it is not open or anybody has a role.

        Both are checked in the transaction that uses the link: of two people who open it at once, one becomes the
        owner.
        """
        async with self._database.write() as connection:
            if not await connection.scalar(_use_link(code, OWNER_LINK, user_id, now).where(~_ANYBODY_HAS_A_ROLE)):
                return False
            await self._grant(connection, user_id, Role.OWNER, now)
        return True

    async def open_invite(self, code: str, now: datetime, expires_at: datetime) -> None:
        """Open an invitation; only the code's hash is stored, so that a copy of the database lets nobody in."""
        async with self._database.write() as connection:
            await connection.execute(sa.insert(links).values(_link(code, INVITE_LINK, now, expires_at)))

    async def use_invite(self, code: str, user_id: int, chat_id: int, now: datetime) -> bool:
        """Let in `chat_id`, a person or a group, by an invitation that `user_id` used; return whether it was open."""
        async with self._database.write() as connection:
            if not await connection.scalar(_use_link(code, INVITE_LINK, user_id, now)):
                return False
            await self._let_in(connection, chat_id, now)
        return True

    async def dialog(self, chat_id: int, user_id: int) -> Dialog | None:
        """Return the person's unfinished dialog in this chat."""
        query = sa.select(dialogs).where(dialogs.c.chat_id == chat_id, dialogs.c.user_id == user_id)

        def work(connection: sa.Connection) -> Dialog | None:
            row = connection.execute(query).first()
            return dialog_of(row.step, row.data) if row else None

        return await self._database.peek(work)

    async def set_dialog(self, chat_id: int, user_id: int, dialog: Dialog | None, now: datetime) -> None:
        """Store the person's dialog in this chat, so that it survives a restart; None ends it."""
        if dialog is None:
            statement = sa.delete(dialogs).where(dialogs.c.chat_id == chat_id, dialogs.c.user_id == user_id)
            async with self._database.write() as connection:
                await connection.execute(statement)
            return
        step, data = dialog_row(dialog)
        row = {"chat_id": chat_id, "user_id": user_id, "step": step, "data": data, "at": now}
        await self._upsert(dialogs, row, ["chat_id", "user_id"])

    async def keep_lookup(self, chat_id: int, query: str, now: datetime) -> str:
        """Store a search and return a token for it, which fits into a button where the words would not.

        The token is of no use in any other chat and can't be guessed: what people search for is private.
        """
        row = {"token": secrets.token_urlsafe(_TOKEN_BYTES), "chat_id": chat_id, "query": query, "at": now}
        insert = self._database.insert(lookups).values(row)
        statement = insert.on_conflict_do_update(index_elements=["chat_id", "query"], set_={"at": now})
        returning = statement.returning(lookups.c.token)
        # Searched again, it is the same: a search whose answer did not go out is done again after a crash.
        with repeatable_writes():
            return await self._database.change(lambda connection: str(connection.execute(returning).scalar_one()))

    async def lookup(self, chat_id: int, token: str) -> str | None:
        """Return the search that this chat stored under the token."""
        query = sa.select(lookups.c.query).where((lookups.c.token == token) & (lookups.c.chat_id == chat_id))
        found: str | None = await self._database.peek(lambda connection: connection.scalar(query))
        return found

    async def note(self, name: str, value: str, now: datetime) -> None:
        """Store a fact about the running bot, such as its last scan."""
        await self._upsert(facts, {"name": name, "value": value, "at": now}, ["name"])

    async def fact(self, name: str) -> tuple[str, datetime] | None:
        """Return a stored fact and when it was stored."""
        query = sa.select(facts.c.value, facts.c.at).where(facts.c.name == name)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return (row.value, row.at) if row else None

    async def exchange_fact(self, name: str, before: str | None, value: str, now: datetime) -> bool:
        """Store a fact if it still is what it was `before` (None: not there); return whether that was so."""
        if before is None:
            insert: Any = self._database.insert(facts).values(name=name, value=value, at=now)
            statement = insert.on_conflict_do_nothing(index_elements=["name"]).returning(facts.c.name)
        else:
            is_same = (facts.c.name == name) & (facts.c.value == before)
            statement = sa.update(facts).where(is_same).values(value=value, at=now).returning(facts.c.name)
        return await self._database.change(lambda connection: connection.execute(statement).first() is not None)

    async def forget_fact(self, name: str) -> None:
        """Delete a stored fact."""
        async with self._database.write() as connection:
            await connection.execute(sa.delete(facts).where(facts.c.name == name))

    async def tidy(self, before: datetime) -> None:
        """Delete dialogs and searches last used before then, and links that expired before then."""
        async with self._database.write() as connection:
            await connection.execute(sa.delete(dialogs).where(dialogs.c.at < before))
            await connection.execute(sa.delete(lookups).where(lookups.c.at < before))
            await connection.execute(sa.delete(links).where(links.c.expires_at < before))

    async def _upsert(self, table: sa.Table, row: dict[str, Any], key: list[str]) -> None:
        async with self._database.write() as connection:
            await self._upsert_in(connection, table, row, key)

    async def _upsert_in(
        self, connection: AsyncConnection, table: sa.Table, row: dict[str, Any], key: list[str]
    ) -> None:
        insert = self._database.insert(table).values(row)
        changed = {name: insert.excluded[name] for name in row if name not in key}
        await connection.execute(insert.on_conflict_do_update(index_elements=key, set_=changed))


def _link(code: str, purpose: str, now: datetime, expires_at: datetime) -> dict[str, Any]:
    return {"hash": _hash(code), "purpose": purpose, "created_at": now, "expires_at": expires_at}


def _use_link(code: str, purpose: str, user_id: int, now: datetime) -> ReturningUpdate[tuple[str]]:
    """Return a statement that uses up the link with this code; it returns a row if the link was open."""
    is_open = (links.c.purpose == purpose) & links.c.used_by.is_(None) & (links.c.expires_at > now)
    return sa.update(links).where(links.c.hash == _hash(code), is_open).values(used_by=user_id).returning(links.c.hash)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
