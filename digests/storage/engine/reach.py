"""Whether the database's server can be reached, told once when it can't and once when it can again."""

from __future__ import annotations

import logging
from time import monotonic

logger = logging.getLogger(__name__)


class ServerReach:
    """Told by everything that uses the database: whatever fails of it, the log has one line about it."""

    def __init__(self) -> None:
        self._lost_at: float | None = None

    def lost(self, said: str) -> None:
        """Note that it can't be reached; `said` explains that to an operator."""
        if self._lost_at is None:
            self._lost_at = monotonic()
            # What waits for it goes on by itself, so it is no fault of the program.
            logger.warning(said)

    def found(self) -> None:
        """Note that it can."""
        if self._lost_at is not None:
            seconds = round(monotonic() - self._lost_at)
            self._lost_at = None
            logger.info("the database answers again", extra={"seconds": seconds})
