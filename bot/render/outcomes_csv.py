"""The outcomes of an announcement as a CSV file, one line per chat (pure)."""

from __future__ import annotations

import csv
import io
import unicodedata

from digests.model.delivery import OutcomeRow

_SIGNS = ("=", "+", "-", "@", "\u2212")
_CONTROLS = ("\t", "\r", "\n", "\0")


def outcomes_csv(rows: list[OutcomeRow]) -> str:
    """Return the file's text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["chat", "topic", "kind", "language", "outcome", "reason", "message", "at"])
    for row in rows:
        at = row.settled_at.isoformat().replace("+00:00", "Z") if row.settled_at else ""
        writer.writerow(
            [
                row.chat_id,
                row.thread_id or "",
                row.kind,
                row.language,
                row.state,
                _defused(row.reason),
                row.message_id or "",
                at,
            ]
        )
    return out.getvalue()


def _defused(text: str) -> str:
    """Put a quote before a text that a spreadsheet would read as a formula.

    Some spreadsheets skip blanks and controls before the sign, and read full-width signs like normal ones.
    """
    first = next((character for character in text if unicodedata.category(character)[0] not in "ZC"), "")
    is_formula = unicodedata.normalize("NFKC", first) in _SIGNS or text.startswith(_CONTROLS)
    return f"'{text}" if is_formula else text
