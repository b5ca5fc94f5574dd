"""Photos that the bot shows to people, each uploaded once: afterwards Telegram knows it by a file_id."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Protocol
from weakref import WeakValueDictionary

from bot.telegram.answers import largest_file_id
from bot.telegram.known_pictures import KnownPictures
from digests.errors import StorageError
from digests.ports import Clock, OwnPicture

logger = logging.getLogger(__name__)

_MOST_REMEMBERED = 500


# No slots: `key` is computed once.
@dataclass(frozen=True)
class Photo:
    """A picture to show to people: the bytes of a JPEG or PNG file.

    `name` is what a picture is called that looks the same for years, such as "layout gallery.en". Its file_id is kept
    in the database, those of others in memory. `own` is the kept picture of an article, whose file_id is kept with it;
    its `content` is empty where only Telegram has it any more.
    """

    content: bytes
    name: str = ""
    own: OwnPicture | None = None

    @property
    def filename(self) -> str:
        """What the file is called when it is uploaded."""
        return "picture.png" if self.content.startswith(b"\x89PNG") else "picture.jpg"

    @cached_property
    def key(self) -> str:
        """The same for equal pictures."""
        return self.own.key if self.own is not None else hashlib.sha256(self.content).hexdigest()


class Facts(Protocol):
    """Where file_ids outlive the process."""

    async def fact(self, name: str) -> tuple[str, datetime] | None:
        """Return what was noted, and when."""
        ...

    async def note(self, name: str, value: str, now: datetime) -> None:
        """Note it."""
        ...

    async def forget_fact(self, name: str) -> None:
        """Forget it."""
        ...


class ArticlePhotos:
    """The kept pictures of articles, as photos."""

    def __init__(self, known: KnownPictures) -> None:
        self._known = known

    async def of(self, picture: str) -> Photo | None:
        """Return the kept picture with this key; None for "", and for one that can't be shown."""
        found = (await self._known.kept([picture])).get(picture) if picture else None
        if found is None:
            return None
        content = await self._known.content(found) or b""
        return Photo(content, own=found) if content or found.file_id else None


class UploadedPhotos:
    """Knows the file_ids of photos. A database that fails costs an upload, and nothing else.

    What concerns the kept pictures of articles is left to `known`.
    """

    def __init__(self, facts: Facts, clock: Clock, known: KnownPictures) -> None:
        self._facts = facts
        self._clock = clock
        self._known = known
        self._ids: OrderedDict[str, str] = OrderedDict()
        self._uploading = WeakValueDictionary[str, asyncio.Lock]()

    def uploading(self, photo: Photo) -> asyncio.Lock:
        """Return the lock under which a photo is uploaded, so that of many who want it one does, and others wait."""
        return self._uploading.setdefault(photo.key, asyncio.Lock())

    async def file_id(self, photo: Photo) -> str:
        """Return Telegram's name for the photo; "" if it was never uploaded."""
        if photo.own is not None:
            current = self._known.current(photo.own)
            if current is not None and not current.file_id:
                current = await self._known.before_upload(current)
            return current.file_id if current is not None else ""
        known = self._ids.get(photo.key)
        if known is not None:
            self._ids.move_to_end(photo.key)
            return known
        if not photo.name:
            return ""
        try:
            fact = await self._facts.fact(_fact_of(photo))
        except StorageError as error:
            logger.warning("a photo is uploaded again", extra={"photo": photo.name, "reason": str(error)})
            return ""
        # A later version of the program may have another picture of that name.
        key, _, file_id = fact[0].partition(" ") if fact else ("", "", "")
        if key != photo.key:
            return ""
        self._remember(photo, file_id)
        return file_id

    async def uploaded(self, photo: Photo, file_id: str) -> None:
        """Remember Telegram's name for the photo."""
        if photo.own is not None:
            await self._known.accepted(photo.own, file_id)
            return
        self._remember(photo, file_id)
        if photo.name:
            now = self._clock.now()
            await self._write(photo, lambda: self._facts.note(_fact_of(photo), f"{photo.key} {file_id}", now))

    async def forgotten(self, photo: Photo, file_id: str) -> None:
        """Forget this name for the photo, because Telegram doesn't know it any more.

        Somebody else may have found out before, and uploaded it again.
        """
        if photo.own is not None:
            await self._known.forget(replace(photo.own, file_id=file_id))
            return
        if self._ids.get(photo.key) != file_id:
            return
        del self._ids[photo.key]
        if photo.name:
            await self._write(photo, lambda: self._facts.forget_fact(_fact_of(photo)))

    async def refused(self, photo: Photo, reason: str) -> None:
        """Show the kept picture of an article no more, because Telegram can't take its file."""
        if photo.own is not None:
            await self._known.refuse(photo.own, reason)

    def _remember(self, photo: Photo, file_id: str) -> None:
        self._ids[photo.key] = file_id
        self._ids.move_to_end(photo.key)
        if len(self._ids) > _MOST_REMEMBERED:
            self._ids.popitem(last=False)

    async def _write(self, photo: Photo, write: Callable[[], Awaitable[None]]) -> None:
        try:
            await write()
        except StorageError as error:
            logger.warning("a photo's file_id was not stored", extra={"photo": photo.name, "reason": str(error)})


def file_id_of(payload: bytes) -> str:
    """Return the file_id of the photo in Telegram's echo of a message; "" if there is none to be found."""
    try:
        return largest_file_id(json.loads(payload)["result"]["photo"])
    except (ValueError, KeyError, TypeError):
        return ""


def _fact_of(photo: Photo) -> str:
    return f"photo {photo.name}"
