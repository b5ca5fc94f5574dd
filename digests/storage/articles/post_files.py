"""Files of posts as they were last read: rows of the table `posts`, and what their links depend on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.articles.hexo.neighbours import Footprint
from digests.model.article import ParsedPost, Unreadable
from digests.model.gaps import pack_gaps
from digests.model.ids import ArticleId
from digests.storage.database import Database
from digests.storage.schema.article_tables import posts


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as it was when it was last read."""

    mtime_ns: int
    size: int
    hash: str


@dataclass(frozen=True, slots=True)
class ReadPost:
    """A file and what it said; or, where `is_item`, an item of a feed, whose key within it is the path.

    `fresh` and `shown_at` were decided from its date and the time at which it was first seen. `footprint` is given if
    links depend on what all posts of the site take. `reread` says that the same bytes were read before, by other rules.
    """

    path: str
    seen: KnownFile
    result: ParsedPost | Unreadable
    fresh: bool
    shown_at: datetime
    footprint: Footprint | None = None
    reread: bool = False
    is_item: bool = False


async def store_posts(
    database: Database,
    connection: AsyncConnection,
    origin: str,
    batch: Iterable[ReadPost],
    article_ids: Mapping[str, ArticleId | None],
    now: datetime,
) -> None:
    """Store the files of a batch, each with its article, by `article_ids` of paths, or the reason it has none."""
    rows = [_row(origin, post, article_ids, now) for post in batch]
    if not rows:
        return
    insert = database.insert(posts)
    changed = {name: insert.excluded[name] for name in rows[0] if name not in ("origin", "path")}
    await connection.execute(
        insert.on_conflict_do_update(index_elements=[posts.c.origin, posts.c.path], set_=changed), rows
    )


def _row(origin: str, post: ReadPost, article_ids: Mapping[str, ArticleId | None], now: datetime) -> dict[str, Any]:
    result = post.result
    problem = result if isinstance(result, Unreadable) else None
    return {
        "origin": origin,
        "path": post.path,
        "mtime_ns": post.seen.mtime_ns,
        "size": post.seen.size,
        "hash": post.seen.hash,
        "article_id": article_ids.get(post.path),
        "gaps": "" if isinstance(result, Unreadable) else pack_gaps(result.gaps),
        "unlisted": "" if isinstance(result, Unreadable) else result.unlisted_because,
        "line": problem.line if problem else None,
        "cause": problem.cause if problem else "",
        "mend": problem.fix if problem else "",
        "seen_at": now,
        "claim": _footprint_text(post.footprint) if post.footprint else None,
    }


def is_in_folder(folder: str) -> sa.ColumnElement[bool]:
    """Return the condition for files right inside the folder, whose name ends with "/" or is empty."""
    begins = sa.func.substr(posts.c.path, 1, len(folder)) == folder
    return begins & sa.func.substr(posts.c.path, len(folder) + 1).not_like("%/%")


def _footprint_text(footprint: Footprint) -> str:
    return json.dumps([footprint.number, sorted(footprint.categories)], ensure_ascii=False)


def parse_footprint(text: str) -> Footprint:
    """Return a stored footprint."""
    number, paths = json.loads(text)
    return Footprint(number, frozenset(tuple(path) for path in paths))
