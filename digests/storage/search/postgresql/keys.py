"""What PostgreSQL's index stores of an article, and by which keys it is found (pure).

Each kind of keys begins with a letter of its own. Where documents have a *common* key, bits say (`bits.py`); the others
are stored with the document, as hashes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from zlib import crc32

from digests.model.article import IndexEntry
from digests.search.tokens import BOUNDARY, DENSE, is_dense
from digests.storage.search.rows import DocumentRows, rows_of

WORD, CHARACTER = "w", "c"
"""What is anywhere in an article."""
IN_TITLE, CHARACTER_IN_TITLE, IN_LEAD = "t", "x", "l"
MARK = "m"
PAIR = "p"
"""Two adjacent words, a space between them, or three adjacent dense characters."""
SLICE = "h"
"""Slices of signatures: each pair that isn't common sets two of a document's bits, so that few others have both."""
DAY = "s"
"""The day on which an article was shown first, by the clock of UTC."""
ALL, DEAD = "a", "d"
"""All documents, and those that have been replaced or withdrawn."""
ALWAYS_BITS = (CHARACTER, CHARACTER_IN_TITLE, SLICE, DAY, ALL, DEAD)
"""Kinds of which every key has bits, common or not."""
_SLICES = 1 << 14
_EPOCH_DAYS = 800_000
"""Added to a day's number, so that all that Python has are positive and of seven digits at most."""
_DAY_SECONDS = 86_400
FIRST_DENSE = "々"
"""No dense character stands before it in Unicode."""
_LONGEST = 100
"""Characters of a token that is stored as it is; of a longer one a hash is stored."""
FIELD_BOUNDARY = "|"
"""No token: nothing is found across it."""
_OVERLAP = re.compile(rf"(?<= [{DENSE}]([{DENSE}])) \1(?=[{DENSE}] )")
"""What is too much where two pairs of dense characters overlap; each has a space around it."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """An article as it is stored.

    `title`, `lead` and `text` are in the form of `joined_runs`, to look for phrases in them. `keys` are hashes of those
    that aren't common. `counted` are the keys whose articles are counted.
    """

    article: int
    shown_at: int
    keys: tuple[int, ...]
    marks: str
    title: str
    lead: str
    text: str
    counted: frozenset[str]
    words: frozenset[str]
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class MadeBatch:
    """Documents to write, and which of them, of those not withdrawn, have the keys that have bits: bit 0 is the first.

    `slices` are the bits of each slice. They were made by the common keys of `generation`.
    """

    documents: Sequence[StoredDocument]
    bits: Mapping[str, int]
    slices: Sequence[int]
    generation: int = 0

    def all_bits(self) -> dict[str, int]:
        """Return the bits of all keys, with those of slices."""
        slices = {f"{SLICE}{number}": places for number, places in enumerate(self.slices) if places}
        return {**self.bits, **slices}


def batch_of_entries(entries: Sequence[IndexEntry], common: frozenset[str], generation: int) -> list[MadeBatch]:
    """Return what is stored of several articles, as one call to another process."""
    return [batch_of_rows([rows_of(entry) for entry in entries], common, generation)]


def batch_of_rows(rows: Sequence[DocumentRows], common: frozenset[str], generation: int) -> MadeBatch:
    """Return what is stored of several articles."""
    documents: list[StoredDocument] = []
    bits: defaultdict[str, int] = defaultdict(int)
    slices = [0] * _SLICES
    bit = 1
    for row in rows:
        keys = search_keys(row)
        document = _document_of(row, keys, common)
        documents.append(document)
        if row.withdrawn:
            continue
        pairs = _pairs_of(document.text)
        for key in (*(keys & common), *(pairs & common), *_characters_of(row), day_key(row.shown_at), ALL):
            bits[key] |= bit
        mixed = [crc32(pair.encode()) for pair in pairs - common]
        for number in {*[value & (_SLICES - 1) for value in mixed], *[value >> 18 for value in mixed]}:
            slices[number] |= bit
        bit <<= 1
    return MadeBatch(documents, dict(bits), slices, generation)


def counted_keys(entries: Sequence[IndexEntry]) -> list[set[str]]:
    """Return of each article the keys that may be common."""
    found: list[set[str]] = []
    for entry in entries:
        rows = rows_of(entry)
        found.append(search_keys(rows) | _pairs_of(joined_runs(short_tokens(rows.words_of_text.split()))))
    return found


def search_keys(rows: DocumentRows) -> set[str]:
    """Return the keys of an article that are stored with it unless they are common."""
    text, title, summary = (short_tokens(field.split()) for field in (rows.words_of_text, rows.title, rows.summary))
    keys = {WORD + token for token in text}
    keys.update(IN_TITLE + token for token in title)
    keys.update(IN_LEAD + token for token in title)
    keys.update(IN_LEAD + token for token in summary)
    keys.update(mark_keys(rows.marks.split()))
    return keys


def keys_of_stored(marks: str, title: str, lead: str, text: str) -> set[str]:
    """Return keys of a stored document, nearly as `search_keys`: of unusual scripts they may be others."""
    keys = {MARK + mark for mark in marks.split()}
    for kind, field in ((WORD, text), (IN_TITLE, title), (IN_LEAD, lead)):
        for run in field.split():
            if run >= FIRST_DENSE and len(run) > 1:
                keys.update(kind + first + second for first, second in pairwise(run))
            else:
                keys.add(kind + run)
    return keys


def _characters_of(rows: DocumentRows) -> list[str]:
    return [
        *(CHARACTER + character for character in rows.characters.split()),
        *(CHARACTER_IN_TITLE + character for character in rows.characters_of_title.split()),
    ]


def _document_of(rows: DocumentRows, keys: set[str], common: frozenset[str]) -> StoredDocument:
    text, title, summary = (short_tokens(field.split()) for field in (rows.words_of_text, rows.title, rows.summary))
    return StoredDocument(
        article=rows.article,
        shown_at=rows.shown_at,
        keys=tuple(map(hash_of, keys - common)),
        marks=" ".join(map(short_token, rows.marks.split())),
        title=joined_runs(title),
        lead=joined_runs([*title, FIELD_BOUNDARY, *summary]),
        text=joined_runs(text),
        counted=frozenset(key for key in keys if key[0] in (IN_LEAD, MARK)),
        words=rows.words,
        withdrawn=rows.withdrawn,
    )


def hash_of(key: str) -> int:
    """Return the number by which a key is stored, of 64 bits."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little", signed=True)


