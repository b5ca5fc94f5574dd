"""The covers that greet new readers, made ahead: /start waits for none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot.i18n import LANGUAGES, translator
from bot.render.cover import cover_of
from bot.telegram.photos import Photo
from digests.model.mosaic import Mosaic
from digests.storage.articles.read import ArticleStore

logger = logging.getLogger(__name__)

_LOOKED_AT = 60
"""How many of the latest articles are looked through for pictures."""
_WAIT_SECONDS = 0.4
_AGAIN_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Cover:
    """What was made for a language, or could not be: then `photo` is None."""

    key: str
    day: date
    made_at: datetime
    photo: Photo | None


class StartCovers:
    """Keeps a cover of the day in each language.

    `draw` returns a mosaic as a JPEG file, and may raise anything. Days are those of `timezone`.
    """

    def __init__(
        self, articles: ArticleStore, draw: Callable[[Mosaic], Awaitable[bytes]], timezone: str, secret: bytes
    ) -> None:
        self._articles = articles
        self._draw = draw
        self._zone = ZoneInfo(timezone)
        self._secret = secret
        self._covers: dict[str, _Cover] = {}
        self._making: dict[str, asyncio.Task[None]] = {}

    async def of(self, language: str, now: datetime) -> Photo | None:
        """Return the cover of the day; None if there is none, or if it is not ready in a moment."""
        if not self._is_current(language, now):
            await asyncio.wait([self._begin(language, now)], timeout=_WAIT_SECONDS)
        cover = self._covers.get(language)
        return cover.photo if cover is not None and cover.day == self._day(now) else None

    async def refresh(self, now: datetime) -> None:
        """Make the covers of all languages anew, with the latest articles."""
        await asyncio.wait([self._begin(language, now) for language in LANGUAGES])

    async def bring_missing(self, now: datetime) -> None:
        """Make them anew if a language has none of the day."""
        if self.lacks(now):
            await self.refresh(now)

    def lacks(self, now: datetime) -> bool:
        """Return whether there is a language without a cover of the day."""
        current = (cover for cover in self._covers.values() if cover.day == self._day(now))
        return sum(cover.photo is not None for cover in current) < len(LANGUAGES)

    def forget(self) -> None:
        """Show no cover any more that was made until now, or is being made: readers may not see all that is on it."""
        self._covers.clear()
        for task in self._making.values():
            task.cancel()
        self._making.clear()

    async def close(self) -> None:
        """Make no more covers."""
        making = list(self._making.values())
        for task in making:
            task.cancel()
        if making:
            await asyncio.wait(making)

    def _day(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()

    def _is_current(self, language: str, now: datetime) -> bool:
        cover = self._covers.get(language)
        if cover is None or cover.day != self._day(now):
            return False
        # Abs: the clock may have been set back.
        return cover.photo is not None or abs(now - cover.made_at) < _AGAIN_AFTER

    def _begin(self, language: str, now: datetime) -> asyncio.Task[None]:
        """Return the task that makes the cover, which others may be waiting for already."""
        task = self._making.get(language)
        if task is None:
            self._making[language] = task = asyncio.create_task(self._make(language, now))
            task.add_done_callback(partial(self._made, language))
        return task

    def _made(self, language: str, task: asyncio.Task[None]) -> None:
        if self._making.get(language) is task:
            del self._making[language]

    async def _make(self, language: str, now: datetime) -> None:
        day, before = self._day(now), self._covers.get(language)
        key, photo = "", None
        try:
            latest, _ = await self._articles.latest(None, _LOOKED_AT)
            mosaic = cover_of(latest, day, self._secret, translator(language))
            if mosaic is not None:
                key = mosaic.key
                is_same = before is not None and before.key == key and before.photo is not None
                photo = before.photo if before is not None and is_same else Photo(await self._draw(mosaic))
        except Exception:
            # Pictures and the second process may be gone at any time, and a greeting without a cover is one too.
            logger.exception("a cover could not be made")
            if before is not None and before.day == day:
                return
        self._covers[language] = _Cover(key, day, now, photo)
