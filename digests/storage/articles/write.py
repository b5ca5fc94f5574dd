"""Writes what was read of posts: one short transaction a batch."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.articles.hexo.neighbours import Claim
from digests.model.article import ParsedPost, Unreadable
from digests.model.ids import ArticleId, CategoryId
from digests.storage.articles.categories import ensure_categories
from digests.storage.articles.stories import forget_keys, join_stories
from digests.storage.counters import INGEST, REVISION, advance
from digests.storage.database import Database
from digests.storage.schema import article_categories, articles, facts, posts, withdrawn
from digests.stories.features import StoryFeatures, telling

STORY_SPAN = timedelta(days=3)
_FEW_FOLDERS = 8
"""Each is compared with every path of the origin."""

StoredRow = sa.Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as it was when last read."""

    mtime_ns: int
    size: int
    hash: str


@dataclass(frozen=True, slots=True)
class ReadPost:
    """A file and what it said. `fresh` and `shown_at` were decided from its date and the moment of first sight.

    `claim` is given where links depend on what all posts of the site take.
    """

    path: str
    seen: KnownFile
    result: ParsedPost | Unreadable
    fresh: bool
    shown_at: datetime
    claim: Claim | None = None


MISSING = "missing"
"""Why an article was withdrawn: all its files are gone. A file that comes back brings it back."""


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """What a batch came to."""

    new: int = 0
    changed: int = 0
    duplicates: int = 0
    quarantined: int = 0


