"""Runs what decodes what strangers sent in a second process, and never in this one.

The libraries that do so are not loaded here. A picture or a feed that kills that process, hangs it or fills its memory
is that one's trouble: the process is started anew for the next.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import pickle
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import digests
from digests.errors import DigestsError
from digests.isolation.child import LENGTH, read_answer

logger = logging.getLogger(__name__)

ReturnT = TypeVar("ReturnT")

_LARGEST_ANSWER = 64_000_000
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "XDG_DATA_DIRS")
_END_SECONDS = 2.0
_BUFFER = 1 << 20


class WorkLost(DigestsError):  # noqa: N818
    """The second process ended or was ended during a call, most likely because of what it was given."""


class ProcessUnavailable(DigestsError):  # noqa: N818
    """The second process can't be started, or is stopped: nothing is wrong with what it was to do."""


class IsolatedProcess:
    """An `Offload` whose calls run in a second process, one after another.

    It is started for the first call, and ends after `idle_seconds` without any. A call that takes longer than
    `call_seconds` is ended with the process.
    """

    ahead = 2

    def __init__(self, call_seconds: float = 20, idle_seconds: float = 30) -> None:
        self._call_seconds = call_seconds
        self._idle_seconds = idle_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._ending: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The id of the process; None while there is none that takes calls."""
        return None if (process := self._alive()) is None else process.pid

    async def __call__(self, work: Callable[..., ReturnT], *args: object) -> ReturnT:
        """Return the function's result, or raise what it raises.

        Raises:
            WorkLost: when the process ended before it answered, or did not answer in time.
            ProcessUnavailable: when it can't be started, or after `close`.
        """
        return await self.call_within(self._call_seconds, work, *args)

    async def call_within(self, seconds: float, work: Callable[..., ReturnT], *args: object) -> ReturnT:
        """Do as a call does, within another time than `call_seconds`."""
        name = getattr(work, "__name__", "a call")
        async with self._turn:
            self._keep()
            # Not before: a message is as large as what it holds, and many calls may wait.
            message = pickle.dumps((work, args), pickle.HIGHEST_PROTOCOL)
            try:
                answer = await self._exchanged(message, name, seconds)
                succeeded, value = read_answer(answer)
            except (pickle.UnpicklingError, ValueError, TypeError, AttributeError, ImportError, EOFError) as error:
                await self._kill()
                raise WorkLost(f"The second process gave no proper answer to {name}: {error}.") from error
            except BaseException:
                # Cancelled, or lost: whatever it would still answer belongs to no call.
                await self._kill()
                raise
            self._end_later()
        if succeeded:
            return value  # type: ignore[no-any-return]  # it is what the function returned
        raise value

    async def _exchanged(self, message: bytes, name: str, seconds: float) -> bytes:
        try:
            async with asyncio.timeout(seconds):
                process = await self._running()
                assert process.stdin is not None
                assert process.stdout is not None
                process.stdin.write(LENGTH.pack(len(message)))
                process.stdin.write(message)
                await process.stdin.drain()
                (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
                if length > _LARGEST_ANSWER:
                    raise ValueError(f"{length} bytes")
                return await process.stdout.readexactly(length)
        except TimeoutError:
            raise WorkLost(f"{name} took longer than {seconds:g} s, and was ended.") from None
        except (OSError, asyncio.IncompleteReadError) as error:
            raise WorkLost(f"The second process ended during {name}.") from error

    async def _running(self) -> asyncio.subprocess.Process:
        if self._closed:
            raise ProcessUnavailable("The bot is stopping: no work is begun any more.")
        if (process := self._alive()) is not None:
            return process
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "digests.isolation.child",
                str(os.getpid()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=_environment(),
                limit=_BUFFER,
                # Ctrl+C is for the bot, which ends this process.
                start_new_session=True,
            )
        except OSError as error:
            raise ProcessUnavailable(f"The second process can't be started: {error}.") from error
        return self._process

    def _alive(self) -> asyncio.subprocess.Process | None:
        """Return the process if it can take a call: it may have been ended for idleness, or by anybody."""
        process = self._process
        if process is None or process.returncode is not None or process.stdin is None or process.stdout is None:
            return None
        return None if process.stdin.is_closing() or process.stdout.at_eof() else process

    def _keep(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def _end_later(self) -> None:
        if not self._closed:
            self._ending = asyncio.get_running_loop().call_later(self._idle_seconds, self._end_idle)

    def _end_idle(self) -> None:
        self._ending = None
        if not self._turn.locked() and self._process is not None and self._process.stdin is not None:
            # It ends when there are no more calls to read. The next call starts another.
            self._process.stdin.close()

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        try:
            async with asyncio.timeout(_END_SECONDS):
                await process.wait()
        except TimeoutError:
            logger.warning("the second process was killed and does not end", extra={"pid": process.pid})

    async def close(self) -> None:
        """End the process at once, whatever it is at; calls fail from now on."""
        self._closed = True
        self._keep()
        await self._kill()


def _environment() -> dict[str, str]:
    """Return the variables that it needs: none of ours, since secrets are among them."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return kept | {"PYTHONPATH": str(Path(digests.__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
