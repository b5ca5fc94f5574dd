"""How much is free on the disks of several machines, as a text that their processes share (pure)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

STORED_DISKS = "disks"
"""The fact under which it is stored."""
_KNOWN_FOR = timedelta(minutes=30)
"""Each machine's turn to look comes by chance, one of them each minute."""


def note_disk(stored: str, host: str, free: float, now: datetime) -> tuple[str, float]:
    """Return the text with what a machine has free, and the least of all machines that were heard of lately, in MB.

    Without the others, an alert about one disk would end whenever another machine looks, and mostly never begin.
    """
    rows: dict[str, tuple[float, str]] = json.loads(stored) if stored else {}
    lately = {name: row for name, row in rows.items() if abs(now - datetime.fromisoformat(row[1])) <= _KNOWN_FOR}
    lately[host] = (round(free, 1), now.isoformat())
    return json.dumps(lately, ensure_ascii=False), min(megabytes for megabytes, _ in lately.values())
