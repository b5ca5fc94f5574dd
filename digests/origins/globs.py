"""Patterns that choose posts by their paths (pure): `*` stays within a folder, `**` does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_PART = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


class Globs:
    """What is included (nothing named: everything) and not excluded."""

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self._include = _any_of(include)
        self._exclude = _any_of(exclude)
        self.everything = not include and not exclude

    def matches(self, path: str) -> bool:
        if self._include is not None and not self._include.fullmatch(path):
            return False
        return self._exclude is None or not self._exclude.fullmatch(path)


def _any_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    listed = [_regex(one) for one in patterns]
    return re.compile("|".join(listed), re.DOTALL) if listed else None


def _regex(pattern: str) -> str:
    """A pattern without "/" is a file's name in any folder; one that ends with "/" is all that lies below."""
    if pattern.endswith("/"):
        pattern += "**"
    elif "/" not in pattern:
        pattern = f"**/{pattern}"
    return "".join(_MEANING.get(part) or re.escape(part) for part in _PART.findall(pattern))
