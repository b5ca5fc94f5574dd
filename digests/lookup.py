"""Looking articles up: what was asked, where it was found, and what may have been meant when nothing was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from digests.model.article import Article
from digests.model.category_tree import CategoryTree
from digests.model.ids import CategoryId
from digests.search.query import Query, Terms, parse_query
from digests.search.ranking import Cursor, Order
from digests.search.snippet import Fragment, find_matches, snippet
from digests.search.tokens import is_dense
from digests.storage.articles.hidden import HiddenStore
from digests.storage.articles.read import ArticleStore
from digests.storage.search.index import HitIds, SearchIndex
from digests.storage.search.match import SearchFilters

_NEAR = 75
_MOST_TRIES = 12


@dataclass(frozen=True, slots=True)
class Hit:
    """An article and the line of it in which the words were found; () where the title alone has them."""

    article: Article
    line: tuple[Fragment, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of hits. `unknown` names filters that mean nothing here."""

    hits: tuple[Hit, ...]
    found: HitIds
    unknown: tuple[str, ...] = ()


class Lookup:
    """Any method may raise StorageError."""

    def __init__(self, index: SearchIndex, articles: ArticleStore, hidden: HiddenStore) -> None:
        self._index = index
        self._articles = articles
        self._hidden = hidden

    async def find(
        self,
        text: str,
        tree: CategoryTree,
        limit: int,
        *,
        order: Order = Order.BEST,
        start: Cursor | None = None,
        backwards: bool = False,
    ) -> Page:
        """The page of hits for what a person typed, from `start` on (or, backwards, before it)."""
        query = parse_query(text)
        filters, unknown = narrow(query, tree)
        filters = await self._without_hidden(filters)
        found = await self._index.find(query, limit, order=order, start=start, backwards=backwards, filters=filters)
        articles = await self._articles.get(found.ids)
        texts = await self._articles.texts(found.ids) if query.wanted else {}
        hits = tuple(Hit(one, line_of(one, texts.get(one.id, ""), query.wanted)) for one in articles)
        return Page(hits, found, (*unknown, *query.misread))

    async def suggest(self, text: str, tree: CategoryTree) -> str | None:
        """A query near this one that finds something; for one that finds nothing."""
        query = parse_query(text)
        filters = await self._without_hidden(narrow(query, tree)[0])
        tries = [*self._respelt(query.wanted, await self._index.words()), *shortened(query.wanted)]
        for words in list(dict.fromkeys(tries))[:_MOST_TRIES]:
            if (await self._index.find(parse_query(words), 1, filters=filters)).total:
                return words
        return None

    async def _without_hidden(self, filters: SearchFilters) -> SearchFilters:
        hidden = await self._hidden.all()
        return replace(filters, hidden_categories=hidden.categories, hidden_sources=hidden.sources)

    @staticmethod
    def _respelt(wanted: Terms, words: list[str]) -> Iterable[str]:
        """The words with each that is not known replaced by the most alike that is."""
        known = set(words)
        spelt = [[_nearest(token, words, known) for token in phrase] for phrase in wanted.phrases]
        changed = [" ".join(phrase) for phrase in spelt]
        if changed != [" ".join(phrase) for phrase in wanted.phrases]:
            yield " ".join([*changed, *wanted.characters])


def narrow(query: Query, tree: CategoryTree) -> tuple[SearchFilters, tuple[str, ...]]:
    """The query's categories as ids, and the names that are no category."""
    if not query.categories:
        return SearchFilters(), ()
    ids: set[CategoryId] = set()
    unknown = []
    for name in query.categories:
        hits = tree.find(name)
        ids.update(one.id for one in hits)
        if not hits:
            unknown.append(name)
    return SearchFilters(frozenset(ids)), tuple(unknown)


def line_of(article: Article, text: str, wanted: Terms) -> tuple[Fragment, ...]:
    """From the summary where the words are in it, else from the text; () where neither has them."""
    return snippet(article.summary, wanted) if find_matches(article.summary, wanted) else snippet(text, wanted)


def shortened(wanted: Terms) -> Iterable[str]:
    """Fewer words: each left out once; of one long word in a dense script, what is left without an end."""
    phrases = [" ".join(phrase) if not _is_dense(phrase) else _joined(phrase) for phrase in wanted.phrases]
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
    found = process.extractOne(token, words, scorer=fuzz.ratio, score_cutoff=_NEAR)
    return found[0] if found else token


def _is_dense(phrase: tuple[str, ...]) -> bool:
    return all(is_dense(token) and len(token) == 2 for token in phrase)


def _joined(phrase: tuple[str, ...]) -> str:
    return phrase[0] + "".join(token[1] for token in phrase[1:])
