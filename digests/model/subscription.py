"""The rules of subscribing: what covers what, and which subscriptions a choice begins and ends (pure).

A subscription to a category covers all that lies below it, whatever is added there later. So nothing below a
subscription needs one of its own, and what is left out below one ends it: its other children take its place.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from digests.model.category_tree import Category, CategoryTree
from digests.model.ids import CategoryId
from digests.model.place import PlaceState


@dataclass(frozen=True, slots=True)
class SubscriptionChange:
    """The subscriptions that a choice begins, and those that it ends."""

    begun: frozenset[CategoryId] = frozenset()
    ended: frozenset[CategoryId] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.begun or self.ended)

    def applied_to(self, subscribed: Collection[CategoryId]) -> frozenset[CategoryId]:
        """Return what a place is subscribed to after the change."""
        return frozenset(subscribed) - self.ended | self.begun


def covering(tree: CategoryTree, subscribed: Collection[CategoryId], category: CategoryId) -> Category | None:
    """Return the topmost subscription that covers a category, which may be its own; None where it is not followed."""
    return next((above for above in tree.ancestors(category) if above.id in subscribed), None)


def is_followed(tree: CategoryTree, subscribed: Collection[CategoryId], category: CategoryId) -> bool:
    """Return whether a category is covered by a subscription, its own or that of one above it."""
    return covering(tree, subscribed, category) is not None


def following(tree: CategoryTree, subscribed: Collection[CategoryId], category: CategoryId) -> SubscriptionChange:
    """Return the change by which a category is followed; none where it is already.

    It takes the place of the subscriptions below it.
    """
    if is_followed(tree, subscribed, category):
        return SubscriptionChange()
    below = tree.with_descendants([category]) - {category}
    return SubscriptionChange(begun=frozenset([category]), ended=below.intersection(subscribed))


def unfollowing(tree: CategoryTree, subscribed: Collection[CategoryId], category: CategoryId) -> SubscriptionChange:
    """Return the change by which a category is followed no more; none where it is not followed.

    Where it is followed through one above it, all else that this one covers stays followed: whatever branches off on
    the way down from there.
    """
    top = covering(tree, subscribed, category)
    if top is None:
        return SubscriptionChange()
    line = tree.ancestors(category)
    way_down = line[line.index(top) :]
    branching_off = {
        child.id for above, below in pairwise(way_down) for child in tree.children(above.id) if child.id != below.id
    }
    return SubscriptionChange(begun=frozenset(branching_off), ended=frozenset([top.id]))


def is_woken_by_choosing(state: PlaceState) -> bool:
    """Return whether a place in this state gets digests from the moment on at which it follows something.

    A paused one stays paused until it is resumed, and an unreachable one stays so until it is heard from.
    """
    return state in (PlaceState.NEW, PlaceState.STOPPED)
