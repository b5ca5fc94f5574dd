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
from bot.handlers.context import Talk
from bot.handlers.services import House
from bot.i18n import Speech
from bot.markup import Html
from digests.model.announcement import ALBUM, Announcement, Content
from digests.model.ids import AnnouncementId

logger = logging.getLogger(__name__)

_ALBUM_SECONDS = 0.8
_COMMAND = re.compile(r"/announce(?:@\w+)?\s*")


class Texts:
    """Takes what an admin writes, and the card's screens about it."""

    def __init__(self, house: House, cards: Cards, drafts: Drafts) -> None:
        self._house = house
        self._cards = cards
        self._drafts = drafts
        self._albums: dict[str, asyncio.Task[None]] = {}
        self._overfull: set[str] = set()

    async def take(self, talk: Talk, one: Announcement | None, language: str) -> None:
        message = talk.update.effective_message
        content = read_content(message) if message else None
        if content is not None and content.html.startswith("/announce"):
            content = replace(content, html=_COMMAND.sub("", content.html, count=1))
        if content is None or not (content.html or content.media or content.copy_of):
            await talk.reply(talk.words.html("I can't send that on. Please send a text, a photo or a file."))
            return
        if limit := too_long(content):
            await talk.reply(too_long_text(limit, talk.words))
            return
        if content.group:
            await self._begin_album(talk, one, language, content)
            return
        is_new = one is None
        if one is None:
            one = await self._create(talk, content)
        changed = replace(one, contents={**one.contents, language: content})
        try:
            await self._cards.fresh(talk, changed, language)
        except BadRequest as error:
            if is_new:
                await self._house.announcements.cancel(one.id)
            await talk.reply(refused_text(error.message, talk.words))
            return
        await self._house.announcements.put_content(one.id, language, content)
        await self._drafts.listen(talk, None)

    async def _create(self, talk: Talk, content: Content) -> Announcement:
        return await self._house.announcements.create(talk.user.id, content, talk.now)

    async def _begin_album(self, talk: Talk, one: Announcement | None, language: str, first: Content) -> None:
        """Its pictures come one message each; what belongs together is known by the group."""
        store = self._house.announcements
        if one is None:
            one = await self._create(talk, first)
        await store.put_content(one.id, language, first)
        data = {"announcement": one.id, "field": "album", "language": language, "group": first.group}
        await self._drafts.listen(talk, data)
        self._show_soon(talk, one.id, language, first.group)

    async def album_item(self, talk: Talk, one: Announcement | None, data: dict[str, object]) -> bool:
        message, group = talk.update.effective_message, str(data.get("group"))
        is_another = message is None or message.media_group_id != group
        # Apps send more than ten pictures as several albums, one right after the other.
        goes_on = message is not None and bool(message.media_group_id) and group in self._albums
        if one is None or message is None or (is_another and not goes_on):
            await self._drafts.listen(talk, None)
            return False
        item, language = read_content(message), str(data.get("language", ""))
        if item is not None:
            if is_another or await self._house.announcements.add_to_album(one.id, language, item) is None:
                self._overfull.add(group)
            self._show_soon(talk, one.id, language, group)
        return True

    def _show_soon(self, talk: Talk, number: AnnouncementId, language: str, group: str) -> None:
        """When nothing more of it comes for a moment."""
        if (waiting := self._albums.pop(group, None)) is not None:
            waiting.cancel()
        self._albums[group] = asyncio.create_task(self._show_album(talk, number, language, group))

    async def _show_album(self, talk: Talk, number: AnnouncementId, language: str, group: str) -> None:
        await asyncio.sleep(_ALBUM_SECONDS)
        async with talk.lock:
            self._albums.pop(group, None)
            try:
                if group in self._overfull:
                    self._overfull.discard(group)
                    await talk.reply(_left_out(talk.words, await self._house.announcements.get(number), language))
                await self._cards.fresh(talk, await self._house.announcements.get(number), language)
            except BadRequest as error:
                await talk.reply(refused_text(error.message, talk.words))
            except Exception:
                logger.exception("an album could not be shown", extra={"announcement": number})

    async def all(self, talk: Talk, one: Announcement) -> None:
        await self._drafts.listen(talk, None)
        await self._cards.texts(talk, one)

    async def language(self, talk: Talk, one: Announcement, language: str) -> None:
        await self._drafts.listen(talk, {"announcement": one.id, "field": "text", "language": language})
        await self._cards.language(talk, one, language)

    async def show(self, talk: Talk, one: Announcement, language: str) -> None:
        await self._drafts.listen(talk, None)
        await self._cards.fresh(talk, one, language)

    async def drop(self, talk: Talk, one: Announcement, language: str) -> None:
        await self._house.announcements.put_content(one.id, language, None)
        await self.show(talk, await self._house.announcements.get(one.id), "")


def _left_out(words: Speech, one: Announcement, language: str) -> Html:
    """Why not all that came is in the album: it is full, or there was more than one."""
    content = one.contents.get(language)
    if content is None or len(content.media) >= ALBUM[1]:
        return words.html("An album holds at most {n}. The first {n} are in it.", n=ALBUM[1])
    return words.html("Only one album fits in an announcement. The first one is in it.")
