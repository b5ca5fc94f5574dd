"""Glob patterns that select posts by path (pure): `*` stays within a folder, `**` does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_PART = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_REGEX_OF = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


class Globs:
    """Selects paths that match any `include` pattern (all, if there is none) and no `exclude` pattern."""

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self._include = _union(include)
        self._exclude = _union(exclude)
        self.everything = not include and not exclude

    def matches(self, path: str) -> bool:
        """Return whether the path is selected."""
        if self._include is not None and not self._include.fullmatch(path):
            return False
        return self._exclude is None or not self._exclude.fullmatch(path)


def _union(patterns: Iterable[str]) -> re.Pattern[str] | None:
    regexes = [_regex(pattern) for pattern in patterns]
    return re.compile("|".join(regexes), re.DOTALL) if regexes else None


def _regex(pattern: str) -> str:
    """Return the pattern as a regular expression.

    A pattern without "/" is a file name in any folder; one that ends with "/" is everything below that folder.
    """
    if pattern.endswith("/"):
        pattern += "**"
    elif "/" not in pattern:
        pattern = f"**/{pattern}"
    return "".join(_REGEX_OF.get(part) or re.escape(part) for part in _PART.findall(pattern))
