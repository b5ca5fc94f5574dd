"""What the links of one post can depend on in the others: numbers of hexo-abbrlink, and shared categories.

One post can't tell whether another has the same title. A caller who knows them all surveys them first; claims are
small and can be kept with the posts, so that a survey needs no second reading.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

CategoryPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """What one post takes: its number under `rep: dec`, and every category that it stands in, parents included."""

    number: int | None = None
    categories: frozenset[CategoryPath] = frozenset()


class Neighbours:
    """The claims of all posts of a site, the one that is asked about among them."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        numbers: Counter[int] = Counter()
        self._categories: Counter[CategoryPath] = Counter()
        for claim in claims:
            if claim.number is not None:
                numbers[claim.number] += 1
            self._categories.update(claim.categories)
        self._contested = _contested(numbers)

    def is_contested(self, number: int) -> bool:
        """Whether another post may have been given this number, by its own title or by one that gave way."""
        return number in self._contested

    def is_shared(self, category: CategoryPath) -> bool:
        """Whether a second post stands in this category, so that Hexo may have made it first."""
        return self._categories[category] > 1


def _contested(numbers: Counter[int]) -> frozenset[int]:
    """The numbers that are no one's for sure: of several posts that want one, all but the first move on by one."""
    contested: set[int] = set()
    moving, at = 0, 0
    for number in sorted(numbers):
        # Each free number on the way takes one of those who move.
        settled = min(moving, number - at)
        contested.update(range(at, at + settled))
        moving -= settled
        wanting = numbers[number] + moving
        if wanting > 1:
            contested.add(number)
        moving, at = wanting - 1, number + 1
    contested.update(range(at, at + moving))
    return frozenset(contested)
