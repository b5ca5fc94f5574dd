"""What PostgreSQL's index stores of an article, and by which keys it is found (pure).

Each kind of keys begins with a letter of its own. The server makes nearly all of them from the stored text itself; what
it can't make is stored as a list.
"""

from __future__ import annotations

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
PAIR = "p"
"""Two adjacent words, a space between them, or three adjacent dense characters."""
FIRST_DENSE = "々"
"""No dense character stands before it in Unicode."""
_LONGEST = 100
"""Characters of a token that is stored as it is; of a longer one a hash is stored."""
FIELD_BOUNDARY = "|"
"""No token: nothing is found across it."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """An article as it is stored.

    `title`, `lead` and `text` are in the form of `joined_runs`, to look for phrases in them, and for the server to make
    keys of. `keys` are those that it can't make, each behind a space; `is_listed` says that none is made of what begins
    with FIRST_DENSE or a character behind it. `counted` are the keys whose articles are counted.
    """

    article: int
    shown_at: int
    keys: str
    is_listed: bool
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
    characters, of_title = set(rows.characters.split()), set(rows.characters_of_title.split())
    joined, joined_title = joined_runs(text), joined_runs(title)
    made, made_of_title = _dense_characters(joined), _dense_characters(joined_title)
    is_listed = not (
        made <= characters
        and made_of_title <= of_title
        and all(map(_is_made, {token for token in text if token >= FIRST_DENSE} | lead))
    )
    keys = set(mark_keys(marks))
    if is_listed:
        keys |= {
            kind + token
            for kind, tokens in ((WORD, text), (IN_TITLE, title), (IN_LEAD, lead))
            for token in tokens
            if token >= FIRST_DENSE
        }
    else:
        characters, of_title = characters - made, of_title - made_of_title
    keys |= {CHARACTER + character for character in characters}
    keys |= {CHARACTER_IN_TITLE + character for character in of_title}
    return StoredDocument(
        article=rows.article,
        shown_at=rows.shown_at,
        keys="".join(f" {key}" for key in sorted(keys)),
        is_listed=is_listed,
        marks=marks,
        title=joined_title,
        lead=joined_runs([*title, FIELD_BOUNDARY, *summary]),
        text=joined,
        counted=frozenset([*(IN_LEAD + token for token in lead), *mark_keys(marks)]),
        words=rows.words,
        withdrawn=rows.withdrawn,
    )


def _dense_characters(joined: str) -> set[str]:
    return {character for character in set(joined) if character >= FIRST_DENSE}


@lru_cache(maxsize=50_000)
def _is_made(token: str) -> bool:
    """Return whether the server makes the right keys of a token that stands in the form of `joined_runs`."""
    return token < FIRST_DENSE or (len(token) <= 2 and is_dense(token))


def mark_keys(marks: Iterable[str]) -> list[str]:
    """Return the keys of marks."""
    return [MARK + short_token(mark) for mark in marks]


def pair_keys(tokens: Sequence[str]) -> list[str]:
    """Return a key for each pair of adjacent tokens that the server makes one for."""
    keys: list[str] = []
    for first, second in pairwise(tokens):
        if max(first, second) < FIRST_DENSE:
            if BOUNDARY not in (first, second):
                keys.append(f"{PAIR}{first} {second}")
        elif _is_dense_pair(first) and _is_dense_pair(second) and first[1] == second[0]:
            keys.append(f"{PAIR}{first}{second[1]}")
    return keys


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
