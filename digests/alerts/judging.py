"""When admins are told that something is wrong, and that it is over.

Quiet and rare: what is measured has to be bad for a while before it is told, and well for a while before it is over;
between the two bounds nothing changes. A kind of alert is told once a day, unless it has become much worse. What can't
be measured changes nothing, and a gap in measuring, as while the bot did not run, starts the time anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from digests.alerts.model import RULES, Alert, AlertKind, AlertReading, AlertRule, AlertState, AlertStates, Judgement

_LEAST_BETWEEN = timedelta(hours=24)
_WORSE_BETWEEN = timedelta(hours=1)
_GAP = timedelta(minutes=10)
_MUCH_WORSE = 3.0
_MOST_REMEMBERED = 200


def judge_alerts(states: AlertStates, readings: Iterable[AlertReading], now: datetime) -> Judgement:
    """Return what follows from readings; kinds without one stay as they are."""
    after, alerts = dict(states), list[Alert]()
    for reading in readings:
        state, alert = _judge(states.get(reading.kind), reading, now)
        after[reading.kind] = state
        if alert is not None:
            alerts.append(alert)
    return Judgement(after, tuple(alerts))


def without(states: AlertStates, kinds: Iterable[AlertKind]) -> dict[AlertKind, AlertState]:
    """Return the states without kinds that are not watched any more: their end will not be seen."""
    gone = set(kinds)
    return {kind: state for kind, state in states.items() if kind not in gone}


def untold(before: AlertStates, judgement: Judgement) -> dict[AlertKind, AlertState]:
    """Return the states after a judgement of which nobody could be told: what is told stays as it was `before`."""
    states = dict(judgement.states)
    for alert in judgement.alerts:
        state = states[alert.kind]
        known = before.get(alert.kind, AlertState(state.seen_at))
        if alert.is_over:
            states[alert.kind] = replace(known, seen_at=state.seen_at, well_since=alert.ended_at)
        else:
            states[alert.kind] = replace(
                state,
                is_told=known.is_told,
                told_at=known.told_at,
                told_level=known.told_level,
                names=known.names if known.is_told else (),
            )
    return states


def _judge(before: AlertState | None, reading: AlertReading, now: datetime) -> tuple[AlertState, Alert | None]:
    rule = RULES[reading.kind]
    state = _observed(before, reading, rule, now)
    if state.is_on:
        if state.well_since is not None and now - state.well_since >= rule.ends_after:
            return _end(state, reading, rule, now)
        return _go_on(state, reading, rule, now)
    if state.bad_since is not None and reading.level >= 1 and now - state.bad_since >= rule.begins_after:
        return _go_on(replace(state, is_on=True, worst=reading.level, names=()), reading, rule, now)
    return state, None


def _observed(before: AlertState | None, reading: AlertReading, rule: AlertRule, now: datetime) -> AlertState:
    """Return the state with since when it has been bad, or well."""
    if before is None:
        before = AlertState(now)
    # Abs: the clock may have been set back.
    is_gap = abs(now - before.seen_at) > _GAP
    state = replace(before, seen_at=now)
    if not state.is_on:
        if reading.level < 1:
            return replace(state, bad_since=None)
        since = now if state.bad_since is None or is_gap else min(state.bad_since, now)
        return replace(state, bad_since=min(since, reading.since or now))
    # Nothing began later than now: the clock was set back since.
    state = replace(state, bad_since=min(state.bad_since or now, now))
    if reading.level > rule.well:
        return replace(state, well_since=None, worst=max(state.worst, reading.level))
    since = now if state.well_since is None or is_gap else min(state.well_since, now)
    return replace(state, well_since=since)


def _go_on(state: AlertState, reading: AlertReading, rule: AlertRule, now: datetime) -> tuple[AlertState, Alert | None]:
    """Tell of an alert that is on, if the admins don't know of it, or only of much less."""
    if rule.told_late or reading.level < 1:
        return state, None
    fresh = tuple(name for name in reading.names if name not in state.names)
    is_more = bool(fresh) if reading.names else _is_much_worse(state, reading)
    if (state.is_told and not is_more) or not _may_tell(state, reading, now):
        return state, None
    told = replace(
        state,
        is_told=True,
        told_at=now,
        told_level=reading.level,
        names=(*state.names, *fresh)[-_MOST_REMEMBERED:],
    )
    return told, Alert(reading.kind, reading.number, state.bad_since or now, fresh)


def _may_tell(state: AlertState, reading: AlertReading, now: datetime) -> bool:
    """Return whether the last message about it is a day ago, or it has become much worse since."""
    if state.told_at is None:
        return True
    passed = abs(now - state.told_at)
    is_worse = not reading.names and _is_much_worse(state, reading)
    return passed >= _LEAST_BETWEEN or (is_worse and passed >= _WORSE_BETWEEN)


def _is_much_worse(state: AlertState, reading: AlertReading) -> bool:
    """Return whether it is much worse than what was told; nothing is worse than a disk without any room."""
    return reading.level > state.told_level and reading.level >= _MUCH_WORSE * state.told_level


def _end(state: AlertState, reading: AlertReading, rule: AlertRule, now: datetime) -> tuple[AlertState, Alert | None]:
    """End an alert; that is told where its begin was, or could not be."""
    ended = replace(state, bad_since=None, well_since=None, is_on=False, is_told=False, worst=0.0, names=())
    over = Alert(reading.kind, reading.number, state.bad_since or now, reading.back, state.well_since)
    if rule.told_late:
        worst = replace(reading, level=state.worst)
        if not _may_tell(state, worst, now):
            return ended, None
        return replace(ended, told_at=now, told_level=worst.level), over
    # Of what was told by name, nothing may have come back: it is only not known any more.
    return ended, over if state.is_told and (reading.back or not state.names) else None
