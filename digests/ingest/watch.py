"""Notices new posts as they are written. A scheduled scan finds them in any case."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, watch

from digests.origins.post_names import may_be_post

logger = logging.getLogger(__name__)

_SETTLE_MILLISECONDS = 400
_MOST_WAIT_MILLISECONDS = 1500


class Watch:
    """Calls `changed`, in the event loop, soon after a post below the folder was written, moved or removed.

    It runs in a thread of its own: a folder on a host that is gone holds up whoever begins to watch it, forever.
    """

    def __init__(self, folder: Path, changed: Callable[[], None]) -> None:
        self._folder = folder
        self._changed = changed
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin to watch. A folder that is not there is not watched."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._watch, args=(loop,), name=f"watch {self._folder}", daemon=True).start()

    def stop(self) -> None:
        """Stop watching: `changed` may be called once more, and then never. Does not wait for the thread."""
        self._stopped.set()

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._folder.is_dir():
            return
        try:
            for _ in watch(
                self._folder,
                watch_filter=_is_post,
                debounce=_MOST_WAIT_MILLISECONDS,
                step=_SETTLE_MILLISECONDS,
                stop_event=self._stopped,
                recursive=True,
                ignore_permission_denied=True,
                raise_interrupt=False,
            ):
                with contextlib.suppress(RuntimeError):
                    # The loop may be closed by now.
                    loop.call_soon_threadsafe(self._changed)
        except (OSError, RuntimeError) as error:
            # As where the system allows no more watches: fs.inotify.max_user_watches.
            logger.warning("changes can't be watched for; posts are found at each scan", extra={"reason": str(error)})


def _is_post(_change: Change, path: str) -> bool:
    return may_be_post(path) or "." not in path.rpartition("/")[2]
