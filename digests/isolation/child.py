"""The second process, in which pictures and feeds are decoded: answers one call after another until its input ends.

Started as a program by `IsolatedProcess`, which alone writes to its input. What it answers is data: what a hostile
picture could make of this process must not reach the first, which therefore reads answers with `read_answer`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import pickle
import resource
import struct
import sys
import threading
import time
from enum import Enum
from typing import IO, Any, NoReturn

LENGTH = struct.Struct(">Q")
"""Before each message: how many bytes it has."""
MOST_MEMORY = 1_200_000_000
"""Bytes of address space; decoding the largest picture that is accepted takes half of it."""
_TIMES = frozenset({"datetime", "date", "timedelta", "timezone"})
_NICENESS = 5
_PARENT_CHECK_SECONDS = 2.0


class _DataReader(pickle.Unpickler):
    """Makes nothing but data: dataclasses and enums of ours, times, and exceptions."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a class that an answer may hold."""
        if module == "datetime" and name in _TIMES:
            return super().find_class(module, name)
        if module == "builtins" or module.partition(".")[0] == "digests":
            found = super().find_class(module, name)
            if isinstance(found, type) and (issubclass(found, Exception | Enum) or dataclasses.is_dataclass(found)):
                return found
        raise pickle.UnpicklingError(f"an answer holds {module}.{name}")


def read_answer(message: bytes) -> tuple[bool, Any]:
    """Return whether a call succeeded, with its result or its exception.

    Raises:
        pickle.UnpicklingError: for anything but data.
    """
    succeeded, value = _DataReader(io.BytesIO(message)).load()
    return succeeded is True, value


def answer_calls(calls: IO[bytes], answers: IO[bytes]) -> None:
    """Answer calls until there are no more."""
    while len(head := calls.read(LENGTH.size)) == LENGTH.size:
        work, args = pickle.loads(calls.read(LENGTH.unpack(head)[0]))  # noqa: S301 - of the first process
        answer = _answer(work, args)
        answers.write(LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _answer(work: Any, args: tuple[Any, ...]) -> bytes:
    try:
        result = (True, work(*args))
    except Exception as error:  # noqa: BLE001 - it is for the caller
        result = (False, error)
    try:
        message = pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
        read_answer(message)
    except Exception:  # noqa: BLE001 - an exception of a library, or one that can't be made again: its words remain
        return pickle.dumps((False, RuntimeError(f"{type(result[1]).__name__}: {result[1]}")))
    return message


def _main(parent: int) -> NoReturn:
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    with contextlib.suppress(OSError, ValueError):
        # Not every system can bound it.
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_exit_with, args=(parent,), daemon=True).start()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints must not get between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        answer_calls(sys.stdin.buffer, answers)
    os._exit(0)


def _exit_with(parent: int) -> NoReturn:
    """End with the first process, even in the middle of a call."""
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    _main(int(sys.argv[1]))
