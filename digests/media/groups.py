"""Which pictures look the same, among very many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from digests.media.likeness import look_alike

_FEWEST, _MOST = 0.88, 1.14
"""Pictures that look the same have nearly as many steps: `look_alike` lets one in ten differ."""


class AlikePictures:
    """Gives pictures that look the same one likeness: that of the first of them."""

    def __init__(self, likenesses: Iterable[str] = ()) -> None:
        """Begin with the likenesses that are known."""
        self._by_steps: dict[int, list[str]] = defaultdict(list)
        self._known: set[str] = set()
        for likeness in likenesses:
            self._add(likeness)

    def of(self, likeness: str) -> str:
        """Return the likeness of the first picture that looks like this, which may be this."""
        if likeness in self._known:
            return likeness
        steps = int(likeness, 16).bit_count()
        for number in range(int(steps * _FEWEST), int(steps * _MOST) + 2):
            for other in self._by_steps.get(number, ()):
                if look_alike(likeness, other):
                    return other
        self._add(likeness)
        return likeness

    def _add(self, likeness: str) -> None:
        self._known.add(likeness)
        self._by_steps[int(likeness, 16).bit_count()].append(likeness)
