"""`digestbot announce` and `announcements`: stored for the running bot, which sends them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.announcement_input import MOST_BUTTONS, InputError, parse_buttons, parse_ids, parse_local, parse_moment
from bot.checkup import is_alive
from bot.commands.lookup import find_categories
from bot.commands.printing import iso, print_json, print_table, progress_bar
from bot.errors import StartError
from bot.render.announcing import duration, title_of
from bot.render.markup import escape, visible_length
from bot.telegram.limits import TEXT
from bot.texts import LANGUAGES, speech
from bot.wiring import Rooms, build_announcer, open_rooms
from config.load import load_settings
from config.settings import Settings
from digests.announcement import (
    EVERY_LANGUAGE,
    Announcement,
    Audience,
    Content,
    LinkButton,
    Moment,
    Timing,
    local_time,
    seconds_for,
)
from digests.delivery.announce import Announcer
from digests.errors import InvalidInput, NotFound
from digests.types import AnnouncementId, AnnouncementState, DeliveryState

_BY_THE_OPERATOR = 0
_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Wish:
    """The command's options."""

    text: str
    is_html: bool = False
    texts: Sequence[str] = ()
    categories: str | None = None
    language: str | None = None
    active_days: int = 0
    ids: str | None = None
    at: str | None = None
    local: str | None = None
    buttons: Sequence[str] = field(default_factory=tuple)
    silent: bool = False
    pin: bool = False
    paid: bool | None = None
    despite_quiet: bool = False
    yes: bool = False
    wait: bool = False


def announce_text(config: Path | None, wish: Wish) -> None:
    settings = load_settings(config)
    contents = {EVERY_LANGUAGE: _html("--text", wish.text, wish)}
    for each in wish.texts:
        language, equals, text = each.partition("=")
        if not equals or language not in LANGUAGES:
            raise InvalidInput(f"--text-in {each[:40]}: write it like zh_CN=你好, with one of {', '.join(LANGUAGES)}.")
        contents[language] = _html("--text-in", text, wish)
    if not wish.yes and not sys.stdin.isatty():
        raise InvalidInput("Nothing was stored: add --yes, since nobody can be asked here.")
    asyncio.run(_announce(settings, wish, {language: Content(html) for language, html in contents.items()}))


def _html(option: str, text: str, wish: Wish) -> str:
    html = text.strip() if wish.is_html else escape(text.strip())
    if not html or visible_length(html) > TEXT:
        raise InvalidInput(f"{option} must have 1 to {TEXT:,} characters; this one has {visible_length(html):,}.")
    return html


def _buttons(given: Sequence[str]) -> tuple[LinkButton, ...]:
    try:
        return parse_buttons("\n".join(given)) if given else ()
    except InputError as error:
        raise InvalidInput(
            f"--button {error.piece}: write it like “Read more=https://example.com”, at most {MOST_BUTTONS} of them."
        ) from None


def _timing(wish: Wish, timezone: str, now: datetime) -> Timing:
    if wish.at and wish.local:
        raise InvalidInput("Give either --at or --local-time.")
    try:
        if wish.local:
            day, at = parse_local(wish.local, now)
            return local_time(at, day)
        if not wish.at:
            return Timing()
        moment = _iso(wish.at, timezone) or parse_moment(wish.at, timezone, now)
    except InputError as error:
        option = "--local-time" if wish.local else "--at"
        why = "is past" if error.what == "past" else "is no time: write it like 18:00, or “2026-06-07 18:00”"
        raise InvalidInput(f"{option} {error.piece} {why}.") from None
    if moment <= now:
        raise InvalidInput(f"--at {wish.at} is past.")
    return Timing(Moment.AT, at=moment)


def _iso(text: str, timezone: str) -> datetime | None:
    if "T" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)


