"""The canonical form of a query, by which equal wishes are known to be equal, and what is no wish at all (pure).

Two texts with the same meaning have the same canonical form, which is a query again and means what they mean. It is
what the search folds to anyway: small letters, simplified characters, words in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto

from digests.model.category_tree import CHANNEL_MARK, SEPARATOR, fold_name, split_path
from digests.model.wish import Matter, Subject
from digests.search.marks import plain_name
from digests.search.query import MAX_CHARACTERS, MAX_TERMS, Query, Terms, parse_query
from digests.search.snippet import segments_of

QUOTES = '"“”„«»「」『』'
_MAX_READINGS = 4
"""Folding once nearly always suffices; a few characters take a second time."""


class WishRefusal(Enum):
    """Why a wish is refused."""

    NOTHING_READABLE = auto()
    """No word is left of it, as of a line of dots."""
    MATCHES_EVERYTHING = auto()
    """It names nothing that articles are found by (only unwanted words, a language or days), or nearly all match."""
    MATCHES_NOTHING = auto()
    """A word is both wanted and unwanted, or its days are none."""
    TOO_LONG = auto()
    """It has more characters or terms than a query may have."""
    TOO_MANY = auto()
    """The place has as many wishes as it may have."""
    UNKNOWN_FILTER = auto()
    """A filter has a value that can't be read; `what` is that value."""
    UNKNOWN_CATEGORY = auto()
    """No category has this name; `what` is the name."""


class WishRefused(Exception):  # noqa: N818
    """A wish that can't be had. `what` is the part of it that is wrong, where it is only a part, else ""."""

    def __init__(self, reason: WishRefusal, what: str = "") -> None:
        super().__init__(f"{reason.name.lower()} {what}".rstrip())
        self.reason = reason
        self.what = what


def words_subject(text: str) -> Subject:
    """Return the subject that is the words of a query, as a person typed it.

    Raises:
        WishRefused: It is no query for a wish.
    """
    return Subject(Matter.WORDS, canonical_words(text))


def canonical_words(text: str) -> str:
    """Return the canonical form of a query for a wish.

    Raises:
        WishRefused: It is no query for a wish.
    """
    text = text.strip()
    if len(text) > MAX_CHARACTERS:
        raise WishRefused(WishRefusal.TOO_LONG)
    for _ in range(_MAX_READINGS):
        query = parse_query(text)
        _check(query)
        before, text = text, query_text(query)
        if len(text) > MAX_CHARACTERS:
            raise WishRefused(WishRefusal.TOO_LONG)
        if text == before:
            return text
    # A text that means something else each time it is read can't be kept.
    raise WishRefused(WishRefusal.NOTHING_READABLE)


def query_text(query: Query) -> str:
    """Return a text that is read as this query, apart from what was misread; its parts have one order."""
    parts = [
        *_words(query.wanted),
        *(f"-{words}" for words in _words(query.unwanted)),
        *_filters("cat", map(_category, query.categories)),
        *_filters("source", (plain_name(value).replace("_", " ") for value in query.sources)),
        *_filters("tag", (fold_name(value).strip(QUOTES) for value in query.tags)),
        *_filters("lang", (plain_name(value).replace("_", "-") for value in query.languages)),
    ]
    if query.after is not None:
        parts.append(f"after:{query.after.date().isoformat()}")
    if query.before is not None:
        parts.append(f"before:{query.before.date().isoformat()}")
    return " ".join(parts)


def _check(query: Query) -> None:
    """Raise WishRefused for a query that finds nothing, or whatever there is."""
    _check_filters(query)
    terms = (query.wanted, query.unwanted)
    lists = [*(each.phrases for each in terms), *(each.characters for each in terms)]
    # Of more than so many, a query takes the first, and a wish that leaves words out would be a surprise.
    if any(len(each) >= MAX_TERMS for each in (*lists, query.categories, query.sources, query.tags, query.languages)):
        raise WishRefused(WishRefusal.TOO_LONG)
    if not query:
        raise WishRefused(WishRefusal.NOTHING_READABLE)
    if not (query.wanted or query.categories or query.sources or query.tags):
        raise WishRefused(WishRefusal.MATCHES_EVERYTHING)
    is_both = set(query.wanted.phrases) & set(query.unwanted.phrases)
    is_both_characters = set(query.wanted.characters) & set(query.unwanted.characters)
    has_no_day = query.after is not None and query.before is not None and query.before <= query.after
    if is_both or is_both_characters or has_no_day:
        raise WishRefused(WishRefusal.MATCHES_NOTHING)


def _check_filters(query: Query) -> None:
    """Raise WishRefused for a filter whose value can't be read, or has no letter."""
    wrong = [
        *query.misread,
        *(value for value in (*query.sources, *query.languages) if not plain_name(value)),
        *(value for value in query.tags if not fold_name(value).strip(QUOTES)),
    ]
    if wrong:
        raise WishRefused(WishRefusal.UNKNOWN_FILTER, wrong[0])
    for value in query.categories:
        if not _category(value):
            raise WishRefused(WishRefusal.UNKNOWN_CATEGORY, value)


def _words(terms: Terms) -> list[str]:
    phrases = ("-".join(phrase) if phrase in terms.closed else _phrase(phrase) for phrase in terms.phrases)
    return [*sorted(phrases), *sorted(terms.characters)]


def _phrase(tokens: tuple[str, ...]) -> str:
    """Return a text of which these are the tokens."""
    segments = segments_of(tokens)
    return f'"{" ".join(segments)}"' if len(segments) > 1 else segments[0]


def _filters(name: str, values: Iterable[str]) -> list[str]:
    return [f'{name}:"{value}"' if " " in value else f"{name}:{value}" for value in sorted(set(values))]


def _category(name: str) -> str:
    """Return a category's name in a form of which `CategoryTree.find` finds the same."""
    parts = [part.strip() for part in split_path(name.strip(QUOTES))]
    keeps_mark = len(parts) == 2 and CHANNEL_MARK in parts[1]
    folded = [_channel(part) if keeps_mark else fold_name(part) for part in parts]
    return SEPARATOR.join(folded).strip(SEPARATOR)


def _channel(part: str) -> str:
    return CHANNEL_MARK.join(map(fold_name, part.split(CHANNEL_MARK)))
