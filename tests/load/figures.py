"""One measured figure, beside its goal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


def peak_rss_mb() -> float:
    """Of this process. `ru_maxrss` begins with that of the process that started it, so it can't be used."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM:"))) / 1000


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: float
    unit: str
    limit: float
    at_most: bool = True

    @property
    def met(self) -> bool:
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    @property
    def shown(self) -> str:
        return f"{self.value:,.2f} {self.unit}"

    @property
    def goal(self) -> str:
        return f"{'at most' if self.at_most else 'at least'} {self.limit:,g} {self.unit}"
