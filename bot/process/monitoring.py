"""What tells operators how the bot is: metrics, alerts and traces, joined over the parts of the running bot."""

from __future__ import annotations

import contextlib
import platform
from functools import partial
from pathlib import Path

from telegram.error import TelegramError

from bot.handlers.admins.alert_notices import AlertNotices
from bot.monitoring.alerting import Alerting, AlertSources
from bot.monitoring.parts import MonitoredParts, skew_of, worst_skew
from bot.monitoring.server import Monitoring
from bot.monitoring.tracing import Tracing
from bot.updates.desk import UpdateDesk
from bot.wiring.feeds import Feeding
from bot.wiring.foundation import Foundation
from bot.wiring.parts import Parts
from bot.wiring.stores import build_feed_overviews
from config.pseudonyms import pseudonyms
from config.settings import Settings
from digests.ingest.tally import ScanTally
from digests.jobs.runner import JobRunner


def build_tracing(settings: Settings) -> Tracing:
    """Return what sends spans, if that is wanted."""
    return Tracing(settings.tracing.endpoint, pseudonyms(settings.telegram.token.get_secret_value()))


def build_alerting(foundation: Foundation, notices: AlertNotices) -> Alerting:
    """Return what tells the admins of trouble."""
    settings, clock, client, stores = foundation.settings, foundation.clock, foundation.client, foundation.stores

    async def probe() -> None:
        with contextlib.suppress(TelegramError):
            await client.bot.get_me()

    sources = AlertSources(
        measurements=stores.measurements,
        people=stores.people,
        reachability=client.reachability,
        skew=partial(worst_skew, clock, client.reachability, stores.processes),
        probe=probe,
        folders=(settings.data_dir, settings.pictures_folder),
        host="" if stores.database.is_sqlite else platform.node() or "?",
    )
    return Alerting(settings.alerts, sources, notices.tell, clock)


def build_monitoring(
    foundation: Foundation, parts: Parts, feeding: Feeding, scans: ScanTally, jobs: JobRunner, desk: UpdateDesk
) -> Monitoring:
    """Return what answers monitors."""
    client, stores = foundation.client, foundation.stores
    monitored = MonitoredParts(
        clock=foundation.clock,
        measurements=stores.measurements,
        people=stores.people,
        feeds=build_feed_overviews(stores),
        deliveries=parts.delivery_worker.tally,
        scans=scans,
        looker=feeding.looker,
        lookup=parts.readers.look_up.lookup,
        jobs=jobs.tally,
        throttle=client.throttle,
        reachability=client.reachability,
        inbox=desk.inbox,
        late_jobs=jobs.late,
        is_deaf=lambda: desk.receiver.is_deaf,
        skew=partial(skew_of, foundation.clock, client.reachability),
        folders=_written_folders(foundation.settings),
    )
    return Monitoring(foundation.settings.metrics.listen, monitored)


def _written_folders(settings: Settings) -> tuple[Path, ...]:
    """Return the folders without which nothing can be kept."""
    file = settings.database_file
    beside = () if file is None else (file.absolute().parent,)
    return tuple(dict.fromkeys((settings.data_dir.absolute(), *beside)))
