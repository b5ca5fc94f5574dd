"""`digestbot feeds check`: a feed as the bot would fetch and read it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from bot.commands.exit_status import FAILED
from bot.commands.feed_parsing import feed_as_json
from bot.commands.feeds import fault_sentence
from bot.commands.open_book import open_feed_book
from bot.commands.output import print_json
from config.load import load_settings
from config.masking import mask
from config.settings import Settings
from digests.articles.text import one_line
from digests.feeds.results import TriedFeed, TriedItem
from digests.model.feed import FeedOptions, FeedTrouble

_HEADERS = (
    "content-type",
    "content-encoding",
    "content-length",
    "etag",
    "last-modified",
    "cache-control",
    "expires",
    "age",
    "retry-after",
    "date",
    "server",
)
"""The headers by which feeds are asked and read; cookies are nobody's business."""
_LONGEST = 500


def check_feed_at(config: Path | None, address: str, *, as_json: bool) -> None:
    """Fetch and read a feed, and print what came of it; exit with 1 if it can't be used.

    Raises:
        FeedRefused: It is no address that the bot would ask.
    """
    tried = asyncio.run(_try_out(load_settings(config), address.encode(errors="replace").decode()))
    if as_json:
        print_json(tried_as_json(tried))
    else:
        _print(tried)
    if tried.fault is not None:
        sys.exit(FAILED)


async def _try_out(settings: Settings, address: str) -> TriedFeed:
    async with open_feed_book(settings) as (book, _):
        url = book.address(address)
        known = await book.by_address(url)
        return await book.try_out(url, known.options if known else FeedOptions())


def tried_as_json(tried: TriedFeed) -> dict[str, Any]:
    """Return what `feeds check --json` prints: that of `feeds parse` for the address, with what the server said."""
    answer = tried.answer
    return {
        "path": tried.url,
        "url": tried.url,
        "final_url": answer.final_url,
        "status": answer.status,
        "headers": shown_headers(tried),
        "moved_to": answer.moved_to or None,
        "error": one_line(tried.fault.words) if tried.fault else None,
        **feed_as_json(tried.read),
    }


def shown_headers(tried: TriedFeed) -> dict[str, str]:
    """Return the headers that matter, each on one line and no longer than one."""
    given = tried.answer.headers
    return {name: mask(one_line(given[name]))[:_LONGEST] for name in _HEADERS if name in given}


def _print(tried: TriedFeed) -> None:
    answer, read = tried.answer, tried.read
    rows = [("address", tried.url)]
    if answer.final_url != tried.url:
        rows.append(("answered by", answer.final_url))
    if answer.moved_to:
        rows.append(("moved for good to", answer.moved_to))
    status = f"{answer.status}" if answer.status is not None else "no answer"
    rows.append(("server", f"{status}, after {answer.seconds:.1f} s, {answer.size:,} bytes"))
    rows.extend(shown_headers(tried).items())
    if tried.fault is None:
        rows.append(("feed", f"{read.kind}, “{one_line(read.title)}” {read.link or ''}".rstrip()))
        rows.append(("items", f"{len(read.items):,}, {tried.news:,} of them new enough for digests"))
    rows.extend(("problem", one_line(problem)) for problem in read.problems)
    # Not as a table: whoever copies an address wants it on one line.
    for name, value in rows:
        print(f"{name:<18}{value}")
    for item in tried.latest:
        _print_item(item)
    if tried.fault is not None:
        print(f"\nIt can't be used: {fault_sentence(tried.fault)}", file=sys.stderr)
        if tried.fault.trouble is FeedTrouble.NOT_A_FEED:
            print("If a page has feeds, digestbot feeds add finds them.", file=sys.stderr)


def _print_item(tried: TriedItem) -> None:
    post = tried.item.post
    day = f"{post.published_at:%Y-%m-%d %H:%M} UTC" if post.published_at else "no date"
    print(f"\n{day}  {one_line(post.title) or '(no title)'}")
    for line in (post.summary, post.url, post.thumbnail and f"picture: {post.thumbnail}"):
        if line:
            print(f"    {one_line(line)}")