class IngestStore:
    """Any method may raise StorageError."""

    def __init__(self, database: Database, story_span: timedelta = STORY_SPAN) -> None:
        """`story_span` is how far apart articles of one story may be; zero: every article stands alone."""
        self._database = database
        self._story_span = story_span
        # Origins are looked at side by side. Two of them may bring the same article, or the same new category.
        self._turn = asyncio.Lock()

    async def known(self, origin: str, folders: Collection[str] | None = None) -> dict[str, KnownFile]:
        """Every file of the origin that was read before, by path; with `folders`, at least those that lie in them."""
        query = sa.select(posts.c.path, posts.c.mtime_ns, posts.c.size, posts.c.hash).where(posts.c.origin == origin)
        if folders is not None and len(folders) <= _FEW_FOLDERS:
            query = query.where(sa.or_(sa.false(), *map(_lies_in, folders)))
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return {path: KnownFile(mtime_ns, size, content) for path, mtime_ns, size, content in rows}

    async def claims(self, origin: str) -> dict[str, Claim]:
        """What the origin's posts took of their site when they were last read, by path."""
        query = sa.select(posts.c.path, posts.c.claim).where(posts.c.origin == origin, posts.c.claim.is_not(None))
        async with self._database.read() as connection:
            return {row.path: _claim(row.claim) for row in await connection.execute(query)}

    async def reading(self, origin: str) -> str | None:
        """How the origin's posts were read; None when they never were."""
        async with self._database.read() as connection:
            found: str | None = await connection.scalar(
                sa.select(facts.c.value).where(facts.c.name == _reading_fact(origin))
            )
        return found

    async def note_reading(self, origin: str, fingerprint: str, now: datetime) -> None:
        row = {"name": _reading_fact(origin), "value": fingerprint, "at": now}
        insert = self._database.insert(facts).values(row)
        async with self._database.write() as connection:
            await connection.execute(
                insert.on_conflict_do_update(index_elements=["name"], set_={"value": fingerprint, "at": now})
            )

    async def touch(self, origin: str, files: Mapping[str, KnownFile], now: datetime) -> None:
        """Notes new times of files whose content is the same."""
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
        """Drops files that are gone. Their articles stay, or (`withdraw`) leave with the last of their files."""
        listed = sorted(paths)
        for start in range(0, len(listed), 500):
            some = listed[start : start + 500]
            gone = sa.delete(posts).where(posts.c.origin == origin, posts.c.path.in_(some))
            async with self._database.write() as connection:
                ids = set((await connection.execute(gone.returning(posts.c.article_id))).scalars()) - {None}
                if withdraw and ids:
                    await self._withdraw_missing(connection, ids, now)

    async def _withdraw_missing(self, connection: AsyncConnection, ids: set[int], now: datetime) -> None:
        kept = sa.select(posts.c.article_id).where(posts.c.article_id.in_(ids))
        ids -= set((await connection.execute(kept)).scalars())
        rows = [{"article_id": one, "reason": MISSING, "at": now, "edited": 0, "unedited": 0} for one in sorted(ids)]
        if rows:
            await connection.execute(self._database.insert(withdrawn).on_conflict_do_nothing(), rows)
            await revise(self._database, connection, sorted(ids))

    async def _bring_back(self, connection: AsyncConnection, ids: Iterable[int]) -> None:
        """What was withdrawn only because its files were missing."""
        back = sa.delete(withdrawn).where(withdrawn.c.article_id.in_(list(ids)), withdrawn.c.reason == MISSING)
        returned = (await connection.execute(back.returning(withdrawn.c.article_id))).scalars().all()
        await revise(self._database, connection, sorted(returned))

    async def write(self, origin: str, batch: Sequence[ReadPost], now: datetime) -> WriteCounts:
        """Stores the batch in one transaction: articles by identity, so the same article is never new twice."""
        good = [(post, post.result) for post in batch if isinstance(post.result, ParsedPost)]
        async with self._turn, self._database.write() as connection:
            paths = await ensure_categories(self._database, connection, {parsed.categories for _, parsed in good})
            known = await self._by_identity(connection, {parsed.identity for _, parsed in good})
            before = await self._paths(connection, origin, [post.path for post in batch])
            fresh_ones = _first_of_each(good, known)
            await self._insert(connection, fresh_ones, paths, now)
            known.update(await self._by_identity(connection, {parsed.identity for _, parsed in fresh_ones}))
            await join_stories(connection, _tellings(fresh_ones, known), self._story_span)
            changed = await self._update(connection, good, known, fresh_ones, paths, now)
            await self._link(connection, good, known, paths)
            await self._bring_back(connection, {known[parsed.identity].id for _, parsed in good})
            await self._note_posts(connection, origin, batch, known, now)
        new_identities = {parsed.identity for _, parsed in fresh_ones}
        first_paths = {post.path for post, _ in fresh_ones}
        duplicates = sum(
            1
            for post, parsed in good
            if post.path not in first_paths and (post.path not in before or parsed.identity in new_identities)
        )
        return WriteCounts(len(fresh_ones), changed, duplicates, len(batch) - len(good))

    async def forget_stories(self, now: datetime) -> int:
        """Articles that are older than stories last are no more found by new ones; how many there were."""
        return await forget_keys(self._database, now - self._story_span)

    async def _by_identity(self, connection: AsyncConnection, identities: set[str]) -> dict[str, StoredRow]:
        query = sa.select(
            articles.c.id, articles.c.identity, articles.c.content_hash, articles.c.thumbnail, articles.c.original_url
        ).where(articles.c.identity.in_(list(identities)))
        return {row.identity: row for row in await connection.execute(query)}

    async def _paths(self, connection: AsyncConnection, origin: str, paths: list[str]) -> set[str]:
        query = sa.select(posts.c.path).where(posts.c.origin == origin, posts.c.path.in_(paths))
        return {row.path for row in await connection.execute(query)}

    async def _insert(
        self,
        connection: AsyncConnection,
        fresh_ones: Sequence[tuple[ReadPost, ParsedPost]],
        paths: Mapping[tuple[str, ...], CategoryId],
        now: datetime,
    ) -> None:
        if not fresh_ones:
            return
        ingest = await advance(self._database, connection, INGEST, len(fresh_ones))
        revision = await advance(self._database, connection, REVISION, len(fresh_ones))
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
            for number, (post, parsed) in enumerate(fresh_ones, 1)
        ]
        await connection.execute(sa.insert(articles), rows)

    async def _update(
        self,
        connection: AsyncConnection,
        good: Sequence[tuple[ReadPost, ParsedPost]],
        known: Mapping[str, StoredRow],
        fresh_ones: Sequence[tuple[ReadPost, ParsedPost]],
        paths: Mapping[tuple[str, ...], CategoryId],
        now: datetime,
    ) -> int:
        """The newest reading wins, but never empties a picture or an original's link that an earlier one had.

        A link that the site's rules made goes when they make none any more: it may have become another post's.
        """
        new = {parsed.identity for _, parsed in fresh_ones}
        changed = {
            parsed.identity: parsed
            for _, parsed in good
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
        good: Sequence[tuple[ReadPost, ParsedPost]],
        known: Mapping[str, StoredRow],
        paths: Mapping[tuple[str, ...], CategoryId],
    ) -> None:
        rows = {
            (known[parsed.identity].id, paths[parsed.categories]) for _, parsed in good if parsed.categories in paths
        }
        if rows:
            insert = self._database.insert(article_categories).on_conflict_do_nothing()
            await connection.execute(insert, [{"article_id": one, "category_id": other} for one, other in sorted(rows)])

    async def _note_posts(
        self,
        connection: AsyncConnection,
        origin: str,
        batch: Iterable[ReadPost],
        known: Mapping[str, StoredRow],
        now: datetime,
    ) -> None:
        rows = []
        for post in batch:
            trouble = post.result if isinstance(post.result, Unreadable) else None
            rows.append(
                {
                    "origin": origin,
                    "path": post.path,
                    "mtime_ns": post.seen.mtime_ns,
                    "size": post.seen.size,
                    "hash": post.seen.hash,
                    "article_id": None if isinstance(post.result, Unreadable) else known[post.result.identity].id,
                    "line": trouble.line if trouble else None,
                    "cause": trouble.cause if trouble else "",
                    "mend": trouble.fix if trouble else "",
                    "seen_at": now,
                    "claim": _claim_text(post.claim) if post.claim else None,
                }
            )
        insert = self._database.insert(posts)
        keep = {"origin", "path"}
        changed = {name: insert.excluded[name] for name in rows[0] if name not in keep} if rows else {}
        if rows:
            await connection.execute(
                insert.on_conflict_do_update(index_elements=[posts.c.origin, posts.c.path], set_=changed), rows
            )


