"""What a person typed -> what is looked up (pure). Whatever is typed gives a query, perhaps an empty one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from digests.search.tokens import tokens

MAX_CHARACTERS = 300
MAX_TERMS = 16
_TERM = re.compile(r'["“”„«»「」『』]([^"“”„«»「」『』]*)["“”„«»「」『』]|(\S+)')


@dataclass(frozen=True, slots=True)
class Query:
    """All `phrases` must be there, each as its tokens in a row; `characters` are dense ones looked up alone."""

    phrases: tuple[tuple[str, ...], ...] = ()
    characters: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.phrases or self.characters)


def parse_query(text: str) -> Query:
    """Words separated by spaces, all of which must be found; a quoted phrase counts as one."""
    phrases: list[tuple[str, ...]] = []
    characters: list[str] = []
    for term in _TERM.finditer(text[:MAX_CHARACTERS].replace("\u3000", " ")):
        found = tuple(tokens(term[1] if term[1] is not None else term[2]))
        if len(found) == 1 and len(found[0]) == 1 and not found[0].isascii():
            characters.append(found[0])
        elif found:
            phrases.append(found)
    return Query(tuple(dict.fromkeys(phrases))[:MAX_TERMS], tuple(dict.fromkeys(characters))[:MAX_TERMS])
