"""What runs the jobs of a bot: an engine in this process, or one that it shares with others."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import StartError
from config.settings import Settings
from digests.ingest.configured import ConfiguredOrigin
from digests.jobs.job import Job
from digests.jobs.local import LocalJobs
from digests.jobs.runner import JobRunner
from digests.jobs.table import JobPace, all_jobs
from digests.ports import Clock
from digests.storage.cluster.wakes import Wakes
from digests.storage.database import Database


def job_table(settings: Settings, origins: Sequence[ConfiguredOrigin]) -> tuple[Job, ...]:
    """Return all jobs, at the pace of the settings."""
    pace = JobPace(settings.posts.scan_seconds, settings.delivery.tick_seconds)
    return all_jobs(pace, [configured.origin.name for configured in origins])


def build_jobs(table: Sequence[Job], database: Database, clock: Clock, wakes: Wakes) -> JobRunner:
    """Return what runs the jobs: with SQLite in this process, with PostgreSQL in all that share the database.

    Raises:
        StartError: what runs them in several processes is missing. Without it every process would run every job.
    """
    if database.is_sqlite:
        return LocalJobs(table)
    try:
        from digests.jobs.cluster.runner import ClusterJobs
    except ImportError as error:
        raise StartError(
            "With PostgreSQL, jobs are run by Procrastinate, which is not installed: install the extra `cluster`, "
            "as in pip install 'digestbot[cluster]'."
        ) from error
    return ClusterJobs(table, database, clock, wakes)
