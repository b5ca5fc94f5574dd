"""Parsing what a person typed into a query (pure). Any text gives a query, perhaps an empty one.

words              all of them must be found; what is spelt in several ways, such as e-mail, is found by each
"a phrase"         adjacent words; also “…”, 「…」
-word  -"a phrase" must not be found
cat:新媒体          in this category or below it; several: in any of them. Also 分类:
source:36kr        from this source; also 来源:
tag:kubernetes     with this tag; several: with any of them. Also 标签:
lang:en            in this language: zh, zh-Hans, ja, en …; also 语言:
after:2021-03-01   published on that day or later; also since:, 起:
before:2021-04-01  published before that day; also until:, 止:
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from digests.search.tokens import is_dense, phrase_of

MAX_CHARACTERS = 300
MAX_TERMS = 16
_QUOTED = r'["“”„«»「」『』]([^"“”„«»「」『』]*)["“”„«»「」『』]'
_FIELDS = {
    "cat": "category",
    "category": "category",
    "分类": "category",
    "source": "source",
    "来源": "source",
    "tag": "tag",
    "标签": "tag",
    "標籤": "tag",
    "lang": "language",
    "language": "language",
    "语言": "language",
    "after": "after",
    "since": "after",
    "起": "after",
    "before": "before",
    "until": "before",
    "止": "before",
}
_TERM = re.compile(
    rf"(?P<minus>(?<!\S)[-−－])?(?:(?P<field>{'|'.join(_FIELDS)})[:：](?:{_QUOTED}|(\S+))|{_QUOTED}|(\S+))",
    re.IGNORECASE,
)
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?$")


@dataclass(frozen=True, slots=True)
class Terms:
    """What is looked for: phrases, each a run of tokens, and single characters of dense scripts.

    Those phrases that are `closed` may also be written as one word: wi-fi as wifi.
    """

    phrases: tuple[tuple[str, ...], ...] = ()
    characters: tuple[str, ...] = ()
    closed: frozenset[tuple[str, ...]] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.phrases or self.characters)

    def spellings(self, phrase: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """Return the runs of tokens of any of which a text needs to have one for this phrase."""
        return (phrase, ("".join(phrase),)) if phrase in self.closed else (phrase,)


@dataclass(frozen=True, slots=True)
class Query:
    """A search: all of `wanted` must be found and none of `unwanted`.

    Each filter narrows the result; several values of one filter widen it.
    """

    wanted: Terms = field(default_factory=Terms)
    unwanted: Terms = field(default_factory=Terms)
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    after: datetime | None = None
    before: datetime | None = None
    misread: tuple[str, ...] = ()
    """Values of filters that could not be understood, as they were written."""

    def __bool__(self) -> bool:
        """Return whether anything is asked for at all."""
        return bool(self.wanted or self.unwanted or self.narrowed)

    @property
    def narrowed(self) -> bool:
        """Whether there is any filter."""
        return bool(self.categories or self.sources or self.languages or self.tags or self.after or self.before)


def parse_query(text: str) -> Query:
    """Parse the query language described above; whatever exceeds the limits is ignored."""
    wanted: list[str] = []
    unwanted: list[str] = []
    filters: dict[str, list[str]] = {}
    for term in _TERM.finditer(text[:MAX_CHARACTERS].replace("\u3000", " ")):
        minus, name, quoted_value, value, quoted, word = term.groups()
        if name and not minus:
            filters.setdefault(_FIELDS[name.casefold()], []).append((quoted_value or value or "").strip())
        else:
            # A field with a minus is not a filter but words like any others.
            words = term[0][1:] if name else quoted if quoted is not None else word
            (unwanted if minus else wanted).append(words)
    after, wrong_after = _day_of(filters.get("after", ()))
    before, wrong_before = _day_of(filters.get("before", ()))
    return Query(
        _terms(wanted),
        _terms(unwanted),
        _values(filters, "category"),
        _values(filters, "source"),
        _values(filters, "language"),
        tuple(tag for value in _values(filters, "tag") if (tag := value.lstrip("#＃"))),
        after,
        before,
        (*wrong_after, *wrong_before),
    )


def with_filter(text: str, name: str, wrong: str, right: str) -> str:
    """Return a query's text with another value for a filter, such as source or tag."""
    kept: list[str] = []
    for term in _TERM.finditer(text[:MAX_CHARACTERS].replace("\u3000", " ")):
        minus, field_name, quoted, value, *_ = term.groups()
        is_wrong = not minus and field_name and _FIELDS[field_name.casefold()] == name
        if not (is_wrong and (quoted or value or "").strip() == wrong):
            kept.append(term[0])
    plain = re.sub(r"[\"“”„«»「」『』]", "", right)
    return " ".join([*kept, f'{name}:"{plain}"'])


def _values(filters: dict[str, list[str]], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in filters.get(name, ()) if value))[:MAX_TERMS]


def _terms(texts: list[str]) -> Terms:
    phrases: dict[tuple[str, ...], bool] = {}
    characters: list[str] = []
    for text in texts:
        phrase, is_closed = phrase_of(text)
        if len(phrase) == 1 and len(phrase[0]) == 1 and not phrase[0].isascii() and is_dense(phrase[0]):
            characters.append(phrase[0])
        elif phrase:
            phrases[phrase] = phrases.get(phrase, False) or is_closed
    kept = list(phrases)[:MAX_TERMS]
    closed = frozenset(phrase for phrase in kept if phrases[phrase])
    return Terms(tuple(kept), tuple(dict.fromkeys(characters))[:MAX_TERMS], closed)


def _day_of(values: list[str] | tuple[()]) -> tuple[datetime | None, tuple[str, ...]]:
    """Return the start, in UTC, of the last value that is a day or a month, and the values that are neither."""
    found: datetime | None = None
    wrong: list[str] = []
    for value in values:
        match = _DAY.match(value)
        try:
            if match is None:
                raise ValueError(value)
            found = datetime(int(match[1]), int(match[2]), int(match[3] or 1), tzinfo=UTC)
        except ValueError:
            wrong.append(value)
    return found, tuple(wrong)
