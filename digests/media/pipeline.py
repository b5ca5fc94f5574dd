"""Articles' pictures on their way: fetched when the article arrives, judged, kept. No digest waits for them."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from digests.fetch.client import WebClient
from digests.media.files import PictureFiles, PicturesFolderError, item_of, names_of, remove_items
from digests.media.groups import AlikePictures
from digests.media.pictures_pass import JudgePicture, PicturesOptions, PicturesPass
from digests.media.turn import PicturesTurn
from digests.ports import Clock
from digests.storage.media.kept import FolderItem, KeptStore
from digests.storage.media.pictures import PictureStore
from digests.storage.people.people import PeopleStore

logger = logging.getLogger(__name__)

PICTURES_TROUBLE = "pictures trouble"
"""The fact that says why no picture can be kept; it is forgotten once some can."""
_LOOK_SECONDS = 600.0
_ROOM = 0.95
_REMEMBERED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class PicturesStores:
    """What the pipeline reads and writes."""

    pictures: PictureStore
    kept: KeptStore
    people: PeopleStore


class PicturePipeline:
    """Brings articles' pictures to where they are kept. Everything may be interrupted, and goes on from there.

    With a `turn`, several processes have a pipeline: one at a time works.
    """

    def __init__(
        self,
        stores: PicturesStores,
        files: PictureFiles,
        open_client: Callable[[], WebClient],
        judge: JudgePicture,
        clock: Clock,
        options: PicturesOptions,
        turn: PicturesTurn | None = None,
    ) -> None:
        self._stores = stores
        self._files = files
        self._open_client = open_client
        self._judge = judge
        self._clock = clock
        self._options = options
        self._turn = turn
        self._newest = -1
        self._looked_at: float | None = None
        self._pass: PicturesPass | None = None
        self._stopped = False
        self._is_mine = True

    async def work(self) -> int:
        """Fetch what is due, until nothing is; return how many pictures were kept.

        Raises:
            PicturesFolderError: Nothing can be kept; it is tried again at the next call.
            StorageError: The database failed.
        """
        if self._stopped:
            return 0
        async with self._take_turn() as is_mine:
            return await self._work() if is_mine else 0

    async def _work(self) -> int:
        await self._adopt()
        try:
            await self._look_after_folder()
            if not await self._stores.pictures.due(self._clock.now(), 1):
                return 0
            await self._files.check()
            kept = await self._fetch()
        except PicturesFolderError as error:
            await self._stores.people.note(PICTURES_TROUBLE, str(error), self._clock.now())
            raise
        if await self._stores.people.fact(PICTURES_TROUBLE) is not None:
            await self._stores.people.forget_fact(PICTURES_TROUBLE)
        return kept

    def stop(self) -> None:
        """Begin with no more pictures; those under way are left to the next start."""
        self._stopped = True
        self._end_pass()

    async def tidy(self) -> None:
        """Forget what nobody asks for any more, and delete files that nothing refers to.

        While another process is at it, or fetches, this is left to the next time.
        """
        async with self._take_turn() as is_mine:
            if is_mine:
                await self._stores.kept.tidy(self._clock.now() - _REMEMBERED)
                if self._options.unused is not None:
                    await self._expire(self._clock.now() - self._options.unused)
                items = {item for name in await self._files.strays() if (item := item_of(name)) is not None}
                if self._is_mine:
                    await remove_items(self._files, await self._stores.kept.unknown(items))

    async def _expire(self, before: datetime) -> None:
        """Delete pictures that were not used since then."""
        while self._is_mine and (old := await self._stores.kept.expire(before)):
            await remove_items(self._files, old)

    @asynccontextmanager
    async def _take_turn(self) -> AsyncIterator[bool]:
        self._is_mine = True
        if self._turn is None:
            yield True
            return
        async with self._turn.take(self._lose_turn) as is_mine:
            yield is_mine

    def _lose_turn(self) -> None:
        self._is_mine = False
        self._end_pass()

    def _end_pass(self) -> None:
        if self._pass is not None:
            self._pass.stop()

    async def _fetch(self) -> int:
        alike = AlikePictures(await self._stores.kept.likenesses())
        async with self._open_client() as client:
            self._pass = PicturesPass(
                self._stores.pictures,
                client,
                self._judge,
                alike,
                self._clock,
                self._options,
                self._files,
                self._make_room,
            )
            try:
                return await self._pass.run() if self._is_mine else 0
            finally:
                self._pass = None

    async def _make_room(self) -> None:
        """Delete what was not used for the longest time if there is too much."""
        use = await self._stores.kept.use()
        if use.bytes > self._options.folder_bytes:
            evicted = await self._stores.kept.evict(int(self._options.folder_bytes * _ROOM))
            await remove_items(self._files, evicted)
            logger.info("old pictures made room for new ones", extra={"number": len(evicted)})

    async def _adopt(self) -> None:
        """Want the pictures of articles that have no row: after an update, and after a first look at old posts."""
        newest = await self._stores.pictures.newest()
        if newest != self._newest:
            now = self._clock.now()
            adopted = await self._stores.pictures.adopt(now - self._options.recent, self._options.latest, now)
            self._newest = newest
            if adopted:
                logger.info("pictures of stored articles are fetched too", extra={"articles": adopted})

    async def _look_after_folder(self) -> None:
        """Have those pictures fetched again that are gone, now and then, and at once if all of them are.

        Raises PicturesFolderError if that can't be told: then none counts as gone.
        """
        since = None if self._looked_at is None else monotonic() - self._looked_at
        is_emptied = await self._files.is_emptied()
        if not is_emptied and since is not None and since < self._files.look_seconds:
            return
        items = await self._stores.kept.items(self._clock.now() - self._files.grace if self._files.grace else None)
        names = {name: item for item in items for name in names_of(item)}
        lost = {names[name] for name in await self._files.missing(names)} if names else set[FolderItem]()
        self._looked_at = monotonic()
        if lost:
            logger.warning("pictures are missing where they were kept", extra={"number": len(lost)})
            now = self._clock.now()
            await self._stores.kept.lose(lost, self._recent(now), now)

    def _recent(self, now: datetime) -> datetime:
        return now - self._options.recent
