"""One pass over the pictures that are due: several at once, each address once, the newest articles first."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from digests.errors import DigestsError
from digests.fetch.client import WebClient
from digests.fetch.outcome import NotFetched
from digests.fetch.turns import Turns
from digests.media.files import PictureFiles, remove_items
from digests.media.folder import LARGE, SMALL, picture_name
from digests.media.groups import AlikePictures
from digests.media.judged import Judged, Unusable
from digests.media.memory_room import RoomInMemory
from digests.model.ids import ArticleId
from digests.model.picture import (
    PictureDelayed,
    PictureDropped,
    PictureFailed,
    PictureKept,
    PictureVerdict,
    WantedPicture,
)
from digests.ports import Clock
from digests.storage.media.kept import FolderItem
from digests.storage.media.pictures import PictureSettled, PictureStore

logger = logging.getLogger(__name__)

_ACCEPT = "image/webp,image/png,image/jpeg,image/gif,image/avif;q=0.9,image/*;q=0.5"
_IN_HAND = 2000
"""So many addresses wait in memory, of one host only as many as `due` gives: slow hosts must not fill it."""
_LOADED = _IN_HAND + 500
_FINISHED, _LOAD_SECONDS = 20, 5.0
"""More is loaded after so many addresses, and after so long: meanwhile, articles may have come."""
_SILENT = 3
"""A host that failed so often in a row is left alone until the next try of what is due there."""
_LARGE_WAITING = 4
"""So many of the largest pictures may wait for their judgement; the process that judges may be slow, or hang."""
_GATHER_SECONDS = 0.05
_BUSY_SECONDS = 0.5
_BUSY_A_SECOND = 20
"""How often there is a step, and how many pictures are begun with, while deliveries go out: those come first."""
_SETTLED = 50
"""After so many kept pictures, the folder's size is looked at."""


JudgePicture = Callable[[bytes], Awaitable[Judged | Unusable]]
"""Judges a picture in another process; raises a DigestsError if that process can't be had."""


