"""What the doctor has looked at, and how it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and how it is. `text` says how to fix it."""

    level: Literal["ok", "warning", "error"]
    what: str
    text: str
