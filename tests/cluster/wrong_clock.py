"""Hosts with a wrong clock: libfaketime lies about the time of day, and about no clock that nobody can set."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.cluster.harness import Program
from tests.program import is_alive

_SHARED_MEMORY = Path("/dev/shm")


@contextmanager
def wrong_clocks() -> Iterator[Callable[[Program, int], Program]]:
    """Yield what lets a process, not started, see a clock that is ahead by so many seconds; tidy up after it.

    Without libfaketime the test is skipped; in CI, which installs it, it fails.
    """
    library = _library()

    def be_ahead(program: Program, seconds: int) -> Program:
        program.environment.update(
            LD_PRELOAD=str(library),
            FAKETIME=f"{seconds:+d}",
            FAKETIME_DONT_FAKE_MONOTONIC="1",
            DONT_FAKE_MONOTONIC="1",
            NO_FAKE_STAT="1",
        )
        return program

    _forget()
    try:
        yield be_ahead
    finally:
        _forget()


def _library() -> Path:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if found:
        return found[0]
    if os.environ.get("TESTS_REQUIRE_FAKETIME"):
        pytest.fail("libfaketime is not installed")
    pytest.skip("libfaketime (Debian: faketime) is not installed")


def _forget() -> None:
    """Remove what libfaketime leaves behind for processes that were killed, also those of earlier tests."""
    for path in (*_SHARED_MEMORY.glob("faketime_shm_*"), *_SHARED_MEMORY.glob("sem.faketime_sem_*")):
        pid = path.name.rpartition("_")[2]
        if pid.isdigit() and not is_alive(int(pid)):
            with suppress(OSError):
                path.unlink()
