"""The texts of an announcement, one for all readers or one per language: written, shown, removed."""

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
from bot.text.markup import Html
from digests.model.announcement import Announcement, Content
from digests.model.dialogs import AwaitedAlbum, AwaitedText
from digests.model.ids import AnnouncementId

logger = logging.getLogger(__name__)

_ALBUM_SECONDS = 0.8
_COMMAND = re.compile(r"/announce(?:@\w+)?\s*")


class TextScreens:
    """Takes what an admin writes, and shows the card's screens about it."""

    def __init__(self, services: AnnouncementServices, cards: Cards, drafts: Drafts) -> None:
        self._services = services
        self._cards = cards
        self._drafts = drafts
        self._albums: dict[str, asyncio.Task[None]] = {}
        self._overfull: set[str] = set()

    async def receive(self, context: Context, announcement: Announcement | None, language: str) -> None:
        """Store what was written as the text in that language, and show the card.

        Without an announcement, create a draft of it. What is too long, or refused by Telegram, is answered with the
        reason  and not stored. An album is shown once all of it has come.
        """
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
            await self._begin_album(context, announcement, language, content)
            return
        is_new = announcement is None
        if announcement is None:
            announcement = await self._create(context, content)
        changed = replace(announcement, contents={**announcement.contents, language: content})
        try:
            await self._cards.fresh(context, changed, language)
        except BadRequest as error:
            if is_new:
                await self._services.announcements.cancel(announcement.id)
            await context.reply(refused_text(error.message, context.t))
            return
        await self._services.announcements.put_content(announcement.id, language, content)
        await self._drafts.listen(context, None)

    async def _create(self, context: Context, content: Content) -> Announcement:
        return await self._services.announcements.create(context.user.id, content, context.now)

    async def _begin_album(
        self, context: Context, announcement: Announcement | None, language: str, first: Content
    ) -> None:
        """Store the first item of an album; the others come one message each, with the same group id."""
        store = self._services.announcements
        if announcement is None:
            announcement = await self._create(context, first)
        await store.put_content(announcement.id, language, first)
        await self._drafts.listen(context, AwaitedAlbum(announcement.id, language, first.group))
        self._show_soon(context, announcement.id, language, first.group)

    async def album_item(self, context: Context, announcement: Announcement, awaited: AwaitedAlbum) -> bool:
        """Add another item to the album that is waited for.

        Return False for a message that does not belong to it, and stop waiting then.
        """
        message, group, language = context.update.effective_message, awaited.group, awaited.language
        is_another = message is None or message.media_group_id != group
        # Apps send more than ten pictures as several albums in quick succession.
        goes_on = message is not None and bool(message.media_group_id) and group in self._albums
        if message is None or (is_another and not goes_on):
            await self._drafts.listen(context, None)
            return False
        item = read_content(message)
        if item is not None:
            if (
                is_another
                or await self._services.announcements.add_to_album(announcement.id, language, item, ALBUM) is None
            ):
                self._overfull.add(group)
            self._show_soon(context, announcement.id, language, group)
        return True

    def _show_soon(self, context: Context, number: AnnouncementId, language: str, group: str) -> None:
        """Show the album once no more of it has come for a moment."""
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

    async def all(self, context: Context, announcement: Announcement) -> None:
        """Show the languages that a text can be written in."""
        await self._drafts.listen(context, None)
        await self._cards.texts(context, announcement)

    async def language(self, context: Context, announcement: Announcement, language: str) -> None:
        """Ask for the text in one language."""
        await self._drafts.listen(context, AwaitedText(announcement.id, language))
        await self._cards.language(context, announcement, language)

    async def show(self, context: Context, announcement: Announcement, language: str) -> None:
        """Show the announcement as readers of one language will see it."""
        await self._drafts.listen(context, None)
        await self._cards.fresh(context, announcement, language)

    async def remove(self, context: Context, announcement: Announcement, language: str) -> None:
        """Remove the text in one language, and show the card."""
        await self._services.announcements.put_content(announcement.id, language, None)
        await self.show(context, await self._services.announcements.get(announcement.id), "")


def _left_out(t: Translator, announcement: Announcement, language: str) -> Html:
    """Return why not everything that was sent is in the album: it is full, or there was more than one."""
    content = announcement.contents.get(language)
    if content is None or len(content.media) >= ALBUM:
        return t.html("An album holds at most {n} items; I kept the first {n}.", n=ALBUM)
    return t.html("An announcement can hold only one album; I kept the first.")
