"""Which categories fit a feed, by its title and the tags of its items (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from digests.model.category_tree import Category, CategoryTree, fold_name

_LEAST_LETTERS = 2
_IN_TITLE = 3
"""A name in the title counts as much as a tag of three items."""


def fitting_categories(tree: CategoryTree, title: str, tags: Iterable[str], most: int) -> tuple[Category, ...]:
    """Return the categories whose names the tags are or the title has, the best first; of equal ones the fullest."""
    counted = Counter(filter(None, map(fold_name, tags)))
    words = _plain(title)
    scored = []
    for category in tree:
        score = counted[fold_name(category.name)]
        if _has(words, _plain(category.name)):
            score += _IN_TITLE
        if score:
            scored.append((-score, -category.count, category.path, category))
    return tuple(row[-1] for row in sorted(scored, key=lambda row: row[:-1])[:most])


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _has(words: str, name: str) -> bool:
    """Return whether a name is in a text: as words, if it is written in a script that has words."""
    if len(name) < _LEAST_LETTERS or name not in words:
        return False
    return re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", words) is not None
