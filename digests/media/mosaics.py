"""Makes mosaics: each once, whoever gets it, those with the most readers first, in the second process.

Deliveries give it a head start of a few seconds, in which those whose mosaic is being made let others go first. What is
not made by then goes out without it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from digests.errors import StorageError
from digests.isolation.process import ProcessUnavailable, WorkLost
from digests.media.folder import PictureGoneError, mosaic_path
from digests.media.work import draw_mosaic
from digests.model.mosaic import Mosaic
from digests.offload import Offload, in_own_thread
from digests.ports import Clock
from digests.storage.media.mosaics import MosaicStore
from digests.storage.private_files import make_folder, replace_private

logger = logging.getLogger(__name__)

HEAD_START = 5.0
"""Seconds that a delivery waits for its mosaic at most."""
_MOMENT = timedelta(minutes=15)
"""What counts as one moment at which digests are due."""
_BUDGET_SECONDS = 60.0
_KNOWN = 20_000


@dataclass(frozen=True, slots=True)
class MosaicOptions:
    """Where mosaics are kept, and how many are made for one moment at which digests are due."""

    folder: Path
    most: int
    head_start: float = HEAD_START


class MosaicMaker:
    """Makes the mosaics that deliveries wait for. Implements `MosaicsToCome`."""

    def __init__(
        self,
        store: MosaicStore,
        offload: Offload,
        clock: Clock,
        options: MosaicOptions,
        steady: Callable[[], float] = monotonic,
    ) -> None:
        self._store = store
        self._offload = offload
        self._clock = clock
        self._options = options
        self._steady = steady
        self._settled: OrderedDict[str, float] = OrderedDict()
        self._making: dict[str, asyncio.Task[None]] = {}
        self._round: set[str] = set()
        self._looking = False
        self._until = 0.0
        self._arrivals: dict[str, asyncio.Event] = {}
        self._trouble = ""

    def expect(self) -> None:
        """Let deliveries wait for mosaics that are about to be wanted: digests are being planned."""
        if self._options.most > 0:
            self._looking = True
            self._until = self._steady() + self._options.head_start

    def expect_nothing(self) -> None:
        """Take back `expect`: nothing was planned."""
        self._looking = False
        self._let_go()

    async def make_wanted(self) -> int:
        """Make what deliveries wait for, within the budget, and return how many were made or given up.

        Raises:
            StorageError: The database failed.
        """
        try:
            made_already = await self._store.number_since(self._clock.now() - _MOMENT)
            began = self._steady()
            wanted = await self._store.wanted(self._options.most - made_already)
            for mosaic in wanted:
                if self._settled.get(mosaic.key, began) < began:
                    # It was made, and its file is gone.
                    del self._settled[mosaic.key]
            self._round = {mosaic.key for mosaic in wanted}
            self._until = self._steady() + self._options.head_start
            self._looking = False
            self._let_go()
            return await self._make_all(wanted)
        finally:
            self._looking = False
            self._round.clear()
            self._let_go()

    async def _make_all(self, wanted: Sequence[Mosaic]) -> int:
        end = self._steady() + _BUDGET_SECONDS
        made = 0
        for number, mosaic in enumerate(wanted):
            if self._steady() > end:
                logger.warning("mosaics take too long", extra={"left out": len(wanted) - number})
                break
            made += await self._make(mosaic)
        return made

    def is_coming(self, key: str) -> bool:
        """Return whether a mosaic may be made within seconds."""
        if key in self._settled or self._steady() >= self._until:
            return False
        return self._looking or key in self._round

    async def arrive(self, key: str) -> None:
        """Return once a mosaic is made or given up, or the head start is over."""
        if not self.is_coming(key):
            return
        event = self._arrivals.setdefault(key, asyncio.Event())
        try:
            async with asyncio.timeout(self._options.head_start):
                await event.wait()
        except TimeoutError:
            self._arrivals.pop(key, None)

    async def hurry(self, mosaics: Sequence[Mosaic]) -> None:
        """Make mosaics before all others; return once they are made, or the head start is over."""
        new = {mosaic.key: mosaic for mosaic in mosaics if mosaic.key not in self._settled}
        if not new or self._options.most <= 0:
            return
        try:
            async with asyncio.timeout(self._options.head_start):
                for key in await self._store.settled(new):
                    self._settle(key)
                    del new[key]
                await asyncio.gather(*[self._make(mosaic) for mosaic in new.values()])
        except TimeoutError:
            return
        except StorageError as error:
            logger.warning("mosaics can't be looked up", extra={"reason": str(error)})

    async def _make(self, mosaic: Mosaic) -> bool:
        """Make a mosaic, unless that is under way; return whether it is settled. Who waits may be cancelled alone."""
        if mosaic.key in self._settled:
            return True
        task = self._making.get(mosaic.key)
        if task is None:
            task = self._making[mosaic.key] = asyncio.create_task(self._made(mosaic))
            task.add_done_callback(lambda _: self._making.pop(mosaic.key, None))
        await asyncio.shield(task)
        return mosaic.key in self._settled

    async def _made(self, mosaic: Mosaic) -> None:
        """Draw, keep and write down a mosaic. What is not the mosaic's fault is only logged: it stays wanted."""
        key = mosaic.key
        try:
            drawn = await self._drawn(mosaic)
            if isinstance(drawn, str):
                logger.warning("a mosaic can't be made", extra={"mosaic": key, "reason": drawn})
                await self._store.failed(mosaic, drawn, self._clock.now())
            else:
                await in_own_thread(_write, mosaic_path(self._options.folder, key), drawn)
                await self._store.made(mosaic, len(drawn), self._clock.now())
            self._settle(key)
            self._trouble = ""
        except (ProcessUnavailable, StorageError, OSError) as error:
            if str(error) != self._trouble:
                self._trouble = str(error)
                logger.warning("mosaics can't be made; digests go on without them", extra={"reason": str(error)})
        finally:
            self._round.discard(key)
            self._arrived(key)

    async def _drawn(self, mosaic: Mosaic) -> bytes | str:
        """Return the mosaic's file, or why there is none and never will be. Raises what is not the mosaic's fault."""
        try:
            return await self._offload(draw_mosaic, mosaic, self._options.folder)
        except (ProcessUnavailable, OSError):
            raise
        except (PictureGoneError, WorkLost) as error:
            return str(error)
        except Exception as error:
            # A fault of ours, or a library's: with the next attempt it would be met again.
            logger.exception("drawing a mosaic failed", extra={"mosaic": mosaic.key})
            return f"{type(error).__name__}: {error}"

    def _settle(self, key: str) -> None:
        self._settled[key] = self._steady()
        if len(self._settled) > _KNOWN:
            self._settled.popitem(last=False)

    def _arrived(self, key: str) -> None:
        if (event := self._arrivals.pop(key, None)) is not None:
            event.set()

    def _let_go(self) -> None:
        """Release whoever waits for what is not coming."""
        for key in [key for key in self._arrivals if key not in self._round]:
            self._arrived(key)

    async def tidy(self, before: datetime) -> None:
        """Forget mosaics that were not used since then, and delete their files. May raise StorageError."""
        keys = await self._store.forget_unused(before)
        await in_own_thread(_remove, [mosaic_path(self._options.folder, key) for key in keys])
        for key in keys:
            self._settled.pop(key, None)

    async def stop(self) -> None:
        """Abandon what is being made."""
        tasks = list(self._making.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _write(file: Path, data: bytes) -> None:
    make_folder(file.parent)
    replace_private(file, data)


def _remove(files: Sequence[Path]) -> None:
    for file in files:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("an old mosaic can't be deleted", extra={"file": file.name, "reason": str(error)})
