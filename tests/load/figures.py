"""A measured figure, beside its goal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


def peak_rss_mb() -> float:
    """Return this process's peak memory. `ru_maxrss` would not do: it starts at that of the parent process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM:"))) / 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, and the limit that it must not exceed, or must reach."""

    name: str
    value: float
    unit: str
    limit: float
    at_most: bool = True

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    @property
    def shown(self) -> str:
        """The value with its unit."""
        return f"{self.value:,.2f} {self.unit}"

    @property
    def goal(self) -> str:
        """The goal in words."""
        return f"{'at most' if self.at_most else 'at least'} {self.limit:,g} {self.unit}"
