"""An index of queries: of very many, it finds those that an article matches, exactly as the search would (pure).

Each query is held against an article only if the article has a certain token of it, its anchor: of the tokens that the
query can't do without, the one that the fewest other queries have as theirs. So an article costs what its own tokens
cost, and hardly more for each further query. Nothing is a pattern: tokens are looked up, and phrases are stretches of
the article's tokens, searched for in one pass.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from digests.model.ids import CategoryId
from digests.model.wish import QueryId
from digests.search.marks import category_token, language_tokens, source_token, tag_token
from digests.search.query import Query, Terms

# What words, characters and marks begin with in the index, so that they differ: a word may well be "c12".
_CHARACTER = "\x01"
_MARK = "\x02"
_NO_CATEGORY = CategoryId(0)


class ArticleTokens(NamedTuple):
    """An article as the search index has it: words in order, distinct dense characters and marks, joined by spaces.

    `shown_at` is in seconds since 1970.
    """

    words: str
    characters: str
    marks: str
    shown_at: int


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
    """Very many queries, to be held against articles."""

    def __init__(self) -> None:
        self._by_anchor: dict[str, _Held | list[_Held]] = {}
        self._strings: dict[str, str] = {}
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
        self._count += 1
        anchored, anchors = min(
            ((group, [self._anchor(spelling) for spelling in group]) for group in needed),
            key=lambda candidate: (sum(map(self._weight, candidate[1])), -len(candidate[1][0]), candidate[1]),
        )
        # One word that is the anchor itself needs no second look.
        left = tuple(sorted((group for group in needed if group is not anchored or group != tuple(anchors)), key=_cost))
        unwanted = tuple(map(self._same, sorted(_unwanted(query.unwanted), key=len)))
        after, before = (None if day is None else int(day.timestamp()) for day in (query.after, query.before))
        is_plain = not (left or unwanted or query.after or query.before)
        held: _Held = number if is_plain else _Rest(number, left, unwanted, after, before)
        for anchor in dict.fromkeys(anchors):
            self._put(anchor, held)

    def matching(self, article: ArticleTokens) -> list[QueryId]:
        """Return the queries that an article matches, in order."""
        present = set(article.words.split())
        present.update([_CHARACTER + character for character in article.characters.split()])
        present.update([_MARK + mark for mark in article.marks.split()])
        body = f" {article.words} "
        found: set[QueryId] = set()
        for anchor in self._by_anchor.keys() & present:
            held = self._by_anchor[anchor]
            for query in held if isinstance(held, list) else (held,):
                if not isinstance(query, _Rest):
                    found.add(query)
                elif query.query not in found and _holds(query, present, body, article.shown_at):
                    found.add(query.query)
        return sorted(found)

    def _same(self, text: str) -> str:
        """Return the one string for a text, so that words which many queries have are in memory once."""
        return self._strings.setdefault(text, text)

    def _anchor(self, spelling: str) -> str:
        """Return the token of a word or phrase under which the fewest queries are."""
        if not spelling.startswith(" "):
            return spelling
        return self._same(min(spelling.split(), key=lambda token: (self._weight(token), -len(token), token)))

    def _weight(self, anchor: str) -> int:
        held = self._by_anchor.get(anchor)
        return len(held) if isinstance(held, list) else int(held is not None)

    def _put(self, anchor: str, held: _Held) -> None:
        before = self._by_anchor.get(anchor)
        if before is None:
            self._by_anchor[anchor] = held
        elif isinstance(before, list):
            before.append(held)
        else:
            self._by_anchor[anchor] = [before, held]


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


def _holds(query: _Rest, present: set[str], body: str, shown_at: int) -> bool:
    if query.after is not None and shown_at < query.after:
        return False
    if query.before is not None and shown_at >= query.before:
        return False
    for group in query.needed:
        if not any(_is_there(spelling, present, body) for spelling in group):
            return False
    return not any(_is_there(spelling, present, body) for spelling in query.unwanted)


def _is_there(spelling: str, present: set[str], body: str) -> bool:
    if not spelling.startswith(" "):
        return spelling in present
    # Nearly all articles that have not the phrase have not all of its tokens either.
    return all(token in present for token in spelling.split()) and spelling in body
