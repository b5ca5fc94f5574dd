"""What PostgreSQL's index stores of an article, and by which keys it is found (pure).

Each kind of keys begins with a letter of its own. A pair of adjacent tokens has a key as well: a single character, so
that there are few different ones, but enough to tell texts with a phrase from nearly all that have its words apart.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

from digests.model.article import IndexEntry
from digests.search.tokens import BOUNDARY, is_dense
from digests.storage.search.rows import DocumentRows, rows_of

WORD, CHARACTER = "w", "c"
"""What is anywhere in an article."""
IN_TITLE, CHARACTER_IN_TITLE, IN_LEAD = "t", "x", "l"
MARK = "m"
_LONGEST = 100
"""Characters of a token that is stored as it is: what an index of PostgreSQL holds must be shorter than 2,700 bytes."""
_FIRST_PAIR, _PAIRS = 0x800, 0xD000
"""The characters of three bytes below the surrogates, of which each stands for many pairs."""
_CODE_OF_BOUNDARY = -1
FIELD_BOUNDARY = "|"
"""No token: nothing is found across it."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """An article as it is stored.

    `keys` are distinct, each behind a space. `title`, `lead` and `text` are in the form of `joined_runs`, to look for
    phrases in them. `counted` are the keys whose articles are counted.
    """

    article: int
    shown_at: int
    keys: str
    marks: tuple[str, ...]
    title: str
    lead: str
    text: str
    counted: frozenset[str]
    words: frozenset[str]
    withdrawn: bool


def documents_of_entries(entries: Sequence[IndexEntry]) -> list[StoredDocument]:
    """Return what is stored of several articles, as one call to another process."""
    return [document_of(rows_of(entry)) for entry in entries]


def documents_of_rows(rows: Sequence[DocumentRows]) -> list[StoredDocument]:
    """Return what is stored of several articles."""
    return [document_of(row) for row in rows]


def document_of(rows: DocumentRows) -> StoredDocument:
    """Return what is stored of an article."""
    text, title, summary = (short_tokens(field.split()) for field in (rows.words_of_text, rows.title, rows.summary))
    marks = tuple(rows.marks.split())
    lead = {*title, *summary}
    keys = {
        *(WORD + token for token in text),
        *pair_keys(text),
        *(CHARACTER + character for character in rows.characters.split()),
        *(IN_TITLE + token for token in title),
        *(IN_LEAD + token for token in lead),
        *(CHARACTER_IN_TITLE + character for character in rows.characters_of_title.split()),
        *mark_keys(marks),
    }
    return StoredDocument(
        article=rows.article,
        shown_at=rows.shown_at,
        keys="".join(f" {key}" for key in sorted(keys)),
        marks=marks,
        title=joined_runs(title),
        lead=joined_runs([*title, FIELD_BOUNDARY, *summary]),
        text=joined_runs(text),
        counted=frozenset([*(IN_LEAD + token for token in lead), *mark_keys(marks)]),
        words=rows.words,
        withdrawn=rows.withdrawn,
    )


def mark_keys(marks: Iterable[str]) -> list[str]:
    """Return the keys of marks."""
    return [MARK + short_token(mark) for mark in marks]


def pair_keys(tokens: Sequence[str]) -> list[str]:
    """Return a key for each pair of adjacent tokens, but for those with a boundary."""
    codes = [_code(token) for token in tokens]
    return [
        chr(_FIRST_PAIR + (first * 31 + second) % _PAIRS)
        for first, second in pairwise(codes)
        if first != _CODE_OF_BOUNDARY and second != _CODE_OF_BOUNDARY
    ]


@lru_cache(maxsize=50_000)
def _code(token: str) -> int:
    return zlib.crc32(token.encode()) if token != BOUNDARY else _CODE_OF_BOUNDARY


def short_tokens(tokens: Iterable[str]) -> list[str]:
    """Return tokens as they are stored."""
    return [token if len(token) <= _LONGEST else short_token(token) for token in tokens]


def short_token(token: str) -> str:
    """Return a token, or a hash of one that is too long to be stored."""
    return token if len(token) <= _LONGEST else f"_{blake2b(token.encode(), digest_size=16).hexdigest()}"


def joined_runs(tokens: Sequence[str]) -> str:
    """Return tokens as a text, a space around each; pairs of dense characters that overlap are joined to runs again.

    A phrase is in one text if and only if its `pattern` is in the other: runs never overlap without a boundary between
    them. A third of the size, this is read and searched in a third of the time.
    """
    runs: list[str] = []
    last = ""
    for token in tokens:
        if _is_dense_pair(token):
            if last and last[-1] == token[0]:
                runs[-1] += token[1]
            else:
                runs.append(token)
            last = token
        else:
            runs.append(token)
            last = ""
    return f" {' '.join(runs)} "


def pattern(phrase: Sequence[str]) -> str:
    """Return what a text in the form of `joined_runs` contains if it has these tokens in a row."""
    text = joined_runs(phrase)
    begin = 1 if _is_dense_pair(phrase[0]) else 0
    end = -1 if _is_dense_pair(phrase[-1]) else None
    return text[begin:end]


@lru_cache(maxsize=50_000)
def _is_dense_pair(token: str) -> bool:
    return len(token) == 2 and not token.isascii() and is_dense(token)
