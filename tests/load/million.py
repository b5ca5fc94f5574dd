"""A million chats over a day: what the rates do to them, simulated, and what spreading the popular hour would do.

`make bench ONLY=million` prints a table by the hour and draws docs/pictures/million.svg; docs/scaling.md explains both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import NamedTuple

from tests.load.figures import Figure
from tests.load.harness import ROOT
from tests.load.million_day import BIN_SECONDS, FREE, PAID, Day, Pace, latest_of_fluid, quantile, simulate
from tests.load.million_picture import CurveOfDay, Panel, draw
from tests.load.million_readers import POPULAR, choose, due, spread

PICTURE = ROOT / "docs" / "pictures" / "million.svg"
CHATS = 1_000_000
SPREAD_MINUTES = 60
_BEGIN = datetime(2026, 6, 9, tzinfo=UTC)
"""A Tuesday. Its queue, if any is left, goes on into the Wednesday, which is the day that is shown."""
_DAYS, _SHOWN = 2, 24
_TICKS = ((1.0, "1 s"), (10.0, "10 s"), (60.0, "1 min"), (600.0, "10 min"), (3600.0, "1 h"), (14_400.0, "4 h"))


class Run(NamedTuple):
    """A simulated rate, with or without the popular time spread."""

    pace: Pace
    minutes: int
    due: Sequence[tuple[float, int]]
    day: Day

    @property
    def name(self) -> str:
        """The rate, and what is spread."""
        return f"{self.pace.allowed:,}/s" + (f", {POPULAR} spread over {self.minutes} min" if self.minutes else "")


def measure_million() -> list[Figure]:
    """Simulate the day at both rates, print it, and draw it."""
    began = perf_counter()
    runs = simulated(CHATS)
    seconds = perf_counter() - began
    for run in runs:
        print(hours_of(run))
    print(summary_of(runs))
    PICTURE.write_text(picture_of(runs), encoding="utf-8")
    return [*(figure for run in runs for figure in _figures(run)), Figure("the simulation", seconds, "s", 180)]


def simulated(chats: int, days: int = _DAYS) -> list[Run]:
    """Return the runs: free and paid, as readers chose and with the popular time spread."""
    choices = choose(chats)
    slots = {minutes: due(spread(choices, minutes), _BEGIN, days) for minutes in (0, SPREAD_MINUTES)}
    return [
        Run(pace, minutes, some, simulate(some, pace, days * 86_400.0))
        for pace in (FREE, PAID)
        for minutes, some in slots.items()
    ]


def _figures(run: Run) -> list[Figure]:
    name = f"{CHATS:,} chats for a day, {run.name}"
    latest = run.day.latest_of_first_tries
    late = run.day.hour(_SHOWN, 24)
    ideal = latest_of_fluid(run.due, run.pace.allowed)
    # Ticks and planning count where the queue is short; answers to people and what is tried again, where it is long.
    ratio = latest / ideal if run.minutes == 0 else (latest - 10) / ideal
    return [
        Figure(f"{name}: digests neither sent nor refused for good", run.day.lost, "", 0),
        Figure(f"{name}: left in any second", run.day.most_in_a_second, "", run.pace.allowed),
        Figure(f"{name}: late, the last taken at the first try, beside a fluid at that rate", ratio, "x", 1.2),
        Figure(f"{name}: late, p95", quantile(late, 0.95) / 60, "min", 5 if run.pace.is_paid else 150),
        Figure(f"{name}: an answer's wait for its turn, p95", quantile(sorted(run.day.waits), 0.95), "s", 60),
    ]


def hours_of(run: Run) -> str:
    """Return a run's day as a Markdown table, a row for each hour."""
    rows = [f"\n{run.name}\n", "| hour, UTC | due | late p50 | p95 | the last | most waiting |", f"|{' --- |' * 6}"]
    for hour in range(24):
        late = run.day.hour(_SHOWN + hour)
        shown = (_span(quantile(late, share)) for share in (0.5, 0.95, 1.0))
        rows.append(f"| {hour:02d} | {len(late):,} | {' | '.join(shown)} | {run.day.depth(_SHOWN + hour):,} |")
    return "\n".join([*rows, ""])


def summary_of(runs: Sequence[Run]) -> str:
    """Return all runs as a Markdown table, a row for each."""
    rows = ["| | half | 95 % | the last | answers |", f"|{' --- |' * 5}"]
    for run in runs:
        late = run.day.hour(_SHOWN, 24)
        shown = (_span(quantile(late, share)) for share in (0.5, 0.95, 1.0))
        rows.append(f"| {run.name} | {' | '.join(shown)} | {_span(quantile(sorted(run.day.waits), 0.95))} |")
    return "\n".join([*rows, ""])


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def picture_of(runs: Sequence[Run]) -> str:
    """Return the picture: how late digests are in each hour, and how many wait."""
    late = [_line(run, [quantile(run.day.hour(_SHOWN + hour), 0.95) for hour in range(24)]) for run in runs]
    per_hour = 3600 // BIN_SECONDS
    shown = slice(_SHOWN * per_hour, (_SHOWN + 24) * per_hour)
    deep = [_line(run, run.day.deepest[shown]) for run in runs]
    most = max(max(run.day.deepest[shown]) for run in runs)
    step = 10 ** max(3, len(str(most)) - 1) // 2
    ticks = [(mark, f"{mark / 1000:,g} k") for mark in range(0, most + step, step)]
    panels = [
        Panel("How late: 95 of 100 came within", late, _TICKS, is_logarithmic=True),
        Panel("How many wait", deep, ticks),
    ]
    return draw(f"{CHATS:,} chats, a digest a day", panels, "hour of the slot, UTC")


def _line(run: Run, values: Sequence[float]) -> CurveOfDay:
    kind = "b" if run.pace.is_paid else "a"
    label = f"{run.pace.allowed:,}/s" + (f", {POPULAR} spread" if run.minutes else "")
    return CurveOfDay(label, f"{kind} spread" if run.minutes else kind, values)
