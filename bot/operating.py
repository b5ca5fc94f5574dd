"""What tells operators how the bot is: metrics, alerts and traces, joined over the parts of the running bot."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from telegram.error import TelegramError

from bot.alerting import Alerting, AlertSources
from bot.monitoring.parts import MonitoredParts, skew_of
from bot.monitoring.server import Monitoring
from bot.stores import Stores, build_feed_overviews
from bot.telegram.client import TelegramClient
from bot.tracing import Tracing
from bot.updates.inbox import Inbox
from bot.wiring import Parts
from bot.working import JobWork
from config.pseudonyms import pseudonyms
from config.settings import Settings
from digests.feeds.looking import FeedLooker
from digests.jobs.runner import JobRunner
from digests.ports import Clock
from digests.storage.measurements import MeasurementStore


def build_tracing(settings: Settings) -> Tracing:
    """Return what sends spans, if that is wanted."""
    return Tracing(settings.tracing.endpoint, pseudonyms(settings.telegram.token.get_secret_value()))


def build_alerting(settings: Settings, clock: Clock, stores: Stores, parts: Parts, client: TelegramClient) -> Alerting:
    """Return what tells the admins of trouble."""

    async def probe() -> None:
        with contextlib.suppress(TelegramError):
            await client.bot.get_me()

    sources = AlertSources(
        measurements=MeasurementStore(stores.database),
        people=stores.people,
        reachability=client.reachability,
        skew=partial(skew_of, clock, client.reachability),
        probe=probe,
        folders=(settings.data_dir, settings.pictures_folder),
    )
    return Alerting(settings.alerts, sources, parts.alert_notices.tell, clock)


def build_monitoring(
    settings: Settings,
    clock: Clock,
    stores: Stores,
    parts: Parts,
    client: TelegramClient,
    *,
    work: JobWork,
    looker: FeedLooker,
    jobs: JobRunner,
    inbox: Inbox,
    is_deaf: Callable[[], bool],
) -> Monitoring:
    """Return what answers monitors; `is_deaf` says whether updates should be received and are not."""
    monitored = MonitoredParts(
        clock=clock,
        measurements=MeasurementStore(stores.database),
        people=stores.people,
        feeds=build_feed_overviews(stores),
        deliveries=parts.delivery_worker.tally,
        scans=work.scans,
        looker=looker,
        lookup=parts.readers.look_up.lookup,
        jobs=jobs.tally,
        throttle=client.throttle,
        reachability=client.reachability,
        inbox=inbox,
        late_jobs=jobs.late,
        is_deaf=is_deaf,
        skew=partial(skew_of, clock, client.reachability),
        folders=_written_folders(settings),
    )
    return Monitoring(settings.metrics.listen, monitored)


def _written_folders(settings: Settings) -> tuple[Path, ...]:
    """Return the folders without which nothing can be kept."""
    file = settings.database_file
    beside = () if file is None else (file.absolute().parent,)
    return tuple(dict.fromkeys((settings.data_dir.absolute(), *beside)))
