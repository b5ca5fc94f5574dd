"""Glob patterns that select posts by path (pure): `*` stays within a folder, `**` does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_PART = re.compile(r"(?:\*\*/)+|\*\*|\*|\?|[^*?]+")
_REGEX_OF = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_FEW_STARS = 2
"""With more, a regular expression may take time in a power of the path's length."""


class Globs:
    """Selects paths that match any `include` pattern (all, if there is none) and no `exclude` pattern."""

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self._include = _Union(include)
        self._exclude = _Union(exclude)
        self.everything = not include and not exclude

    def matches(self, path: str) -> bool:
        """Return whether the path is selected."""
        if self._include.patterns and not self._include.matches(path):
            return False
        return not self._exclude.matches(path)


class _Union:
    """Matches what any of the patterns matches."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = [_parts(pattern) for pattern in patterns]
        plain = [parts for parts in self.patterns if _stars(parts) <= _FEW_STARS]
        self._laden = [parts for parts in self.patterns if _stars(parts) > _FEW_STARS]
        regexes = ["".join(_REGEX_OF.get(part) or re.escape(part) for part in parts) for parts in plain]
        self._regex = re.compile("|".join(regexes), re.DOTALL) if regexes else None

    def matches(self, path: str) -> bool:
        if self._regex is not None and self._regex.fullmatch(path):
            return True
        return any(_stands(parts, path) for parts in self._laden)


def _parts(pattern: str) -> list[str]:
    """Return the parts of a pattern.

    A pattern without "/" is a file name in any folder; one that ends with "/" is everything below that folder.
    """
    if pattern.endswith("/"):
        pattern += "**"
    elif "/" not in pattern:
        pattern = f"**/{pattern}"
    return ["**/" if part.startswith("**/") else part for part in _PART.findall(pattern)]


def _stars(parts: Iterable[str]) -> int:
    return sum(part.startswith("*") for part in parts)


def _stands(parts: Iterable[str], path: str) -> bool:
    """Return whether the parts match the whole path: each turns the places reached so far into the next ones.

    A set of places is a number, with a bit for each.
    """
    slashes, end = _slashes(path), len(path)
    others = ((1 << end) - 1) ^ slashes
    places = 1
    for part in parts:
        lowest = places & -places
        if part == "**/":
            places |= (slashes & ~(lowest - 1)) << 1
        elif part == "**":
            places = ((1 << (end + 1)) - 1) & ~(lowest - 1)
        elif part == "*":
            # The sum carries each place to the end of its folder's name.
            places |= ((places & others) + others) ^ others
        elif part == "?":
            places = (places & others) << 1
        else:
            places = _after(part, path, places)
        if not places:
            return False
    return bool(places >> end)


def _after(text: str, path: str, places: int) -> int:
    """Return the places to which this text leads."""
    found, at = 0, path.find(text)
    while at >= 0:
        found |= (places >> at & 1) << (at + len(text))
        at = path.find(text, at + 1)
    return found


@lru_cache(maxsize=64)
def _slashes(path: str) -> int:
    return sum(1 << place for place, letter in enumerate(path) if letter == "/")
