"""The category tree: canonical paths, children, and finding the category that a person means (pure).

The crawler names one feed in two ways: `源 - 频道` as the second level (layouts A to C) and `源` / `频道` as the
second and third (D and E). Subscribers see one category, so paths are stored in the second form.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from digests.model.ids import CategoryId

SEPARATOR = "/"
CHANNEL_MARK = " - "
# One of two characters in common means nothing: 月球 is not 足球.
_MIN_SIMILARITY = 0.6


@dataclass(frozen=True, slots=True)
class Category:
    """A node of the category tree; `count` is the number of articles in it and below it."""

    id: CategoryId
    parent_id: CategoryId | None
    name: str
    path: tuple[str, ...]
    count: int = 0
    alias_of: CategoryId | None = None


def canonical(path: Sequence[str]) -> tuple[str, ...]:
    """Return the path under which a category is stored; `()` for a post without categories."""
    parts = tuple(part for part in path if part)
    if len(parts) == 2 and CHANNEL_MARK in parts[1]:
        return (parts[0], *(part for part in split_channel(parts[1]) if part))
    return parts


def split_channel(name: str) -> tuple[str, str]:
    """Return the source and the channel of a feed's name, `源 - 频道`; "" for what is not there."""
    source, _, channel = name.partition(CHANNEL_MARK)
    return source.strip(), channel.strip()


def fold_name(name: str) -> str:
    """Return a name in the form in which names are compared: without regard to width, case and white space."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


class CategoryTree:
    """An immutable snapshot of all categories; `digests.storage.articles.categories` builds a new one on change.

    An alias is no category of its own: its id, which old buttons may carry, stands for the category that it names.
    """

    def __init__(self, categories: Iterable[Category]) -> None:
        every = list(categories)
        self._by_id = {category.id: category for category in every if category.alias_of is None}
        self._aliases = {category.id: category.alias_of for category in every if category.alias_of is not None}
        self._children: dict[CategoryId | None, list[Category]] = defaultdict(list)
        for category in self._by_id.values():
            self._children[category.parent_id].append(category)
        for children in self._children.values():
            children.sort(key=lambda category: (-category.count, category.name))

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Category]:
        return iter(self._by_id.values())

    def get(self, category_id: CategoryId) -> Category | None:
        """Return the category, or the one of which this is an alias; None if there is no such id."""
        return self._by_id.get(self._aliases.get(category_id, category_id))

    def children(self, category_id: CategoryId | None) -> tuple[Category, ...]:
        """Return the categories right below `category_id` (None: the top level), the fullest first."""
        return tuple(self._children.get(category_id, ()))

    def with_descendants(self, ids: Iterable[CategoryId]) -> frozenset[CategoryId]:
        """Return `ids` and the ids of everything below them, without those that are unknown."""
        found: set[CategoryId] = set()
        waiting = [category.id for category_id in ids if (category := self.get(category_id)) is not None]
        while waiting:
            category_id = waiting.pop()
            if category_id not in found:
                found.add(category_id)
                waiting.extend(child.id for child in self._children.get(category_id, ()))
        return frozenset(found)

    def ancestors(self, category_id: CategoryId) -> tuple[Category, ...]:
        """Return the path of categories from the top level down to the category itself; () if it is unknown."""
        line: list[Category] = []
        category = self.get(category_id)
        while category is not None:
            line.append(category)
            category = self._by_id.get(category.parent_id) if category.parent_id is not None else None
        return tuple(reversed(line))

    def with_totals(self, own: Mapping[CategoryId, int]) -> dict[CategoryId, int]:
        """Return the numbers of categories with those of everything below them added, for those that have any."""
        totals: dict[CategoryId, int] = defaultdict(int)
        for category_id, number in own.items():
            for above in self.ancestors(category_id):
                totals[above.id] += number
        return dict(totals)

    def matching(self, letters: str) -> tuple[Category, ...]:
        """Return the categories whose names contain these letters: first whole names, then beginnings, then the rest.

        Letters with a slash or an arrow in them are looked for in paths. Width, case and white space don't matter.
        """
        wanted = SEPARATOR.join(fold_name(part) for part in split_path(letters))
        if not wanted.strip(SEPARATOR):
            return ()
        scored = []
        for category_id, (name, path) in self._folded.items():
            if wanted in name:
                score = (name != wanted, not name.startswith(wanted))
            elif SEPARATOR in wanted and wanted in path:
                score = (True, True)
            else:
                continue
            category = self._by_id[category_id]
            scored.append((*score, len(category.path), -category.count, category.path, category))
        return tuple(row[-1] for row in sorted(scored, key=lambda row: row[:-1]))

    @cached_property
    def _folded(self) -> dict[CategoryId, tuple[str, str]]:
        """The folded name and path of each category: a filter looks at all of them for every press."""
        return {
            category.id: (fold_name(category.name), SEPARATOR.join(fold_name(part) for part in category.path))
            for category in self._by_id.values()
        }

    @cached_property
    def _by_end(self) -> dict[str, list[Category]]:
        # An index, since an imported list may ask for thousands of names. Its keys are whole texts, so that a name with
        # a slash in it (TCP/IP) is found as it is written.
        found: dict[str, list[Category]] = defaultdict(list)
        for category in self._by_id.values():
            path = [fold_name(part) for part in category.path]
            for start in range(len(path)):
                found[SEPARATOR.join(path[start:])].append(category)
        return dict(found)

    def find(self, text: str) -> tuple[Category, ...]:
        """Return the categories that `text` may name: by a whole path, or by the end of one; () for none.

        More than one means that the name is ambiguous; the fullest comes first.
        """
        parts = [part.strip() for part in split_path(text)]
        wanted = [SEPARATOR.join(fold_name(part) for part in path) for path in (canonical(parts), parts)]
        hits = next((self._by_end[key] for key in wanted if key in self._by_end), [])
        whole = [category for category in hits if fold_name(SEPARATOR.join(category.path)) in wanted]
        return tuple(sorted(whole or hits, key=lambda category: (-category.count, category.path)))

    def near(self, text: str, limit: int = 5) -> tuple[Category, ...]:
        """Return up to `limit` categories whose names are similar to `text`, the most similar first."""
        wanted = fold_name(text)
        if not wanted:
            return ()
        scored = []
        for category in self._by_id.values():
            name = fold_name(category.name)
            score = difflib.SequenceMatcher(None, wanted, name, autojunk=False).ratio()
            if wanted in name or name in wanted:
                score += 0.5
            if score >= _MIN_SIMILARITY:
                scored.append((-score, -category.count, category.path, category))
        return tuple(row[-1] for row in sorted(scored, key=lambda row: row[:3])[:limit])


def split_path(text: str) -> list[str]:
    """Return the parts of a path as people write it; they may have white space around them."""
    for mark in (">", "›", "»", "\\"):
        text = text.replace(mark, SEPARATOR)
    return text.strip().strip(SEPARATOR).split(SEPARATOR)