IsBusy = Callable[[], bool]
"""Returns whether there is something more urgent than pictures."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class PicturesOptions:
    """What the pipeline needs of the settings, and `is_busy`, when it gives way.

    The folder takes at most `folder_bytes`. Articles that came in within `recent` may come in a digest, and so may the
    `latest` of each category. Of a host, `per_host` pictures are fetched at once, and `at_once` of all; each has at
    most `max_bytes`. Pictures that were not used for the time `unused` are deleted; None: only to make room.
    """

    folder_bytes: int
    recent: timedelta = timedelta(days=7)
    latest: int = 10
    per_host: int = 2
    at_once: int = 8
    max_bytes: int = 5_000_000
    is_busy: IsBusy = _never
    unused: timedelta | None = None


class PicturesPass:
    """Fetches, judges and keeps what is due, until nothing is."""

    def __init__(
        self,
        store: PictureStore,
        client: WebClient,
        judge: JudgePicture,
        alike: AlikePictures,
        clock: Clock,
        options: PicturesOptions,
        files: PictureFiles,
        make_room: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._client = client
        self._judge = judge
        self._alike = alike
        self._clock = clock
        self._files = files
        self._make_room = make_room
        # A host's turn ends with the fetch; what was fetched and waits for its judgement is bounded by the room.
        self._turns = Turns(options.per_host, _IN_HAND)
        self._room = asyncio.Semaphore(2 * options.at_once)
        self._largest = options.max_bytes
        self._memory = RoomInMemory(options.max_bytes * (options.at_once + _LARGE_WAITING))
        self._is_busy = options.is_busy
        self._pace = asyncio.Lock()
        self._tasks: dict[asyncio.Task[PictureVerdict], str] = {}
        self._articles: dict[str, set[ArticleId]] = defaultdict(set)
        self._failures: dict[str, tuple[int, PictureDelayed]] = {}
        self._finished = 0
        self._loaded_at = 0.0
        self._kept = 0
        self._stopped = False

    def stop(self) -> None:
        """Begin with nothing more, and drop what is under way: it is due still."""
        self._stopped = True
        for task in self._tasks:
            task.cancel()

    async def run(self) -> int:
        """Return how many pictures were kept. Raises PicturesFolderError, StorageError."""
        looked_at = 0
        try:
            while True:
                if not self._stopped and self._is_time_to_load():
                    await self._load()
                if not self._tasks:
                    break
                await asyncio.wait(self._tasks, timeout=_LOAD_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                # Others come in meanwhile: one transaction for all of them.
                await asyncio.sleep(_BUSY_SECONDS if self._is_busy() else _GATHER_SECONDS)
                await self._settle([task for task in self._tasks if task.done()])
                if self._kept - looked_at >= _SETTLED:
                    looked_at = self._kept
                    await self._make_room()
            await self._make_room()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        return self._kept

    def _is_time_to_load(self) -> bool:
        is_late = monotonic() - self._loaded_at >= _LOAD_SECONDS
        return not self._tasks or self._finished >= _FINISHED or is_late

    async def _load(self) -> None:
        """Begin with what is due; what is known of an address from other articles is settled at once."""
        self._finished, self._loaded_at = 0, monotonic()
        while not self._stopped:
            found = await self._store.due(self._clock.now(), _LOADED)
            known: dict[str, tuple[PictureVerdict, list[ArticleId]]] = {}
            silent: dict[str, PictureDelayed] = {}
            for wanted in found:
                if not wanted.address:
                    known.setdefault("", (PictureDropped(""), []))[1].append(wanted.article)
                elif wanted.address in self._articles:
                    self._articles[wanted.address].add(wanted.article)
                elif wanted.known is not None:
                    known.setdefault(wanted.address, (wanted.known, []))[1].append(wanted.article)
                elif (trouble := self._trouble_of(wanted.host)) is not None:
                    silent[wanted.host] = trouble
                elif len(self._tasks) < _IN_HAND:
                    self._begin(wanted)
            if not known and not silent:
                return
            # The next candidates of these are due now.
            for host, trouble in silent.items():
                await self._store.leave_alone(host, trouble, self._clock.now())
            if known:
                await self._write(
                    [PictureSettled(address, verdict, ids, is_new=False) for address, (verdict, ids) in known.items()]
                )

    def _begin(self, wanted: WantedPicture) -> None:
        self._articles[wanted.address].add(wanted.article)
        task = asyncio.create_task(self._look_at(wanted.address, wanted.host))
        self._tasks[task] = wanted.address

    async def _settle(self, done: Collection[asyncio.Task[PictureVerdict]]) -> None:
        """Write down what came of these; raise what keeps all of them from going on, but not before."""
        self._finished += len(done)
        settled: list[PictureSettled] = []
        trouble: BaseException | None = None
        for task in done:
            address = self._tasks.pop(task)
            articles = self._articles.pop(address)
            if task.cancelled():
                continue
            if (error := task.exception()) is not None:
                trouble = error
            else:
                settled.append(PictureSettled(address, task.result(), sorted(articles)))
        if settled:
            await self._write(settled)
        if trouble is not None:
            raise trouble

    async def _write(self, settled: list[PictureSettled]) -> None:
        useless = await self._store.settle(settled, self._clock.now())
        self._kept += sum(1 for each in settled if each.is_new and isinstance(each.verdict, PictureKept))
        if useless:
            await remove_items(self._files, [FolderItem(key, False) for key in useless])

    async def _look_at(self, address: str, host: str) -> PictureVerdict:
        """Return what comes of an address. Raises PicturesFolderError, or why nothing can be judged now."""
        async with self._turns.turn(host):
            if (trouble := self._trouble_of(host)) is not None:
                return trouble
            await self._give_way()
            await self._room.acquire()
            held = 0
            try:
                held = await self._memory.take(self._largest)
                fetched = await self._client.fetch(address, accept=_ACCEPT)
            except BaseException:
                self._release(held)
                raise
        try:
            if isinstance(fetched, NotFetched):
                return self._not_fetched(fetched, host)
            held = self._memory.keep(held, len(fetched.body))
            self._failures.pop(host, None)
            return await self._judged(fetched.body, address)
        finally:
            self._release(held)

    def _release(self, held: int) -> None:
        self._memory.keep(held, 0)
        self._room.release()

    async def _give_way(self) -> None:
        """Wait a moment while there is something more urgent, one after another."""
        if self._is_busy():
            async with self._pace:
                if self._is_busy():
                    await asyncio.sleep(1 / _BUSY_A_SECOND)

    def _trouble_of(self, host: str) -> PictureDelayed | None:
        """Return why a host is left alone; None if it isn't."""
        count, last = self._failures.get(host, (0, None))
        return last if count >= _SILENT else None

    def _not_fetched(self, fault: NotFetched, host: str) -> PictureVerdict:
        if not fault.may_pass:
            return PictureFailed(fault.reason)
        verdict = PictureDelayed(fault.reason, timedelta(seconds=fault.wait))
        count, _ = self._failures.get(host, (0, verdict))
        # A host that says how long it wants to be left alone is left alone.
        self._failures[host] = (_SILENT if fault.wait else count + 1, verdict)
        return verdict

    async def _judged(self, data: bytes, address: str) -> PictureVerdict:
        try:
            judged = await self._judge(data)
        except DigestsError:
            raise
        except Exception as error:
            logger.exception("a picture could not be judged", extra={"address": address})
            return PictureDelayed(f"judging it failed: {type(error).__name__}")
        if isinstance(judged, Unusable):
            return PictureDropped(judged.reason)
        for size, content in ((LARGE, judged.large), (SMALL, judged.small)):
            await self._files.put(picture_name(judged.key, size), content)
        return PictureKept(
            judged.key,
            self._alike.of(judged.likeness),
            judged.width,
            judged.height,
            len(judged.large) + len(judged.small),
        )
