"""All that the running bot does with pictures: fetching them, drawing with them, and showing what was drawn."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import secrets
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import StartError
from bot.handlers.covers import StartCovers
from bot.web.mosaics import MosaicServer
from bot.wiring.fetching import fetch_options
from bot.wiring.stores import Stores, fetches_pictures
from config.settings import Settings
from digests.errors import StorageError
from digests.fetch.client import WebClient
from digests.media.files import PictureFiles, PicturesFolderError, bring_tiles
from digests.media.mosaics import MosaicMaker, MosaicOptions
from digests.media.own_pictures import StoredPictures
from digests.media.pictures_pass import IsBusy, PicturesOptions
from digests.media.pipeline import PicturePipeline, PicturesStores
from digests.media.place import has_own_place, open_picture_files
from digests.media.process import DrawingProcess
from digests.media.turn import PicturesTurn
from digests.media.work import draw_mosaic
from digests.model.mosaic import Mosaic
from digests.ports import Clock, OwnPictures
from digests.storage.cluster.leases import LeaseStore

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Media:
    """What makes and shows the bot's own pictures. `server` and `covers` are None where none are shown.

    `wanted` says whether articles' pictures are fetched at all.
    """

    drawing: DrawingProcess
    files: PictureFiles
    own: OwnPictures
    pipeline: PicturePipeline
    mosaics: MosaicMaker
    covers: StartCovers | None
    server: MosaicServer | None
    wanted: bool
    trial: FilesTrial | None = None

    async def start(self, *, serves: bool = True) -> None:
        """Begin to serve mosaics, unless other processes do; raise StartError where that can't be done."""
        if self.server is not None and serves:
            await self.server.start()
        if self.trial is not None:
            self.trial.start()

    async def tidy(self, before: datetime) -> None:
        """Forget what was not used since then, and keep the folder within its bound."""
        await self.pipeline.tidy()
        await self.mosaics.tidy(before)

    def end(self) -> None:
        """Begin nothing more."""
        self.pipeline.stop()

    def closing(self) -> Iterator[tuple[str, Awaitable[None]]]:
        """Yield the steps that close everything, each with its name, in order."""
        if self.server is not None:
            yield "pictures for Telegram", self.server.stop()
        if self.covers is not None:
            yield "covers", self.covers.close()
        yield "mosaics", self.mosaics.stop()
        yield "drawing", self.drawing.close()
        if self.trial is not None:
            yield "trial of pictures", self.trial.close()
        yield "files of pictures", self.files.close()


def build_media(settings: Settings, clock: Clock, stores: Stores, is_busy: IsBusy) -> Media:
    """Join all that has to do with pictures over the stores. Fetching gives way while it `is_busy` elsewhere."""
    drawing = DrawingProcess()
    files = files_of_pictures(settings)
    own = StoredPictures(stores.uploads, files, clock)
    most = settings.media.mosaics if has_mosaics(settings) else 0
    options = MosaicOptions(most, is_shared=not stores.database.is_sqlite)
    return Media(
        drawing=drawing,
        files=files,
        own=own,
        pipeline=build_pictures(settings, clock, stores, drawing, files, is_busy),
        mosaics=MosaicMaker(stores.mosaics, files, drawing, clock, options),
        covers=build_covers(settings, stores, drawing, files),
        server=build_mosaic_server(settings, own, stores),
        wanted=fetches_pictures(settings),
        # A folder of the bot's own needs none: where it can't be written, nothing can.
        trial=FilesTrial(files) if fetches_pictures(settings) and has_own_place(settings) else None,
    )


def files_of_pictures(settings: Settings) -> PictureFiles:
    """Return where pictures are kept. Raises StartError if they are to be in a store whose library is not installed."""
    try:
        return open_picture_files(settings)
    except StorageError as error:
        raise StartError(str(error)) from error


class FilesTrial:
    """Tries at the start whether pictures can be kept, and logs the fix if they can't. Nothing waits for it."""

    def __init__(self, files: PictureFiles) -> None:
        self._files = files
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._try())

    async def close(self) -> None:
        """Abandon it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _try(self) -> None:
        try:
            await self._files.check()
        except PicturesFolderError as error:
            logger.error("%s", error)


def build_covers(
    settings: Settings, stores: Stores, drawing: DrawingProcess, files: PictureFiles
) -> StartCovers | None:
    """Return what keeps the covers for new readers; None where no pictures are put together."""
    if not has_mosaics(settings):
        return None

    async def draw(mosaic: Mosaic) -> bytes:
        await bring_tiles(files, mosaic)
        return await drawing(draw_mosaic, mosaic, files.folder)

    return StartCovers(stores.articles, draw, settings.digest.timezone, mosaic_secret(settings))


def build_pictures(
    settings: Settings, clock: Clock, stores: Stores, drawing: DrawingProcess, files: PictureFiles, is_busy: IsBusy
) -> PicturePipeline:
    """Return what brings articles' pictures to where they are kept, and gives way while it `is_busy` elsewhere."""
    options = PicturesOptions(
        folder_bytes=settings.media.folder_mb * 1_000_000,
        recent=timedelta(days=settings.digest.max_late),
        latest=2 * settings.digest.first_items,
        per_host=settings.fetch.per_host,
        max_bytes=int(settings.fetch.max_mb * 1_000_000),
        is_busy=is_busy,
        unused=timedelta(days=settings.retention.pictures) if settings.retention.pictures else None,
    )
    # With SQLite, the bot is alone: its lock says so.
    owner = f"{os.getpid()}-{secrets.token_hex(4)}"
    turn = None if stores.database.is_sqlite else PicturesTurn(LeaseStore(stores.database), owner, clock)
    return PicturePipeline(
        PicturesStores(stores.pictures, stores.kept_pictures, stores.people),
        files,
        lambda: WebClient(fetch_options(settings)),
        drawing.judge,
        clock,
        options,
        turn,
    )


def build_mosaic_server(settings: Settings, own_pictures: OwnPictures, stores: Stores) -> MosaicServer | None:
    """Return what serves mosaics to Telegram; None if it has no public address."""
    web = settings.web
    if not web.public_url:
        return None
    return MosaicServer(web.public_url, web.listen, own_pictures, stores.withdrawals.may_show)


def mosaic_secret(settings: Settings) -> bytes:
    """Return the secret of the keys of mosaics, the same in every process of the bot."""
    # The token never leaves.
    return hashlib.sha256(b"mosaics\0" + settings.telegram.token.get_secret_value().encode()).digest()


def has_mosaics(settings: Settings) -> bool:
    """Return whether pictures of several articles are put together."""
    return shows_pictures(settings) and settings.media.pictures == "mosaic"


def shows_pictures(settings: Settings) -> bool:
    """Return whether messages have any pictures of articles."""
    return settings.digest.picture and settings.media.pictures != "none"
