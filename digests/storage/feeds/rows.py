"""Feeds as rows of their table."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digests.model.feed import Feed, FeedFault, FeedKind, FeedLook, FeedOptions, FeedState, FeedTrouble
from digests.model.feed_address import RSSHUB
from digests.storage.engine.encoding import JSON

_OWN_STATE = ("next_look_at", "fault", "brought", "reported")
"""What of a state is not stored in one column of the same name, or not by a look."""


def is_of_host(url: sa.ColumnElement[str], host: str, *, has_routes: bool) -> sa.ColumnElement[bool]:
    """Return the condition that a canonical address is of a host, whatever its port, or (`has_routes`) of RSSHub."""
    host = f"[{host}]" if ":" in host else host
    starts = [f"{scheme}://{host}{end}" for scheme in ("http", "https") for end in ("/", ":")]
    return sa.or_(*[url.startswith(start, autoescape=True) for start in (*starts, *([RSSHUB] if has_routes else []))])


def option_values(options: FeedOptions) -> dict[str, Any]:
    """Return the columns of a feed's options."""
    return {
        "category": JSON.encode(options.category),
        "language": options.language,
        "every_minutes": options.every,
        "full_text": options.full_text,
        "tags_as_categories": options.tags_as_categories,
        "user_agent": options.user_agent,
    }


def look_values(look: FeedLook) -> dict[str, Any]:
    """Return the columns that a look changes; what it read nothing of stays."""
    state, feed = look.state, look.feed
    return {
        "title": look.title,
        "link": look.link or feed.link,
        "kind": feed.kind if look.kind is FeedKind.NONE else look.kind,
        "trouble": "" if state.fault is None else state.fault.trouble,
        "fault_words": "" if state.fault is None else state.fault.words,
        "brought": JSON.encode([moment.isoformat() for moment in state.brought]),
        "next_look_at": state.next_look_at,
        **{name: getattr(state, name) for name in FeedState.__slots__ if name not in _OWN_STATE},
    }


def feed_of(row: Any) -> Feed:
    """Return the feed of a row of the table."""
    options = FeedOptions(
        category=tuple(json.loads(row.category)),
        language=row.language,
        every=row.every_minutes,
        full_text=row.full_text,
        tags_as_categories=row.tags_as_categories,
        user_agent=row.user_agent,
    )
    state = FeedState(
        fault=FeedFault(FeedTrouble(row.trouble), row.fault_words) if row.trouble else None,
        brought=tuple(map(datetime.fromisoformat, json.loads(row.brought))),
        **{name: getattr(row, name) for name in FeedState.__slots__ if name not in ("fault", "brought")},
    )
    return Feed(
        id=row.id,
        url=row.url,
        title=row.title,
        link=row.link,
        kind=FeedKind(row.kind),
        options=options,
        state=state,
        added_at=row.added_at,
        is_configured=row.is_configured,
        is_paused=row.is_paused,
    )
