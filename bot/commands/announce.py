"""`digestbot announce`: stores an announcement, which the running bot sends."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

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
from bot.i18n import LANGUAGES, translator
from bot.limits import CAPTION, MARKUP_BYTES, TEXT
from bot.render.announcement_draft import duration, stars_for
from bot.render.telegram_html import HtmlFault, is_blank, visible_text
from bot.text.markup import escape, safe_url
from bot.text.moments import iso
from bot.wiring.announcements import build_broadcaster
from bot.wiring.stores import Stores, open_stores
from config.load import load_settings
from config.settings import Settings
from digests.announcements.broadcast import Reach
from digests.doctor.health import is_alive
from digests.errors import InvalidInput
from digests.model.announcement import (
    EVERY_LANGUAGE,
    Announcement,
    Audience,
    AudienceKind,
    Content,
    LinkButton,
    Timing,
    When,
    local_time,
    seconds_for,
)
from digests.model.audit import BY_THE_OPERATOR, AuditAct


@dataclass(frozen=True)
class AnnounceOptions:
    """The command's options, as given."""

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


def announce_text(config: Path | None, options: AnnounceOptions) -> None:
    """Store an announcement, after asking unless `options.yes`, and print what sending will take.

    Raises:
        InvalidInput: for an option that can't be understood. Nothing is stored then.
    """
    settings = load_settings(config)
    contents = {EVERY_LANGUAGE: _html("--text", options.text, options)}
    for given in options.texts:
        language, equals, text = given.partition("=")
        if not equals or language not in LANGUAGES:
            raise InvalidInput(f"--text-in {given[:40]}: write it like zh_CN=你好, with one of {', '.join(LANGUAGES)}.")
        contents[language] = _html(f"--text-in {language}", text, options)
    if not options.yes and not sys.stdin.isatty():
        raise InvalidInput("Nothing was stored: add --yes, since nobody can be asked here.")
    media = _photo(options.photo)
    asyncio.run(_announce(settings, options, {language: Content(html, media) for language, html in contents.items()}))


def _photo(url: str | None) -> tuple[tuple[str, str], ...]:
    if not url:
        return ()
    if safe_url(url) is None:
        raise InvalidInput(f"--photo {url[:60]}: its web address, http://… or https://…")
    return (("photo", url),)


def _html(option: str, text: str, options: AnnounceOptions) -> str:
    return html_of(option, text, CAPTION if options.photo else TEXT, is_html=options.is_html)


def html_of(option: str, text: str, limit: int, *, is_html: bool) -> str:
    """Return the text of an option as Telegram accepts it.

    Raises:
        InvalidInput: for a text that Telegram would refuse, with line and column.
    """
    html = text if is_html else escape(text)
    try:
        seen = visible_text(html)
    except HtmlFault as fault:
        raise InvalidInput(f"{option}, {fault}.") from None
    # Telegram trims a text before it counts.
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


def _timing(options: AnnounceOptions, timezone: str, now: datetime) -> Timing:
    if options.at and options.local:
        raise InvalidInput("Give either --at or --local-time.")
    try:
        if options.local:
            day, at = parse_local(options.local, now)
            return local_time(at, day)
        if not options.at:
            return Timing()
        moment = _iso(options.at, timezone) or parse_moment(options.at, timezone, now)
    except InputError as error:
        option = "--local-time" if options.local else "--at"
        why = "is past" if error.what == "past" else "is not a time: write it like 18:00, or “2026-06-07 18:00”"
        raise InvalidInput(f"{option} {error.piece} {why}.") from None
    if moment <= now:
        raise InvalidInput(f"--at {options.at} is past.")
    return Timing(When.AT, at=moment)


def _iso(text: str, timezone: str) -> datetime | None:
    if "T" not in text:
        return None
    try:
        return parse_iso(text, timezone)
    except ValueError:
        return None


@dataclass(frozen=True)
class _Estimate:
    """What sending will take."""

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
    stores: Stores, settings: Settings, options: AnnounceOptions, contents: dict[str, Content], now: datetime
) -> Announcement:
    """Store a draft, once everything was understood."""
    store, paid = stores.announcements, _is_paid(settings, options)
    timing, buttons = _timing(options, settings.digest.timezone, now), _buttons(options.buttons)
    audience = await _audience(stores, options)
    announcement = await store.create(BY_THE_OPERATOR, contents[EVERY_LANGUAGE], now, audience)
    for language, content in contents.items():
        await store.put_content(announcement.id, language, content)
    await store.set_buttons(announcement.id, buttons)
    await store.set_timing(announcement.id, timing)
    await store.set_options(
        announcement.id,
        silent=options.silent,
        pinned=options.pin,
        paid=paid,
        despite_quiet=options.despite_quiet,
    )
    return await store.get(announcement.id)


def _is_paid(settings: Settings, options: AnnounceOptions) -> bool | None:
    telegram = settings.telegram
    if options.paid and not (telegram.paid or telegram.paid_announcements):
        raise InvalidInput("--paid: set telegram.paid_announcements first.")
    return options.paid


def _cost(settings: Settings, announcement: Announcement, reach: Reach) -> _Estimate:
    telegram = settings.telegram
    paid = telegram.paid if announcement.paid is None else announcement.paid
    seconds = seconds_for(reach.chats, 1, telegram.paid_rate if paid else telegram.rate)
    stars = stars_for(reach.chats, 1) if paid else 0.0
    return _Estimate(reach.chats, reach.waiting, duration(seconds, translator("en")), stars)


async def _announce(settings: Settings, options: AnnounceOptions, contents: dict[str, Content]) -> None:
    now = datetime.now(UTC)
    async with open_stores(settings) as stores:
        announcement = await _draft(stores, settings, options, contents, now)
        reach = await build_broadcaster(stores).reach(announcement, now)
        estimate = _cost(settings, announcement, reach)
        if not options.yes and not await asyncio.to_thread(_is_sure, estimate):
            await stores.announcements.cancel(announcement.id)
            print("Nothing is sent.")
            return
        at = announcement.timing.at or reach.first
        await stores.announcements.confirm(announcement.id, at, by=BY_THE_OPERATOR, now=now)
        details = {"announcement": announcement.id, "chats": reach.chats, "title": announcement.first.html[:80]}
        await stores.audit.add(BY_THE_OPERATOR, AuditAct.SEND, details, now)
        when = "now" if at <= now else f"from {iso(at)} on"
        if await is_alive(stores.people, now):
            print(f"Announcement {announcement.id} goes out {when}, to {estimate}.")
        else:
            print(
                f"Announcement {announcement.id} is stored for {reach.chats:,} chats. The bot is not running: "
                "it goes out when it is started (digestbot run)."
            )
        if options.wait:
            await watch(stores, announcement.id)


async def _audience(stores: Stores, options: AnnounceOptions) -> Audience:
    if options.language and options.language not in LANGUAGES:
        raise InvalidInput(f"--language {options.language}: one of {', '.join(LANGUAGES)}.")
    try:
        ids = parse_ids(options.ids) if options.ids else ()
    except InputError as error:
        raise InvalidInput(f"--ids: “{error.piece}” is not a Telegram id.") from None
    tree = await stores.categories.tree()
    return Audience(
        categories=tuple(find_categories(tree, options.categories.split(","))) if options.categories else (),
        languages=(options.language,) if options.language else (),
        active_days=options.active_days,
        kind=AudienceKind(options.kind),
        ids=ids,
    )


def _is_sure(estimate: _Estimate) -> bool:
    return input(f"Send to {estimate}? [y/N] ").strip().casefold() in ("y", "yes")
