"""Which pictures look the same, among very many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from digests.media.likeness import same_steps

_FEWEST, _MOST = 0.88, 1.14
"""Pictures that look the same have nearly as many steps: `same_steps` lets one in ten differ."""


class AlikePictures:
    """Gives pictures that look the same one likeness: that of the first of them."""

    def __init__(self, likenesses: Iterable[str] = ()) -> None:
        """Begin with the likenesses that are known."""
        self._by_count: dict[int, list[tuple[int, str]]] = defaultdict(list)
        self._known: set[str] = set()
        for likeness in likenesses:
            self._add(likeness)

    def of(self, likeness: str) -> str:
        """Return the likeness of the first picture that looks like this, which may be this."""
        if likeness in self._known:
            return likeness
        steps = int(likeness, 16)
        count = steps.bit_count()
        for number in range(int(count * _FEWEST), int(count * _MOST) + 2):
            for others, other in self._by_count.get(number, ()):
                if same_steps(steps, others):
                    return other
        self._add(likeness)
        return likeness

    def _add(self, likeness: str) -> None:
        self._known.add(likeness)
        steps = int(likeness, 16)
        self._by_count[steps.bit_count()].append((steps, likeness))
