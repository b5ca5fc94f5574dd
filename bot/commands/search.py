"""`digestbot search` and `digestbot preview`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.commands.output import iso, print_json
from bot.handlers.announcements.parse import parse_iso
from bot.i18n import translator
from bot.markup import plain_text
from bot.media_wiring import shows_pictures
from bot.render.article import shown_title
from bot.stores import Stores, open_stores
from bot.wiring import build_planner, build_renderer
from config.load import load_settings
from config.settings import Settings
from digests.compose.build import build_digest
from digests.errors import InvalidInput, NotFound
from digests.lookup import Lookup, Page
from digests.model.article import Article
from digests.model.category_tree import SEPARATOR, CategoryTree
from digests.model.delivery import Part
from digests.model.digest import Digest
from digests.model.ids import CategoryId
from digests.model.layout import DigestStyle, Layout
from digests.model.schedule import Schedule, next_slot, parse_time
from digests.search.ranking import Order

_DAY = timedelta(days=1)


def search_articles(config: Path | None, query: str, limit: int, *, newest: bool, as_json: bool) -> None:
    """Print the articles that a query finds, or what it may have meant."""
    query = query.encode(errors="replace").decode()
    page, meant = asyncio.run(_search(load_settings(config), query, limit, Order.NEWEST if newest else Order.BEST))
    for name in page.unknown:
        print(f"“{name}” means nothing here.", file=sys.stderr)
    if as_json:
        print_json([_found(hit.article) for hit in page.hits])
        return
    t = translator("en")
    for hit in page.hits:
        article = hit.article
        day = f"{article.shown_at:%Y-%m-%d}" if article.is_dated else "no date   "
        print(f"{day}  {shown_title(article, t)}  [{SEPARATOR.join(article.categories)}]")
        if hit.line:
            print(f"            {''.join(f'*{piece.text}*' if piece.is_match else piece.text for piece in hit.line)}")
        if article.url:
            print(f"            {article.url}")
    if not page.hits:
        print("Nothing found." + (f" Did you mean: {meant}" if meant else ""))


def _found(article: Article) -> dict[str, Any]:
    return {
        "title": article.title,
        "url": article.url,
        "published_at": iso(article.published_at),
        "categories": list(article.categories),
    }


async def _search(settings: Settings, query: str, limit: int, order: Order) -> tuple[Page, str | None]:
    async with open_stores(settings) as stores:
        await stores.index.update(stores.articles)
        tree = await stores.categories.readers_tree()
        lookup = Lookup(stores.index, stores.articles, stores.hidden)
        page = await lookup.find(query, tree, limit, order=order)
        return page, None if page.hits else await lookup.suggest(query, tree)


def preview_digest(config: Path | None, chat: int | None, categories: str | None, at: str | None, form: str) -> None:
    """Print the next digest of a chat, or a digest of these categories, in the form "text", "html" or "json".

    Raises:
        InvalidInput: for an option that can't be understood.
        NotFound: when there is no such chat.
    """
    if (chat is None) == (categories is None):
        raise InvalidInput("Say whose digest: either --chat ID or --categories A,B.")
    settings = load_settings(config)
    digest, parts, summary = asyncio.run(_preview(settings, chat, categories, at))
    if form == "json":
        print_json(summary | _plain(digest, parts))
        return
    if not parts:
        print("Nothing new: no message would be sent.")
    for number, part in enumerate(parts):
        if number:
            print("\n--- next message ---\n")
        if part.picture:
            print(f"[picture: {part.picture}]")
        print(part.html if form == "html" else plain_text(part.html))
    if digest.rest:
        print(f"\n[button: Show {len(digest.rest)} more]")


async def _preview(
    settings: Settings, chat: int | None, categories: str | None, at: str | None
) -> tuple[Digest, tuple[Part, ...], dict[str, Any]]:
    async with open_stores(settings) as stores:
        language: str = settings.chat.language
        timezone = settings.digest.timezone
        if chat is not None:
            place = await stores.places.find(chat)
            if place is None:
                raise NotFound(f"There is no chat {chat}: `digestbot chats export` lists all of them.")
            language, timezone = place.language, place.timezone
            wanted, since = await stores.places.subscriptions(place.id), place.window_from
            moment = _moment(at, timezone) or place.next_at or datetime.now(UTC)
        else:
            moment = _moment(at, timezone) or datetime.now(UTC)
            wanted = frozenset(find_categories(await stores.categories.readers_tree(), (categories or "").split(",")))
            since = await stores.articles.ingest_before(moment - _DAY)
        choice = await build_planner(settings, stores).preview(wanted, since)
        digest = await _digest(stores, choice.items, choice.rest, with_picture=shows_pictures(settings))
    style = DigestStyle(Layout.LIST, language, timezone)
    parts = build_renderer(settings).render(digest, style, moment) if digest.items else ()
    return digest, parts, {"at": iso(moment), "language": language, "timezone": timezone}


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


def find_categories(tree: CategoryTree, names: Sequence[str]) -> list[CategoryId]:
    """Return the categories that an operator named.

    Raises:
        InvalidInput: for a name that is unknown or ambiguous, or when there is none.
    """
    found: list[CategoryId] = []
    for name in filter(None, map(str.strip, names)):
        hits = tree.find(name)
        if len(hits) == 1:
            found.append(hits[0].id)
            continue
        near = hits or tree.near(name)
        shown = ", ".join(SEPARATOR.join(category.path) for category in near[:8])
        if hits:
            raise InvalidInput(f"The category “{name}” may mean: {shown}. Write one of these.")
        raise InvalidInput(f"There is no category “{name}”." + (f" Did you mean: {shown}?" if shown else ""))
    if not found:
        raise InvalidInput("Name at least one category.")
    return found


def _plain(digest: Digest, parts: Sequence[Part]) -> dict[str, Any]:
    return {
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
                    }
                    for item in group.items
                ],
            }
            for group in digest.groups
        ],
        "more": len(digest.rest),
        "messages": [{"html": part.html, "picture": part.picture} for part in parts],
    }
