"""What a drawn chart shows: plain data, made by whoever has the numbers, and drawn in the second process (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

MOST_PANELS = 6
MOST_ROWS = 30
MOST_SERIES = 8
"""As many colours as people tell apart, colour-blind or not."""


class ChartKind(StrEnum):
    """How the numbers of a panel are drawn."""

    LINES = "lines"
    """A line for each series, over labels from left to right, such as days."""
    STACKED = "stacked"
    """A column for each label, in which the series stand on each other; with a single series these are plain bars."""
    ROWS = "rows"
    """A bar from the left for each label, the first on top: for names, which need room."""


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers of one kind, one for each label of the panel; None where nothing is known. Negative ones count as 0."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class ChartPanel:
    """One diagram of a chart, with its title.

    `labels` are short, such as `11-26`; as many of them are shown as there is room for, the last always. Series have
    their colours by their order, in every panel the same. A single series with an empty name has no legend.

    Raises:
        ValueError: for more than can be drawn so that it is read, or for numbers that are not one for each label.
    """

    title: str
    kind: ChartKind
    labels: tuple[str, ...]
    series: tuple[Series, ...]

    def __post_init__(self) -> None:
        """Check that it can be drawn."""
        if len(self.series) > MOST_SERIES:
            raise ValueError(f"a panel has at most {MOST_SERIES} series")
        if self.kind is ChartKind.ROWS and len(self.labels) > MOST_ROWS:
            raise ValueError(f"a panel has at most {MOST_ROWS} rows")
        for series in self.series:
            if len(series.values) != len(self.labels):
                raise ValueError(f"{len(series.values)} values of {series.name!r} for {len(self.labels)} labels")
            if not all(value is None or math.isfinite(value) for value in series.values):
                raise ValueError(f"a value of {series.name!r} is not a finite number")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(value is None for series in self.series for value in series.values)


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with panels below each other. `empty` is what a panel without any numbers says.

    Raises:
        ValueError: for no panel, or more than fit into a picture.
    """

    title: str
    panels: tuple[ChartPanel, ...]
    subtitle: str = ""
    empty: str = ""

    def __post_init__(self) -> None:
        """Check that it fits into a picture."""
        if not 1 <= len(self.panels) <= MOST_PANELS:
            raise ValueError(f"a chart has 1 to {MOST_PANELS} panels, not {len(self.panels)}")
