"""Progress bars for what the running bot does. Ctrl+C ends the watching, not the work."""

from __future__ import annotations

import asyncio

from bot.commands.output import progress_bar
from bot.errors import StartError
from bot.wiring.announcements import build_broadcaster
from bot.wiring.stores import Stores
from digests.model.announcement import AnnouncementState
from digests.model.copy_change import CopyChange, CopyChangeKind, CopyState
from digests.model.ids import AnnouncementId

_POLL_SECONDS = 0.5
_CHANGES = {CopyChangeKind.EDIT: "Changing copies", CopyChangeKind.RECALL: "Recalling copies"}


async def watch(stores: Stores, number: AnnouncementId) -> None:
    """Show progress until the announcement is finished, then print the counts.

    Raises:
        StartError: when the announcement is paused.
    """
    broadcaster = build_broadcaster(stores)
    with progress_bar("Sending") as show:
        while True:
            announcement = await stores.announcements.get(number)
            progress = await broadcaster.progress(announcement)
            show(progress.done, progress.total)
            if announcement.finished_at is not None:
                break
            if announcement.state is AnnouncementState.PAUSED:
                raise StartError(
                    f"Announcement {number} is paused{f': {announcement.reason}' if announcement.reason else ''}. "
                    f"`digestbot announcements --resume {number}` lets it go on."
                )
            await asyncio.sleep(_POLL_SECONDS)
    print(", ".join(f"{state}: {count:,}" for state, count in progress.counts.items()) or "nobody")


async def watch_change(stores: Stores, change: CopyChange) -> None:
    """Show progress until every copy is changed or another change has replaced this one, then print the counts."""
    with progress_bar(_CHANGES[change.kind]) as show:
        while True:
            counts = await stores.copy_changes.progress(change.id)
            total = sum(counts.values())
            show(total - counts.get(CopyState.PENDING, 0), total)
            last = await stores.copy_changes.last(change.announcement_id)
            if last is None or last.id != change.id or last.finished_at is not None:
                break
            await asyncio.sleep(_POLL_SECONDS)
    print(", ".join(f"{state}: {count:,}" for state, count in counts.items()) or "nobody")