async def _announce(settings: Settings, wish: Wish, contents: dict[str, Content]) -> None:
    now = datetime.now(UTC)
    timing, buttons = _timing(wish, settings.digest.timezone, now), _buttons(wish.buttons)
    async with open_rooms(settings) as rooms:
        audience = await _audience(rooms, wish)
        store, announcer = rooms.announcements, build_announcer(rooms)
        one = await store.create(_BY_THE_OPERATOR, contents[EVERY_LANGUAGE], now, audience)
        for language, content in contents.items():
            await store.put_content(one.id, language, content)
        await store.label(one.id, buttons)
        await store.time(one.id, timing)
        paid = settings.telegram.paid if wish.paid is None else wish.paid
        await store.manner(one.id, silent=wish.silent, pinned=wish.pin, paid=paid, despite_quiet=wish.despite_quiet)
        one = await store.get(one.id)
        reach = await announcer.reach(one, now)
        long = duration(seconds_for(reach.chats, 1, settings.telegram.rate), speech("en"))
        if not wish.yes and not await asyncio.to_thread(_is_sure, reach.chats, long):
            await store.cancel(one.id)
            print("Nothing is sent.")
            return
        at = timing.at or reach.first
        await store.confirm(one.id, at, by=_BY_THE_OPERATOR, now=now)
        details = {"announcement": one.id, "chats": reach.chats, "title": one.first.html[:80]}
        await rooms.audit.add(_BY_THE_OPERATOR, "send", details, now)
        when = "now" if at <= now else f"from {iso(at)} on"
        if await is_alive(rooms.people, now):
            print(f"Announcement {one.id} goes out {when}, to {reach.chats:,} chats.")
        else:
            print(
                f"Announcement {one.id} is stored for {reach.chats:,} chats. The bot is not running: "
                "it goes out when it is started (digestbot run)."
            )
        if wish.wait:
            await _watch(rooms, announcer, one.id)


async def _audience(rooms: Rooms, wish: Wish) -> Audience:
    if wish.language and wish.language not in LANGUAGES:
        raise InvalidInput(f"--language {wish.language}: one of {', '.join(LANGUAGES)}.")
    try:
        ids = parse_ids(wish.ids) if wish.ids else ()
    except InputError as error:
        raise InvalidInput(f"--ids: “{error.piece}” is no Telegram id.") from None
    tree = await rooms.categories.tree()
    return Audience(
        categories=tuple(find_categories(tree, wish.categories.split(","))) if wish.categories else (),
        languages=(wish.language,) if wish.language else (),
        active_days=wish.active_days,
        ids=ids,
    )


def _is_sure(chats: int, long: str) -> bool:
    return input(f"Send to {chats:,} chats, in about {long}? [y/N] ").strip().casefold() in ("y", "yes")


async def _watch(rooms: Rooms, announcer: Announcer, number: AnnouncementId) -> None:
    """A bar until it is out; then the counts. Ctrl+C ends the watching, not the sending."""
    with progress_bar("sending") as show:
        while True:
            one = await rooms.announcements.get(number)
            progress = await announcer.progress(one)
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


def list_announcements(config: Path | None, *, as_json: bool) -> None:
    asyncio.run(_list(load_settings(config), as_json=as_json))


async def _list(settings: Settings, *, as_json: bool) -> None:
    async with open_rooms(settings) as rooms:
        announcer = build_announcer(rooms)
        found, _ = await rooms.announcements.page(0, 1000)
        rows = [(one, (await announcer.progress(one)).counts) for one in found]
    if as_json:
        print_json([_plain(one, counts) for one, counts in rows])
        return
    if not rows:
        print("There are no announcements yet.")
        return
    words = speech("en")
    print_table(
        [
            (
                f"{one.id} {one.state}",
                f"{iso(one.send_at or one.created_at)} “{title_of(one, words)}” "
                + ", ".join(f"{state}: {count:,}" for state, count in counts.items()),
            )
            for one, counts in rows
        ]
    )


def _plain(one: Announcement, counts: object) -> dict[str, object]:
    assert isinstance(counts, dict)
    return {
        "id": one.id,
        "state": str(one.state),
        "text": one.first.html,
        "author": one.author_id,
        "created_at": iso(one.created_at),
        "send_at": iso(one.send_at),
        "finished_at": iso(one.finished_at),
        "outcomes": {str(state): number for state, number in counts.items()},
    }


def change_announcement(config: Path | None, what: str, number: int) -> None:
    asyncio.run(_change(load_settings(config), what, AnnouncementId(number)))


async def _change(settings: Settings, what: str, number: AnnouncementId) -> None:
    """Pause, resume, cancel, resend: the rows change here; the running bot follows them."""
    now = datetime.now(UTC)
    async with open_rooms(settings) as rooms:
        announcer = build_announcer(rooms)
        one = await rooms.announcements.get(number)
        match what:
            case "pause":
                done = await announcer.pause(number)
            case "resume":
                done = await announcer.resume(number, now)
            case "cancel":
                done = await announcer.stop(number, now)
            case _:
                done = bool(await announcer.resend(number, now))
        if not done:
            raise NotFound(f"Announcement {number} is {one.state}: there is nothing to {what}.")
        await rooms.audit.add(_BY_THE_OPERATOR, what, {"announcement": number}, now)
        progress = await announcer.progress(one)
        print(f"Announcement {number}: {what} done. Sent: {progress.of(DeliveryState.SENT):,} of {progress.total:,}.")