async def revise(database: Database, connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Gives the articles new revisions, so that the search index takes them up again; `ids` are few."""
    if not ids:
        return
    revision = await advance(database, connection, REVISION, len(ids))
    statement = sa.update(articles).where(articles.c.id == sa.bindparam("of")).values(revision=sa.bindparam("new"))
    rows = [{"of": one, "new": revision + number} for number, one in enumerate(ids, 1)]
    await connection.execute(statement, rows)


def _lies_in(folder: str) -> sa.ColumnElement[bool]:
    begins = sa.func.substr(posts.c.path, 1, len(folder)) == folder
    return begins & sa.func.substr(posts.c.path, len(folder) + 1).not_like("%/%")


def _reading_fact(origin: str) -> str:
    return f"reading:{origin}"


def _claim_text(claim: Claim) -> str:
    return json.dumps([claim.number, sorted(claim.categories)], ensure_ascii=False)


def _claim(text: str) -> Claim:
    number, paths = json.loads(text)
    return Claim(number, frozenset(tuple(path) for path in paths))


def _first_of_each(
    good: Sequence[tuple[ReadPost, ParsedPost]], known: Mapping[str, object]
) -> list[tuple[ReadPost, ParsedPost]]:
    first: dict[str, tuple[ReadPost, ParsedPost]] = {}
    for post, parsed in good:
        if parsed.identity not in known:
            first.setdefault(parsed.identity, (post, parsed))
    return list(first.values())


def _tellings(
    fresh_ones: Sequence[tuple[ReadPost, ParsedPost]], known: Mapping[str, StoredRow]
) -> dict[ArticleId, StoryFeatures]:
    return {
        known[one.identity].id: telling(one.title, one.text, one.summary, one.source, one.language, post.shown_at)
        for post, one in fresh_ones
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
