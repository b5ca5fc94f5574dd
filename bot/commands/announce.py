"""`digestbot announce`: stored for the running bot, which sends it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.commands.output import iso
from bot.commands.progress import watch
from bot.commands.search import find_categories
from bot.handlers.announcements.parse import (
    MOST_BUTTONS,
    InputError,
    parse_buttons,
    parse_ids,
    parse_iso,
    parse_local,
    parse_moment,
)
from bot.i18n import LANGUAGES, speech
from bot.limits import CAPTION, MARKUP_BYTES, TEXT
from bot.markup import escape, safe_url
from bot.render.announcement_draft import duration, stars_for
from bot.render.telegram_html import HtmlFault, is_blank, visible_text
from bot.wiring import Rooms, build_announcer, open_rooms
from config.load import load_settings
from config.settings import Settings
from digests.announcements.broadcast import Reach
from digests.doctor import is_alive
from digests.errors import InvalidInput
from digests.model.announcement import (
    EVERY_LANGUAGE,
    Announcement,
    Audience,
    Content,
    Kind,
    LinkButton,
    Moment,
    Timing,
    local_time,
    seconds_for,
)
from digests.model.audit import AuditAct

BY_THE_OPERATOR = 0


@dataclass(frozen=True)
class Wish:
    """The command's options."""

    text: str
    is_html: bool = False
    texts: Sequence[str] = ()
    photo: str | None = None
    categories: str | None = None
    language: str | None = None
    active_days: int = 0
    kind: str = ""
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
        contents[language] = _html(f"--text-in {language}", text, wish)
    if not wish.yes and not sys.stdin.isatty():
        raise InvalidInput("Nothing was stored: add --yes, since nobody can be asked here.")
    media = _photo(wish.photo)
    asyncio.run(_announce(settings, wish, {language: Content(html, media) for language, html in contents.items()}))


def _photo(url: str | None) -> tuple[tuple[str, str], ...]:
    if not url:
        return ()
    if safe_url(url) is None:
        raise InvalidInput(f"--photo {url[:60]}: its web address, http://… or https://…")
    return (("photo", url),)


def _html(option: str, text: str, wish: Wish) -> str:
    return html_of(option, text, CAPTION if wish.photo else TEXT, is_html=wish.is_html)


def html_of(option: str, text: str, limit: int, *, is_html: bool) -> str:
    """The text as Telegram takes it. Raises InvalidInput for what it doesn't, with the place."""
    html = text if is_html else escape(text)
    try:
        seen = visible_text(html)
    except HtmlFault as fault:
        raise InvalidInput(f"{option}, {fault}.") from None
    # What stands around a text is trimmed, and not counted.
    length = len(seen.strip())
    if is_blank(seen) or length > limit:
        raise InvalidInput(f"{option} must have 1 to {limit:,} characters; this one has {length:,}.")
    if (size := len(html.strip().encode())) > MARKUP_BYTES:
        raise InvalidInput(f"{option} may have {MARKUP_BYTES:,} bytes with its markup; this one has {size:,}.")
    return html.strip()


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
        return parse_iso(text, timezone)
    except ValueError:
        return None


@dataclass(frozen=True)
class _Cost:
    """What sending comes to."""

    chats: int
    waiting: int
    long: str
    stars: float

    def __str__(self) -> str:
        said = f"{self.chats:,} chats, in about {self.long}"
        if self.waiting:
            said += f"; {self.waiting:,} of them have quiet hours and get it when those end"
        return said + (f"; up to {self.stars:,.1f} Stars" if self.stars else "")


async def _draft(
    rooms: Rooms, settings: Settings, wish: Wish, contents: dict[str, Content], now: datetime
) -> Announcement:
    """Stored only when all of it was understood."""
    store, paid = rooms.announcements, _is_paid(settings, wish)
    timing, buttons = _timing(wish, settings.digest.timezone, now), _buttons(wish.buttons)
    audience = await _audience(rooms, wish)
    one = await store.create(BY_THE_OPERATOR, contents[EVERY_LANGUAGE], now, audience)
    for language, content in contents.items():
        await store.put_content(one.id, language, content)
    await store.label(one.id, buttons)
    await store.time(one.id, timing)
    await store.manner(
        one.id,
        silent=wish.silent,
        pinned=wish.pin,
        paid=paid,
        despite_quiet=wish.despite_quiet,
    )
    return await store.get(one.id)


def _is_paid(settings: Settings, wish: Wish) -> bool | None:
    telegram = settings.telegram
    if wish.paid and not (telegram.paid or telegram.paid_announcements):
        raise InvalidInput("--paid: set telegram.paid_announcements first.")
    return wish.paid


def _cost(settings: Settings, one: Announcement, reach: Reach) -> _Cost:
    telegram = settings.telegram
    paid = telegram.paid if one.paid is None else one.paid
    seconds = seconds_for(reach.chats, 1, telegram.paid_rate if paid else telegram.rate)
    stars = stars_for(reach.chats, 1) if paid else 0.0
    return _Cost(reach.chats, reach.waiting, duration(seconds, speech("en")), stars)


async def _announce(settings: Settings, wish: Wish, contents: dict[str, Content]) -> None:
    now = datetime.now(UTC)
    async with open_rooms(settings) as rooms:
        one = await _draft(rooms, settings, wish, contents, now)
        reach = await build_announcer(rooms).reach(one, now)
        cost = _cost(settings, one, reach)
        if not wish.yes and not await asyncio.to_thread(_is_sure, cost):
            await rooms.announcements.cancel(one.id)
            print("Nothing is sent.")
            return
        at = one.timing.at or reach.first
        await rooms.announcements.confirm(one.id, at, by=BY_THE_OPERATOR, now=now)
        details = {"announcement": one.id, "chats": reach.chats, "title": one.first.html[:80]}
        await rooms.audit.add(BY_THE_OPERATOR, AuditAct.SEND, details, now)
        when = "now" if at <= now else f"from {iso(at)} on"
        if await is_alive(rooms.people, now):
            print(f"Announcement {one.id} goes out {when}, to {cost}.")
        else:
            print(
                f"Announcement {one.id} is stored for {reach.chats:,} chats. The bot is not running: "
                "it goes out when it is started (digestbot run)."
            )
        if wish.wait:
            await watch(rooms, one.id)


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
        kind=Kind(wish.kind),
        ids=ids,
    )


def _is_sure(cost: _Cost) -> bool:
    return input(f"Send to {cost}? [y/N] ").strip().casefold() in ("y", "yes")
