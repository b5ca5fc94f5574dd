"""What runs the jobs of the table: in one process (`local`), or in many that share a database (`cluster`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from digests.jobs.tally import JobTally

JobFunction = Callable[[], Awaitable[object]]


class JobRunner(Protocol):
    """Runs what is attached to the names of jobs, each by its row of the table."""

    tally: JobTally
    """Counts what runs here."""
    on_jump: Callable[[], None]
    """Called whenever this host's clock was set, ahead or back."""

    async def open(self) -> None:
        """Make ready what it needs beyond the bot's own tables; raise StorageError where that can't be done."""
        ...

    def add(self, name: str, work: JobFunction) -> None:
        """Attach work to a job of the table, before or after `start`; raise LookupError for an unknown name."""
        ...

    def start(self) -> None:
        """Begin to run what is attached."""
        ...

    def wake(self, name: str) -> None:
        """Run the job as soon as possible instead of when it is due; if it is running, run it once more afterwards.

        Wherever it is attached, here or in other processes; raise LookupError for a name that is not in the table.
        """
        ...

    def paused(self) -> AbstractAsyncContextManager[None]:
        """Run no job here inside the block: wait for those under way, and run those that become due after the block."""
        ...

    def late(self) -> list[str]:
        """Return the names of the jobs that should have run and did not, and of those that run for too long."""
        ...

    async def stop(self, patience: float) -> None:
        """Start no more jobs, and give those under way `patience` seconds to finish before they are cancelled."""
        ...
