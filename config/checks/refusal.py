"""How a check refuses a value, and how a value may be shown."""

from __future__ import annotations

from enum import Enum


class NotAllowed(ValueError):  # noqa: N818
    """The value can't be used; the text says what can be, without showing the value."""


class Shown(Enum):
    """How a text option may be shown where settings or their mistakes are printed; others are masked."""

    TEXT = "as it is"
    ADDRESS = "without user, password and query"
    PATH = "if it is a path: it may be, by mistake, what should be in the file"
