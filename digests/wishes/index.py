"""An index of queries: of very many, it finds those that an article matches, exactly as the search would (pure).

Each query is held against an article only if the article has a certain token of it, its anchor: of the tokens that the
query can't do without, the one that the fewest articles have, and of such the one that the fewest other queries have as
theirs. So an article costs what its own tokens cost, and hardly more for each further query. Nothing is a pattern:
tokens are looked up, and phrases are stretches of the article's tokens, searched for in one pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from digests.model.ids import CategoryId
from digests.model.wish import QueryId
from digests.search.marks import category_token, language_tokens, source_token, tag_token
from digests.search.query import Query, Terms

# What words, characters and marks begin with in the index, so that they differ: a word may well be "c12".
_CHARACTER = "\x01"
_MARK = "\x02"
_NO_CATEGORY = CategoryId(0)
NOTHING_COMMON: Mapping[str, int] = MappingProxyType({})


class ArticleTokens:
    """An article as the search index has it, ready to be held against queries.

    `words` are in order, `characters` the distinct dense ones, `marks` those of filters, each joined by spaces;
    `shown_at` is in seconds since 1970.
    """

    __slots__ = ("body", "shown_at", "tokens")

    def __init__(self, words: str, characters: str, marks: str, shown_at: int) -> None:
        self.tokens = set(words.split())
        self.tokens.update([_CHARACTER + character for character in characters.split()])
        self.tokens.update([_MARK + mark for mark in marks.split()])
        self.body = f" {words} "
        self.shown_at = shown_at


class _Rest(NamedTuple):
    """What a query asks for besides its anchor.

    Of each of `needed`, one must be there; none of `unwanted` may. Those with a space in them are phrases.
    """

    query: QueryId
    needed: tuple[tuple[str, ...], ...]
    unwanted: tuple[str, ...]
    after: int | None
    before: int | None


_Held = QueryId | _Rest
"""A query with nothing but its anchor is its id alone: most are, and 100,000 have to fit in memory."""


class QueryIndex:
    """Very many queries, to be held against articles.

    `common` says in how many of some articles the commoner tokens are, for the sake of speed alone.
    """

    def __init__(self, common: Mapping[str, int] = NOTHING_COMMON) -> None:
        self._common = common
        self._by_anchor: dict[str, _Held | list[_Held]] = {}
        self._strings: dict[str, str] = {}
        self._has_spellings = False
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, number: QueryId, query: Query, categories: Collection[CategoryId] = ()) -> None:
        """Take in a query; `categories` are the ids of those that it names, without those below them.

        One that asks for nothing that an article could have, such as the empty one, matches none.
        """
        needed = [tuple(map(self._same, spellings)) for spellings in _needed(query, categories)]
        if not needed:
            return
        anchored, anchors = min(
            ((group, [self._anchor(spelling) for spelling in group]) for group in needed),
            key=lambda candidate: (*map(sum, zip(*map(self._weight, candidate[1]), strict=True)), candidate[1]),
        )
        # One word that is the anchor itself needs no second look.
        left = tuple(sorted((group for group in needed if group is not anchored or group != tuple(anchors)), key=_cost))
        unwanted = tuple(map(self._same, sorted(_unwanted(query.unwanted), key=len)))
        after, before = (None if day is None else int(day.timestamp()) for day in (query.after, query.before))
        is_plain = not (left or unwanted or query.after or query.before)
        held: _Held = number if is_plain else _Rest(number, left, unwanted, after, before)
        self._has_spellings |= len(anchors) > 1
        self._count += 1
        for anchor in dict.fromkeys(anchors):
            self._put(anchor, held)

    def matching(self, article: ArticleTokens) -> list[QueryId]:
        """Return the queries that an article matches, in no order."""
        found: list[QueryId] = []
        by_anchor = self._by_anchor
        for anchor in by_anchor.keys() & article.tokens:
            held = by_anchor[anchor]
            for query in held if isinstance(held, list) else (held,):
                if not isinstance(query, _Rest):
                    found.append(query)
                elif _holds(query, article):
                    found.append(query.query)
        # What has several spellings may be found by each.
        return list(dict.fromkeys(found)) if self._has_spellings else found

    def _same(self, text: str) -> str:
        """Return the one string for a text, so that words which many queries have are in memory once."""
        return self._strings.setdefault(text, text)

    def _anchor(self, spelling: str) -> str:
        """Return the token of a word or phrase under which the fewest queries are."""
        if not spelling.startswith(" "):
            return spelling
        return self._same(min(spelling.split(), key=lambda token: (self._weight(token), -len(token))))

    def _weight(self, anchor: str) -> tuple[int, int]:
        """Return how common a token is, and how many queries are under it."""
        held = self._by_anchor.get(anchor)
        return self._common.get(anchor, 0), len(held) if isinstance(held, list) else int(held is not None)

    def _put(self, anchor: str, held: _Held) -> None:
        before = self._by_anchor.get(anchor)
        if before is None:
            self._by_anchor[anchor] = held
        elif isinstance(before, list):
            before.append(held)
        else:
            self._by_anchor[anchor] = [before, held]


def common_tokens(articles: Iterable[ArticleTokens]) -> dict[str, int]:
    """Return in how many of the articles each token is that is in more than two."""
    counted = Counter(token for article in articles for token in article.tokens)
    return {token: number for token, number in counted.items() if number > 2}


def _needed(query: Query, categories: Collection[CategoryId]) -> Iterator[Sequence[str]]:
    """Yield groups of spellings, of each of which an article must have one."""
    yield from (_spellings(query.wanted, phrase) for phrase in query.wanted.phrases)
    yield from ([_CHARACTER + character] for character in query.wanted.characters)
    if query.categories:
        yield [_MARK + category_token(category) for category in sorted(categories) or [_NO_CATEGORY]]
    if query.sources:
        yield list(dict.fromkeys(_MARK + source_token(source) for source in query.sources))
    if query.tags:
        yield list(dict.fromkeys(_MARK + tag_token(tag) for tag in query.tags))
    if query.languages:
        # As in the search: lang:zh finds zh-Hans, which has both marks, and not the other way round.
        yield list(dict.fromkeys(_MARK + next(iter(language_tokens(name)), "l_") for name in query.languages))


def _unwanted(terms: Terms) -> list[str]:
    words = [spelling for phrase in terms.phrases for spelling in _spellings(terms, phrase)]
    return [*words, *(_CHARACTER + character for character in terms.characters)]


def _spellings(terms: Terms, phrase: tuple[str, ...]) -> list[str]:
    """Return the ways in which a phrase may be written: a word as it is, several with spaces around each."""
    spellings = terms.spellings(phrase)
    return [spelling[0] if len(spelling) == 1 else f" {' '.join(spelling)} " for spelling in spellings]


def _cost(group: tuple[str, ...]) -> tuple[int, int]:
    """Return what to sort by, so that what is only looked up comes before what is searched for."""
    return sum(spelling.startswith(" ") for spelling in group), -len(group[0])


def _holds(query: _Rest, article: ArticleTokens) -> bool:
    # Called very often, so without any generators.
    present = article.tokens
    for group in query.needed:
        for spelling in group:
            if spelling in present or (spelling[0] == " " and _has_phrase(spelling, article)):
                break
        else:
            return False
    for spelling in query.unwanted:
        if spelling in present or (spelling[0] == " " and _has_phrase(spelling, article)):
            return False
    if query.after is not None and article.shown_at < query.after:
        return False
    return query.before is None or article.shown_at < query.before


def _has_phrase(phrase: str, article: ArticleTokens) -> bool:
    # Nearly all articles that have not the phrase have not all of its tokens either.
    return article.tokens.issuperset(phrase.split()) and phrase in article.body
