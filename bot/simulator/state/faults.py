"""Faults that can be switched on: what Telegram and the network do now and then."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass

from bot.simulator.text.formatted import Json

FAULT_KINDS = (
    "refuse", "flood", "error", "cut_before", "cut_after", "slow", "bad_picture", "forgotten_files", "offline", "gone",
)  # fmt: skip
_LASTING_KINDS = ("bad_picture", "forgotten_files", "offline", "gone")
"""Kinds that hit no single call, and stay until they are deleted."""


@dataclass(slots=True)
class Fault:
    """A fault, and the calls that it hits.

    `method` "" matches all methods but getUpdates, and `chat` None all chats. It hits `share` of the matching calls,
    `times` of them (0: without end).
    """

    kind: str
    method: str = ""
    chat: int | None = None
    times: int = 1
    seconds: float = 0.0
    description: str = ""
    code: int = 0
    url: str = ""
    share: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in FAULT_KINDS:
            raise ValueError(f"kind must be one of {', '.join(FAULT_KINDS)}, not {self.kind!r}")
        if self.kind in _LASTING_KINDS:
            self.times = 0
        if self.kind == "bad_picture" and not self.url:
            raise ValueError("bad_picture needs a url: a part of an address, a file_id, or the sha256 of an upload")

    def matches(self, method: str, chat: int | None) -> bool:
        """Return whether a call of this method to this chat can be hit."""
        matches_method = self.method.lower() == method.lower() if self.method else method != "getUpdates"
        return matches_method and self.chat in (None, chat)


class FaultInjector:
    """The faults that are switched on; each call is hit by at most one of them, slowness aside."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._random = random.Random(1)  # noqa: S311  # reproducible, not secret

    def add(self, fault: Fault) -> None:
        """Switch a fault on."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Switch all faults off."""
        self._faults.clear()

    @property
    def offline(self) -> bool:
        """Whether every connection of the bot is to be closed."""
        return any(fault.kind in ("offline", "gone") for fault in self._faults)

    def remove(self, fault: Fault) -> None:
        """Switch a fault off, if it is still on."""
        if fault in self._faults:
            self._faults.remove(fault)

    def bad_picture(self, name: str, words: str = "Failed to get HTTP URL content") -> str | None:
        """Return Telegram's words for a picture that it won't take; None for one that it takes.

        `name` is the picture's address, its file_id, or the SHA-256 of what was uploaded; `words` are those used
        unless the fault brings its own.
        """
        if not self._faults:
            return None
        found = next((fault for fault in self._faults if fault.kind == "bad_picture" and fault.url in name), None)
        return (found.description or words) if found else None

    def trigger(self, method: str, chat: int | None) -> list[Fault]:
        """Return the faults that hit a call, and count them as used."""
        if not self._faults:
            return []
        hits: list[Fault] = []
        for fault in list(self._faults):
            can_hit = fault.kind not in _LASTING_KINDS and fault.matches(method, chat)
            if not can_hit or (fault.kind != "slow" and any(hit.kind != "slow" for hit in hits)):
                continue
            if fault.share < 1 and self._random.random() >= fault.share:
                continue
            hits.append(fault)
            self._use_up(fault)
        return hits

    def _use_up(self, fault: Fault) -> None:
        if fault.times == 0:
            return
        fault.times -= 1
        if fault.times == 0:
            self._faults.remove(fault)

    def as_json(self) -> list[Json]:
        """Return the faults with what is left of their `times`."""
        return [asdict(fault) for fault in self._faults]