def day_key(moment: int) -> str:
    """Return the key of the day of a moment, in seconds; later days have greater keys."""
    return f"{DAY}{moment // _DAY_SECONDS + _EPOCH_DAYS:07}"


def is_day_begin(moment: int) -> bool:
    """Return whether a day begins at a moment, in seconds."""
    return moment % _DAY_SECONDS == 0


def mark_keys(marks: Iterable[str]) -> list[str]:
    """Return the keys of marks."""
    return [MARK + short_token(mark) for mark in marks]


def slice_keys(pair: str) -> tuple[str, str]:
    """Return the slices of signatures that have what has a pair."""
    mixed = crc32(pair.encode())
    return f"{SLICE}{mixed & (_SLICES - 1)}", f"{SLICE}{mixed >> 18}"


def pair_keys(tokens: Sequence[str]) -> list[str]:
    """Return a key for each pair of adjacent tokens that stored texts have one for."""
    keys: list[str] = []
    for first, second in pairwise(tokens):
        if max(first, second) < FIRST_DENSE:
            if BOUNDARY not in (first, second):
                keys.append(f"{PAIR}{first} {second}")
        elif _is_dense_pair(first) and _is_dense_pair(second) and first[1] == second[0]:
            keys.append(f"{PAIR}{first}{second[1]}")
    return keys


def _pairs_of(joined: str) -> set[str]:
    """Return the pairs of a text in the form of `joined_runs`; of unusual scripts there may be more than it has."""
    pairs: set[str] = set()
    before = BOUNDARY
    for run in joined.split():
        if run >= FIRST_DENSE:
            pairs.update([PAIR + run[at : at + 3] for at in range(len(run) - 2)])
            before = BOUNDARY
        else:
            if run != BOUNDARY and before != BOUNDARY:
                pairs.add(f"{PAIR}{before} {run}")
            before = run
    return pairs


def is_decided_by_pair(tokens: Sequence[str], pairs: Collection[str]) -> bool:
    """Return whether a phrase is nothing but a single pair."""
    return len(tokens) == 2 and len(pairs) == 1


def short_tokens(tokens: Sequence[str]) -> list[str]:
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
    return _OVERLAP.sub("", f" {' '.join(tokens)} ")


def pattern(phrase: Sequence[str]) -> str:
    """Return what a text in the form of `joined_runs` contains if it has these tokens in a row."""
    text = joined_runs(phrase)
    begin = 1 if _is_dense_pair(phrase[0]) else 0
    end = -1 if _is_dense_pair(phrase[-1]) else None
    return text[begin:end]


@lru_cache(maxsize=50_000)
def _is_dense_pair(token: str) -> bool:
    return len(token) == 2 and not token.isascii() and is_dense(token)
