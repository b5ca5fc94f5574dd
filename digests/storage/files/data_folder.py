"""The data folder, into which nobody else on the machine may look."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from config.settings import Settings
from digests.errors import StorageError
from digests.storage.files.private_files import is_open_to_others, make_folder, tighten, tighten_folder

_OUR_FILES = re.compile(
    r"(digestbot|search)\.db(\.new|\.before-[\d-]{15})?(-wal|-shm|-journal|\.lock)?|digestbot\.lock|origins|pictures"
)
_GROUP_RIGHTS = stat.S_IRWXG
_OTHERS_RIGHTS = stat.S_IRWXO


def prepare_data_folder(settings: Settings) -> None:
    """Create the data folder, or remove others' rights from one that exists.

    A folder that contains other things too is left as it is: whoever needs those must still reach them.

    Raises:
        StorageError: The folder can't be created or used.
    """
    folder = settings.data_dir
    make_folder(folder)
    try:
        is_ours = all(_OUR_FILES.fullmatch(entry.name) for entry in folder.iterdir())
        mode = stat.S_IMODE(folder.stat().st_mode)
        if is_ours and mode & _unwanted_rights(mode):
            folder.chmod(mode & ~_unwanted_rights(mode))
    except PermissionError:
        # The folder is another user's, who decides on its rights; `digestbot doctor` reports who may look into it.
        return
    except OSError as error:
        raise StorageError(f"The data folder {folder} can't be used ({error.strerror}): set data_dir.") from error
    tighten(folder / "digestbot.lock")
    # Its files are ours alone already; an older bot, or somebody who made it by hand, may have left it open.
    tighten_folder(folder / "pictures")


def _unwanted_rights(mode: int) -> int:
    """Return the rights to remove: a group that may write, or that new files inherit, was let in on purpose."""
    return _OTHERS_RIGHTS if mode & (stat.S_IWGRP | stat.S_ISGID) else _OTHERS_RIGHTS | _GROUP_RIGHTS


def open_to_others(settings: Settings) -> list[Path]:
    """Return which of the bot's own files and folders others on this machine may read or reach."""
    try:
        folder = [settings.data_dir] if settings.data_dir.stat().st_mode & _OTHERS_RIGHTS else []
    except OSError:
        folder = []
    file = settings.database_file
    return folder + [path for path in (file, settings.search_path) if path is not None and is_open_to_others(path)]
