"""Loads libraries without what they load only in case: it would stay in memory for as long as the bot runs."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Where they are installed, PTB loads cryptography (8 MB) for Telegram Passport, and httpx and structlog load rich with
# pygments (4 MB), for a command line of its own and for tracebacks that are not used here. All go on without.
_LIBRARIES = ("structlog", "telegram.ext")
_NOT_NEEDED = ("cryptography", "pygments", "rich")


def import_libraries() -> None:
    """Load them, unless they are loaded; to be called before anything that imports them."""
    with _absent(*_NOT_NEEDED):
        for library in _LIBRARIES:
            importlib.import_module(library)


@contextmanager
def _absent(*packages: str) -> Iterator[None]:
    """Let packages that are not loaded seem not to be installed in the block; afterwards they can be imported."""
    hidden = [name for name in packages if name not in sys.modules]
    # What stands for a package that is known not to be there (Python's documentation, 5.3.1).
    sys.modules.update(dict.fromkeys(hidden, None))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            if sys.modules.get(name, ...) is None:
                del sys.modules[name]
