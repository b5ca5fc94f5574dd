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
from digests.articles.pictures.standing import picture_key, standing_pictures
from digests.model.article import ParsedPost
from digests.model.ids import ArticleId
from digests.storage.articles.categories import PlacedPaths, ensure_categories
from digests.storage.articles.missing import bring_back, withdraw_missing, withdraw_unlisted
from digests.storage.articles.pictures import (
    count_pictures,
    note_standing,
    picture_counts,
    posts_with,
    standing_keys,
)
from digests.storage.articles.post_files import KnownFile, ReadPost, is_in_folder, parse_claim, store_posts
from digests.storage.articles.recognised import RecognisedPosts, by_listing, link_articles
from digests.storage.articles.recognition import KnownArticle, KnownArticles, known_articles
from digests.storage.articles.spellings import count_spellings
from digests.storage.articles.stories import forget_keys, join_stories
from digests.storage.articles.wanted_pictures import renew_candidates, want_pictures_of_new
from digests.storage.counters import INGEST, REVISION, advance
from digests.storage.database import Database
from digests.storage.schema.article_tables import articles, posts
from digests.storage.schema.base import facts
from digests.stories.features import StoryFeatures, features_of

STORY_SPAN = timedelta(days=3)
_FEW_FOLDERS = 8
"""Each of these is compared with every path of the origin."""


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """How many posts of a batch gave new, changed and known articles, were put aside, or are not for readers.

    `repeated_pictures` are the keys of pictures of new articles that others have too.
    """

    new: int = 0
    changed: int = 0
    duplicates: int = 0
    quarantined: int = 0
    unlisted: int = 0
    repeated_pictures: frozenset[str] = frozenset()


