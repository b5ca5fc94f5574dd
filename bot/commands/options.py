"""Options and arguments that several commands of the program have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

LAST_ID = 2**63 - 1
"""The largest number that a database holds as an id."""
MOST_DAYS = 36500

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def path(text: str) -> Path:
    """Parses a path, in which "~" is the home folder wherever it came from."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise typer.BadParameter("its ~ names no home folder on this machine") from None


def announcement_id(meaning: str, *names: str) -> Any:
    """An option that takes the number of an announcement."""
    return typer.Option(*names, metavar="ID", min=1, max=LAST_ID, help=meaning)
