"""What is known of our own pictures: which can be shown, and by which file_id Telegram has them.

The port remembers what it has. Here is only what Telegram said of pictures: it holds at once, also where it could not
be stored.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from typing import TypeVar

from digests.ports import OwnPicture, OwnPictures

logger = logging.getLogger(__name__)

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

_MOST = 5000
_MOST_FAILURES = 3
_REST_SECONDS = 300.0


class KnownPictures:
    """Our pictures by their keys. Without file_id is returned what can be uploaded."""

    def __init__(self, pictures: OwnPictures, now: Callable[[], float] = monotonic) -> None:
        self._pictures = pictures
        self._now = now
        self._file_ids: OrderedDict[str, str] = OrderedDict()
        self._stale: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._avoided: OrderedDict[str, None] = OrderedDict()
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    async def mosaic(self, key: str) -> OwnPicture | None:
        """Return a mosaic; None while it can't be shown."""
        found = await self._pictures.mosaic(key)
        return self.current(found) if found is not None else None

    async def kept(self, keys: Sequence[str]) -> dict[str, OwnPicture]:
        """Return the kept pictures among these that can be shown."""
        found = await self._pictures.kept(keys)
        current = {key: self.current(picture) for key, picture in found.items()}
        return {key: picture for key, picture in current.items() if picture is not None}

    async def content(self, picture: OwnPicture) -> bytes | None:
        """Return the file of a picture; None if it can't be had now."""
        found = await self._pictures.content(picture)
        return None if found is None else found.data

    def current(self, picture: OwnPicture) -> OwnPicture | None:
        """Return a picture with the file_id by which Telegram knows it now; None: it can't be shown."""
        key = picture.key
        if key in self._avoided:
            return None
        file_id = picture.file_id
        if not file_id or (key, file_id) in self._stale:
            file_id = self._file_ids.get(key, "")
        if not file_id and self._rests(key):
            return None
        return picture if file_id == picture.file_id else replace(picture, file_id=file_id)

    async def before_upload(self, picture: OwnPicture) -> OwnPicture:
        """Return a picture that seems to need an upload, with its file_id if another process has uploaded it since."""
        latest = await self._pictures.latest(picture)
        return self.current(latest) or picture

    async def accepted(self, picture: OwnPicture, file_id: str) -> None:
        """Remember the file_id of a picture that was uploaded."""
        _remember(self._file_ids, picture.key, file_id)
        self._stale.pop((picture.key, file_id), None)
        self._failures.pop(picture.key, None)
        await self._pictures.uploaded(picture, file_id)

    async def forget(self, picture: OwnPicture) -> None:
        """Forget the picture's file_id, unless it has another one by now."""
        key = picture.key
        _remember(self._stale, (key, picture.file_id), None)
        if self._file_ids.get(key) == picture.file_id:
            del self._file_ids[key]
        logger.info("Telegram forgot a picture; it is uploaded again", extra={"picture": key})
        stored = await self._pictures.mosaic(key) if picture.is_mosaic else (await self._pictures.kept([key])).get(key)
        if stored is not None and stored.file_id == picture.file_id:
            await self._pictures.forgotten(stored)

    async def refuse(self, picture: OwnPicture, reason: str, *, for_good: bool = True) -> None:
        """Show a picture no more: `for_good`, or as long as this process lives."""
        logger.warning("Telegram refused a picture of ours", extra={"picture": picture.key, "reason": reason})
        _remember(self._avoided, picture.key, None)
        if for_good:
            await self._pictures.refused(picture)

    def failed(self, picture: OwnPicture) -> None:
        """Count an upload that got no proper answer; after a few, the picture is left out for some minutes."""
        failures, _ = self._failures.get(picture.key, (0, 0.0))
        _remember(self._failures, picture.key, (failures + 1, self._now()))

    def _rests(self, key: str) -> bool:
        failures, at = self._failures.get(key, (0, 0.0))
        if failures and self._now() - at > _REST_SECONDS:
            del self._failures[key]
            return False
        return failures >= _MOST_FAILURES


def _remember(known: OrderedDict[KeyT, ValueT], key: KeyT, value: ValueT) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > _MOST:
        known.popitem(last=False)
