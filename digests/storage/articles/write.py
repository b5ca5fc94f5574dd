"""Writing what was read of posts: one short transaction per batch."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from digests.articles.hexo.neighbours import Footprint
from digests.articles.pictures.standing import standing_pictures
from digests.model.article import ParsedPost
from digests.model.feed import FeedId
from digests.model.ids import ArticleId
from digests.storage.articles.categories import ensure_categories
from digests.storage.articles.changes import insert_articles, link_articles, update_articles
from digests.storage.articles.feed_items import forget_keys_before, is_feed_there
from digests.storage.articles.known import KnownArticle, read_known
from digests.storage.articles.missing import bring_back, withdraw_missing, withdraw_unlisted
from digests.storage.articles.pictures import (
    count_pictures,
    note_standing,
    picture_counts,
    posts_with,
    replace_pictures,
    standing_keys,
)
from digests.storage.articles.post_files import KnownFile, ReadPost, is_in_folder, parse_footprint, store_posts
from digests.storage.articles.recognised import RecognisedPosts, by_listing
from digests.storage.articles.recognition import KnownArticles
from digests.storage.articles.revisions import revise
from digests.storage.articles.spellings import count_spellings
from digests.storage.articles.stories import forget_keys, join_stories
from digests.storage.articles.wanted_pictures import want_pictures_of_new
from digests.storage.bulk import batches
from digests.storage.database import Database
from digests.storage.schema.article_tables import posts
from digests.storage.schema.base import facts
from digests.stories.features import StoryFeatures, features_of

STORY_SPAN = timedelta(days=3)
_FEW_FOLDERS = 8
"""Each of these is compared with every path of the origin."""


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """How many posts of a batch gave new, changed and known articles, were put aside, or are not for readers.

    `repeated_pictures` are the keys of pictures of new articles that others have too. `brought` are the items of a feed
    whose articles it has not had before, new or known.
    """

    new: int = 0
    changed: int = 0
    duplicates: int = 0
    quarantined: int = 0
    unlisted: int = 0
    repeated_pictures: frozenset[str] = frozenset()
    brought: int = 0


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

    async def known_hashes(self, origin: str, keys: Collection[str]) -> dict[str, str]:
        """Return the hashes of those of these items of a feed that were taken in before, by their keys."""
        query = sa.select(posts.c.path, posts.c.hash).where(posts.c.origin == origin)

        def work(connection: sa.Connection) -> dict[str, str]:
            return {
                row.path: row.hash
                for some in batches(keys)
                for row in connection.execute(query.where(posts.c.path.in_(some)))
            }

        return await self._database.run(work)

    async def footprints(self, origin: str) -> dict[str, Footprint]:
        """Return the footprints that the origin's posts had when they were last read, by path."""
        query = sa.select(posts.c.path, posts.c.claim).where(posts.c.origin == origin, posts.c.claim.is_not(None))
        async with self._database.read() as connection:
            return {row.path: parse_footprint(row.claim) for row in await connection.execute(query)}

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
        feed: FeedId | None = None,
    ) -> WriteCounts:
        """Store the batch in one transaction, so that no article is new twice.

        `present` are the paths that the origin has now; None: all that were ever read are there. `standing` are the
        keys of pictures that represent none of its articles. Of a `feed` that is removed, nothing is stored.
        """
        listed, unlisted = by_listing(batch)
        async with self._write_lock, self._database.write() as connection:
            if feed is not None and not await is_feed_there(connection, feed):
                return WriteCounts()
            branches = dict.fromkeys(branch for _, parsed in listed for branch in parsed.branches)
            placed = await ensure_categories(self._database, connection, branches)
            found, before = await read_known(connection, origin, batch)
            known = KnownArticles(found, present, [parsed for _, parsed in (*listed, *unlisted)], origin)
            recognised = RecognisedPosts(known, origin)
            for post, parsed in listed:
                recognised.add(post, parsed)
            await insert_articles(self._database, connection, recognised.new, placed, now)
            if self._wants_pictures:
                await want_pictures_of_new(self._database, connection, recognised.new, now)
            await join_stories(connection, _features_by_article(recognised.new), self._story_span)
            changed = await update_articles(self._database, connection, recognised, known, placed, standing, now)
            repeated = await count_pictures(self._database, connection, origin, recognised.thumbnails)
            placed_anew = (await link_articles(self._database, connection, recognised, placed)).difference(changed)
            await revise(self._database, connection, sorted(placed_anew))
            new_branches = (branch for _, parsed, _ in recognised.new for branch in parsed.branches)
            await count_spellings(self._database, connection, new_branches, placed)
            await bring_back(self._database, connection, {article.id for _, _, article in recognised.all})
            article_ids: dict[str, ArticleId | None] = {post.path: article.id for post, _, article in recognised.all}
            for post, parsed in unlisted:
                article = known.find(post, parsed)
                article_ids[post.path] = article.id if article is not None else before.get(post.path)
            await store_posts(self._database, connection, origin, batch, article_ids, now)
            if present is not None:
                await forget_keys_before(connection, origin, recognised.keys_before(present, before))
            ids = [number for post, _ in unlisted if (number := article_ids[post.path]) is not None]
            await withdraw_unlisted(self._database, connection, ids, now)
        first_paths = {post.path for post, _, _ in recognised.new}
        new_ids = {article.id for _, _, article in recognised.new}
        duplicates = sum(
            1
            for post, _, article in recognised.all
            if post.path not in first_paths and (post.path not in before or article.id in new_ids)
        )
        return WriteCounts(
            len(recognised.new),
            len(changed) + len(placed_anew),
            duplicates,
            len(batch) - len(listed) - len(unlisted),
            len(unlisted),
            repeated,
            recognised.brought,
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

    async def replace_standing(
        self, origin: str, repeated: Collection[str], pictures: Mapping[str, Sequence[str]], now: datetime
    ) -> frozenset[str]:
        """Take those of a feed's repeated pictures that stand with many from their articles, as is seen now.

        Each article gets the next of its pictures: by the key of its item in `pictures`, else as it was stored; the
        items themselves are kept nowhere. Return the keys of those that others of the feed have too.
        """
        async with self._write_lock, self._database.write() as connection:
            counts, total = await picture_counts(connection, origin, repeated)
            found = standing_pictures(counts, total)
            if not found:
                return frozenset()
            await note_standing(connection, origin, found)
            standing = await standing_keys(connection, origin)
            replaced = await replace_pictures(connection, origin, standing, pictures, now)
            return await count_pictures(self._database, connection, origin, replaced)

    async def forget_stories(self, now: datetime) -> int:
        """Delete the keys of articles that are too old for a story with new ones, and return how many those were."""
        return await forget_keys(self._database, now - self._story_span)


def _reading_fact(origin: str) -> str:
    return f"reading:{origin}"


def _features_by_article(new: Sequence[tuple[ReadPost, ParsedPost, KnownArticle]]) -> dict[ArticleId, StoryFeatures]:
    return {
        article.id: features_of(
            parsed.title, parsed.text, parsed.summary, parsed.source, parsed.language, post.shown_at
        )
        for post, parsed, article in new
    }
