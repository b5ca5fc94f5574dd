"""Where pictures are kept, as the settings say."""

from __future__ import annotations

from config.settings import Settings
from digests.errors import StorageError
from digests.media.files import FolderFiles, PictureFiles
from digests.media.object_store import PictureBucket, StoreOptions
from digests.media.stored_files import ObjectStoreFiles
from digests.model.check import Check

_WHAT = "place of pictures"


def has_own_place(settings: Settings) -> bool:
    """Return whether pictures are kept elsewhere than in the data folder."""
    return bool(settings.media.store or settings.media.folder)


def open_picture_files(settings: Settings) -> PictureFiles:
    """Return where pictures are kept.

    Raises:
        StorageError: They are to be in a store, and its library is not installed.
    """
    media, folder = settings.media, settings.pictures_folder
    if not media.store:
        return FolderFiles(folder, is_shared=bool(media.folder))
    bucket, _, prefix = media.store.removeprefix("s3://").partition("/")
    options = StoreOptions(
        bucket,
        prefix,
        media.store_endpoint,
        media.store_region,
        media.store_key.get_secret_value(),
        media.store_secret.get_secret_value(),
    )
    return ObjectStoreFiles(PictureBucket(options), folder, media.cache_mb * 1_000_000)


async def place_checks(settings: Settings) -> list[Check]:
    """Try for the doctor whether pictures can be kept; nothing where they are in the data folder, which has its own."""
    if not has_own_place(settings):
        return []
    try:
        files = open_picture_files(settings)
        try:
            await files.check()
        finally:
            await files.close()
    except StorageError as error:
        return [Check("error", _WHAT, str(error))]
    return [Check("ok", _WHAT, settings.media.store or str(files.folder))]
