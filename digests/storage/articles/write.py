"""Writing what was read of posts: one short transaction per batch."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.articles.hexo.neighbours import Claim
from digests.model.article import ParsedPost
from digests.model.ids import ArticleId, CategoryId
from digests.storage.articles.categories import ensure_categories
from digests.storage.articles.missing import bring_back, withdraw_missing
from digests.storage.articles.post_files import KnownFile, ReadPost, is_in_folder, parse_claim, store_posts
from digests.storage.articles.stories import forget_keys, join_stories
from digests.storage.counters import INGEST, REVISION, advance
from digests.storage.database import Database
from digests.storage.schema.article_tables import article_categories, articles, posts
from digests.storage.schema.base import facts
from digests.stories.features import StoryFeatures, features_of

STORY_SPAN = timedelta(days=3)
_FEW_FOLDERS = 8
"""Each of these is compared with every path of the origin."""

StoredRow = sa.Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """How many posts of a batch gave new, changed and known articles, or were put aside."""

    new: int = 0
    changed: int = 0
    duplicates: int = 0
    quarantined: int = 0


class IngestStore:
    """Stores posts and their articles. Any method may raise StorageError."""

    def __init__(self, database: Database, story_span: timedelta = STORY_SPAN) -> None:
        """Create the store; `story_span` is how far apart articles of a story may be, zero meaning no stories."""
        self._database = database
        self._story_span = story_span
        # Origins are scanned concurrently, and two of them may bring the same article, or the same new category.
        self._write_lock = asyncio.Lock()

    async def known(self, origin: str, folders: Collection[str] | None = None) -> dict[str, KnownFile]:
        """Return every file of the origin that was read before, by path; with `folders`, at least those inside them."""
        query = sa.select(posts.c.path, posts.c.mtime_ns, posts.c.size, posts.c.hash).where(posts.c.origin == origin)
        if folders is not None and len(folders) <= _FEW_FOLDERS:
            query = query.where(sa.or_(sa.false(), *map(is_in_folder, folders)))
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return {path: KnownFile(mtime_ns, size, content) for path, mtime_ns, size, content in rows}

    async def claims(self, origin: str) -> dict[str, Claim]:
        """Return the claims that the origin's posts had when they were last read, by path."""
        query = sa.select(posts.c.path, posts.c.claim).where(posts.c.origin == origin, posts.c.claim.is_not(None))
        async with self._database.read() as connection:
            return {row.path: parse_claim(row.claim) for row in await connection.execute(query)}

    async def reading(self, origin: str) -> str | None:
        """Return the fingerprint of the options with which the origin's posts were read; None if they never were."""
        async with self._database.read() as connection:
            found: str | None = await connection.scalar(
                sa.select(facts.c.value).where(facts.c.name == _reading_fact(origin))
            )
        return found

    async def note_reading(self, origin: str, fingerprint: str, now: datetime) -> None:
        """Store the fingerprint of the options with which the origin's posts were read."""
        row = {"name": _reading_fact(origin), "value": fingerprint, "at": now}
        insert = self._database.insert(facts).values(row)
        async with self._database.write() as connection:
            await connection.execute(
                insert.on_conflict_do_update(index_elements=["name"], set_={"value": fingerprint, "at": now})
            )

    async def touch(self, origin: str, files: Mapping[str, KnownFile], now: datetime) -> None:
        """Store new times of files whose content is the same."""
        if not files:
            return
        statement = (
            sa.update(posts)
            .where(posts.c.origin == origin, posts.c.path == sa.bindparam("at_path"))
            .values(mtime_ns=sa.bindparam("new_mtime"), size=sa.bindparam("new_size"), seen_at=now)
        )
        rows = [{"at_path": path, "new_mtime": seen.mtime_ns, "new_size": seen.size} for path, seen in files.items()]
        async with self._database.write() as connection:
            await connection.execute(statement, rows)

    async def forget(self, origin: str, paths: Collection[str], now: datetime, *, withdraw: bool = False) -> None:
        """Delete files that are gone; with `withdraw`, articles without any file left are withdrawn."""
        ordered = sorted(paths)
        for start in range(0, len(ordered), 500):
            batch = ordered[start : start + 500]
            gone = sa.delete(posts).where(posts.c.origin == origin, posts.c.path.in_(batch))
            async with self._database.write() as connection:
                ids = set((await connection.execute(gone.returning(posts.c.article_id))).scalars()) - {None}
                if withdraw and ids:
                    await withdraw_missing(self._database, connection, ids, now)

    async def write(self, origin: str, batch: Sequence[ReadPost], now: datetime) -> WriteCounts:
        """Store the batch in one transaction: articles by identity, so that no article is new twice."""
        readable = [(post, post.result) for post in batch if isinstance(post.result, ParsedPost)]
        async with self._write_lock, self._database.write() as connection:
            paths = await ensure_categories(self._database, connection, {parsed.categories for _, parsed in readable})
            known = await self._by_identity(connection, {parsed.identity for _, parsed in readable})
            known_paths = await self._known_paths(connection, origin, [post.path for post in batch])
            new_posts = _first_of_each(readable, known)
            await self._insert(connection, new_posts, paths, now)
            known.update(await self._by_identity(connection, {parsed.identity for _, parsed in new_posts}))
            await join_stories(connection, _features_by_article(new_posts, known), self._story_span)
            changed = await self._update(connection, readable, known, new_posts, paths, now)
            await self._link(connection, readable, known, paths)
            await bring_back(self._database, connection, {known[parsed.identity].id for _, parsed in readable})
            article_ids = {identity: row.id for identity, row in known.items()}
            await store_posts(self._database, connection, origin, batch, article_ids, now)
        new_identities = {parsed.identity for _, parsed in new_posts}
        first_paths = {post.path for post, _ in new_posts}
        duplicates = sum(
            1
            for post, parsed in readable
            if post.path not in first_paths and (post.path not in known_paths or parsed.identity in new_identities)
        )
        return WriteCounts(len(new_posts), changed, duplicates, len(batch) - len(readable))

    async def forget_stories(self, now: datetime) -> int:
        """Delete the keys of articles that are too old for a story with new ones, and return how many those were."""
        return await forget_keys(self._database, now - self._story_span)

    async def _by_identity(self, connection: AsyncConnection, identities: set[str]) -> dict[str, StoredRow]:
        query = sa.select(
            articles.c.id, articles.c.identity, articles.c.content_hash, articles.c.thumbnail, articles.c.original_url
        ).where(articles.c.identity.in_(list(identities)))
        return {row.identity: row for row in await connection.execute(query)}

    async def _known_paths(self, connection: AsyncConnection, origin: str, paths: list[str]) -> set[str]:
        query = sa.select(posts.c.path).where(posts.c.origin == origin, posts.c.path.in_(paths))
        return {row.path for row in await connection.execute(query)}

    async def _insert(
        self,
        connection: AsyncConnection,
        new_posts: Sequence[tuple[ReadPost, ParsedPost]],
        paths: Mapping[tuple[str, ...], CategoryId],
        now: datetime,
    ) -> None:
        if not new_posts:
            return
        ingest = await advance(self._database, connection, INGEST, len(new_posts))
        revision = await advance(self._database, connection, REVISION, len(new_posts))
        rows = [
            _content(parsed, paths)
            | {
                "identity": parsed.identity,
                "ingest": ingest + number,
                "revision": revision + number,
                "published_at": parsed.published_at,
                "first_seen_at": now,
                "shown_at": post.shown_at,
                "updated_at": now,
                "fresh": post.fresh,
            }
            for number, (post, parsed) in enumerate(new_posts, 1)
        ]
        await connection.execute(sa.insert(articles), rows)

    async def _update(
        self,
        connection: AsyncConnection,
        readable: Sequence[tuple[ReadPost, ParsedPost]],
        known: Mapping[str, StoredRow],
        new_posts: Sequence[tuple[ReadPost, ParsedPost]],
        paths: Mapping[tuple[str, ...], CategoryId],
        now: datetime,
    ) -> int:
        """Update articles whose content has changed, and return how many those were.

        The newest reading wins, but keeps a picture or a link to the original that only an earlier one had. A link that
        was made by the site's rules goes if they make none any more: it may be another post's now.
        """
        new = {parsed.identity for _, parsed in new_posts}
        changed = {
            parsed.identity: parsed
            for _, parsed in readable
            if parsed.identity not in new and known[parsed.identity].content_hash != parsed.content_hash
        }
        if not changed:
            return 0
        revision = await advance(self._database, connection, REVISION, len(changed))
        for number, (identity, parsed) in enumerate(changed.items(), 1):
            row = known[identity]
            values = _content(parsed, paths) | {"revision": revision + number, "updated_at": now}
            values["thumbnail"] = parsed.thumbnail or row.thumbnail
            values["original_url"] = parsed.original_url or row.original_url
            values["url"] = parsed.url or row.original_url
            await connection.execute(sa.update(articles).where(articles.c.id == row.id).values(values))
        return len(changed)

    async def _link(
        self,
        connection: AsyncConnection,
        readable: Sequence[tuple[ReadPost, ParsedPost]],
        known: Mapping[str, StoredRow],
        paths: Mapping[tuple[str, ...], CategoryId],
    ) -> None:
        rows = {
            (known[parsed.identity].id, paths[parsed.categories])
            for _, parsed in readable
            if parsed.categories in paths
        }
        if rows:
            insert = self._database.insert(article_categories).on_conflict_do_nothing()
            links = [{"article_id": article_id, "category_id": category_id} for article_id, category_id in sorted(rows)]
            await connection.execute(insert, links)


