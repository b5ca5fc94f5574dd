"""What tests have the second process do."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Foreign:
    """A dataclass that is not the bot's."""

    text: str


def process_id() -> int:
    """Return the process's id."""
    return os.getpid()


def hang(seconds: float) -> None:
    """Do nothing for so long."""
    time.sleep(seconds)


def die() -> None:
    """End the process as a fault in a library does."""
    os.abort()


def fill_memory(megabytes: int) -> int:
    """Take so much memory, and return how many bytes that is."""
    return len(bytes(megabytes * 1_000_000))


def say(text: str) -> str:
    """Print a text as a library may, and return it."""
    print(text, flush=True)
    os.write(1, text.encode())
    return text


def loaded(module: str) -> bool:
    """Return whether a module is loaded."""
    return module in sys.modules


def variables() -> dict[str, str]:
    """Return the environment."""
    return dict(os.environ)


def niceness() -> int:
    """Return how far the process gives way."""
    return os.nice(0)


def make_foreign() -> Foreign:
    """Return an object of a class that is not the bot's."""
    return Foreign("x")


def fail_foreign() -> None:
    """Raise an exception that can't be made again from its arguments."""

    class _OddError(Exception):
        def __init__(self, one_two: str, three: str) -> None:
            super().__init__(f"{one_two} {three}")

    raise _OddError("odd", "fault")


def slow_say(seconds: bytes) -> bytes:
    """Return it after so many seconds."""
    time.sleep(float(seconds))
    return seconds
