"""What alerts are: their kinds and rules, what is measured for them, what is known of them, and what is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class AlertKind(StrEnum):
    """What alerts are about; the value is stored."""

    NO_ARTICLES = "no_articles"
    SILENT_SOURCES = "silent_sources"
    FAILURES = "failures"
    DISK = "disk"
    TELEGRAM = "telegram"
    CLOCK = "clock"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """When an alert begins and ends, as levels: 1 is where it begins, and more is worse.

    It begins once the level has been at least 1 for `begins_after`, and ends once it has been at most `well` for
    `ends_after`. What is `told_late` can't be told while it lasts, and is told with its end.
    """

    begins_after: timedelta
    ends_after: timedelta
    well: float = 0.5
    told_late: bool = False


RULES: Mapping[AlertKind, AlertRule] = {
    AlertKind.NO_ARTICLES: AlertRule(timedelta(minutes=30), timedelta(), well=0.99),
    AlertKind.SILENT_SOURCES: AlertRule(timedelta(), timedelta(), well=0.0),
    AlertKind.FAILURES: AlertRule(timedelta(minutes=3), timedelta(minutes=15)),
    AlertKind.DISK: AlertRule(timedelta(minutes=3), timedelta(minutes=10), well=0.8),
    AlertKind.TELEGRAM: AlertRule(timedelta(), timedelta(minutes=2), well=0.0, told_late=True),
    AlertKind.CLOCK: AlertRule(timedelta(minutes=3), timedelta(minutes=3)),
    AlertKind.QUEUE: AlertRule(timedelta(minutes=2), timedelta(minutes=3), well=0.1),
}


@dataclass(frozen=True, slots=True)
class AlertReading:
    """What was measured for a kind of alert: how bad it is, and the number or the names that are told.

    `since` is when the trouble itself began, where that is known better than from readings. `back` are those of the
    names told before with which all is well again.
    """

    kind: AlertKind
    level: float
    number: float = 0.0
    names: tuple[str, ...] = ()
    since: datetime | None = None
    back: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertState:
    """What is known of a kind of alert.

    Attributes:
        seen_at: When it was last measured.
        bad_since: Since when it has been bad, without having been well; None while it is well.
        well_since: Since when it has been well, while an alert is still on.
        is_on: Whether it has begun.
        is_told: Whether the admins know that it has begun; its end is told only then.
        told_at: When the admins were last told that it began or became worse.
        told_level: How bad it was then.
        worst: How bad it was at its worst since it began.
        names: What was told by name.
    """

    seen_at: datetime
    bad_since: datetime | None = None
    well_since: datetime | None = None
    is_on: bool = False
    is_told: bool = False
    told_at: datetime | None = None
    told_level: float = 0.0
    worst: float = 0.0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """What the admins are told: that something began (or became worse), or that it is over, with when it ended."""

    kind: AlertKind
    number: float
    since: datetime
    names: tuple[str, ...] = ()
    ended_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether it is over."""
        return self.ended_at is not None


AlertStates = Mapping[AlertKind, AlertState]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What readings lead to: the states to keep, and what to tell now."""

    states: AlertStates
    alerts: tuple[Alert, ...] = field(default=())