def _reading_fact(origin: str) -> str:
    return f"reading:{origin}"


def _first_of_each(
    readable: Sequence[tuple[ReadPost, ParsedPost]], known: Mapping[str, object]
) -> list[tuple[ReadPost, ParsedPost]]:
    first: dict[str, tuple[ReadPost, ParsedPost]] = {}
    for post, parsed in readable:
        if parsed.identity not in known:
            first.setdefault(parsed.identity, (post, parsed))
    return list(first.values())


def _features_by_article(
    new_posts: Sequence[tuple[ReadPost, ParsedPost]], known: Mapping[str, StoredRow]
) -> dict[ArticleId, StoryFeatures]:
    return {
        known[parsed.identity].id: features_of(
            parsed.title, parsed.text, parsed.summary, parsed.source, parsed.language, post.shown_at
        )
        for post, parsed in new_posts
    }


def _content(parsed: ParsedPost, paths: Mapping[tuple[str, ...], CategoryId]) -> dict[str, Any]:
    return {
        "content_hash": parsed.content_hash,
        "title": parsed.title,
        "category_id": paths.get(parsed.categories),
        "author": parsed.author,
        "source": parsed.source,
        "language": parsed.language,
        "summary": parsed.summary,
        "text": parsed.text,
        "thumbnail": parsed.thumbnail,
        "url": parsed.url,
        "original_url": parsed.original_url,
    }
