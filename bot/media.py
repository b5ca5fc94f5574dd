"""All that the running bot does with pictures: fetching them, drawing with them, and showing what was drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.fetching import fetch_options
from bot.handlers.covers import StartCovers
from bot.stores import Stores, fetches_pictures
from bot.web import MosaicServer
from config.settings import Settings
from digests.fetch.client import WebClient
from digests.media.mosaics import MosaicMaker, MosaicOptions
from digests.media.own_pictures import StoredPictures
from digests.media.pictures_pass import IsBusy, PicturesOptions
from digests.media.pipeline import PicturePipeline, PicturesStores
from digests.media.process import DrawingProcess
from digests.media.work import draw_mosaic
from digests.model.mosaic import Mosaic
from digests.ports import Clock, OwnPictures


@dataclass(frozen=True, slots=True)
class Media:
    """What makes and shows the bot's own pictures. `server` and `covers` are None where none are shown.

    `wanted` says whether articles' pictures are fetched at all.
    """

    drawing: DrawingProcess
    own: OwnPictures
    pipeline: PicturePipeline
    mosaics: MosaicMaker
    covers: StartCovers | None
    server: MosaicServer | None
    wanted: bool

    async def start(self) -> None:
        """Begin to serve mosaics; raise StartError where that can't be done."""
        if self.server is not None:
            await self.server.start()

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


def build_media(settings: Settings, clock: Clock, stores: Stores, is_busy: IsBusy) -> Media:
    """Join all that has to do with pictures over the stores. Fetching gives way while it `is_busy` elsewhere."""
    drawing = DrawingProcess()
    own = StoredPictures(stores.uploads, settings.pictures_folder, clock)
    most = settings.media.mosaics if has_mosaics(settings) else 0
    return Media(
        drawing=drawing,
        own=own,
        pipeline=build_pictures(settings, clock, stores, drawing, is_busy),
        mosaics=MosaicMaker(stores.mosaics, drawing, clock, MosaicOptions(settings.pictures_folder, most)),
        covers=build_covers(settings, stores, drawing),
        server=build_mosaic_server(settings, own, stores),
        wanted=fetches_pictures(settings),
    )


def build_covers(settings: Settings, stores: Stores, drawing: DrawingProcess) -> StartCovers | None:
    """Return what keeps the covers for new readers; None where no pictures are put together."""
    if not has_mosaics(settings):
        return None

    async def draw(mosaic: Mosaic) -> bytes:
        return await drawing(draw_mosaic, mosaic, settings.pictures_folder)

    return StartCovers(stores.articles, draw, settings.digest.timezone, mosaic_secret(settings))


def build_pictures(
    settings: Settings, clock: Clock, stores: Stores, drawing: DrawingProcess, is_busy: IsBusy
) -> PicturePipeline:
    """Return what brings articles' pictures into their folder, and gives way while it `is_busy` elsewhere."""
    options = PicturesOptions(
        folder=settings.pictures_folder,
        folder_bytes=settings.media.folder_mb * 1_000_000,
        recent=timedelta(days=settings.digest.max_late),
        latest=2 * settings.digest.first_items,
        per_host=settings.fetch.per_host,
        max_bytes=int(settings.fetch.max_mb * 1_000_000),
        is_busy=is_busy,
    )
    return PicturePipeline(
        PicturesStores(stores.pictures, stores.kept_pictures, stores.people),
        lambda: WebClient(fetch_options(settings)),
        drawing.judge,
        clock,
        options,
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
