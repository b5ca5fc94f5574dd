"""Reading articles, and the posts that were put aside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.compose.build import NO_OTHERS, Also, others_of
from digests.model.article import Article, IndexEntry
from digests.model.article_address import same_addresses
from digests.model.ids import ArticleId, CategoryId, IngestNumber, StoryId
from digests.search.narrowing import FoundArticle
from digests.storage.articles.indexed import category_parents, entries_of, select_indexed
from digests.storage.articles.visibility import is_visible, select_hidden_sources
from digests.storage.bulk import batches
from digests.storage.counters import INGEST, REVISION, current
from digests.storage.database import Database
from digests.storage.schema.article_tables import article_categories, articles, categories, posts

_ARTICLE_COLUMNS = (
    articles.c.id,
    articles.c.ingest,
    articles.c.title,
    articles.c.category_id,
    articles.c.author,
    articles.c.source,
    articles.c.language,
    articles.c.published_at,
    articles.c.first_seen_at,
    articles.c.shown_at,
    articles.c.summary,
    articles.c.thumbnail,
    articles.c.url,
    articles.c.original_url,
    articles.c.story_id.label("story"),
    articles.c.picture,
    categories.c.path,
)
_FOUND = sa.select(articles.c.source, articles.c.language, articles.c.category_id, articles.c.shown_at).where(
    articles.c.id.in_(sa.bindparam("ids", expanding=True))
)
_TEXTS = sa.select(articles.c.id, articles.c.text).where(articles.c.id.in_(sa.bindparam("ids", expanding=True)))

_CATEGORIES = (
    sa.select(article_categories.c.article_id, article_categories.c.category_id)
    .where(article_categories.c.article_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(article_categories.c.category_id)
)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A post that was put aside: where and what the problem is, and how to fix it."""

    path: str
    line: int | None
    cause: str
    fix: str


