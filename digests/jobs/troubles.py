"""What jobs fail of, told once: a cause remains until somebody removes it, and all jobs may meet the same one."""

from __future__ import annotations

import logging

from digests.errors import DatabaseAway, DigestsError

logger = logging.getLogger(__name__)


class JobTroubles:
    """Writes a line when jobs begin to fail of something, and another when the last of them works again."""

    def __init__(self) -> None:
        self._causes: dict[str, str] = {}

    def failed(self, job: str, error: DigestsError) -> None:
        """Note that a run of the job failed."""
        cause = str(error)
        if isinstance(error, DatabaseAway):
            # The storage says so, for everything that needs it.
            return
        is_known = cause in self._causes.values()
        self._causes[job] = cause
        if not is_known:
            logger.error(cause, extra={"job": job})

    def works(self, job: str) -> None:
        """Note that a run of the job succeeded."""
        cause = self._causes.pop(job, None)
        if cause is not None and cause not in self._causes.values():
            logger.info("the job works again", extra={"job": job})
