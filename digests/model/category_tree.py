"""The category tree: canonical paths, children, and finding a category by what a person types (pure).

The crawler names one feed in two ways: `源 - 频道` as the second level (layouts A to C) and `源` / `频道` as the
second and third (D and E). To a subscriber they are one, so paths are stored in the second form.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from digests.model.ids import CategoryId

SEPARATOR = "/"
# One of two characters alike says nothing: 月球 is not 足球.
_NEAR = 0.6


@dataclass(frozen=True, slots=True)
class Category:
    """One node of the category tree. `count` is the number of articles in it and its children."""

    id: CategoryId
    parent_id: CategoryId | None
    name: str
    path: tuple[str, ...]
    count: int = 0
    alias_of: CategoryId | None = None


def canonical(path: Sequence[str]) -> tuple[str, ...]:
    """The path under which a category is stored; `()` for a post without categories."""
    parts = tuple(part for part in path if part)
    if len(parts) == 2 and " - " in parts[1]:
        source, _, channel = parts[1].partition(" - ")
        return (parts[0], *(part for part in (source.strip(), channel.strip()) if part))
    return parts


def fold_name(name: str) -> str:
    """A name as it is compared: width, case and white space don't count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


class CategoryTree:
    """All categories at one moment. Never changes; `digests.storage.articles.categories` makes a new one."""

    def __init__(self, categories: Iterable[Category]) -> None:
        self._by_id = {category.id: category for category in categories}
        self._children: dict[CategoryId | None, list[Category]] = defaultdict(list)
        for category in self._by_id.values():
            self._children[category.parent_id].append(category)
        for children in self._children.values():
            children.sort(key=lambda one: (-one.count, one.name))

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Category]:
        return iter(self._by_id.values())

    def get(self, category_id: CategoryId) -> Category | None:
        return self._by_id.get(category_id)

    def children(self, category_id: CategoryId | None) -> tuple[Category, ...]:
        """Below `category_id` (None: the top ones), the fullest first."""
        return tuple(self._children.get(category_id, ()))

    def with_descendants(self, ids: Iterable[CategoryId]) -> frozenset[CategoryId]:
        """`ids` and all that lies below them; unknown ids are left out."""
        found: set[CategoryId] = set()
        waiting = [one for one in ids if one in self._by_id]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting.extend(child.id for child in self._children.get(one, ()))
        return frozenset(found)

    def ancestors(self, category_id: CategoryId) -> tuple[Category, ...]:
        """From the top down to the category itself."""
        line: list[Category] = []
        one = self._by_id.get(category_id)
        while one is not None:
            line.append(one)
            one = self._by_id.get(one.parent_id) if one.parent_id is not None else None
        return tuple(reversed(line))

    @cached_property
    def _by_end(self) -> dict[tuple[str, ...], list[Category]]:
        """Every category by its folded path and by each end of that: a list may ask for thousands of names."""
        found: dict[tuple[str, ...], list[Category]] = defaultdict(list)
        for category in self._by_id.values():
            path = tuple(fold_name(part) for part in category.path)
            for start in range(len(path)):
                found[path[start:]].append(category)
        return dict(found)

    def find(self, text: str) -> tuple[Category, ...]:
        """The categories that `text` may name: a whole path, the end of one, or a last part; () for none.

        More than one means that the name is ambiguous; the fullest comes first.
        """
        wanted = tuple(fold_name(part) for part in canonical([part.strip() for part in _split(text)]))
        if not wanted:
            return ()
        hits = self._by_end.get(wanted, ())
        whole = [category for category in hits if len(category.path) == len(wanted)]
        return tuple(sorted(whole or hits, key=lambda one: (-one.count, one.path)))

    def near(self, text: str, limit: int = 5) -> tuple[Category, ...]:
        """What somebody may have meant by a name that is not there, the nearest first."""
        wanted = fold_name(text)
        if not wanted:
            return ()
        scored = []
        for category in self._by_id.values():
            name = fold_name(category.name)
            score = difflib.SequenceMatcher(None, wanted, name, autojunk=False).ratio()
            if wanted in name or name in wanted:
                score += 0.5
            if score >= _NEAR:
                scored.append((-score, -category.count, category.path, category))
        return tuple(row[-1] for row in sorted(scored, key=lambda row: row[:3])[:limit])


def _split(text: str) -> list[str]:
    for mark in (">", "›", "»", "\\"):
        text = text.replace(mark, SEPARATOR)
    return text.strip().strip(SEPARATOR).split(SEPARATOR)
