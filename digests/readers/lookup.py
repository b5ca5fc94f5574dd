"""Looking up articles: the hits of a query, the lines that show them, and a similar query when nothing is found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic

from rapidfuzz import fuzz, process

from digests.model.article import Article
from digests.model.category_tree import CategoryTree
from digests.model.ids import CategoryId
from digests.search.marks import tag_token
from digests.search.names import names_like, names_meant
from digests.search.narrowing import NOT_NARROWED, Narrowing, Offers, offers_of
from digests.search.query import Query, Terms, parse_query
from digests.search.ranking import Cursor, Order
from digests.search.snippet import Fragment, find_matches, snippet
from digests.search.tokens import is_dense
from digests.storage.articles.hidden import HiddenStore
from digests.storage.articles.read import ArticleStore
from digests.storage.search.port import ArticleIndex, HitIds, SearchFilters
from digests.stories.telling import considered_tokens, most_telling
from digests.telemetry.measures import QUICK, Histograms

_MIN_SIMILARITY = 75
_LEAST_SHARE = 0.25
"""Of the weights of an article's telling words, those that a similar one has."""
_MOST_SIMILAR = 30
_MOST_FOUND = 60
"""What is hidden, or in another language, is left out of these."""
_MAX_TRIES = 12
_TAGGED = 20_000
"""Of so many articles the tags are looked at for one that is like an unknown tag."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An article and the line in which the words were found; () if only the title has them."""

    article: Article
    line: tuple[Fragment, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of hits; `unknown` are filters that could not be applied."""

    hits: tuple[Hit, ...]
    found: HitIds
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreparedSearch:
    """A query whose names were looked up; `unknown` are those that are no category's or source's, or no day."""

    query: Query
    filters: SearchFilters
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NearName:
    """A known source or tag that is like the one in a query which is unknown; `name` is the filter's."""

    name: str
    wrong: str
    right: str


class Lookup:
    """Finds articles by what a person typed. Any method may raise StorageError."""

    def __init__(self, index: ArticleIndex, articles: ArticleStore, hidden: HiddenStore) -> None:
        self._index = index
        self._articles = articles
        self._hidden = hidden
        self.seconds = Histograms[str](QUICK, ("chat", "inline"))
        """How long searches took until their hits were known: those in a chat, and those "inline"."""

    async def find(
        self,
        text: str,
        tree: CategoryTree,
        limit: int,
        *,
        order: Order = Order.BEST,
        start: Cursor | None = None,
        backwards: bool = False,
        narrowing: Narrowing = NOT_NARROWED,
        now: datetime | None = None,
    ) -> Page:
        """Return a page of at most `limit` hits, after `start` or, `backwards`, before it.

        Narrowing it to the last days takes the time that is `now`.
        """
        began = monotonic()
        prepared = await self.prepare(text, tree, narrowing, now)
        query, filters, unknown = prepared.query, prepared.filters, prepared.unknown
        found = await self._index.find(query, limit, order=order, start=start, backwards=backwards, filters=filters)
        if not found.ids:
            unknown += await self._unknown_tags(query)
        articles = await self._articles.get(found.ids)
        texts = await self._articles.texts(found.ids) if query.wanted else {}
        hits = tuple(Hit(article, line_of(article, texts.get(article.id, ""), query.wanted)) for article in articles)
        self.seconds.observe("chat", monotonic() - began)
        return Page(hits, found, unknown)

    async def prepare(
        self, text: str, tree: CategoryTree, narrowing: Narrowing = NOT_NARROWED, now: datetime | None = None
    ) -> PreparedSearch:
        """Return what a person typed as a query, with its sources as articles spell them."""
        query = parse_query(text)
        filters, unknown = narrow(query, tree)
        if query.sources:
            known = await self._articles.sources()
            found = {name: names_meant(name, known) for name in query.sources}
            unknown += tuple(name for name, sources in found.items() if not sources)
            sources = tuple(dict.fromkeys(source for sources in found.values() for source in sources))
            query = replace(query, sources=sources or query.sources)
        if narrowing.category:
            filters = SearchFilters(frozenset({narrowing.category}))
        if now is not None:
            query = narrowing.narrow(query, now)
        return PreparedSearch(query, await self._without_hidden(filters), (*unknown, *query.misread))

    async def _unknown_tags(self, query: Query) -> tuple[str, ...]:
        return tuple([tag for tag in query.tags if not await self._index.has(tag_token(tag))])

    async def offers(self, found: HitIds, tree: CategoryTree, now: datetime) -> Offers:
        """Return what a search can be narrowed to by what it found."""
        if len(found.newest) < 2:
            return Offers()
        articles = await self._articles.found(found.newest)
        return offers_of(articles, tree, now, is_all=found.total <= len(found.newest))

    async def near_names(self, text: str) -> tuple[NearName, ...]:
        """Return the known sources and tags that are like those of a query which are unknown."""
        query, offered = parse_query(text), list[NearName]()
        known = await self._articles.sources() if query.sources else ()
        for wrong in query.sources:
            if not names_meant(wrong, known):
                offered += [NearName("source", wrong, right) for right in names_like(wrong, known)]
        if unknown := await self._unknown_tags(query):
            tags = await self._articles.tags(_TAGGED)
            offered += [NearName("tag", wrong, right) for wrong in unknown for right in names_like(wrong, tags)]
        filters = await self._without_hidden(SearchFilters())
        return tuple([name for name in offered if await self._has_visible(name, filters)])

    async def _has_visible(self, name: NearName, filters: SearchFilters) -> bool:
        query = Query(sources=(name.right,)) if name.name == "source" else Query(tags=(name.right,))
        return bool((await self._index.find(query, 1, filters=filters)).total)

    async def similar(self, article: Article) -> tuple[Article, ...]:
        """Return articles in the same language that are like this one, the newest first: one of each other story."""
        text = (await self._articles.texts([article.id])).get(article.id, "")
        considered = considered_tokens(article.title, article.summary, text)
        articles_with, _ = await self._index.articles_with(considered)
        telling = most_telling(considered, articles_with, await self._index.articles_in(article.language))
        if not telling:
            return ()
        least = _LEAST_SHARE * sum(word.weight for word in telling)
        found = await self._index.similar(telling, least, _MOST_FOUND)
        seen = await self._articles.get([article_id for article_id, _ in found if article_id != article.id])
        alike = [other for other in seen if other.language == article.language][:_MOST_SIMILAR]
        return tuple(
            sorted(_of_other_stories(alike, article), key=lambda other: (other.shown_at, other.id), reverse=True)
        )

    async def suggest(self, text: str, tree: CategoryTree) -> str | None:
        """Return a similar query that finds something, for one that finds nothing; None if there is none."""
        prepared = await self.prepare(text, tree)
        query, filters = prepared.query, prepared.filters
        tries = [*self._respell(query.wanted, await self._index.words()), *shorter_queries(query.wanted)]
        for words in list(dict.fromkeys(tries))[:_MAX_TRIES]:
            if (await self._index.find(parse_query(words), 1, filters=filters)).total:
                return words
        return None

    async def _without_hidden(self, filters: SearchFilters) -> SearchFilters:
        hidden = await self._hidden.all()
        return replace(filters, hidden_categories=hidden.categories, hidden_sources=hidden.sources)

    @staticmethod
    def _respell(wanted: Terms, words: list[str]) -> Iterable[str]:
        """Yield the query with each unknown word replaced by the most similar known one, if that changes it."""
        known = set(words)
        respelt = [[_nearest(token, words, known) for token in phrase] for phrase in wanted.phrases]
        changed = [" ".join(phrase) for phrase in respelt]
        if changed != [" ".join(phrase) for phrase in wanted.phrases]:
            yield " ".join([*changed, *wanted.characters])


def _of_other_stories(found: Iterable[Article], article: Article) -> Iterable[Article]:
    """Yield the articles, the best first, that are not of this article's story, nor of that of a better one."""
    told = {article.story} - {None}
    for other in found:
        if other.story is None or other.story not in told:
            told.add(other.story)
            yield other


def narrow(query: Query, tree: CategoryTree) -> tuple[SearchFilters, tuple[str, ...]]:
    """Return the query's categories as ids, and the names that are not a category's."""
    if not query.categories:
        return SearchFilters(), ()
    ids: set[CategoryId] = set()
    unknown = []
    for name in query.categories:
        found = tree.find(name)
        ids.update(category.id for category in found)
        if not found:
            unknown.append(name)
    return SearchFilters(frozenset(ids)), tuple(unknown)


def line_of(article: Article, text: str, wanted: Terms) -> tuple[Fragment, ...]:
    """Return the line around the words in the summary, else in the text; () if neither has them."""
    return snippet(article.summary, wanted) if find_matches(article.summary, wanted) else snippet(text, wanted)


def shorter_queries(wanted: Terms) -> Iterable[str]:
    """Yield queries with fewer words, each left out once; for a single long word in a dense script, its parts."""
    phrases = [" ".join(phrase) if not _is_dense_run(phrase) else _join(phrase) for phrase in wanted.phrases]
    parts = [*phrases, *wanted.characters]
    if len(parts) > 1:
        for number in range(len(parts) - 1, -1, -1):
            yield " ".join(parts[:number] + parts[number + 1 :])
        return
    if parts and is_dense(parts[0]):
        for size in range(len(parts[0]) - 1, 1, -1):
            for at in range(len(parts[0]) - size + 1):
                yield parts[0][at : at + size]


def _nearest(token: str, words: list[str], known: set[str]) -> str:
    if token in known or is_dense(token) or len(token) < 4:
        return token
    found = process.extractOne(token, words, scorer=fuzz.ratio, score_cutoff=_MIN_SIMILARITY)
    return found[0] if found else token


def _is_dense_run(phrase: tuple[str, ...]) -> bool:
    return all(is_dense(token) and len(token) == 2 for token in phrase)


def _join(phrase: tuple[str, ...]) -> str:
    return phrase[0] + "".join(token[1] for token in phrase[1:])
