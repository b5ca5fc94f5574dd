"""Runs the `git` program for one origin: each call in its own process group, bounded in time, killed as a whole."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from digests.errors import OriginError

PATIENCE_SECONDS = 900.0
"""For a whole fetch, which may be of a large repository over a slow line."""
END_SECONDS = 2.0


class GitProgram:
    """Any method may raise OriginError, which begins with `who`: the origin as an operator knows it."""

    def __init__(self, who: str, folder: Path, environment: Callable[[], Mapping[str, str]]) -> None:
        self.closed = False
        self._who = who
        self._folder = folder
        self._environment = environment
        self._running: set[subprocess.Popen[bytes]] = set()

    def run(self, arguments: Sequence[str], patience: float = PATIENCE_SECONDS) -> subprocess.CompletedProcess[bytes]:
        """Waits for its end, and leaves nothing behind that it has started."""
        process = self.start(arguments)
        try:
            out, err = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            raise self._too_late(patience) from None
        finally:
            self.end(process)
        if self.closed:
            raise self._stopped()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def start(self, arguments: Sequence[str], stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """What is started so must be given to `end`."""
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell; the address stands behind "--"
                ["git", *arguments],  # noqa: S607 - the operator's git
                cwd=self._folder,
                env=self._environment(),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if stdin == subprocess.DEVNULL else subprocess.DEVNULL,
                # git leaves the talking to other programs, and who kills it alone leaves those behind.
                start_new_session=True,
            )
        except FileNotFoundError:
            raise OriginError(
                f"{self._who}: the program git is not there: install it, or take this origin out."
            ) from None
        self._running.add(process)
        if self.closed:
            # Between two commands.
            self.end(process)
            raise self._stopped()
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Kills it and lets go of its pipes, which somebody who left its group may hold open."""
        _kill(process)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
        self._running.discard(process)

    def close(self) -> None:
        """From any thread: whoever waits for git gets an error at once, and none is started any more."""
        self.closed = True
        for process in list(self._running):
            _kill(process)

    def _too_late(self, patience: float) -> OriginError:
        how_long = f"{patience:.0f} seconds" if patience < 120 else f"{patience / 60:.0f} minutes"
        return OriginError(f"{self._who}: no answer within {how_long}; it is tried again later.")

    def _stopped(self) -> OriginError:
        return OriginError(f"{self._who}: git was stopped.")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With all that it has started and that is still in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
