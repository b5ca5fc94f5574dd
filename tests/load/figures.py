"""One measured figure, beside its goal."""

from __future__ import annotations

from dataclasses import dataclass


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
