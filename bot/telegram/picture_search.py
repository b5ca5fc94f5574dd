"""Finds the picture for which Telegram refuses a whole rich message, and doesn't say which it is (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class PictureSearch:
    """How far the search has come, for all deliveries of the same pictures.

    `suspects` were never accepted before. Number `at` of them is left out; then, if that never helped, all of them.
    """

    suspects: tuple[str, ...]
    at: int = -1
    was_renewed: bool = False

    @property
    def left_out(self) -> frozenset[str]:
        """Return which pictures the next try goes without."""
        if self.at < 0:
            return frozenset()
        return frozenset(self.suspects if self.at >= len(self.suspects) else (self.suspects[self.at],))

    def next(self, *, named: bool, is_forgotten: bool) -> PictureSearch | None:
        """Return the next try after a refusal; None: there is no other.

        `named` pictures went by their file_ids, which Telegram may have forgotten, and surely has if it says so
        (`is_forgotten`): these are uploaded again first. A single bad picture is found by leaving out one suspect at a
        time, so that all the others are in the message that is accepted.
        """
        if named and not self.was_renewed and is_forgotten:
            return replace(self, was_renewed=True)
        last = len(self.suspects) if len(self.suspects) > 1 else 0
        if self.suspects and self.at < last:
            return replace(self, at=self.at + 1)
        if named and not self.was_renewed:
            return replace(self, at=-1, was_renewed=True)
        return None
