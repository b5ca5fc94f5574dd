"""What a post's link may depend on in other posts: hexo-abbrlink's numbers, and shared categories.

A post alone doesn't show whether another has the same title, so a caller who has them all surveys them first. Their
footprints are small and can be stored with the posts, so that no post is read twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

CategoryPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one post takes: its number under `rep: dec`, and every category it is in, with their parents."""

    number: int | None = None
    categories: frozenset[CategoryPath] = frozenset()


class Neighbours:
    """The footprints of all posts of a site, including the post whose link is wanted."""

    def __init__(self, footprints: Iterable[Footprint]) -> None:
        numbers: Counter[int] = Counter()
        self._categories: Counter[CategoryPath] = Counter()
        for footprint in footprints:
            if footprint.number is not None:
                numbers[footprint.number] += 1
            self._categories.update(footprint.categories)
        self._contested = _contested(numbers)

    def is_contested(self, number: int) -> bool:
        """Return whether another post may have this number, by its title or because its own number was taken."""
        return number in self._contested

    def is_shared(self, category: CategoryPath) -> bool:
        """Return whether another post is in this category too, so that Hexo may have created it for that one."""
        return self._categories[category] > 1


def _contested(numbers: Counter[int]) -> frozenset[int]:
    """Return the numbers whose post is uncertain: of several posts that want one, all but the first try the next."""
    contested: set[int] = set()
    moving, at = 0, 0
    for number in sorted(numbers):
        # Each free number on the way is taken by one of the posts that move on.
        settled = min(moving, number - at)
        contested.update(range(at, at + settled))
        moving -= settled
        wanting = numbers[number] + moving
        if wanting > 1:
            contested.add(number)
        moving, at = wanting - 1, number + 1
    contested.update(range(at, at + moving))
    return frozenset(contested)
