"""`digestbot announce`: stored for the running bot, which sends it."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.checkup import is_alive
from bot.commands.lookup import find_categories
from bot.render.markup import escape, visible_length
from bot.telegram.limits import TEXT
from bot.wiring import open_rooms
from config.load import load_settings
from config.settings import Settings
from digests.delivery.announce import Announcer
from digests.errors import InvalidInput

_BY_THE_OPERATOR = 0


def announce_text(config: Path | None, text: str, categories: str | None, *, is_html: bool, yes: bool) -> None:
    settings = load_settings(config)
    html = text.strip() if is_html else escape(text.strip())
    if not html or visible_length(html) > TEXT:
        raise InvalidInput(f"--text must have 1 to {TEXT:,} characters; this one has {visible_length(html):,}.")
    if not yes and not sys.stdin.isatty():
        raise InvalidInput("Nothing was stored: add --yes, since nobody can be asked here.")
    asyncio.run(_announce(settings, html, categories, ask=not yes))


async def _announce(settings: Settings, html: str, categories: str | None, *, ask: bool) -> None:
    now = datetime.now(UTC)
    async with open_rooms(settings) as rooms:
        chosen = find_categories(await rooms.categories.tree(), categories.split(",")) if categories else []
        draft = await rooms.announcements.draft(_BY_THE_OPERATOR, html, None, chosen, now)
        announcer = Announcer(rooms.announcements, rooms.deliveries, rooms.categories)
        chats = await rooms.places.subscribers(await announcer.reach(draft))
        if ask and not await asyncio.to_thread(_is_sure, chats):
            await rooms.announcements.cancel(draft.id)
            print("Nothing is sent.")
            return
        await rooms.announcements.confirm(draft.id, now)
        if await is_alive(rooms.people, now):
            print(f"Announcement {draft.id} goes out now, to {chats:,} chats.")
        else:
            print(
                f"Announcement {draft.id} is stored for {chats:,} chats. The bot is not running: "
                "it goes out when it is started (digestbot run)."
            )


def _is_sure(chats: int) -> bool:
    return input(f"Send to {chats:,} chats? [y/N] ").strip().casefold() in ("y", "yes")
