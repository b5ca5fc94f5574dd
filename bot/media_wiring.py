"""Builds what has to do with pictures: fetching them, drawing with them, and showing what was drawn."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from bot.handlers.covers import StartCovers
from bot.stores import Stores
from bot.web import MosaicServer
from config.settings import Settings
from digests.fetch.client import FetchOptions, WebClient
from digests.fetch.guard import AllowedHosts
from digests.media.mosaics import MosaicMaker, MosaicOptions
from digests.media.own_pictures import StoredPictures
from digests.media.pictures_pass import IsBusy, PicturesOptions
from digests.media.pipeline import PicturePipeline, PicturesStores
from digests.media.process import DrawingProcess
from digests.media.work import draw_mosaic
from digests.model.mosaic import Mosaic
from digests.ports import Clock, OwnPictures


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
        is_busy=is_busy,
    )
    return PicturePipeline(
        PicturesStores(stores.pictures, stores.kept_pictures, stores.people),
        lambda: WebClient(fetch_options(settings)),
        drawing.judge,
        clock,
        options,
    )


def fetch_options(settings: Settings) -> FetchOptions:
    """Return how the bot fetches from the web."""
    fetch = settings.fetch
    return FetchOptions(
        seconds=fetch.seconds,
        max_bytes=int(fetch.max_mb * 1_000_000),
        per_host=fetch.per_host,
        contact=fetch.contact,
        allowed=AllowedHosts(fetch.allow_hosts),
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


def build_mosaics(settings: Settings, clock: Clock, stores: Stores, drawing: DrawingProcess) -> MosaicMaker:
    """Return what makes the mosaics that deliveries wait for."""
    most = settings.media.mosaics if has_mosaics(settings) else 0
    return MosaicMaker(stores.mosaics, drawing, clock, MosaicOptions(settings.pictures_folder, most))


def build_own_pictures(settings: Settings, clock: Clock, stores: Stores) -> StoredPictures:
    """Return the pictures that we made ourselves, as senders need them."""
    return StoredPictures(stores.uploads, settings.pictures_folder, clock)
