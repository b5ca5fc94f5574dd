"""Running the `git` program for one origin: each call in its own process group, limited in time, killed as a whole."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from digests.errors import OriginError

FETCH_SECONDS = 900.0
"""The limit of a whole fetch, which may be of a large repository over a slow line."""
KILL_SECONDS = 2.0


class GitProgram:
    """Starts and ends git for one origin.

    Any method may raise OriginError, whose text begins with `origin`: the origin as an operator knows it.
    """

    def __init__(self, origin: str, folder: Path, environment: Callable[[], Mapping[str, str]]) -> None:
        self.closed = False
        self._origin = origin
        self.folder = folder
        self._environment = environment
        self._running: set[subprocess.Popen[bytes]] = set()

    def run(self, arguments: Sequence[str], timeout: float = FETCH_SECONDS) -> subprocess.CompletedProcess[bytes]:
        """Run git and return its output, once it and everything it has started are gone."""
        process = self.start(arguments)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            raise self._timed_out(timeout) from None
        finally:
            self.end(process)
        if self.closed:
            raise self._stopped()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def start(self, arguments: Sequence[str], stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Start git; the caller must give the process to `end`."""
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell; the address comes after "--"
                ["git", *arguments],  # noqa: S607 - the operator's git
                cwd=self.folder,
                env=self._environment(),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if stdin == subprocess.DEVNULL else subprocess.DEVNULL,
                # git runs other programs for the network, which would survive if git alone were killed.
                start_new_session=True,
            )
        except FileNotFoundError:
            raise OriginError(
                f"{self._origin}: the program git is not there: install it, or take this origin out."
            ) from None
        self._running.add(process)
        if self.closed:
            # It was closed between two commands.
            self.end(process)
            raise self._stopped()
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the process and close its pipes, which a process that left its group may still hold open."""
        _kill(process)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(KILL_SECONDS)
        self._running.discard(process)

    def close(self) -> None:
        """Kill git, from any thread: its callers get an error at once, and it is not started again."""
        self.closed = True
        for process in list(self._running):
            _kill(process)

    def _timed_out(self, timeout: float) -> OriginError:
        how_long = f"{timeout:.0f} seconds" if timeout < 120 else f"{timeout / 60:.0f} minutes"
        return OriginError(f"{self._origin}: no answer within {how_long}; it is tried again later.")

    def _stopped(self) -> OriginError:
        return OriginError(f"{self._origin}: git was stopped.")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and whatever it has started that is still in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
