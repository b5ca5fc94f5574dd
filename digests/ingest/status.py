"""How scans of the origins went: for the log, and for `digestbot doctor`."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from digests.errors import OriginError
from digests.ingest.configured import ConfiguredOrigin
from digests.ingest.ingest import IngestReport
from digests.ports import Origin
from digests.storage.people.people import PeopleStore

logger = logging.getLogger(__name__)

LAST_SCAN = "scan"
"""The fact that says when the posts were last scanned, and what that came to."""
UNREADABLE = "unreadable"
"""The fact that names the folders which the last scan could not look into; JSON, absent where there are none."""
SILENT_SECONDS = 300.0
"""A scan that takes longer is reported to the operator: its origin may never answer."""
_MOST_NAMED = 20


@dataclass(slots=True)
class OriginStatus:
    """How the last scan of an origin went, as far as this process knows.

    `error` kept it from being read at all, `site_error` only from linking to its site. `report` is that of the last
    scan that succeeded. `begun_at` is on the monotonic clock; None while no scan is under way.
    """

    configured: ConfiguredOrigin
    report: IngestReport | None = None
    error: OriginError | None = None
    site_error: OriginError | None = None
    begun_at: float | None = None

    @property
    def name(self) -> str:
        """The origin's name, unique among the configured ones."""
        return self.configured.origin.name

    @property
    def is_silent(self) -> bool:
        """Whether a scan is under way that has gone on for so long that the origin may never answer."""
        return self.begun_at is not None and monotonic() - self.begun_at > SILENT_SECONDS


@dataclass(slots=True)
class StatusLog:
    """Logs what is wrong with origins when it begins, changes or ends, rather than at every scan."""

    _logged: dict[tuple[str, str], str] = field(default_factory=dict)

    def __call__(self, status: OriginStatus) -> None:
        """Log what is new about a scan that has ended, or that an origin is silent."""
        if status.is_silent:
            text = f"The origin {status.name} has not answered for {SILENT_SECONDS / 60:.0f} minutes."
            self._log(status.name, "silence", text)
            return
        self._log(status.name, "site", str(status.site_error) if status.site_error else "")
        if status.error is not None:
            self._log(status.name, "error", str(status.error))
            return
        self._log(status.name, "silence", "")
        if self._log(status.name, "error", ""):
            logger.info("the origin can be read again", extra={"origin": status.name})
        self._log_unreadable(status)
        _log_report(status)

    def _log_unreadable(self, status: OriginStatus) -> None:
        folders = unreadable_folders([status.configured.origin])
        named = ", ".join(folders[:_MOST_NAMED])
        text = f"{len(folders)} folders of posts can't be read: {named}. Give the bot the right."
        self._log(status.name, "folders", text if folders else "")

    def _log(self, name: str, about: str, text: str) -> bool:
        """Log an error unless it was the last one about this; "" is the end of one. Return whether one was known."""
        before = self._logged.pop((name, about), "")
        if text:
            self._logged[name, about] = text
            if text != before:
                logger.error(text)
        return bool(before)


def _log_report(status: OriginStatus) -> None:
    report = status.report
    if report is not None and (report.new or report.changed or report.quarantined):
        logger.info(
            "posts read",
            extra={
                "origin": status.name,
                "new": report.new,
                "changed": report.changed,
                "duplicates": report.duplicates,
                "aside": report.quarantined,
            },
        )


async def record_scan(people: PeopleStore, statuses: Sequence[OriginStatus], now: datetime) -> None:
    """Write down when the posts were scanned, what that came to, and which folders could not be looked into."""
    total = IngestReport()
    for status in statuses:
        total = total if status.report is None else total.plus(status.report)
    came_to = f"{total.seen:,} files, {total.new:,} new"
    if errors := sum(status.error is not None for status in statuses):
        came_to += f"; {errors} of {len(statuses)} origins could not be read"
    if silent := [status.name for status in statuses if status.is_silent]:
        came_to += f"; no answer yet from {', '.join(silent)}"
    await people.note(LAST_SCAN, came_to, now)
    folders = unreadable_folders(status.configured.origin for status in statuses)
    if folders:
        await people.note(UNREADABLE, json.dumps(folders[:_MOST_NAMED], ensure_ascii=False), now)
    elif await people.fact(UNREADABLE) is not None:
        await people.forget_fact(UNREADABLE)


async def recorded_unreadable(people: PeopleStore) -> list[str]:
    """Return the folders that the last recorded scan could not look into, at most 20, as they can be printed."""
    fact = await people.fact(UNREADABLE)
    return [str(folder) for folder in json.loads(fact[0])] if fact else []


def unreadable_folders(origins: Iterable[Origin]) -> list[str]:
    """Return the folders inside origins that their last scan could not look into, as they can be printed."""
    return [f"{_printable(folder)} of the origin {origin.name}" for origin in origins for folder in origin.unreadable]


def _printable(name: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in name)
