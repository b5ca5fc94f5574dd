"""A bar for what the running bot does. Ctrl+C ends the watching, not the work."""

from __future__ import annotations

import asyncio

from bot.commands.output import progress_bar
from bot.errors import StartError
from bot.stores import Stores
from bot.wiring import build_broadcaster
from digests.model.announcement import AnnouncementState
from digests.model.copy_change import CopyChange, CopyState
from digests.model.ids import AnnouncementId

_POLL_SECONDS = 0.5


async def watch(stores: Stores, number: AnnouncementId) -> None:
    """Until the announcement is out; then the counts."""
    broadcaster = build_broadcaster(stores)
    with progress_bar("sending") as show:
        while True:
            one = await stores.announcements.get(number)
            progress = await broadcaster.progress(one)
            show(progress.done, progress.total)
            if one.finished_at is not None:
                break
            if one.state is AnnouncementState.PAUSED:
                raise StartError(
                    f"Announcement {number} is paused{f': {one.reason}' if one.reason else ''}. "
                    f"`digestbot announcements --resume {number}` lets it go on."
                )
            await asyncio.sleep(_POLL_SECONDS)
    print(", ".join(f"{state}: {count:,}" for state, count in progress.counts.items()) or "nobody")


async def watch_act(stores: Stores, change: CopyChange) -> None:
    """Until every copy is changed, or another act has taken over."""
    with progress_bar(str(change.kind)) as show:
        while True:
            counts = await stores.copy_changes.progress(change.id)
            total = sum(counts.values())
            show(total - counts.get(CopyState.PENDING, 0), total)
            last = await stores.copy_changes.last(change.announcement_id)
            if last is None or last.id != change.id or last.finished_at is not None:
                break
            await asyncio.sleep(_POLL_SECONDS)
    print(", ".join(f"{state}: {count:,}" for state, count in counts.items()) or "nobody")
