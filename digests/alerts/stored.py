"""The states of alerts as a text, in which they outlast a restart and are shared by several processes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from digests.alerts.model import AlertKind, AlertState, AlertStates

STORED_ALERTS = "alerts"
"""The fact under which they are stored."""


def dump_states(states: AlertStates) -> str:
    """Return the states as a text to be stored, the same for the same states."""
    rows = {
        str(kind): {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name in AlertState.__slots__
            if (value := getattr(state, name)) not in (None, False, 0.0, ())
        }
        for kind, state in sorted(states.items())
    }
    return json.dumps(rows, ensure_ascii=False)


def load_states(text: str) -> dict[AlertKind, AlertState]:
    """Return the states of a stored text; kinds that this version does not know are left out."""
    rows: dict[str, dict[str, Any]] = json.loads(text) if text else {}
    return {AlertKind(kind): _state_of(row) for kind, row in rows.items() if kind in set(AlertKind)}


def _state_of(row: Mapping[str, Any]) -> AlertState:
    values: dict[str, Any] = dict(row)
    for name in values:
        if name.endswith(("_at", "_since")):
            values[name] = datetime.fromisoformat(values[name])
    values["names"] = tuple(values.get("names", ()))
    return AlertState(**values)
