"""Notices new posts as they are written. A look at the origins on schedule finds them in any case."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from watchfiles import Change, awatch

logger = logging.getLogger(__name__)

_SETTLE_MILLISECONDS = 400
_MOST_WAIT_MILLISECONDS = 1500


async def watch(folders: Sequence[Path], changed: Callable[[], None]) -> None:
    """Calls `changed` soon after a post below the folders was written, moved or removed; ends when it can't."""
    there = [folder for folder in folders if await asyncio.to_thread(folder.is_dir)]
    if not there:
        return
    try:
        async for _ in awatch(
            *there,
            watch_filter=_is_post,
            debounce=_MOST_WAIT_MILLISECONDS,
            step=_SETTLE_MILLISECONDS,
            recursive=True,
            ignore_permission_denied=True,
        ):
            changed()
    except (OSError, RuntimeError) as error:
        # As where the system allows no more watches: fs.inotify.max_user_watches.
        logger.warning("changes can't be watched for; posts are found at each scan", extra={"reason": str(error)})


def _is_post(_change: Change, path: str) -> bool:
    return path.endswith(".md") or "." not in path.rpartition("/")[2]
