"""`digestbot preview`: a digest as its reader would get it, without sending it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bot.commands.browser import photograph
from bot.commands.output import print_json
from bot.commands.search import find_categories
from bot.handlers.announcements.parse import parse_iso
from bot.i18n import translator
from bot.keyboards.digest import delivery_keyboard
from bot.render.phone import ShownMessage, phone_page
from bot.render.rich import rich_as_text
from bot.text.markup import plain_text
from bot.text.moments import iso
from bot.wiring.deliveries import build_planner, build_renderer
from bot.wiring.media import files_of_pictures, shows_pictures
from bot.wiring.stores import Stores, open_stores
from config.load import load_settings
from config.settings import Settings
from digests.compose.build import build_digest
from digests.errors import InvalidInput, NotFound
from digests.media.files import PictureFiles, PicturesFolderError, bring_tiles
from digests.media.folder import LARGE, SMALL, PictureGoneError, picture_name, picture_path
from digests.media.work import draw_mosaic
from digests.model.delivery import Part
from digests.model.digest import Digest
from digests.model.ids import DeliveryId
from digests.model.layout import DigestStyle, Layout
from digests.model.mosaic import Mosaic
from digests.model.place import PlaceKind
from digests.model.schedule import Schedule, is_first_slot_of_day, next_slot, parse_time, read_schedule

Form = Literal["text", "html", "json", "png"]
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Preview:
    """A digest, how it is rendered, and as of when."""

    digest: Digest
    style: DigestStyle
    moment: datetime
    parts: tuple[Part, ...]


def preview_digest(
    config: Path | None, chat: int | None, categories: str | None, at: str | None, layout: str | None, form: Form
) -> None:
    """Print the next digest of a chat, or a digest of these categories.

    Raises:
        InvalidInput: for an option that can't be understood.
        NotFound: when there is no such chat.
        StartError: when nothing here can make a picture.
    """
    if (chat is None) == (categories is None):
        raise InvalidInput("Say whose digest: either --chat ID or --categories A,B.")
    if form == "png" and sys.stdout.isatty():
        raise InvalidInput("A picture is nothing for a terminal: write it to a file, as in --format png > digest.png.")
    settings = load_settings(config)
    preview = asyncio.run(_preview(settings, chat, categories, at, Layout(layout) if layout else None))
    if form == "json":
        print_json(_plain(preview))
    elif form == "text":
        _print_text(preview)
    else:
        page = asyncio.run(_page(preview, files_of_pictures(settings)))
        if form == "html":
            print(page)
        else:
            sys.stdout.buffer.write(asyncio.run(photograph(page)))


async def _preview(
    settings: Settings, chat: int | None, categories: str | None, at: str | None, layout: Layout | None
) -> _Preview:
    async with open_stores(settings) as stores:
        if chat is not None:
            place = await stores.places.find(chat)
            if place is None:
                raise NotFound(f"There is no chat {chat}: `digestbot chats export` lists all of them.")
            wanted, since = await stores.places.subscriptions(place.id), place.window_from
            moment = _moment(at, place.timezone) or place.next_at or datetime.now(UTC)
            schedule = read_schedule(place.time, place.timezone, place.weekdays, place.quiet)
            has_cover = place.kind is PlaceKind.CHANNEL and is_first_slot_of_day(moment, schedule)
            style = DigestStyle(layout or place.layout, place.language, place.timezone, has_cover)
        else:
            zone = settings.digest.timezone
            moment = _moment(at, zone) or datetime.now(UTC)
            wanted = frozenset(find_categories(await stores.categories.readers_tree(), (categories or "").split(",")))
            since = await stores.articles.ingest_before(moment - _DAY)
            style = DigestStyle(layout or Layout(settings.digest.layout), settings.chat.language, zone)
        choice = await build_planner(settings, stores).preview(wanted, since)
        digest = await _digest(stores, choice.items, choice.rest, with_picture=shows_pictures(settings))
    parts = build_renderer(settings).render(digest, style, moment) if digest.items else ()
    return _Preview(digest, style, moment, parts)


async def _digest(stores: Stores, items: Sequence[Any], rest: Sequence[Any], *, with_picture: bool) -> Digest:
    articles = await stores.articles.get(items)
    return build_digest(articles, rest, with_picture=with_picture, also=await stores.articles.others(articles))


def _moment(at: str | None, timezone: str) -> datetime | None:
    """Return the time meant: "08:00" is the next such time in the zone, and a date without a zone is in it too."""
    if at is None:
        return None
    try:
        return next_slot(datetime.now(UTC), Schedule((parse_time(at),), ZoneInfo(timezone)))
    except ValueError:
        pass
    try:
        return parse_iso(at, timezone)
    except ValueError:
        raise InvalidInput(f"--at {at}: write it like 2026-06-01T08:00, or 08:00.") from None


def _print_text(preview: _Preview) -> None:
    if not preview.parts:
        print("Nothing new: no message would be sent.")
    for number, part in enumerate(preview.parts):
        if number:
            print("\n--- next message ---\n")
        if part.mosaic is not None:
            numbers = ", ".join([str(tile.number) for tile in part.mosaic.tiles])
            print(f"[{'picture, this is its caption' if part.is_caption else 'picture above'}: a mosaic of {numbers}]")
        elif part.picture:
            print(f"[picture: {part.picture}]")
        print(rich_as_text(part.rich.html) if part.rich is not None else plain_text(part.html))
    for row in _buttons(preview):
        print("\n" + " ".join([f"[button: {label}]" for label in row]), end="")
    if _buttons(preview):
        print()


def _buttons(preview: _Preview) -> list[list[str]]:
    """Return the labels below the last message."""
    if not preview.parts:
        return []
    t, rest = translator(preview.style.language), len(preview.digest.rest)
    items = len(preview.digest.items)
    keyboard = delivery_keyboard(DeliveryId(0), rest, preview.parts[-1], None, t, items=items)
    return [[shown.text for shown in row] for row in keyboard.inline_keyboard] if keyboard else []


async def _page(preview: _Preview, files: PictureFiles) -> str:
    parts = preview.parts
    if not parts:
        t = translator(preview.style.language)
        parts = (Part(t.html("Nothing new in your categories today.")),)
    kept = {item.article.thumbnail: item.article.picture for item in preview.digest.items if item.article.picture}
    await _bring(files, parts, kept.values())
    folder = files.folder
    messages = [
        ShownMessage(
            part,
            _mosaic_file(part.mosaic, folder) or _file(kept.get(part.picture), folder),
            {key: data for key in (part.rich.pictures if part.rich else ()) if (data := _file(key, folder))},
            _buttons(preview) if number == len(preview.parts) else (),
        )
        for number, part in enumerate(parts, 1)
    ]
    return phone_page(messages, f"{preview.style.layout} · {iso(preview.moment)}", preview.style.language)


async def _bring(files: PictureFiles, parts: Sequence[Part], kept: Iterable[str]) -> None:
    """Have the pictures here that are in a store; without it, the preview goes without."""
    try:
        for part in parts:
            if part.mosaic is not None:
                await bring_tiles(files, part.mosaic)
        shown = {*kept, *(key for part in parts if part.rich for key in part.rich.pictures if key)}
        await files.bring([picture_name(key, LARGE) for key in sorted(shown)])
    except PicturesFolderError as error:
        print(f"Some pictures are not shown: {error}", file=sys.stderr)
    finally:
        await files.close()


def _mosaic_file(mosaic: Mosaic | None, folder: Path) -> bytes | None:
    """Return a mosaic, drawn for the occasion; None for one whose pictures are gone."""
    if mosaic is None:
        return None
    try:
        return draw_mosaic(mosaic, folder)
    except PictureGoneError as error:
        print(f"The mosaic is not shown: {error}", file=sys.stderr)
        return None


def _file(key: str | None, folder: Path) -> bytes | None:
    """Return a kept picture; None if it is not there."""
    paths = [picture_path(folder, key, size) for size in (LARGE, SMALL)] if key else []
    return next((path.read_bytes() for path in paths if path.is_file()), None)


def _plain(preview: _Preview) -> dict[str, Any]:
    style = preview.style
    return {
        "at": iso(preview.moment),
        "language": style.language,
        "timezone": style.timezone,
        "layout": style.layout,
        "groups": [
            {
                "heading": group.heading,
                "items": [
                    {
                        "id": item.article.id,
                        "title": item.article.title,
                        "summary": item.article.summary,
                        "source": item.article.source,
                        "also": [{"source": other.source, "url": other.url} for other in item.also],
                        "categories": list(item.article.categories),
                        "published_at": iso(item.article.published_at),
                        "url": item.article.url,
                        "thumbnail": item.article.thumbnail,
                        "picture": item.article.picture or None,
                    }
                    for item in group.items
                ],
            }
            for group in preview.digest.groups
        ],
        "more": len(preview.digest.rest),
        "messages": [_plain_message(part) for part in preview.parts],
    }


def _plain_message(part: Part) -> Mapping[str, Any]:
    cover = part.mosaic.cover if part.mosaic else None
    return {
        "html": part.html,
        "picture": part.picture,
        "is_caption": part.is_caption,
        "mosaic": part.mosaic
        and {
            "tiles": [tile._asdict() for tile in part.mosaic.tiles],
            "cover": cover and {"title": cover.title, "day": cover.day, "headlines": list(cover.headlines)},
        },
        "rich": part.rich and {"html": part.rich.html, "pictures": list(part.rich.pictures)},
    }
