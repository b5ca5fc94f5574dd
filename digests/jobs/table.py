"""The list of all jobs, for one process and for many. What each of them does is attached to its name elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from digests.jobs.job import Job, Retry, Scope
from digests.model.process import ProcessRole

_HOUR = 3600.0
_HALF_AN_HOUR = 1800.0
_DAY = 24 * _HOUR
# What runs a few times a day is not put off for hours by a database that was away for a moment.
_SOON_AGAIN = Retry(seconds=300.0, times=3)


@dataclass(frozen=True, slots=True)
class JobPace:
    """How often what the settings decide runs, in seconds: looks for new posts, and looks for what is due."""

    scan: float
    tick: float


def scan_job(origin: str) -> str:
    """Return the name of the job that reads the posts of an origin."""
    return f"scan {origin}"


def all_jobs(pace: JobPace, origins: Iterable[str]) -> tuple[Job, ...]:
    """Return every job there is, of bots that read posts of these origins."""
    return (*(_scan(origin, pace) for origin in origins), *_reading(pace), *_sending(pace), *_upkeep())


def _scan(origin: str, pace: JobPace) -> Job:
    return Job(scan_job(origin), pace.scan, ProcessRole.JOBS)


def _reading(pace: JobPace) -> tuple[Job, ...]:
    """Return what brings articles and their pictures, and finds out who wants them."""
    jobs, each = ProcessRole.JOBS, Scope.PROCESS
    return (
        # A scan indexes what it finds at once. This job indexes other changes: an admin's, or `digestbot ingest`'s.
        Job("index", pace.scan, jobs),
        Job("match", pace.scan, jobs, longest=_HALF_AN_HOUR),
        Job("feeds", 5.0, jobs),
        Job("pictures", 60.0, jobs),
        # They are kept in memory, for the first answer to a reader.
        Job("covers", _HALF_AN_HOUR, ProcessRole.UPDATES, each),
        Job("missing covers", _HALF_AN_HOUR, ProcessRole.UPDATES, each, at_once=False),
        # What processes that answer readers remember ends by itself soon; these are woken when it must end at once.
        Job("curation", _DAY, ProcessRole.UPDATES, each, at_once=False),
        Job("tree", _DAY, ProcessRole.UPDATES, each, at_once=False),
    )


def _sending(pace: JobPace) -> tuple[Job, ...]:
    """Return what plans and sends messages, and changes those that were sent."""
    jobs, each = ProcessRole.JOBS, Scope.PROCESS
    return (
        Job("tick", pace.tick, jobs, longest=_HALF_AN_HOUR),
        Job("mosaics", 60.0, jobs),
        # Messages are no jobs: this one only looks for rows of the ledger, which every process takes by leases.
        Job("deliver", pace.tick, ProcessRole.DELIVERIES, each),
        Job("take over", 5.0, ProcessRole.DELIVERIES, each),
        Job("follow", pace.tick, jobs),
        Job("enforce", 1.0, jobs),
        Job("report", 2.0, jobs),
        Job("recall", 5.0, jobs),
        Job("feed reports", _HOUR, jobs),
    )


def _upkeep() -> tuple[Job, ...]:
    """Return what keeps the bot itself in order."""
    jobs, each = ProcessRole.JOBS, Scope.PROCESS
    return (
        Job("alive", 20.0, scope=each),
        Job("presence", 5.0, scope=each),
        Job("server clock", 60.0, scope=each),
        Job("alerts", 60.0, jobs),
        Job("clock", _HOUR, jobs, at_once=False, retry=_SOON_AGAIN),
        Job("tidy", 6 * _HOUR, jobs, at_once=False, retry=_SOON_AGAIN),
        Job("statistics", _HOUR, jobs, longest=_HALF_AN_HOUR, retry=_SOON_AGAIN),
    )
