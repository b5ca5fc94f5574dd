"""What readers may see: categories and sources are hidden, articles withdrawn, and all of it brought back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from digests.delivery.withdraw import Withdrawer
from digests.model.article import Article
from digests.model.category_tree import Category, CategoryTree
from digests.model.ids import ArticleId, CategoryId
from digests.readers.lookup import Lookup
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.hidden import Hidden, HiddenStore
from digests.storage.articles.read import ArticleStore
from digests.storage.search.port import ArticleIndex


class Curation:
    """Hides and withdraws; what readers look up follows at once. Any method may raise StorageError.

    `on_change` is called whenever readers may see more or less than before.
    """

    def __init__(
        self,
        hidden: HiddenStore,
        withdrawer: Withdrawer,
        articles: ArticleStore,
        categories: CategoryStore,
        lookup: Lookup,
        index: ArticleIndex,
        on_change: Callable[[], None],
    ) -> None:
        self._hidden = hidden
        self._withdrawer = withdrawer
        self._articles = articles
        self._categories = categories
        self._lookup = lookup
        self._index = index
        self._on_change = on_change

    async def hidden(self) -> Hidden:
        """Return all that is hidden."""
        return await self._hidden.all()

    async def tree(self) -> CategoryTree:
        """Return all categories, hidden ones too."""
        return await self._categories.tree()

    async def visible_categories(self, name: str) -> Sequence[Category]:
        """Return the categories that `name` may mean, of those that readers see."""
        return (await self._categories.readers_tree()).find(name)

    async def sources(self, name: str) -> tuple[str, ...]:
        """Return the sources of this name, however it is cased."""
        return await self._hidden.sources_named(name)

    async def hide_category(self, category: CategoryId, now: datetime) -> None:
        """Keep a category from readers, with all below it."""
        await self._hidden.hide_category(category, now)
        self._changed()

    async def hide_source(self, name: str, now: datetime) -> None:
        """Keep a source from readers, in all the ways in which its name is cased."""
        await self._hidden.hide_sources(await self.sources(name) or (name,), now)
        self._changed()

    async def show_category(self, category: CategoryId) -> None:
        """Let readers see a category again."""
        await self._hidden.show_category(category)
        self._changed()

    async def show_source(self, name: str) -> None:
        """Let readers see a source again."""
        await self._hidden.show_source(name)
        self._changed()

    async def find(self, words: str, limit: int) -> list[ArticleId]:
        """Return the articles that readers find by these words, the best first."""
        page = await self._lookup.find(words, await self._categories.readers_tree(), limit)
        return [hit.article.id for hit in page.hits]

    async def at_address(self, url: str) -> list[ArticleId]:
        """Return the articles with this link."""
        return list(await self._articles.of_address(url))

    async def articles(self, ids: Collection[ArticleId]) -> tuple[Article, ...]:
        """Return the articles that exist, withdrawn and hidden ones too."""
        return await self._articles.get(list(ids), include_invisible=True)

    async def is_withdrawn(self, article: ArticleId) -> bool:
        """Return whether an article is withdrawn."""
        return await self._withdrawer.get(article) is not None

    async def withdrawn(self, limit: int) -> list[ArticleId]:
        """Return the articles that were withdrawn last."""
        return [withdrawal.article for withdrawal in await self._withdrawer.latest(limit)]

    async def count_sent(self, article: ArticleId) -> int:
        """Return how many digests with this article were sent."""
        return await self._withdrawer.count_sent(article)

    async def withdraw(self, article: ArticleId, *, recall: bool, report_chat: int) -> None:
        """Take an article out of lists, searches and digests; with `recall` out of sent messages too, later.

        `report_chat` is told when the recall is done.
        """
        await self._withdrawer.withdraw(article, recall=recall, report_chat=report_chat)
        await self._follow()

    async def bring_back(self, article: ArticleId) -> None:
        """Let readers find a withdrawn article again."""
        await self._withdrawer.bring_back(article)
        await self._follow()

    def _changed(self) -> None:
        self._categories.forget_readers_tree()
        self._on_change()

    async def _follow(self) -> None:
        """Bring what readers look up to the same state; an index that is being written follows by itself."""
        self._changed()
        if not self._index.busy:
            await self._index.update(self._articles)
