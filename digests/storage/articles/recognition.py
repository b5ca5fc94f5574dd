"""Recognising which stored article a post is (`docs/identity.md`): by its file, its address, its title, its text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.articles.identity import COMPARED, PAGE, WRITTEN, compact
from digests.model.article import ParsedPost
from digests.model.ids import ArticleId
from digests.storage.articles.post_files import ReadPost
from digests.storage.bulk import batches
from digests.storage.schema.article_tables import articles, posts

_LEAST_TEXT = 40
"""With fewer characters, the same text under another title says nothing."""
_ALIKE = 60
"""Two texts are the same one, edited, if this per cent of them is alike; unrelated ones reach some 45."""
_MOST_TITLES = 3
"""An address under more titles than this is no article's own: that of an app, a feed, a page to subscribe."""


@dataclass(slots=True)
class KnownArticle:
    """An article that a post may be; `id` is 0 until it is stored. `files` are its posts in this origin."""

    id: ArticleId
    identity: str
    title_key: str
    address: str
    content_hash: str = ""
    thumbnail: str | None = None
    original_url: str | None = None
    text: str = ""
    files: set[str] = field(default_factory=set)

    def is_as(self, parsed: ParsedPost) -> bool:
        """Return whether the post says nothing new of the article."""
        stored = (self.content_hash, self.title_key, self.address)
        return stored == (parsed.content_hash, parsed.identity, parsed.address)


class KnownArticles:
    """The articles that the posts of a batch may be, the new ones of the batch with them."""

    def __init__(
        self, known: Iterable[KnownArticle], present: Collection[str] | None, batch: Iterable[ParsedPost] = ()
    ) -> None:
        """Create it; `present` are the paths that the origin has now, None: all that were ever read."""
        self._titles: dict[str, set[str]] = defaultdict(set)
        for parsed in batch:
            self._titles[parsed.address].add(parsed.identity)
        self._by_title: dict[str, list[KnownArticle]] = defaultdict(list)
        self._by_address: dict[str, list[KnownArticle]] = defaultdict(list)
        self._by_file: dict[str, KnownArticle] = {}
        self._present = present
        self.identities: set[str] = set()
        for article in known:
            self.add(article)

    def add(self, article: KnownArticle) -> None:
        """Add an article, to be recognised in the posts that follow."""
        self._by_title[article.title_key].append(article)
        if article.address:
            self._by_address[article.address].append(article)
            self._titles[article.address].add(article.title_key)
        for path in article.files:
            self._by_file[path] = article
        self.identities.add(article.identity)

    def begin(self, post: ReadPost, parsed: ParsedPost) -> KnownArticle:
        """Return a new article, which the posts that follow may be too."""
        article = KnownArticle(
            ArticleId(0),
            self.unique_identity(parsed),
            parsed.identity,
            parsed.address,
            parsed.content_hash,
            parsed.thumbnail,
            parsed.original_url,
            compact(parsed.text),
            {post.path},
        )
        self.add(article)
        return article

    def unique_identity(self, parsed: ParsedPost, article: KnownArticle | None = None) -> str:
        """Return what the article is stored under: its title's key, or another word where that is taken."""
        words = [parsed.identity, f"{parsed.identity}{parsed.address}"]
        number = 2
        while True:
            for word in words:
                if word not in self.identities or (article is not None and word == article.identity):
                    self.identities.add(word)
                    return word
            words = [f"{parsed.identity}{parsed.address}:{number}"]
            number += 1

    def find(self, post: ReadPost, parsed: ParsedPost) -> KnownArticle | None:
        """Return the article that the post is, or None for a new one."""
        own = self._by_file.get(post.path)
        if own is not None and post.reread:
            return own
        text = compact(parsed.text)
        same_address = self._by_address.get(parsed.address, ()) if parsed.address else ()
        is_own = len(self._titles[parsed.address]) <= _MOST_TITLES
        for known in same_address:
            if known.title_key == parsed.identity or (is_own and _is_edited(known, parsed, text)):
                return known
        for known in self._by_title.get(parsed.identity, ()):
            if not self._tells_apart(known, post, parsed, text):
                return known
        # Only the title was changed, in the same file.
        is_same_text = own is not None and own.text == text and len(text) >= _LEAST_TEXT
        return own if is_same_text else None

    def _tells_apart(self, known: KnownArticle, post: ReadPost, parsed: ParsedPost, text: str) -> bool:
        """Return whether the addresses and the contents say that two posts of one title are two articles."""
        if not parsed.is_telling or not parsed.address or not known.address or parsed.address == known.address:
            return False
        kinds = {parsed.address[0], known.address[0]}
        if kinds != {WRITTEN} and not (kinds == {PAGE} and self._has_other_file(known, post.path)):
            return False
        if text or known.text:
            return text != known.text
        return parsed.thumbnail != known.thumbnail

    def _has_other_file(self, known: KnownArticle, path: str) -> bool:
        """Return whether the article has another file now: one that moved leads to another page, but is the same."""
        present = self._present
        return any(file != path and (present is None or file in present) for file in known.files)


async def known_articles(
    connection: AsyncConnection,
    origin: str,
    batch: Sequence[ReadPost],
    present: Collection[str] | None,
) -> tuple[KnownArticles, dict[str, ArticleId | None]]:
    """Return the articles that the posts of the batch may be, and what its files were before, by path."""
    parsed = [post.result for post in batch if isinstance(post.result, ParsedPost)]
    before = await _articles_of_files(connection, origin, [post.path for post in batch])
    keys = sorted({post.identity for post in parsed})
    addresses = sorted({post.address for post in parsed if post.address})
    ids = sorted({article for article in before.values() if article is not None})
    condition = articles.c.title_key.in_(keys) | articles.c.identity.in_(keys) | articles.c.id.in_(ids)
    if addresses:
        condition |= articles.c.address.in_(addresses)
    query = sa.select(
        articles.c.id,
        articles.c.identity,
        articles.c.title_key,
        articles.c.address,
        articles.c.content_hash,
        articles.c.thumbnail,
        articles.c.original_url,
        sa.func.substr(articles.c.text, 1, COMPARED).label("text"),
    ).where(condition)
    found = {
        row.id: KnownArticle(
            ArticleId(row.id),
            row.identity,
            row.title_key or row.identity,
            row.address or "",
            row.content_hash,
            row.thumbnail,
            row.original_url,
            compact(row.text),
        )
        for row in await connection.execute(query.order_by(articles.c.id))
    }
    for article_id, path in await _files_of_articles(connection, origin, list(found)):
        found[article_id].files.add(path)
    return KnownArticles(found.values(), present, parsed), before


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


def _is_edited(known: KnownArticle, parsed: ParsedPost, text: str) -> bool:
    """Return whether a post may be an edit of the article; a text that is missing may be, but no other picture."""
    if not known.text and not text:
        return known.thumbnail is None or parsed.thumbnail is None or known.thumbnail == parsed.thumbnail
    return not known.text or not text or fuzz.ratio(known.text, text) >= _ALIKE
