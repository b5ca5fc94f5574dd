"""What a test that fails leaves open is laid to that test: a plugin of pytest.

The traceback of a failure keeps the test's objects alive until another test runs. A socket among them that nobody
closed was then a warning, and so an error, of that innocent test, far from the fault.
"""

from __future__ import annotations

import gc
import sys
import traceback
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import TracebackType

import pytest

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note which tests have failed in any of their phases."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Let go of what a failed test held, and fail for it what was left open."""
    try:
        result = yield
        if isinstance(item, pytest.Function):
            # They are held until after the teardown.
            item.funcargs.clear()
    except BaseException as error:
        for left in _left_open(error.__traceback__):
            error.add_note(f"left open: {left}")
        raise
    if item.stash.get(_FAILED, False) and (found := _left_open()):
        pytest.fail("the test failed, and left open:\n" + "\n".join(found), pytrace=False)
    return result


def _left_open(trace: TracebackType | None = None) -> list[str]:
    """Delete what only the last failure, and that of the trace, keep alive; return what Python had to say about it."""
    with _unraisable() as found:
        for kept in (trace, getattr(sys, "last_traceback", None)):
            traceback.clear_frames(kept)
        # Frames whose variables pytest has looked at keep them as long as they live.
        del kept
        for name in ("last_type", "last_value", "last_traceback", "last_exc"):
            if hasattr(sys, name):
                delattr(sys, name)
        # What holds itself in a circle goes in the first round, and what only that held in the next.
        gc.collect()
        gc.collect()
    return found


@contextmanager
def _unraisable() -> Iterator[list[str]]:
    """Collect what can't be raised, such as a warning about a socket that is deleted while it is open."""
    found: list[str] = []
    before = sys.unraisablehook
    sys.unraisablehook = lambda fault: found.append(f"{fault.exc_value!r} in {fault.object!r}")
    try:
        yield found
    finally:
        sys.unraisablehook = before
