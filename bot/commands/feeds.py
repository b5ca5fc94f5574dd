"""`digestbot feeds add`, `list` and `remove`."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.commands.exit_status import FAILED
from bot.commands.open_book import open_feed_book
from bot.commands.output import print_json
from bot.text.moments import iso
from config.load import load_settings
from config.settings import Settings
from digests.articles.text import one_line
from digests.doctor.health import is_alive
from digests.errors import DigestsError, NotFound
from digests.feeds.book import FeedBook
from digests.feeds.health import health_of
from digests.feeds.results import AddedFeed, FoundFeed
from digests.model.audit import BY_THE_OPERATOR, AuditAct
from digests.model.category_tree import SEPARATOR
from digests.model.feed import NEVER, Feed, FeedFault, FeedId, FeedKind, FeedOptions, FeedTrouble

_LONGEST_ID = 18
_NOWHERE = " No feed was found where sites usually have theirs either: give the address of the feed itself."


def add_feed_by_address(config: Path | None, address: str, category: str | None) -> None:
    """Add the feed at an address, or the only one that its page names, and print what it is.

    Exits with 1 if there is none, or a choice of several, which it lists.

    Raises:
        FeedRefused: The address or the category can't be used.
    """
    asyncio.run(_add(load_settings(config), _printable(address), category))


async def _add(settings: Settings, address: str, category: str | None) -> None:
    async with open_feed_book(settings) as (book, stores):
        options = FeedOptions(category=await book.category(category) if category is not None else ())
        if (known := await book.by_address(address)) is not None:
            print(f"Nothing is added: {feed_line(known)} is there already.")
            return
        added = await _find_and_add(book, address, options)
        now = datetime.now(UTC)
        if not added.is_new:
            print(f"Nothing is added: {feed_line(added.feed)} is there already.")
            return
        await stores.audit.add(BY_THE_OPERATOR, AuditAct.ADD_FEED, {"title": feed_label(added.feed)}, now)
        alive = await is_alive(stores.people, now)
    when = "The bot looks at it within seconds." if alive else "The bot looks at it when it runs (digestbot run)."
    print(f"{feed_line(added.feed)} is added. {when}")


async def _find_and_add(book: FeedBook, address: str, options: FeedOptions) -> AddedFeed:
    """Add the feed that is at an address; exit where there is none, or several."""
    found = await book.find(address)
    if found.fault is not None:
        hint = _NOWHERE if found.fault.trouble in (FeedTrouble.NOT_A_FEED, FeedTrouble.NOT_FOUND) else ""
        raise DigestsError(f"There is no feed at {found.address}: {fault_sentence(found.fault)}{hint}")
    if len(found.feeds) > 1:
        _list_choice(found.address, found.feeds)
        sys.exit(FAILED)
    (feed,) = found.feeds
    if feed.is_read:
        return await book.add(feed.url, options, title=feed.title, kind=feed.kind, link=feed.link)
    tried = await book.try_out(feed.url, options)
    if tried.fault is not None:
        raise DigestsError(f"{feed.url}, which the page names, can't be read: {fault_sentence(tried.fault)}")
    read = tried.read
    return await book.add(tried.url, options, title=read.title, kind=read.kind, link=read.link or "")


def _list_choice(address: str, feeds: tuple[FoundFeed, ...]) -> None:
    print(f"{address} names {len(feeds)} feeds. Add the one that you want by its address:", file=sys.stderr)
    for feed in feeds:
        print(f"{feed.url}  {_described(feed)}".rstrip())


def _described(feed: FoundFeed) -> str:
    kind = "" if feed.kind is FeedKind.NONE else f" ({feed.kind})"
    return f"{one_line(feed.title)}{kind}".strip()


def print_feeds(config: Path | None, *, as_json: bool) -> None:
    """Print all feeds with their states."""
    feeds = asyncio.run(_all(load_settings(config)))
    now = datetime.now(UTC)
    if as_json:
        print_json([feed_state_as_json(feed, now) for feed in feeds])
    elif feeds:
        for feed in feeds:
            print(f"{feed.id:>4} {health_of(feed, now):<9} {feed_label(feed)}")
            print(f"{'':15}{_state_line(feed)}")
    else:
        print("There are no feeds yet: digestbot feeds add URL")


async def _all(settings: Settings) -> tuple[Feed, ...]:
    async with open_feed_book(settings) as (book, _):
        return await book.all()


def feed_state_as_json(feed: Feed, now: datetime) -> dict[str, Any]:
    """Return what `feeds list --json` prints of a feed: these fields are for scripts, and stay."""
    state = feed.state
    return {
        "id": feed.id,
        "url": feed.url,
        "title": one_line(feed.title) or None,
        "kind": str(feed.kind),
        "category": [one_line(name) for name in feed.options.category],
        "language": feed.options.language or None,
        "state": str(health_of(feed, now)),
        "last_news_at": iso(state.news_at),
        "last_look_at": iso(state.looked_at),
        "next_look_at": None if feed.is_paused or state.next_look_at >= NEVER else iso(state.next_look_at),
        "error": one_line(state.fault.words) if state.fault else None,
        "configured": feed.is_configured,
        "paused": feed.is_paused,
    }


def _state_line(feed: Feed) -> str:
    state = feed.state
    said = [feed.url] if feed.title else []
    if feed.options.category:
        said.append(f"in {one_line(SEPARATOR.join(feed.options.category))}")
    said.append(f"last news {state.news_at:%Y-%m-%d %H:%M} UTC" if state.news_at else "no news yet")
    if not feed.is_paused and state.next_look_at < NEVER:
        said.append(f"next look {state.next_look_at:%Y-%m-%d %H:%M} UTC")
    if feed.is_configured:
        said.append("of the settings")
    if state.fault:
        said.append(f"error: {one_line(state.fault.words)}")
    return "; ".join(said)


def remove_stored_feed(config: Path | None, which: str) -> None:
    """Remove a feed by its number or its address, and print which it was.

    Raises:
        NotFound: There is no such feed.
        FeedRefused: It is of the settings, or this is no address.
    """
    asyncio.run(_remove(load_settings(config), _printable(which).strip()))


async def _remove(settings: Settings, which: str) -> None:
    async with open_feed_book(settings) as (book, stores):
        is_number = which.isascii() and which.isdigit()
        if is_number:
            found = await book.get(FeedId(int(which))) if len(which) <= _LONGEST_ID else None
        else:
            found = await book.by_address(which)
        removed = await book.remove(found.id) if found is not None else None
        if removed is None:
            named = f"number {which[:_LONGEST_ID]}" if is_number else "this address"
            raise NotFound(f"There is no feed of {named}: digestbot feeds list shows all.")
        details = {"title": feed_label(removed)}
        await stores.audit.add(BY_THE_OPERATOR, AuditAct.REMOVE_FEED, details, datetime.now(UTC))
    print(f"{feed_line(removed)} is removed. Its articles stay.")


def fault_sentence(fault: FeedFault) -> str:
    """Return what is wrong with a feed, with one full stop at its end."""
    return f"{one_line(fault.words).rstrip('. ')}."


def feed_line(feed: Feed) -> str:
    """Return how a feed is named in a sentence."""
    named = f"“{feed_label(feed)}” " if feed.title else ""
    return f"Feed {feed.id}, {named}{feed.url},"


def feed_label(feed: Feed) -> str:
    """Return a feed's title, or its address, fit for a terminal."""
    return one_line(feed.title) or feed.url


def _printable(text: str) -> str:
    """Return an argument of the command line, whose bytes may be no text, as one that can be shown."""
    return text.encode(errors="replace").decode()