class ArticleStore:
    """Reads articles. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, ids: Sequence[ArticleId], *, include_invisible: bool = False) -> tuple[Article, ...]:
        """Return articles in the order of `ids`, without unknown ones.

        Those that readers don't see are left out, unless `include_invisible`.
        """
        query = _by_ids(include_invisible=include_invisible)

        def work(connection: sa.Connection) -> dict[ArticleId, Article]:
            found: dict[ArticleId, Article] = {}
            for batch in batches(ids):
                rows = connection.execute(query, {"ids": batch})
                found.update((row.id, _article(row)) for row in rows)
            return found

        found = await self._database.run(work) if ids else {}
        return tuple(found[article_id] for article_id in ids if article_id in found)

    async def categories_of(self, ids: Sequence[ArticleId]) -> dict[ArticleId, tuple[CategoryId, ...]]:
        """Return the categories that articles are in themselves; an article without any is left out."""

        def work(connection: sa.Connection) -> dict[ArticleId, tuple[CategoryId, ...]]:
            found: dict[ArticleId, tuple[CategoryId, ...]] = {}
            for batch in batches(ids):
                for row in connection.execute(_CATEGORIES, {"ids": batch}):
                    found[row.article_id] = (*found.get(row.article_id, ()), row.category_id)
            return found

        return await self._database.run(work) if ids else {}

    async def texts(self, ids: Sequence[ArticleId]) -> dict[ArticleId, str]:
        """Return the plain texts of articles, for the lines that show why they were found; `ids` are few."""

        def work(connection: sa.Connection) -> dict[ArticleId, str]:
            return {row.id: row.text for row in connection.execute(_TEXTS, {"ids": list(ids)})}

        return await self._database.peek(work)

    async def of_stories(
        self, stories: Collection[StoryId], until: IngestNumber | None = None
    ) -> dict[StoryId, tuple[Article, ...]]:
        """Return all visible articles of these stories (that existed at `until`), the earliest of each story first."""
        ordered = sorted(stories)
        query = _select_articles().where(articles.c.story_id.in_(sa.bindparam("stories", expanding=True)), is_visible())
        if until is not None:
            query = query.where(articles.c.ingest <= until)
        query = query.order_by(articles.c.shown_at, articles.c.id)

        def work(connection: sa.Connection) -> dict[StoryId, list[Article]]:
            found: dict[StoryId, list[Article]] = {}
            for batch in batches(ordered):
                for row in connection.execute(query, {"stories": batch}):
                    found.setdefault(row.story, []).append(_article(row))
            return found

        found = await self._database.run(work)
        return {story: tuple(members) for story, members in found.items()}

    async def others(self, some: Iterable[Article], until: IngestNumber | None = None) -> Also:
        """Return the other articles (that existed at `until`) of each article's story."""
        some = list(some)
        stories = {article.story for article in some if article.story is not None}
        return others_of(some, await self.of_stories(stories, until)) if stories else NO_OTHERS

    async def stories_since(self, moment: datetime, limit: int) -> tuple[StoryId, ...]:
        """Return the stories with the most sources since then; of equal ones, the newest first."""
        sources = sa.func.count()
        query = (
            sa.select(articles.c.story_id)
            .where(articles.c.story_id.is_not(None), articles.c.shown_at > moment, is_visible())
            .group_by(articles.c.story_id)
            .having(sources > 1)
            .order_by(sources.desc(), sa.func.max(articles.c.shown_at).desc(), articles.c.story_id.desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def latest(
        self, wanted: Collection[CategoryId] | None, limit: int, offset: int = 0
    ) -> tuple[tuple[Article, ...], int]:
        """Return the newest visible articles of these categories (None: of all), and how many there are in all."""
        condition = is_visible()
        if wanted is not None:
            in_categories = sa.select(article_categories.c.article_id).where(
                article_categories.c.category_id.in_(list(wanted))
            )
            condition &= articles.c.id.in_(in_categories)
        query = (
            _select_articles()
            .where(condition)
            .order_by(articles.c.shown_at.desc(), articles.c.id.desc())
            .limit(limit)
            .offset(offset)
        )
        counted = sa.select(sa.func.count()).select_from(articles).where(condition)

        def work(connection: sa.Connection) -> tuple[tuple[Article, ...], int]:
            rows = connection.execute(query).all()
            return tuple(_article(row) for row in rows), int(connection.scalar(counted) or 0)

        return await self._database.run(work)

    async def ingest_before(self, moment: datetime, after: IngestNumber | None = None) -> IngestNumber:
        """Return where a window from `moment` on begins, considering only articles later than `after`.

        It begins with the first article seen since then, not after the last one seen before: an article that came while
        the clock was set back would take all news before it along.
        """
        since = sa.select(sa.func.min(articles.c.ingest) - 1).where(
            articles.c.ingest > (after or 0), articles.c.first_seen_at >= moment
        )
        last = sa.select(sa.func.max(articles.c.ingest))
        begins = sa.func.coalesce(since.scalar_subquery(), last.scalar_subquery(), 0)
        async with self._database.read() as connection:
            return IngestNumber(int((await connection.execute(sa.select(begins))).scalar_one()))

    async def latest_moment(self, moment: datetime, most: int) -> tuple[datetime, int]:
        """Return since when the `most` latest visible articles were shown, and how many those are.

        That is not before `moment`. There may be more of one time.
        """
        recent = sa.select(articles.c.shown_at).where(articles.c.shown_at >= moment, is_visible())
        last = recent.order_by(articles.c.shown_at.desc()).offset(most - 1).limit(1)
        async with self._database.read() as connection:
            since = max(moment, await connection.scalar(last) or moment)
            count = sa.select(sa.func.count()).where(articles.c.shown_at >= since, is_visible())
            return since, int(await connection.scalar(count) or 0)

    async def changed_since(self, revision: int, limit: int) -> tuple[IndexEntry, ...]:
        """Return articles with a later revision, in order of revision, for the search index."""
        query = select_indexed().where(articles.c.revision > revision).order_by(articles.c.revision).limit(limit)
        async with self._database.read() as connection:
            return await entries_of(connection, query, await category_parents(connection))

    async def found(self, ids: Sequence[ArticleId]) -> tuple[FoundArticle, ...]:
        """Return by what a search can be narrowed that found these articles."""

        def work(connection: sa.Connection) -> tuple[FoundArticle, ...]:
            rows = (row for batch in batches(ids) for row in connection.execute(_FOUND, {"ids": batch}))
            return tuple(FoundArticle(*row) for row in rows)

        return await self._database.run(work)

    async def sources(self) -> tuple[str, ...]:
        """Return the names of all sources that are not hidden."""
        query = sa.select(articles.c.source).distinct().where(articles.c.source.not_in(select_hidden_sources()))
        async with self._database.read() as connection:
            return tuple(source for source in (await connection.execute(query)).scalars() if source)

    async def tags(self, most: int) -> tuple[str, ...]:
        """Return the tags of the newest articles that readers see, the newest first; `most` articles are looked at."""
        latest = (
            sa.select(articles.c.tags)
            .where(articles.c.tags != "", is_visible())
            .order_by(articles.c.shown_at.desc())
            .limit(most)
        )
        async with self._database.read() as connection:
            found = (tag for row in (await connection.execute(latest)).scalars() for tag in row.split("\x1f"))
            return tuple(dict.fromkeys(found))

    async def entries(self, ids: Sequence[ArticleId]) -> tuple[IndexEntry, ...]:
        """Return what the search index needs of some articles, which are few."""
        query = select_indexed().where(articles.c.id.in_(list(ids)))
        async with self._database.read() as connection:
            return await entries_of(connection, query, await category_parents(connection))

    async def last_revision(self) -> int:
        """Return the revision of the latest change of an article."""
        async with self._database.read() as connection:
            return await current(connection, REVISION)

    async def by_time(self, size: int) -> AsyncIterator[tuple[IndexEntry, ...]]:
        """Yield all articles, `size` at a time, in order of date, for a new search index."""
        async with self._database.read() as connection:
            parents = await category_parents(connection)
        position: tuple[datetime, ArticleId] | None = None
        while True:
            query = select_indexed().order_by(articles.c.shown_at, articles.c.id).limit(size)
            if position is not None:
                query = query.where(sa.tuple_(articles.c.shown_at, articles.c.id) > sa.tuple_(*position))
            async with self._database.read() as connection:
                entries = await entries_of(connection, query, parents)
            if not entries:
                return
            yield entries
            position = (entries[-1].shown_at, entries[-1].id)

    async def of_address(self, url: str) -> tuple[ArticleId, ...]:
        """Return the articles to which this address leads, in any of the forms in which it may be stored."""
        same = same_addresses(url)
        query = sa.select(articles.c.id).where(articles.c.url.in_(same) | articles.c.original_url.in_(same))
        async with self._database.read() as connection:
            return tuple((await connection.execute(query.order_by(articles.c.id))).scalars())

    async def quarantined(self) -> tuple[Quarantined, ...]:
        """Return the posts that were put aside, sorted by path."""
        query = (
            sa.select(posts.c.path, posts.c.line, posts.c.cause, posts.c.mend.label("fix"))
            .where(posts.c.cause != "")
            .order_by(posts.c.path)
        )
        async with self._database.read() as connection:
            return tuple(Quarantined(**row._mapping) for row in await connection.execute(query))

    async def counts(self) -> tuple[int, int]:
        """Return the number of articles, and of posts that were put aside."""
        async with self._database.read() as connection:
            stored = await connection.scalar(sa.select(sa.func.count()).select_from(articles))
            quarantined = await connection.scalar(
                sa.select(sa.func.count()).select_from(posts).where(posts.c.cause != "")
            )
        return int(stored or 0), int(quarantined or 0)


async def ingest_now(connection: AsyncConnection) -> IngestNumber:
    """Return the number of the newest committed article: where a window that is planned now ends."""
    return IngestNumber(await current(connection, INGEST))


@cache
def _by_ids(*, include_invisible: bool) -> sa.Select[*tuple[Any, ...]]:
    query = _select_articles().where(articles.c.id.in_(sa.bindparam("ids", expanding=True)))
    return query if include_invisible else query.where(is_visible())


@cache
def _select_articles() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*_ARTICLE_COLUMNS).select_from(
        articles.outerjoin(categories, categories.c.id == articles.c.category_id)
    )


def _article(row: sa.Row[*tuple[Any, ...]]) -> Article:
    values = dict(row._mapping)
    path: str | None = values.pop("path")
    return Article(categories=tuple(path.split("\x1f")) if path else (), **values)
