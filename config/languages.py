"""Which languages the bot has texts in: those whose catalogues lie beside the program. Nothing of it is loaded."""

from __future__ import annotations

from functools import cache
from pathlib import Path

SOURCE = "en"
_LOCALES = Path(__file__).resolve().parents[1] / "bot" / "locales"


@cache
def spoken_languages() -> tuple[str, ...]:
    """Return the names of the languages, English first: the sources are written in it, and have no catalogue."""
    catalogues = _LOCALES.glob("*/LC_MESSAGES/digestbot.po")
    return SOURCE, *sorted(catalogue.parts[-3] for catalogue in catalogues)
