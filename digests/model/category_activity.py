"""What goes on in the categories: what is new, what has been silent for long, and what many follow (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from digests.model.category_tree import Category, CategoryTree
from digests.model.ids import ArticleId, CategoryId

NEW_FOR = timedelta(days=1)
"""How long an article counts as new."""
ALIVE_FOR = timedelta(days=90)
"""A category without an article of this time goes behind the others."""
FEWEST_CHATS = 5
"""How many chats must follow a category before others are told that it is popular: fewer might be recognised."""
MOST_POPULAR = 3
"""How many popular categories are proposed to a new reader."""


@dataclass(frozen=True, slots=True)
class CategoryActivity:
    """What was read of the categories themselves, without what lies below them.

    `recent` are the articles of ALIVE_FOR, `new` those of NEW_FOR; `followed` are the categories that at least
    FEWEST_CHATS chats are subscribed to, the most followed first.
    """

    recent: Mapping[CategoryId, int] = field(default_factory=lambda: MappingProxyType({}))
    new: Mapping[CategoryId, int] = field(default_factory=lambda: MappingProxyType({}))
    followed: Sequence[CategoryId] = ()


@dataclass(frozen=True, slots=True)
class CategoryView:
    """The tree as somebody browses it, with what goes on in each category and everything below it."""

    tree: CategoryTree
    new: Mapping[CategoryId, int]
    alive: frozenset[CategoryId]
    popular: tuple[Category, ...]

    @classmethod
    def of(cls, tree: CategoryTree, activity: CategoryActivity) -> CategoryView:
        """Return the view of a tree; categories that are not in it are left out."""
        alive = frozenset(above.id for category in activity.recent for above in tree.ancestors(category))
        return cls(tree, tree.with_totals(activity.new), alive, _popular(tree, activity.followed))

    def children(self, category: CategoryId | None) -> tuple[Category, ...]:
        """Return the categories right below one (None: the top level), the fullest first, the silent ones last."""
        return self._living_first(self.tree.children(category))

    def matching(self, letters: str) -> tuple[Category, ...]:
        """Return the categories whose names have these letters, those that begin with them first."""
        found = self.tree.matching(letters)
        return self._living_first(found)

    def proposed(self) -> tuple[Category, ...]:
        """Return what a new reader chooses from: what is popular, then the rest of the top level."""
        popular = frozenset(category.id for category in self.popular)
        return (*self.popular, *(category for category in self.children(None) if category.id not in popular))

    def _living_first(self, categories: Sequence[Category]) -> tuple[Category, ...]:
        return tuple(sorted(categories, key=lambda category: category.id not in self.alive))


@dataclass(frozen=True, slots=True)
class CategorySource:
    """A source in a category: how many of its articles are there, and the latest of them, by which buttons name it."""

    name: str
    count: int
    latest: ArticleId


def _popular(tree: CategoryTree, followed: Sequence[CategoryId]) -> tuple[Category, ...]:
    """Return the most followed categories, none of them inside another."""
    chosen: dict[CategoryId, Category] = {}
    for category_id in followed:
        category = tree.get(category_id)
        if category is None or not category.count:
            continue
        below = tree.with_descendants([category.id])
        above = {each.id for each in tree.ancestors(category.id)}
        if not (below | above).intersection(chosen):
            chosen[category.id] = category
        if len(chosen) == MOST_POPULAR:
            break
    return tuple(chosen.values())
