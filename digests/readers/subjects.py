"""What a wish may be about: what a name means, and how much came of it lately."""

from __future__ import annotations

from datetime import datetime, timedelta

from digests.model.article import Article
from digests.model.category_activity import CategorySource
from digests.model.ids import CategoryId
from digests.model.wish import Matter, Subject
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.subjects import SubjectStore
from digests.storage.search.port import ArticleIndex
from digests.stories.title_words import title_tokens, title_words

_LATELY = timedelta(days=7)


class Subjects:
    """Finds sources and categories by their names. Any method may raise StorageError."""

    def __init__(self, categories: CategoryStore, subjects: SubjectStore, index: ArticleIndex) -> None:
        self._categories = categories
        self._subjects = subjects
        self._index = index

    async def meant_by(self, name: str) -> tuple[Subject, ...]:
        """Return the categories and the source that are called exactly so, as readers see them, categories first.

        Width, case and white space don't count; of several spellings of a source it is the commonest.
        """
        tree = await self._categories.readers_tree()
        found = [Subject.of_category(category.id) for category in tree.find(name)]
        return (*found, *(Subject(Matter.SOURCE, source) for source in await self.sources(name)))

    async def sources(self, name: str) -> tuple[str, ...]:
        """Return the source of this name, spelt as it mostly is; () for none."""
        return (await self._subjects.readers_sources(name))[:1]

    async def sources_in(self, category: CategoryId) -> tuple[CategorySource, ...]:
        """Return the sources of a category and all below it, those with the most articles first."""
        below = (await self._categories.readers_tree()).with_descendants([category])
        return await self._subjects.sources_in(below)

    async def came_lately(self, subject: Subject, now: datetime) -> int:
        """Return how many articles of a source or a category came in the last week; 0 for words."""
        since = now - _LATELY
        if subject.matter is Matter.SOURCE:
            return await self._subjects.count_of_source(subject.value, since)
        if subject.category is None:
            return 0
        below = (await self._categories.readers_tree()).with_descendants([subject.category])
        return await self._subjects.count_in(below, since)

    async def words_of(self, article: Article) -> tuple[str, ...]:
        """Return the words of an article's title that tell what it is about, so far as other articles have them."""
        tokens = title_tokens(article.title)
        if not tokens:
            return ()
        articles_with, articles = await self._index.articles_with(tokens)
        return title_words(article.title, articles_with, articles)
