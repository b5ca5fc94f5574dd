"""Announcements: drafts, what is to come, what is being sent, what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

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
from digests.model.ids import AnnouncementId, CategoryId, MessageRef
from digests.storage.announcements.encoding import (
    announcement_of,
    audience_json,
    content_json,
    contents_json,
    timing_json,
)
from digests.storage.database import Database
from digests.storage.schema import announcements


class AnnouncementStore:
    """Any method may raise StorageError; those that take an id raise NotFound.

    What changes a state names the states that it may come from, and tells whether it did: of two admins who press
    at once, one is told that it is done already.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def draft(
        self, author_id: int, html: str, photo: str | None, categories: Sequence[CategoryId], now: datetime
    ) -> Announcement:
        """A text, or a photo with one, for everybody or those of some categories."""
        content = Content(html, (("photo", photo),) if photo else ())
        return await self.create(author_id, content, now, Audience(tuple(categories)))

    async def create(
        self, author_id: int, content: Content, now: datetime, audience: Audience | None = None
    ) -> Announcement:
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
        query = sa.select(announcements).where(announcements.c.id == announcement_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise NotFound(f"There is no announcement {announcement_id}.")
        return announcement_of(row._mapping)

    async def put_content(self, announcement_id: AnnouncementId, language: str, content: Content | None) -> bool:
        """Sets (None: takes away) the text of one language of a draft; the last one stays."""
        return await self._contents(announcement_id, language, content, (AnnouncementState.DRAFT,))

    async def rewrite(self, announcement_id: AnnouncementId, language: str, content: Content) -> bool:
        """Another text, after it went."""
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
            await connection.execute(_update(announcement_id).values(contents=contents_json(contents)))
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
            await connection.execute(_update(announcement_id).values(contents=contents_json(contents)))
        return True

    async def _locked(self, connection: Any, announcement_id: AnnouncementId) -> Announcement:
        query = sa.select(announcements).where(announcements.c.id == announcement_id).with_for_update()
        row = (await connection.execute(query)).first()
        if row is None:
            raise NotFound(f"There is no announcement {announcement_id}.")
        return announcement_of(row._mapping)

    async def address(self, announcement_id: AnnouncementId, categories: Sequence[CategoryId]) -> None:
        """Sets the categories that a draft is for."""
        audience = (await self.get(announcement_id)).audience
        await self.set_audience(announcement_id, replace(audience, categories=tuple(categories)))

    async def set_audience(self, announcement_id: AnnouncementId, audience: Audience) -> bool:
        """Sets whom a draft is for."""
        return await self._change(announcement_id, {"audience": audience_json(audience)}, AnnouncementState.DRAFT)

    async def set_timing(self, announcement_id: AnnouncementId, timing: Timing) -> bool:
        """Sets when a draft is to go."""
        return await self._change(announcement_id, {"timing": timing_json(timing)}, AnnouncementState.DRAFT)

    async def set_buttons(self, announcement_id: AnnouncementId, buttons: Sequence[LinkButton]) -> bool:
        """Sets the buttons of a draft."""
        values = {"buttons": [[one.label, one.url] for one in buttons]}
        return await self._change(announcement_id, values, AnnouncementState.DRAFT)

    async def set_options(
        self, announcement_id: AnnouncementId, *, silent: bool, pinned: bool, paid: bool | None, despite_quiet: bool
    ) -> bool:
        """Sets how a draft is to come."""
        values = {"silent": silent, "pinned": pinned, "paid": paid, "despite_quiet": despite_quiet}
        return await self._change(announcement_id, values, AnnouncementState.DRAFT)

    async def take_over(self, announcement_id: AnnouncementId, by: int, *, author: int | None = None) -> bool:
        """Another admin goes on with the draft, and its card is theirs; `author`: only if it still is that person's."""
        return await self._change(announcement_id, _taken_by(by), AnnouncementState.DRAFT, also=_is_of(author))

    async def show_in(self, announcement_id: AnnouncementId, card: int | None, previews: Sequence[int]) -> None:
        """Which messages of the author's chat are its card and its preview."""
        await self._change(announcement_id, {"card": card, "previews": list(previews)})

    async def confirm(
        self,
        announcement_id: AnnouncementId,
        send_at: datetime,
        *,
        by: int | None = None,
        now: datetime | None = None,
        report: MessageRef | None = None,
        author: int | None = None,
    ) -> bool:
        """The draft is to be sent at `send_at`; False when it no longer is a draft (confirmed twice, discarded), or
        not any more that of `author`, from whom somebody may take it over at the same time.

        No two share a moment, which is the slot of their deliveries: a later one moves on by a microsecond.
        """
        now = now or send_at
        state = AnnouncementState.SCHEDULED if send_at > now else AnnouncementState.SENDING
        async with self._database.write() as connection:
            while await connection.scalar(sa.select(announcements.c.id).where(announcements.c.send_at == send_at)):
                send_at += timedelta(microseconds=1)
            chat, message = report or (announcements.c.report_chat, announcements.c.report_message)
            statement = (
                _update(announcement_id)
                .where(announcements.c.state == AnnouncementState.DRAFT, _is_of(author))
                .values(
                    state=state,
                    send_at=send_at,
                    confirmed_at=now,
                    resumed_at=now,
                    sent_by=by,
                    report_chat=chat,
                    report_message=message,
                )
            )
            return bool((await connection.execute(statement)).rowcount)

    async def take_back(self, announcement_id: AnnouncementId, *, by: int | None = None) -> bool:
        """What was to go later is a draft again; `by`: of this other admin."""
        values: dict[str, Any] = {
            "state": AnnouncementState.DRAFT,
            "send_at": None,
            "confirmed_at": None,
            "sent_by": None,
        }
        if by is not None:
            values |= _taken_by(by)
        return await self._change(announcement_id, values, AnnouncementState.SCHEDULED)

    async def begin(self, announcement_id: AnnouncementId) -> bool:
        """Its moment has come."""
        return await self._change(announcement_id, {"state": AnnouncementState.SENDING}, AnnouncementState.SCHEDULED)

    async def planned(self, announcement_id: AnnouncementId, now: datetime) -> None:
        """Every row is made."""
        await self._change(announcement_id, {"planned_at": now})

    async def pause(self, announcement_id: AnnouncementId, reason: str = "") -> bool:
        return await self._change(
            announcement_id, {"state": AnnouncementState.PAUSED, "reason": reason}, AnnouncementState.SENDING
        )

    async def resume(self, announcement_id: AnnouncementId, now: datetime) -> bool:
        values = {"state": AnnouncementState.SENDING, "reason": "", "resumed_at": now}
        return await self._change(announcement_id, values, AnnouncementState.PAUSED)

    async def cancel(self, announcement_id: AnnouncementId, *, author: int | None = None) -> bool:
        """A draft is discarded; `author`: only if it is that person's."""
        return await self._change(
            announcement_id, {"state": AnnouncementState.CANCELLED}, AnnouncementState.DRAFT, also=_is_of(author)
        )

    async def stop(self, announcement_id: AnnouncementId) -> bool:
        """Nobody gets it any more. `finish` follows when nothing of it is under way."""
        return await self._change(
            announcement_id,
            {"state": AnnouncementState.CANCELLED},
            AnnouncementState.SENDING,
            AnnouncementState.PAUSED,
            AnnouncementState.SCHEDULED,
        )

    async def finish(self, announcement_id: AnnouncementId, now: datetime) -> bool:
        """Every row is settled. One that was cancelled stays so."""
        done = await self._change(
            announcement_id,
            {"state": AnnouncementState.DONE, "finished_at": now},
            AnnouncementState.SENDING,
            AnnouncementState.PAUSED,
        )
        if done:
            return True
        unfinished = announcements.c.finished_at.is_(None)
        return await self._change(announcement_id, {"finished_at": now}, AnnouncementState.CANCELLED, also=unfinished)

    async def report_to(self, announcement_id: AnnouncementId, report: MessageRef) -> None:
        """Note in which message the count is shown while it goes."""
        await self._change(announcement_id, {"report_chat": report.chat_id, "report_message": report.message_id})

    async def sending(self) -> tuple[Announcement, ...]:
        """Those that were confirmed and are not done, but for those that were stopped."""
        return await self._list(
            announcements.c.state.in_(
                [AnnouncementState.SCHEDULED, AnnouncementState.SENDING, AnnouncementState.PAUSED]
            )
        )

    async def unsettled(self) -> tuple[Announcement, ...]:
        """Those of which something may be under way."""
        stopped = (announcements.c.state == AnnouncementState.CANCELLED) & announcements.c.confirmed_at.is_not(None)
        return await self._list(
            announcements.c.state.in_([AnnouncementState.SENDING, AnnouncementState.PAUSED])
            | (stopped & announcements.c.finished_at.is_(None))
        )

    async def drafts(self, author_id: int) -> tuple[Announcement, ...]:
        return await self._list(
            (announcements.c.state == AnnouncementState.DRAFT) & (announcements.c.author_id == author_id)
        )

    async def page(self, offset: int, limit: int, author_id: int | None = None) -> tuple[tuple[Announcement, ...], int]:
        """The newest first, without discarded drafts, and how many there are; `author_id`: only what he wrote."""
        kept = ~((announcements.c.state == AnnouncementState.CANCELLED) & announcements.c.confirmed_at.is_(None))
        if author_id is not None:
            kept &= announcements.c.author_id == author_id
        query = sa.select(announcements).where(kept).order_by(announcements.c.id.desc()).offset(offset).limit(limit)
        async with self._database.read() as connection:
            total = await connection.scalar(sa.select(sa.func.count()).select_from(announcements).where(kept))
            return tuple(announcement_of(row._mapping) for row in await connection.execute(query)), int(total or 0)

    async def _list(self, condition: sa.ColumnElement[bool]) -> tuple[Announcement, ...]:
        query = sa.select(announcements).where(condition).order_by(announcements.c.id)
        async with self._database.read() as connection:
            return tuple(announcement_of(row._mapping) for row in await connection.execute(query))

    async def _change(
        self,
        announcement_id: AnnouncementId,
        values: dict[str, Any],
        *states: AnnouncementState,
        also: sa.ColumnElement[bool] | None = None,
    ) -> bool:
        statement = _update(announcement_id).values(values)
        if states:
            statement = statement.where(announcements.c.state.in_(states))
        if also is not None:
            statement = statement.where(also)
        async with self._database.write() as connection:
            return bool((await connection.execute(statement)).rowcount)


def _update(announcement_id: AnnouncementId) -> sa.Update:
    return sa.update(announcements).where(announcements.c.id == announcement_id)


def _taken_by(user_id: int) -> dict[str, Any]:
    return {"author_id": user_id, "card": None, "previews": []}


def _is_of(author: int | None) -> sa.ColumnElement[bool]:
    return sa.true() if author is None else announcements.c.author_id == author
