"""The posts of a batch, each with the article that it is."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.article import ParsedPost
from digests.storage.articles.categories import PlacedPaths
from digests.storage.articles.post_files import ReadPost
from digests.storage.articles.recognition import KnownArticle, KnownArticles
from digests.storage.database import Database
from digests.storage.schema.article_tables import article_categories


class RecognisedPosts:
    """The listed posts of a batch, each with the article that it is."""

    def __init__(self, known: KnownArticles) -> None:
        self._known = known
        self._last: dict[int, tuple[ParsedPost, KnownArticle]] = {}
        self.all: list[tuple[ReadPost, ParsedPost, KnownArticle]] = []
        self.new: list[tuple[ReadPost, ParsedPost, KnownArticle]] = []

    def add(self, post: ReadPost, parsed: ParsedPost) -> None:
        """Find the post's article, or begin a new one."""
        article = self._known.find(post, parsed)
        if article is None:
            article = self._known.begin(post, parsed)
            self.new.append((post, parsed, article))
        elif article.id and not article.is_as(parsed):
            self._last[article.id] = (parsed, article)
        self.all.append((post, parsed, article))

    @property
    def changed(self) -> list[tuple[ParsedPost, KnownArticle]]:
        """The stored articles that the batch changes, each with the last post that does."""
        return list(self._last.values())


def by_listing(
    batch: Sequence[ReadPost],
) -> tuple[list[tuple[ReadPost, ParsedPost]], list[tuple[ReadPost, ParsedPost]]]:
    """Return the posts that readers may see, and those that they may not."""
    readable = [(post, post.result) for post in batch if isinstance(post.result, ParsedPost)]
    listed = [(post, parsed) for post, parsed in readable if not parsed.unlisted_because]
    return listed, [(post, parsed) for post, parsed in readable if parsed.unlisted_because]


async def link_articles(
    database: Database,
    connection: AsyncConnection,
    recognised: Sequence[tuple[ReadPost, ParsedPost, KnownArticle]],
    placed: PlacedPaths,
) -> None:
    """Store in which categories the articles are."""
    rows = {
        (article.id, placed.ids[branch])
        for _, parsed, article in recognised
        for branch in parsed.branches
        if branch in placed.ids
    }
    if rows:
        insert = database.insert(article_categories).on_conflict_do_nothing()
        links = [{"article_id": article_id, "category_id": category_id} for article_id, category_id in sorted(rows)]
        await connection.execute(insert, links)
