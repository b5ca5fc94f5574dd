"""`digestbot feeds parse`, and feeds as JSON."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.commands.exit_status import FAILED, WRONG_USE
from bot.text.moments import iso
from bot.wiring.fetching import feed_bounds
from config.load import load_settings
from digests.errors import InvalidInput
from digests.ingest.configured import reading_of
from digests.model.feed import FeedItem, FeedKind, FeedOptions, ReadFeed
from digests.origins.feed.reading import read_feed


def parse_feed_files(config: Path | None, paths: list[Path], base: str, content_type: str) -> None:
    """Print each file of a feed as a JSON object on its own line.

    Exits with 2 if a file can't be read, which is named on standard error, else with 1 if any is no feed.
    """
    if base and not base.lower().startswith(("http://", "https://")):
        raise InvalidInput(f"--base {base[:100]} is no address of the web: write it like https://example.com/feed.xml.")
    settings = load_settings(config)
    bounds = feed_bounds(settings)
    post = reading_of(settings, with_site=False).post
    now = datetime.now(UTC)
    status = 0
    for path in paths:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        try:
            # One byte more than may be read shows that there is more.
            with path.open("rb") as file:
                data = file.read(bounds.bytes + 1)
        except OSError as error:
            print(f"{shown} can't be read ({error.strerror}): check its name and its rights.", file=sys.stderr)
            status = WRONG_USE
            continue
        feed = read_feed(data, content_type, base, FeedOptions(), post, now, bounds)
        if feed.fault is not None and status == 0:
            status = FAILED
        print(json.dumps({"path": shown} | feed_as_json(feed), ensure_ascii=False))
    if status:
        sys.exit(status)


def feed_as_json(feed: ReadFeed) -> dict[str, Any]:
    """Return a feed as `feeds parse` prints it: null where something is missing, times in UTC with a Z."""
    problems = [feed.fault.words] if feed.fault is not None else []
    return {
        "kind": (feed.kind if feed.fault is None else FeedKind.NONE).value,
        "title": _text(feed.title),
        "link": feed.link,
        "language": _text(feed.language),
        "problems": [*problems, *map(_printable, feed.problems)],
        "items": [_item(item) for item in feed.items],
    }


def _item(item: FeedItem) -> dict[str, Any]:
    post = item.post
    return {
        "id": _text(item.id),
        "title": _text(post.title),
        "url": post.url,
        "original_url": item.written_url,
        "published_at": iso(post.published_at),
        "updated_at": iso(item.updated_at),
        "author": _text(post.author),
        "categories": [_printable(tag) for tag in post.tags],
        "summary": _text(post.summary),
        "text": _text(post.text),
        "thumbnail": post.thumbnail,
        "problems": [_printable(problem) for problem in post.problems],
    }


def _text(text: str) -> str | None:
    return _printable(text) if text else None


def _printable(text: str) -> str:
    """Return a text that can be encoded: JSON can name half a character."""
    return text.encode("utf-8", "replace").decode()