class IngestStore:
    """Stores posts and their articles. Any method may raise StorageError."""

    def __init__(self, database: Database, story_span: timedelta = STORY_SPAN, *, wants_pictures: bool = True) -> None:
        """Create the store; `story_span` is how far apart articles of a story may be, zero meaning no stories.

        With `wants_pictures`, those of new articles are to be fetched.
        """
        self._database = database
        self._story_span = story_span
        self._wants_pictures = wants_pictures
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
        """Delete files that are gone; with `withdraw`, articles without any file left are withdrawn.

        An article of which only posts are left that no reader may see is withdrawn in any case.
        """
        ordered = sorted(paths)
        for start in range(0, len(ordered), 500):
            batch = ordered[start : start + 500]
            gone = sa.delete(posts).where(posts.c.origin == origin, posts.c.path.in_(batch))
            async with self._database.write() as connection:
                ids = set((await connection.execute(gone.returning(posts.c.article_id))).scalars()) - {None}
                await withdraw_unlisted(self._database, connection, ids, now)
                if withdraw and ids:
                    await withdraw_missing(self._database, connection, ids, now)

    async def write(
        self,
        origin: str,
        batch: Sequence[ReadPost],
        now: datetime,
        present: Collection[str] | None = None,
        standing: Collection[str] = (),
    ) -> WriteCounts:
        """Store the batch in one transaction, so that no article is new twice.

        `present` are the paths that the origin has now; None: all that were ever read are there. `standing` are the
        keys of pictures that represent none of its articles.
        """
        listed, unlisted = by_listing(batch)
        async with self._write_lock, self._database.write() as connection:
            branches = dict.fromkeys(branch for _, parsed in listed for branch in parsed.branches)
            placed = await ensure_categories(self._database, connection, branches)
            known, before = await known_articles(connection, origin, batch, present)
            recognised = RecognisedPosts(known)
            for post, parsed in listed:
                recognised.add(post, parsed)
            await self._insert(connection, recognised.new, placed, now)
            if self._wants_pictures:
                await want_pictures_of_new(self._database, connection, recognised.new, now)
            await join_stories(connection, _features_by_article(recognised.new), self._story_span)
            changed = await self._update(connection, recognised.changed, known, placed, standing, now)
            thumbnails = [parsed.thumbnail for _, parsed, _ in recognised.new]
            repeated = await count_pictures(self._database, connection, origin, thumbnails)
            await link_articles(self._database, connection, recognised.all, placed)
            new_branches = (branch for _, parsed, _ in recognised.new for branch in parsed.branches)
            await count_spellings(self._database, connection, new_branches, placed)
            await bring_back(self._database, connection, {article.id for _, _, article in recognised.all})
            article_ids: dict[str, ArticleId | None] = {post.path: article.id for post, _, article in recognised.all}
            for post, parsed in unlisted:
                found = known.find(post, parsed)
                article_ids[post.path] = found.id if found is not None else before.get(post.path)
            await store_posts(self._database, connection, origin, batch, article_ids, now)
            ids = [article for post, _ in unlisted if (article := article_ids[post.path]) is not None]
            await withdraw_unlisted(self._database, connection, ids, now)
        first_paths = {post.path for post, _, _ in recognised.new}
        new_ids = {article.id for _, _, article in recognised.new}
        duplicates = sum(
            1
            for post, _, article in recognised.all
            if post.path not in first_paths and (post.path not in before or article.id in new_ids)
        )
        return WriteCounts(
            len(recognised.new), changed, duplicates, len(batch) - len(listed) - len(unlisted), len(unlisted), repeated
        )

    async def standing_pictures(self, origin: str) -> frozenset[str]:
        """Return the keys of the pictures that stand with many of the origin's posts."""
        async with self._database.read() as connection:
            return await standing_keys(connection, origin)

    async def learn_standing(self, origin: str, repeated: Collection[str]) -> frozenset[str]:
        """Return the paths of the posts with those of the repeated pictures that stand with many, as is seen now."""
        async with self._database.write() as connection:
            counts, total = await picture_counts(connection, origin, repeated)
            found = standing_pictures(counts, total)
            await note_standing(connection, origin, found)
            return await posts_with(connection, origin, found) if found else frozenset()

    async def forget_stories(self, now: datetime) -> int:
        """Delete the keys of articles that are too old for a story with new ones, and return how many those were."""
        return await forget_keys(self._database, now - self._story_span)

    async def _insert(
        self,
        connection: AsyncConnection,
        new: Sequence[tuple[ReadPost, ParsedPost, KnownArticle]],
        placed: PlacedPaths,
        now: datetime,
    ) -> None:
        """Store new articles, and note their ids."""
        if not new:
            return
        ingest = await advance(self._database, connection, INGEST, len(new))
        revision = await advance(self._database, connection, REVISION, len(new))
        rows = [
            _content(parsed, placed)
            | {
                "identity": article.identity,
                "ingest": ingest + number,
                "revision": revision + number,
                "published_at": parsed.published_at,
                "first_seen_at": now,
                "shown_at": post.shown_at,
                "updated_at": now,
                "fresh": post.fresh and not post.reread,
            }
            for number, (post, parsed, article) in enumerate(new, 1)
        ]
        await connection.execute(sa.insert(articles), rows)
        numbers = sa.select(articles.c.ingest, articles.c.id).where(articles.c.ingest > ingest)
        ids = {row.ingest: row.id for row in await connection.execute(numbers)}
        for number, (_, _, article) in enumerate(new, 1):
            article.id = ids[ingest + number]

    async def _update(
        self,
        connection: AsyncConnection,
        changed: Sequence[tuple[ParsedPost, KnownArticle]],
        known: KnownArticles,
        placed: PlacedPaths,
        standing: Collection[str],
        now: datetime,
    ) -> int:
        """Update articles whose content has changed, and return how many those were.

        The newest reading wins, but keeps a picture or a link to the original that only an earlier one had. A link that
        was made by the site's rules goes if they make none any more: it may be another post's now.
        """
        if not changed:
            return 0
        revision, kept = await advance(self._database, connection, REVISION, len(changed)), []
        for number, (parsed, article) in enumerate(changed, 1):
            values = _content(parsed, placed) | {"revision": revision + number, "updated_at": now}
            if parsed.thumbnail is None and article.thumbnail and picture_key(article.thumbnail) not in standing:
                values["thumbnail"] = article.thumbnail
            kept.append((parsed, article, values["thumbnail"]))
            values["original_url"] = parsed.original_url or article.original_url
            values["url"] = parsed.url or article.original_url
            values["identity"] = known.unique_identity(parsed, article)
            await connection.execute(sa.update(articles).where(articles.c.id == article.id).values(values))
        await renew_candidates(connection, kept, now)
        return len(changed)


def _reading_fact(origin: str) -> str:
    return f"reading:{origin}"


def _features_by_article(new: Sequence[tuple[ReadPost, ParsedPost, KnownArticle]]) -> dict[ArticleId, StoryFeatures]:
    return {
        article.id: features_of(
            parsed.title, parsed.text, parsed.summary, parsed.source, parsed.language, post.shown_at
        )
        for post, parsed, article in new
    }


def _content(parsed: ParsedPost, placed: PlacedPaths) -> dict[str, Any]:
    return {
        "title_key": parsed.identity,
        "address": parsed.address or None,
        "content_hash": parsed.content_hash,
        "title": parsed.title,
        "category_id": placed.ids.get(parsed.categories),
        "author": parsed.author,
        "source": parsed.source,
        "language": parsed.language,
        "tags": "\x1f".join(parsed.tags),
        "summary": parsed.summary,
        "text": parsed.text,
        "thumbnail": parsed.thumbnail,
        "url": parsed.url,
        "original_url": parsed.original_url,
    }
