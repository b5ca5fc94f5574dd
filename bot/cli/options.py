"""Options and arguments that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

LAST_ID = 2**63 - 1
"""The largest number that a database can hold as an id."""
MOST_DAYS = 36500

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def path(text: str) -> Path:
    """Parse a path, where "~" is the home folder even if no shell has expanded it."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise typer.BadParameter("its ~ names no home folder on this machine") from None


def announcement_id(meaning: str, *names: str) -> Any:
    """Return an option that takes the number of an announcement."""
    return typer.Option(*names, metavar="ID", parser=_id_from(1), help=meaning)


def chat_id(meaning: str) -> Any:
    """Return an option that takes Telegram's id of a chat, which is negative for groups and channels."""
    return typer.Option(metavar="ID", parser=_id_from(-LAST_ID), help=meaning)


def _id_from(lowest: int) -> Callable[[str], int]:
    """Return a parser of ids. Typer's own `min` and `max` would show their 19 digits in every help text."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise typer.BadParameter(f"“{text[:40]}” is not a number") from None
        if not lowest <= number <= LAST_ID:
            raise typer.BadParameter(f"{number} is not an id")
        return number

    return parse


def process_label(text: str) -> str:
    """Parse what a process is called: what fits into a log line and a table."""
    if not re.fullmatch(r"[\w.@-]{1,64}", text):
        raise typer.BadParameter("a name has up to 64 letters, digits and any of . _ @ -")
    return text
