"""Switches for trouble: what Telegram and the network do now and then."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass

from bot.simulator.text.formatted import Json

KINDS = ("refuse", "flood", "error", "cut_before", "cut_after", "slow", "bad_picture", "offline", "gone")
_NO_CALLS = ("bad_picture", "offline", "gone")
"""They hit no single call, and stay until they are deleted."""


@dataclass(slots=True)
class Fault:
    """`method` "": any but getUpdates; `chat` None: any. `times` 0: always. `share`: the part of the fitting calls
    that it hits."""

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
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {self.kind!r}")
        if self.kind in _NO_CALLS:
            self.times = 0
        if self.kind == "bad_picture" and not self.url:
            raise ValueError("bad_picture needs a url: a part of the addresses that can't be fetched")

    def fits(self, method: str, chat: int | None) -> bool:
        is_fit = self.method.lower() == method.lower() if self.method else method != "getUpdates"
        return is_fit and self.chat in (None, chat)


class Faults:
    """Those that are switched on; each call meets at most one of them, besides slowness."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._random = random.Random(1)  # noqa: S311  # chance that repeats itself

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    @property
    def offline(self) -> bool:
        return any(fault.kind in ("offline", "gone") for fault in self._faults)

    def remove(self, fault: Fault) -> None:
        if fault in self._faults:
            self._faults.remove(fault)

    def bad_picture(self, url: str) -> str | None:
        """What Telegram says of a picture that it can't take; None when it takes it."""
        found = next((fault for fault in self._faults if fault.kind == "bad_picture" and fault.url in url), None)
        return (found.description or "Failed to get HTTP URL content") if found else None

    def pick(self, method: str, chat: int | None) -> list[Fault]:
        """The faults that this call meets."""
        if not self._faults:
            return []
        met: list[Fault] = []
        for fault in list(self._faults):
            is_taken = fault.kind in _NO_CALLS or not fault.fits(method, chat)
            if is_taken or (fault.kind != "slow" and any(one.kind != "slow" for one in met)):
                continue
            if fault.share < 1 and self._random.random() >= fault.share:
                continue
            met.append(fault)
            self._use_up(fault)
        return met

    def _use_up(self, fault: Fault) -> None:
        if fault.times == 0:
            return
        fault.times -= 1
        if fault.times == 0:
            self._faults.remove(fault)

    def as_json(self) -> list[Json]:
        return [asdict(fault) for fault in self._faults]
