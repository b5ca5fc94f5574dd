"""The texts of an announcement, one for all or one a language: written, shown, taken away."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import replace

from telegram.error import BadRequest

from bot.handlers.announcements.card import Cards, read_content, too_long
from bot.handlers.announcements.choices import refused_text, too_long_text
from bot.handlers.announcements.drafts import Drafts
from bot.handlers.context import Context
from bot.handlers.services import AnnouncementServices
from bot.i18n import Translator
from bot.limits import ALBUM
from bot.markup import Html
from digests.model.announcement import Announcement, Content
from digests.model.dialogs import AwaitedAlbum, AwaitedText
from digests.model.ids import AnnouncementId

logger = logging.getLogger(__name__)

_ALBUM_SECONDS = 0.8
_COMMAND = re.compile(r"/announce(?:@\w+)?\s*")


class TextScreens:
    """Takes what an admin writes, and the card's screens about it."""

    def __init__(self, services: AnnouncementServices, cards: Cards, drafts: Drafts) -> None:
        self._services = services
        self._cards = cards
        self._drafts = drafts
        self._albums: dict[str, asyncio.Task[None]] = {}
        self._overfull: set[str] = set()

    async def receive(self, context: Context, one: Announcement | None, language: str) -> None:
        message = context.update.effective_message
        content = read_content(message) if message else None
        if content is not None and content.html.startswith("/announce"):
            content = replace(content, html=_COMMAND.sub("", content.html, count=1))
        if content is None or not (content.html or content.media or content.copy_of):
            await context.reply(context.t.html("I can't pass that on. Please send text, a photo or a file."))
            return
        if limit := too_long(content):
            await context.reply(too_long_text(limit, context.t))
            return
        if content.group:
            await self._begin_album(context, one, language, content)
            return
        is_new = one is None
        if one is None:
            one = await self._create(context, content)
        changed = replace(one, contents={**one.contents, language: content})
        try:
            await self._cards.fresh(context, changed, language)
        except BadRequest as error:
            if is_new:
                await self._services.announcements.cancel(one.id)
            await context.reply(refused_text(error.message, context.t))
            return
        await self._services.announcements.put_content(one.id, language, content)
        await self._drafts.listen(context, None)

    async def _create(self, context: Context, content: Content) -> Announcement:
        return await self._services.announcements.create(context.user.id, content, context.now)

    async def _begin_album(self, context: Context, one: Announcement | None, language: str, first: Content) -> None:
        """Its pictures come one message each; what belongs together is known by the group."""
        store = self._services.announcements
        if one is None:
            one = await self._create(context, first)
        await store.put_content(one.id, language, first)
        await self._drafts.listen(context, AwaitedAlbum(one.id, language, first.group))
        self._show_soon(context, one.id, language, first.group)

    async def album_item(self, context: Context, one: Announcement, awaited: AwaitedAlbum) -> bool:
        message, group, language = context.update.effective_message, awaited.group, awaited.language
        is_another = message is None or message.media_group_id != group
        # Apps send more than ten pictures as several albums, one right after the other.
        goes_on = message is not None and bool(message.media_group_id) and group in self._albums
        if message is None or (is_another and not goes_on):
            await self._drafts.listen(context, None)
            return False
        item = read_content(message)
        if item is not None:
            if is_another or await self._services.announcements.add_to_album(one.id, language, item, ALBUM) is None:
                self._overfull.add(group)
            self._show_soon(context, one.id, language, group)
        return True

    def _show_soon(self, context: Context, number: AnnouncementId, language: str, group: str) -> None:
        """When nothing more of it comes for a moment."""
        if (waiting := self._albums.pop(group, None)) is not None:
            waiting.cancel()
        self._albums[group] = asyncio.create_task(self._show_album(context, number, language, group))

    async def _show_album(self, context: Context, number: AnnouncementId, language: str, group: str) -> None:
        await asyncio.sleep(_ALBUM_SECONDS)
        async with context.lock:
            self._albums.pop(group, None)
            try:
                if group in self._overfull:
                    self._overfull.discard(group)
                    await context.reply(_left_out(context.t, await self._services.announcements.get(number), language))
                await self._cards.fresh(context, await self._services.announcements.get(number), language)
            except BadRequest as error:
                await context.reply(refused_text(error.message, context.t))
            except Exception:
                logger.exception("an album could not be shown", extra={"announcement": number})

    async def all(self, context: Context, one: Announcement) -> None:
        await self._drafts.listen(context, None)
        await self._cards.texts(context, one)

    async def language(self, context: Context, one: Announcement, language: str) -> None:
        await self._drafts.listen(context, AwaitedText(one.id, language))
        await self._cards.language(context, one, language)

    async def show(self, context: Context, one: Announcement, language: str) -> None:
        await self._drafts.listen(context, None)
        await self._cards.fresh(context, one, language)

    async def remove(self, context: Context, one: Announcement, language: str) -> None:
        await self._services.announcements.put_content(one.id, language, None)
        await self.show(context, await self._services.announcements.get(one.id), "")


def _left_out(t: Translator, one: Announcement, language: str) -> Html:
    """Why not all that came is in the album: it is full, or there was more than one."""
    content = one.contents.get(language)
    if content is None or len(content.media) >= ALBUM:
        return t.html("An album holds at most {n} items; I kept the first {n}.", n=ALBUM)
    return t.html("An announcement can hold only one album; I kept the first.")
