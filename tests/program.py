"""The program `digestbot` as tests start it: where it is, its settings in the environment, whether it lives."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("digestbot")


@dataclass(frozen=True)
class Ran:
    """What a command that has ended left behind."""

    status: int
    out: str
    err: str


RunCommand = Callable[..., Ran]
"""`run(*arguments, **environment)`."""


def program_environment(folder: Path, **options: object) -> dict[str, str]:
    """Return the environment of a program that keeps posts and data below the folder.

    It is this process's environment without the settings that a developer may have in theirs. `options` are further
    settings, written like `telegram__rate`.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("DIGESTBOT_")}
    settings = {"posts__folder": folder / "posts", "data_dir": folder / "data", "log__level": "error"}
    # Many programs run at once, and only one could have the port.
    # And no test asks Telegram itself.
    settings = settings | {"metrics__listen": "off", "telegram__api_url": "http://127.0.0.1:9"} | options
    return own | {f"DIGESTBOT_{name.upper()}": str(value) for name, value in settings.items()}


def is_alive(process_id: int) -> bool:
    """Return whether a process of this id exists."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True
