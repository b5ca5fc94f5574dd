"""The alerts that are on, as the doctor says them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from digests.alerts.model import AlertKind, AlertStates
from digests.model.check import Check

_WORDS: Mapping[AlertKind, str] = {
    AlertKind.NO_ARTICLES: "no new article comes: look after what writes the posts",
    AlertKind.SILENT_SOURCES: "sources bring nothing for much longer than usual: {names}",
    AlertKind.FAILURES: "many messages can't be delivered: the log says why",
    AlertKind.DISK: "the disk is nearly full: make room",
    AlertKind.TELEGRAM: "Telegram can't be reached: look after the network, or telegram.proxy",
    AlertKind.CLOCK: "the machine's clock is wrong: have it set by itself (NTP)",
    AlertKind.QUEUE: "digests are late: look at the queue, and at what the log says of jobs",
}
_MOST_NAMED = 10
_KNOWN_FOR = timedelta(hours=3)
"""Sources are looked at once an hour."""


def alert_findings(states: AlertStates, now: datetime) -> list[Check]:
    """Return a warning for each alert that is on, with since when; or that there is none.

    Of what nobody has looked at for hours, as while no bot runs, nothing is known.
    """
    findings = [
        Check("warning", "alert", f"since {state.bad_since:%Y-%m-%d %H:%M} UTC, {_words(kind, state.names)}")
        for kind, state in states.items()
        if state.is_on and state.bad_since is not None and abs(now - state.seen_at) < _KNOWN_FOR
    ]
    return findings or [Check("ok", "alerts", "none")]


def _words(kind: AlertKind, names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return _WORDS[kind].format(names=", ".join(names[:_MOST_NAMED]) + more)
