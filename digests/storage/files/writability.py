"""Whether a folder takes what is written to it."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

_BYTES = 1_000_000
_ROOM = "free some room on its disk; the bot continues by itself"
_BY_ERROR = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: "raise the limit for the size of files; the bot continues by itself",
    errno.EROFS: "mount it so that it can be written to; a disk with errors becomes so by itself, as the system's log "
    "then says",
    errno.EACCES: "let the bot's user write there",
    errno.EPERM: "let the bot's user write there",
    errno.ENOENT: "it is gone: bring it back, and restart the bot",
    errno.ENOTDIR: "it is gone: bring it back, and restart the bot",
}
_ELSE = "check its disk"


def refusal_of(folder: Path) -> str | None:
    """Return why a folder takes no file of a megabyte, with the fix; None if it does. Blocks, and leaves nothing."""
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            # The room is taken, and nothing is written.
            os.posix_fallocate(file.fileno(), 0, _BYTES)
    except OSError as error:
        return f"takes no files ({error.strerror}): {_BY_ERROR.get(error.errno or 0, _ELSE)}"
    return None
