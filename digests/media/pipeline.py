"""Articles' pictures on their way: fetched when the article arrives, judged, kept. No digest waits for them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from digests.fetch.client import WebClient
from digests.media.files import PicturesFolderError, check_folder, missing, remove_files, strays
from digests.media.groups import AlikePictures
from digests.media.pictures_pass import JudgePicture, PicturesOptions, PicturesPass
from digests.offload import in_own_thread
from digests.ports import Clock
from digests.storage.media.kept import FolderItem, KeptStore
from digests.storage.media.pictures import PictureStore
from digests.storage.people import PeopleStore

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
    """Brings articles' pictures into the folder. Everything may be interrupted anywhere, and goes on from there."""

    def __init__(
        self,
        stores: PicturesStores,
        open_client: Callable[[], WebClient],
        judge: JudgePicture,
        clock: Clock,
        options: PicturesOptions,
    ) -> None:
        self._stores = stores
        self._open_client = open_client
        self._judge = judge
        self._clock = clock
        self._options = options
        self._newest = -1
        self._looked_at: float | None = None
        self._pass: PicturesPass | None = None
        self._stopped = False

    async def work(self) -> int:
        """Fetch what is due, until nothing is; return how many pictures were kept.

        Raises:
            PicturesFolderError: Nothing can be kept; it is tried again at the next call.
            StorageError: The database failed.
        """
        if self._stopped:
            return 0
        await self._adopt()
        await self._look_after_folder()
        if not await self._stores.pictures.due(self._clock.now(), 1):
            return 0
        try:
            await in_own_thread(check_folder, self._options.folder)
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
        if self._pass is not None:
            self._pass.stop()

    async def tidy(self) -> None:
        """Forget what nobody asks for any more, and delete files that nothing refers to."""
        await self._stores.kept.tidy(self._clock.now() - _REMEMBERED)
        files = await in_own_thread(strays, self._options.folder)
        unknown = await self._stores.kept.unknown(list(files))
        await in_own_thread(remove_files, self._options.folder, unknown)

    async def _fetch(self) -> int:
        alike = AlikePictures(await self._stores.kept.likenesses())
        async with self._open_client() as client:
            self._pass = PicturesPass(
                self._stores.pictures, client, self._judge, alike, self._clock, self._options, self._make_room
            )
            try:
                return await self._pass.run()
            finally:
                self._pass = None

    async def _make_room(self) -> None:
        """Delete what was not used for the longest time if the folder is too large."""
        use = await self._stores.kept.use()
        if use.bytes > self._options.folder_bytes:
            evicted = await self._stores.kept.evict(int(self._options.folder_bytes * _ROOM))
            await in_own_thread(remove_files, self._options.folder, evicted)
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
        """Have those pictures fetched again that are gone, now and then, and at once if the whole folder is."""
        since = None if self._looked_at is None else monotonic() - self._looked_at
        is_there = await in_own_thread((self._options.folder / "kept").is_dir)
        if is_there and since is not None and since < _LOOK_SECONDS:
            return
        self._looked_at = monotonic()
        items = await self._stores.kept.items()
        lost: list[FolderItem] = await in_own_thread(missing, self._options.folder, items) if items else []
        if lost:
            logger.warning("pictures are missing in their folder", extra={"number": len(lost)})
            now = self._clock.now()
            await self._stores.kept.lose(lost, self._recent(now), now)

    def _recent(self, now: datetime) -> datetime:
        return now - self._options.recent
