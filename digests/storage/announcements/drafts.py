"""Drafts of announcements, as admins write them; texts can be replaced later, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.errors import NotFound
from digests.model.announcement import (
    EVERY_LANGUAGE,
    Announcement,
    AnnouncementState,
    Audience,
    Content,
    LinkButton,
    Timing,
)
from digests.model.ids import AnnouncementId, CategoryId
from digests.storage.announcements.encoding import (
    announcement_of,
    audience_json,
    content_json,
    contents_json,
    timing_json,
)
from digests.storage.database import Database
from digests.storage.schema.announcement_tables import announcements


class DraftStore:
    """Keeps drafts. Any method may raise StorageError; those that take an id raise NotFound.

    What changes a draft returns whether it still was one.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def draft(
        self, author_id: int, html: str, photo: str | None, categories: Sequence[CategoryId], now: datetime
    ) -> Announcement:
        """Make a draft: a text, or a photo with one, for everybody or those of some categories."""
        content = Content(html, (("photo", photo),) if photo else ())
        return await self.create(author_id, content, now, Audience(tuple(categories)))

    async def create(
        self, author_id: int, content: Content, now: datetime, audience: Audience | None = None
    ) -> Announcement:
        """Make a draft of one text for every language; `audience` None: for everybody."""
        row = {
            "author_id": author_id,
            "contents": {EVERY_LANGUAGE: content_json(content)},
            "buttons": [],
            "audience": audience_json(audience or Audience()),
            "timing": timing_json(Timing()),
            "silent": False,
            "pinned": False,
            "paid": None,
            "despite_quiet": False,
            "state": AnnouncementState.DRAFT,
            "reason": "",
            "previews": [],
            "created_at": now,
        }
        async with self._database.write() as connection:
            statement = sa.insert(announcements).values(row).returning(*announcements.c)
            return announcement_of((await connection.execute(statement)).one()._mapping)

    async def get(self, announcement_id: AnnouncementId) -> Announcement:
        """Return an announcement."""
        query = sa.select(announcements).where(announcements.c.id == announcement_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise NotFound(f"There is no announcement {announcement_id}.")
        return announcement_of(row._mapping)

    async def put_content(self, announcement_id: AnnouncementId, language: str, content: Content | None) -> bool:
        """Set (None: remove) the text of one language of a draft; the last text stays."""
        return await self._contents(announcement_id, language, content, (AnnouncementState.DRAFT,))

    async def rewrite(self, announcement_id: AnnouncementId, language: str, content: Content) -> bool:
        """Replace a text after the announcement was confirmed."""
        sent = (
            AnnouncementState.SCHEDULED,
            AnnouncementState.SENDING,
            AnnouncementState.PAUSED,
            AnnouncementState.DONE,
            AnnouncementState.CANCELLED,
        )
        return await self._contents(announcement_id, language, content, sent)

    async def add_to_album(
        self, announcement_id: AnnouncementId, language: str, item: Content, at_most: int
    ) -> Content | None:
        """Add one more file to the album that is coming in, and return the whole of it.

        None where none is coming in, or where it has `at_most` files already.
        """
        async with self._database.write() as connection:
            found = await self._locked(connection, announcement_id)
            content = found.contents.get(language)
            if (
                content is None
                or found.state is not AnnouncementState.DRAFT
                or not item.group
                or content.group != item.group
            ):
                return None
            if len(content.media) >= at_most:
                return None
            content = content.with_item(item)
            contents = {**found.contents, language: content}
            await connection.execute(update(announcement_id).values(contents=contents_json(contents)))
        return content

    async def _contents(
        self,
        announcement_id: AnnouncementId,
        language: str,
        content: Content | None,
        states: Sequence[AnnouncementState],
    ) -> bool:
        async with self._database.write() as connection:
            found = await self._locked(connection, announcement_id)
            contents = {**found.contents}
            if content is not None:
                contents[language] = content
            elif len(contents) > 1:
                contents.pop(language, None)
            if found.state not in states:
                return False
            await connection.execute(update(announcement_id).values(contents=contents_json(contents)))
        return True

    async def _locked(self, connection: AsyncConnection, announcement_id: AnnouncementId) -> Announcement:
        query = sa.select(announcements).where(announcements.c.id == announcement_id).with_for_update()
        row = (await connection.execute(query)).first()
        if row is None:
            raise NotFound(f"There is no announcement {announcement_id}.")
        return announcement_of(row._mapping)

    async def address(self, announcement_id: AnnouncementId, categories: Sequence[CategoryId]) -> None:
        """Set the categories that a draft is for."""
        audience = (await self.get(announcement_id)).audience
        await self.set_audience(announcement_id, replace(audience, categories=tuple(categories)))

    async def set_audience(self, announcement_id: AnnouncementId, audience: Audience) -> bool:
        """Set whom a draft is for."""
        return await self._change(announcement_id, {"audience": audience_json(audience)}, AnnouncementState.DRAFT)

    async def set_timing(self, announcement_id: AnnouncementId, timing: Timing) -> bool:
        """Set when a draft is to be sent."""
        return await self._change(announcement_id, {"timing": timing_json(timing)}, AnnouncementState.DRAFT)

    async def set_buttons(self, announcement_id: AnnouncementId, buttons: Sequence[LinkButton]) -> bool:
        """Set the buttons of a draft."""
        values = {"buttons": [[button.label, button.url] for button in buttons]}
        return await self._change(announcement_id, values, AnnouncementState.DRAFT)

    async def set_options(
        self, announcement_id: AnnouncementId, *, silent: bool, pinned: bool, paid: bool | None, despite_quiet: bool
    ) -> bool:
        """Set how a draft is to be sent."""
        values = {"silent": silent, "pinned": pinned, "paid": paid, "despite_quiet": despite_quiet}
        return await self._change(announcement_id, values, AnnouncementState.DRAFT)

    async def take_over(self, announcement_id: AnnouncementId, by: int, *, author: int | None = None) -> bool:
        """Give a draft, with its card, to another admin; `author`: only if it still is that person's."""
        return await self._change(announcement_id, taken_by(by), AnnouncementState.DRAFT, also=is_of(author))

    async def show_in(self, announcement_id: AnnouncementId, card: int | None, previews: Sequence[int]) -> None:
        """Note which messages of the author's chat are its card and its preview."""
        await self._change(announcement_id, {"card": card, "previews": list(previews)})

    async def _change(
        self,
        announcement_id: AnnouncementId,
        values: dict[str, Any],
        *states: AnnouncementState,
        also: sa.ColumnElement[bool] | None = None,
    ) -> bool:
        statement = update(announcement_id).values(values)
        if states:
            statement = statement.where(announcements.c.state.in_(states))
        if also is not None:
            statement = statement.where(also)
        async with self._database.write() as connection:
            return bool((await connection.execute(statement)).rowcount)


def update(announcement_id: AnnouncementId) -> sa.Update:
    """Return the statement that changes an announcement."""
    return sa.update(announcements).where(announcements.c.id == announcement_id)


def taken_by(user_id: int) -> dict[str, Any]:
    """Return the values of a draft that is another author's now; its card and previews are in the first one's chat."""
    return {"author_id": user_id, "card": None, "previews": []}


def is_of(author: int | None) -> sa.ColumnElement[bool]:
    """Return the condition for announcements of this author; None: of anyone."""
    return sa.true() if author is None else announcements.c.author_id == author
