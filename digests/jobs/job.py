"""A job: what it is called, how often it runs, and what else may run meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from digests.model.process import ProcessRole


class Scope(StrEnum):
    """How many processes run a job at each of its moments."""

    CLUSTER = "cluster"
    """One of all, whichever is free first."""
    PROCESS = "process"
    """Each, for itself."""


@dataclass(frozen=True, slots=True)
class Retry:
    """A run that failed is tried again after so many seconds, so many times; after that, at its next moment."""

    seconds: float
    times: int


@dataclass(frozen=True, slots=True)
class Job:
    """A job of the table.

    It runs every `seconds`, in processes that have its role (None: in all). No job runs twice at a time, within its
    scope. `at_once`: it also runs when a process starts. `longest` is how many seconds a run may last before something
    must be wrong (None: no run is too long). Without `retry`, a run that failed is made up for at the next moment.
    """

    name: str
    seconds: float
    role: ProcessRole | None = None
    scope: Scope = Scope.CLUSTER
    at_once: bool = True
    longest: float | None = None
    retry: Retry | None = None
