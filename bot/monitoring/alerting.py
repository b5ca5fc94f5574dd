"""Looks now and then whether all is well, and has the admins told when it is not any more, or is again."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from bot.telegram.reachability import Reachability
from config.settings import AlertSettings
from digests.alerts.disks import STORED_DISKS, note_disk
from digests.alerts.judging import judge_alerts, untold, without
from digests.alerts.levels import failure_level, falling_level, rising_level, silent_sources
from digests.alerts.model import Alert, AlertKind, AlertReading, AlertStates
from digests.alerts.stored import STORED_ALERTS, dump_states, load_states
from digests.offload import in_own_thread
from digests.ports import Clock
from digests.storage.people.people import PeopleStore
from digests.storage.statistics.measurements import MeasurementStore

logger = logging.getLogger(__name__)

_SOURCES_SECONDS = 3600.0
_DISK_SECONDS = 5.0
_PROBE_SECONDS = 30.0
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_SOURCE_DAYS = timedelta(days=60)
_LEAST_LATE = timedelta(minutes=1)
"""A digest that waits for less is on its way."""

TellAlerts = Callable[[Sequence[Alert]], Awaitable[bool]]
"""Tells the admins of alerts, and returns whether anybody was reached."""


@dataclass(frozen=True, slots=True)
class AlertSources:
    """What is read to see whether all is well.

    `probe` makes a request to Telegram, whatever comes of it; `skew` returns how far a clock is ahead.
    `host` is this machine, if there may be several.
    """

    measurements: MeasurementStore
    people: PeopleStore
    reachability: Reachability
    skew: Callable[[], Awaitable[float | None]]
    probe: Callable[[], Awaitable[object]]
    folders: tuple[Path, ...]
    host: str = ""


class Alerting:
    """Judges what it finds by what is stored of earlier looks, so that neither a restart nor another process repeats.

    What is told is stored before: a process that dies in between has told too little, and never anything twice.
    """

    def __init__(self, settings: AlertSettings, sources: AlertSources, tell: TellAlerts, clock: Clock) -> None:
        self._settings = settings
        self._sources = sources
        self._tell = tell
        self._clock = clock
        self._sources_at = float("-inf")
        self._unheard = frozenset[AlertKind]()
        bounds = {
            AlertKind.NO_ARTICLES: settings.no_article_hours,
            AlertKind.SILENT_SOURCES: settings.silent_sources,
            AlertKind.FAILURES: settings.failure_percent,
            AlertKind.DISK: settings.disk_free_mb,
            AlertKind.TELEGRAM: settings.telegram_minutes,
            AlertKind.CLOCK: settings.clock_seconds,
            AlertKind.QUEUE: settings.queue_minutes,
        }
        self._off = frozenset(kind for kind, bound in bounds.items() if not bound)

    async def look(self) -> int:
        """Look whether all is well, and return of how many alerts the admins were told. May raise StorageError."""
        now = self._clock.now()
        stored = await self._sources.people.fact(STORED_ALERTS)
        before = stored[0] if stored else None
        states = without(load_states(before or ""), self._off)
        readings = await self._read(states, now)
        judged = judge_alerts(states, readings, now)
        after = dump_states(judged.states)
        if not await self._sources.people.exchange_fact(STORED_ALERTS, before, after, now):
            # Another process has just looked.
            return 0
        self._log(judged.alerts)
        if judged.alerts and not await self._tell(judged.alerts):
            # The next look tells what is still so.
            again = dump_states(untold(states, judged))
            await self._sources.people.exchange_fact(STORED_ALERTS, after, again, now)
            self._unheard = frozenset(alert.kind for alert in judged.alerts)
            return 0
        self._unheard = frozenset()
        return len(judged.alerts)

    def _log(self, alerts: Sequence[Alert]) -> None:
        """Log alerts, except those that nobody could be told about at the last look."""
        for alert in alerts:
            if alert.kind not in self._unheard:
                extra = {"kind": str(alert.kind), "number": round(alert.number, 1), "over": alert.is_over}
                logger.warning("alert", extra=extra)

    async def _read(self, states: AlertStates, now: datetime) -> list[AlertReading]:
        readers: dict[AlertKind, Callable[[datetime], Awaitable[AlertReading | None]]] = {
            AlertKind.NO_ARTICLES: self._no_articles,
            AlertKind.SILENT_SOURCES: lambda now: self._silent_sources(states, now),
            AlertKind.FAILURES: self._failures,
            AlertKind.DISK: self._disk,
            AlertKind.TELEGRAM: self._telegram,
            AlertKind.CLOCK: self._clock_skew,
            AlertKind.QUEUE: self._queue,
        }
        if self._sources.reachability.failing_seconds > _PROBE_SECONDS:
            # Nothing else could be told, and what follows from it is better told once it is over.
            readers = {AlertKind.TELEGRAM: self._telegram}
        found = [await read(now) for kind, read in readers.items() if kind not in self._off]
        return [reading for reading in found if reading is not None]

    async def _no_articles(self, now: datetime) -> AlertReading | None:
        newest = await self._sources.measurements.newest_article_at()
        if newest is None:
            return None
        hours = max(timedelta(), now - newest) / _HOUR
        return AlertReading(AlertKind.NO_ARTICLES, rising_level(hours, self._settings.no_article_hours), hours)

    async def _silent_sources(self, states: AlertStates, now: datetime) -> AlertReading | None:
        """Return which sources are silent; looked at once an hour, since it reads two months of articles."""
        if monotonic() - self._sources_at < _SOURCES_SECONDS:
            return None
        days = await self._sources.measurements.source_days(now - _SOURCE_DAYS)
        self._sources_at = monotonic()
        silent = silent_sources(days)
        told = states[AlertKind.SILENT_SOURCES].names if AlertKind.SILENT_SOURCES in states else ()
        back = tuple(name for name in told if name in days and name not in silent)
        return AlertReading(AlertKind.SILENT_SOURCES, len(silent), len(silent), silent, back=back)

    async def _failures(self, now: datetime) -> AlertReading | None:
        failed, ended = await self._sources.measurements.failures(now - _HOUR, now)
        level = failure_level(failed, ended, self._settings.failure_percent, self._settings.failures_least)
        return AlertReading(AlertKind.FAILURES, level, 100 * failed / ended if ended else 0.0)

    async def _disk(self, now: datetime) -> AlertReading | None:
        try:
            async with asyncio.timeout(_DISK_SECONDS):
                free = await in_own_thread(_free_megabytes, self._sources.folders)
        except (OSError, TimeoutError) as error:
            # The doctor says what is wrong with the folder itself.
            logger.info("the disk can't be measured", extra={"reason": str(error) or "no answer"})
            return None
        if self._sources.host:
            stored = await self._sources.people.fact(STORED_DISKS)
            text, free = note_disk(stored[0] if stored else "", self._sources.host, free, now)
            await self._sources.people.note(STORED_DISKS, text, now)
        return AlertReading(AlertKind.DISK, falling_level(free, self._settings.disk_free_mb), free)

    async def _telegram(self, now: datetime) -> AlertReading | None:
        """Return for how long nothing has been answered; asks once more first, as a webhook alone asks nothing."""
        reachability = self._sources.reachability
        if reachability.failing_seconds > _PROBE_SECONDS:
            await self._sources.probe()
        seconds = reachability.failing_seconds
        level = rising_level(seconds / 60, self._settings.telegram_minutes)
        return AlertReading(AlertKind.TELEGRAM, level, seconds / 60, since=now - timedelta(seconds=seconds))

    async def _clock_skew(self, _now: datetime) -> AlertReading | None:
        skew = await self._sources.skew()
        if skew is None:
            return None
        return AlertReading(AlertKind.CLOCK, rising_level(abs(skew), self._settings.clock_seconds), skew)

    async def _queue(self, now: datetime) -> AlertReading | None:
        since = await self._sources.measurements.behind_since(now - _LEAST_LATE)
        minutes = 0.0 if since is None else (now - since) / _MINUTE
        return AlertReading(AlertKind.QUEUE, rising_level(minutes, self._settings.queue_minutes), minutes)


def _free_megabytes(folders: Sequence[Path]) -> float:
    """Return how much is free on that of the folders' disks which has the least."""
    return min(shutil.disk_usage(folder).free for folder in folders if folder.exists()) / 1e6
