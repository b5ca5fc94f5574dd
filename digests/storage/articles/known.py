"""The articles that the posts of a batch may be, as they are stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.articles.identity import fold_title
from digests.articles.likeness import COMPARED, compact
from digests.model.article import ParsedPost
from digests.model.feed import FEED_ORIGIN
from digests.model.ids import ArticleId
from digests.storage.articles.post_files import ReadPost
from digests.storage.bulk import batches
from digests.storage.schema.article_tables import articles, posts

_MOST_ALIKE = 20
"""So many articles under a link or a title, the newest ones, are compared with what another source brings."""


@dataclass(slots=True)
class KnownArticle:
    """An article that a post may be; `id` is 0 until it is stored.

    `files` are its posts in this origin, or the keys of its items in this feed. `origin` is the origin that brought it,
    "" where that is not known or was a feed that is gone; `has_posts` says whether there are posts that say it, and is
    looked up where feeds have to know it.
    `text` is its beginning, compact, and `length` that of the whole, in characters.
    """

    id: ArticleId
    identity: str
    title_key: str
    address: str
    content_hash: str = ""
    thumbnail: str | None = None
    original_url: str | None = None
    text: str = ""
    files: set[str] = field(default_factory=set)
    length: int = 0
    link_key: str = ""
    headline_key: str = ""
    origin: str = ""
    title: str = ""
    url: str | None = None
    lacks: frozenset[str] = frozenset()
    has_posts: bool = False

    def is_as(self, parsed: ParsedPost) -> bool:
        """Return whether the post says nothing new of the article."""
        stored = (self.content_hash, self.title_key, self.address)
        return stored == (parsed.content_hash, parsed.identity, parsed.address)

    @property
    def name(self) -> str:
        """The title as titles are compared."""
        return fold_title(self.title)

    @property
    def is_of_feed(self) -> bool:
        """Whether a feed brought it, or nobody knows what did."""
        return not self.origin or self.origin.startswith(FEED_ORIGIN)


_MAY_LACK = ("author", "summary", "language", "tags")
"""Columns of text that a second origin fills in where they are empty."""


async def read_known(
    connection: AsyncConnection, origin: str, batch: Sequence[ReadPost]
) -> tuple[list[KnownArticle], dict[str, ArticleId | None]]:
    """Return the articles that the posts of the batch may be, and what its files were before, by path."""
    before = await _articles_of_files(connection, origin, [post.path for post in batch])
    found: dict[ArticleId, KnownArticle] = {}
    is_item = any(post.is_item for post in batch)
    for row in await connection.execute(_query(is_item=is_item), _asked(batch, before.values())):
        found[row.id] = KnownArticle(
            ArticleId(row.id),
            row.identity,
            row.title_key or row.identity,
            row.address or "",
            row.content_hash,
            row.thumbnail,
            row.original_url,
            compact(row.text),
            length=row.length,
            link_key=row.link_key or "",
            headline_key=row.headline_key or "",
            origin=row.origin,
            title=row.title,
            url=row.url,
            lacks=frozenset(name for name in _MAY_LACK if not getattr(row, f"has_{name}")),
        )
    for article_id, path in await _files_of_articles(connection, origin, list(found)):
        found[article_id].files.add(path)
    orphans = [article.id for article in found.values() if not article.origin or (is_item and not article.is_of_feed)]
    for article_id in await _with_posts(connection, orphans):
        found[article_id].has_posts = True
    return list(found.values()), before


def _asked(batch: Sequence[ReadPost], before: Collection[ArticleId | None]) -> dict[str, list[Any]]:
    """Return by what articles are looked for, for `_query`."""
    parsed = [post.result for post in batch if isinstance(post.result, ParsedPost)]
    asked: dict[str, set[Any]] = {
        "title_keys": {post.identity for post in parsed},
        "addresses": {post.address for post in parsed},
        "links": {post.link_key for post in parsed},
        "headlines": {post.headline_key for post in parsed},
        "ids": {article for article in before if article is not None},
    }
    return {name: sorted(values - {""}) for name, values in asked.items()}


@cache
def _query(*, is_item: bool) -> sa.Select[*tuple[Any, ...]]:
    """Return the query for the articles that posts may be, or items of a feed; made once, as that takes a while."""
    keys: sa.BindParameter[Any] = _any_of("title_keys")
    condition = articles.c.title_key.in_(keys) | articles.c.identity.in_(keys) | articles.c.id.in_(_any_of("ids"))
    condition |= articles.c.address.in_(_any_of("addresses"))
    # Posts of two sources are two articles; only with what feeds say are they compared across sources.
    is_of_feed = (articles.c.origin == "") | articles.c.origin.like(f"{FEED_ORIGIN}%")
    allowed = sa.true() if is_item else is_of_feed
    condition |= articles.c.id.in_(_newest(articles.c.link_key, "links", allowed))
    condition |= articles.c.id.in_(_newest(articles.c.headline_key, "headlines", allowed))
    text = (
        sa.func.substr(articles.c.text, 1, COMPARED).label("text"),
        sa.func.length(articles.c.text).label("length"),
    )
    names = ("identity", "title_key", "address", "link_key", "headline_key", "origin", "content_hash")
    shown = (articles.c.title, articles.c.thumbnail, articles.c.url, articles.c.original_url)
    flags = [(articles.c[name] != "").label(f"has_{name}") for name in _MAY_LACK]
    columns = (articles.c.id, *(articles.c[name] for name in names), *shown, *text, *flags)
    return sa.select(*columns).where(condition).order_by(articles.c.id)


def _any_of(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, expanding=True)


def _newest(column: sa.ColumnElement[str], keys: str, allowed: sa.ColumnElement[bool]) -> sa.Select[tuple[int]]:
    """Return the ids of the newest articles under each of these keys: a title or a link may be that of thousands."""
    place = sa.func.row_number().over(partition_by=column, order_by=articles.c.id.desc()).label("place")
    found = sa.select(articles.c.id, place).where(column.in_(_any_of(keys)), allowed).subquery()
    return sa.select(found.c.id).where(found.c.place <= _MOST_ALIKE)


async def _articles_of_files(
    connection: AsyncConnection, origin: str, paths: Sequence[str]
) -> dict[str, ArticleId | None]:
    query = sa.select(posts.c.path, posts.c.article_id).where(posts.c.origin == origin, posts.c.path.in_(paths))
    return {row.path: row.article_id for row in await connection.execute(query)}


async def _files_of_articles(
    connection: AsyncConnection, origin: str, ids: Sequence[ArticleId]
) -> list[tuple[ArticleId, str]]:
    """Return the listed posts of these articles."""
    found: list[tuple[ArticleId, str]] = []
    for some in batches(ids):
        query = sa.select(posts.c.article_id, posts.c.path).where(
            posts.c.article_id.in_(some), posts.c.origin == origin, posts.c.unlisted == ""
        )
        found += [(row.article_id, row.path) for row in await connection.execute(query)]
    return found


async def _with_posts(connection: AsyncConnection, ids: Sequence[ArticleId]) -> list[ArticleId]:
    """Return those of the articles that posts of a folder or a repository say."""
    found: list[ArticleId] = []
    for some in batches(ids):
        is_post = posts.c.origin.not_like(f"{FEED_ORIGIN}%")
        query = sa.select(posts.c.article_id).distinct().where(posts.c.article_id.in_(some), is_post)
        found += (await connection.execute(query)).scalars()
    return found
