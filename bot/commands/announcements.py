"""`digestbot announcements`: lists them, and stores changes, which the running bot carries out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.commands.announce import html_of
from bot.commands.output import print_json, print_table
from bot.commands.progress import watch, watch_change
from bot.i18n import translator
from bot.limits import CAPTION, TEXT
from bot.render.announcement_draft import announcement_title
from bot.render.outcomes_csv import outcomes_csv
from bot.text.moments import iso
from bot.wiring.announcements import build_announcement_editor, build_broadcaster
from bot.wiring.stores import Stores, open_stores
from config.load import load_settings
from config.settings import Settings
from digests.announcements.edit import to_edit
from digests.doctor.health import is_alive
from digests.errors import NotFound
from digests.model.announcement import EVERY_LANGUAGE, Announcement
from digests.model.audit import BY_THE_OPERATOR, AuditAct
from digests.model.copy_change import CopyChange
from digests.model.delivery import DeliveryState
from digests.model.ids import AnnouncementId


@dataclass(frozen=True)
class NewText:
    """The new text of an edit, for the copies in one language."""

    text: str
    is_html: bool = False
    language: str = EVERY_LANGUAGE


def list_announcements(config: Path | None, *, as_json: bool) -> None:
    """Print the last 1,000 announcements with their outcomes."""
    asyncio.run(_list(load_settings(config), as_json=as_json))


async def _list(settings: Settings, *, as_json: bool) -> None:
    async with open_stores(settings) as stores:
        broadcaster = build_broadcaster(stores)
        found, _ = await stores.announcements.page(0, 1000)
        rows = [(announcement, (await broadcaster.progress(announcement)).counts) for announcement in found]
    if as_json:
        print_json([_plain(announcement, counts) for announcement, counts in rows])
        return
    if not rows:
        print("There are no announcements yet.")
        return
    t = translator("en")
    print_table(
        [
            (
                f"{announcement.id} {announcement.state}",
                f"{iso(announcement.send_at or announcement.created_at)} “{announcement_title(announcement, t)}” "
                + ", ".join(f"{state}: {count:,}" for state, count in counts.items()),
            )
            for announcement, counts in rows
        ]
    )


def _plain(announcement: Announcement, counts: Mapping[DeliveryState, int]) -> dict[str, object]:
    return {
        "id": announcement.id,
        "state": str(announcement.state),
        "text": announcement.first.html,
        "author": announcement.author_id,
        "created_at": iso(announcement.created_at),
        "send_at": iso(announcement.send_at),
        "finished_at": iso(announcement.finished_at),
        "outcomes": {str(state): number for state, number in counts.items()},
    }


def change_announcement(config: Path | None, what: str, number: int, *, wait: bool) -> None:
    """Pause, resume, cancel or resend an announcement, and print what has been sent.

    Raises:
        NotFound: when there is no such announcement, or its state allows nothing of the kind.
    """
    asyncio.run(_change(load_settings(config), what, AnnouncementId(number), wait=wait))


async def _change(settings: Settings, what: str, number: AnnouncementId, *, wait: bool) -> None:
    """Change the rows; the running bot follows them."""
    now = datetime.now(UTC)
    async with open_stores(settings) as stores:
        broadcaster = build_broadcaster(stores)
        announcement = await stores.announcements.get(number)
        match what:
            case "pause":
                done = await broadcaster.pause(number)
            case "resume":
                done = await broadcaster.resume(number, now)
            case "cancel":
                done = await broadcaster.stop(number, now)
            case _:
                done = bool(await broadcaster.resend(number, now))
        if not done:
            raise NotFound(f"Announcement {number} is {announcement.state}: there is nothing to {what}.")
        await stores.audit.add(BY_THE_OPERATOR, AuditAct(what), {"announcement": number}, now)
        progress = await broadcaster.progress(announcement)
        print(f"Announcement {number}: {what} done. Sent: {progress.of(DeliveryState.SENT):,} of {progress.total:,}.")
        if wait and what in ("resume", "resend"):
            await watch(stores, number)


def recall_announcement(config: Path | None, number: int, *, wait: bool) -> None:
    """Begin to take back all copies of an announcement, and send no more.

    Raises:
        NotFound: when there is no such announcement, or it has no copies.
    """
    asyncio.run(_recall(load_settings(config), AnnouncementId(number), wait=wait))


async def _recall(settings: Settings, number: AnnouncementId, *, wait: bool) -> None:
    now = datetime.now(UTC)
    async with open_stores(settings) as stores:
        announcement = await stores.announcements.get(number)
        change = await build_announcement_editor(stores).recall(announcement, BY_THE_OPERATOR, now)
        if change is None:
            raise NotFound(f"Announcement {number} is {announcement.state}: there are no copies to take back.")
        await _begun(stores, announcement, change, now, wait=wait)


def edit_announcement(config: Path | None, number: int, new: NewText, *, wait: bool) -> None:
    """Begin to give all copies in one language another text, as well as those still to be sent.

    Raises:
        NotFound: when there is no such announcement, or it has no copies.
        InvalidInput: when Telegram would refuse the text.
    """
    asyncio.run(_edit(load_settings(config), AnnouncementId(number), new, wait=wait))


async def _edit(settings: Settings, number: AnnouncementId, new: NewText, *, wait: bool) -> None:
    now = datetime.now(UTC)
    async with open_stores(settings) as stores:
        announcement = await stores.announcements.get(number)
        limit = CAPTION if to_edit(announcement, new.language).media else TEXT
        html = html_of("--text", new.text, limit, is_html=new.is_html)
        change = await build_announcement_editor(stores).edit(number, new.language, html, BY_THE_OPERATOR, now)
        if change is None:
            raise NotFound(f"Announcement {number} is {announcement.state}: it has no copies yet.")
        await _begun(stores, announcement, change, now, wait=wait)


async def _begun(stores: Stores, announcement: Announcement, change: CopyChange, now: datetime, *, wait: bool) -> None:
    await stores.audit.add(BY_THE_OPERATOR, AuditAct(change.kind), {"announcement": announcement.id}, now)
    copies = sum((await stores.copy_changes.progress(change.id)).values())
    alive = await is_alive(stores.people, now)
    later = "" if alive else " The bot is not running: they follow when it is started (digestbot run)."
    print(f"Announcement {announcement.id}: {change.kind} of {copies:,} copies begun.{later}")
    if wait:
        await watch_change(stores, change)


def print_outcomes(config: Path | None, number: int) -> None:
    """Print the outcomes of an announcement as CSV.

    Raises:
        NotFound: when there is no such announcement.
    """
    asyncio.run(_outcomes(load_settings(config), AnnouncementId(number)))


async def _outcomes(settings: Settings, number: AnnouncementId) -> None:
    async with open_stores(settings) as stores:
        await stores.announcements.get(number)
        print(outcomes_csv(await build_broadcaster(stores).outcomes(number)), end="")
