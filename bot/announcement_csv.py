"""What came of an announcement, chat by chat, as a file."""

from __future__ import annotations

import csv
import io

from digests.storage.announcement_rows import OutcomeRow


def outcomes_csv(rows: list[OutcomeRow]) -> str:
    """One line a chat. A reason that a spreadsheet would take for a formula is kept from being one."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["chat", "topic", "kind", "language", "outcome", "reason", "message", "at"])
    for row in rows:
        reason = f"'{row.reason}" if row.reason[:1] in ("=", "+", "-", "@") else row.reason
        at = row.settled_at.isoformat().replace("+00:00", "Z") if row.settled_at else ""
        writer.writerow(
            [row.chat_id, row.thread_id or "", row.kind, row.language, row.state, reason, row.message_id or "", at]
        )
    return out.getvalue()
