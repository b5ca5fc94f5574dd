"""The folder with what the bot makes: nobody else on the machine looks into it."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from config.settings import Settings
from digests.errors import StorageError
from digests.storage.private_files import is_open_to_others, make_folder, tighten

_OWN = re.compile(r"(digestbot|search)\.db(\.new)?(-wal|-shm|-journal|\.lock)?|digestbot\.lock|origins")
_GROUP = stat.S_IRWXG
_OTHERS = stat.S_IRWXO


def prepare_data_folder(settings: Settings) -> None:
    """Makes the data folder, or takes the rights of others from one that is there. Raises StorageError.

    A folder in which other things lie too is left as it is: whoever needs those must still reach them.
    """
    folder = settings.data_dir
    make_folder(folder)
    try:
        is_ours = all(_OWN.fullmatch(entry.name) for entry in folder.iterdir())
        mode = stat.S_IMODE(folder.stat().st_mode)
        if is_ours and mode & _unwanted(mode):
            folder.chmod(mode & ~_unwanted(mode))
    except PermissionError:
        # Another's folder: who lent it decides, and `digestbot doctor` tells who may look into it.
        return
    except OSError as error:
        raise StorageError(f"The data folder {folder} can't be used ({error.strerror}): set data_dir.") from error
    tighten(folder / "digestbot.lock")


def _unwanted(mode: int) -> int:
    """A group that may write, or whose folder hands its group on, was let in on purpose."""
    return _OTHERS if mode & (stat.S_IWGRP | stat.S_ISGID) else _OTHERS | _GROUP


def open_to_others(settings: Settings) -> list[Path]:
    """What of the bot's own others on this machine may read or reach."""
    try:
        folder = [settings.data_dir] if settings.data_dir.stat().st_mode & _OTHERS else []
    except OSError:
        folder = []
    file = settings.database_file
    return folder + [path for path in (file, settings.search_path) if path is not None and is_open_to_others(path)]
